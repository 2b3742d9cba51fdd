//! Every node in a network namespace of its own, on one bridge: what goes between two of them can be dropped,
//! thinned out and slowed down by the kernel. The harness stands on the bridge and reaches all.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicU32, Ordering};

use super::Skipped;
use super::system::{require, run, run_line};

/// Bridges made by this process.
static MADE: AtomicU32 = AtomicU32::new(0);

/// The namespaces of a network. Dropping it takes them away.
#[derive(Debug)]
pub struct Namespaces {
    tag: String,
    subnet: u8,
    count: usize,
}

/// What is dropped of what comes in at a node.
#[derive(Clone, Copy, Debug)]
pub enum Drops {
    /// Everything from these others, a bit each.
    From(u8),
    /// So many of a hundred packets of all others.
    Share(u32),
}

impl Namespaces {
    /// Makes them.
    ///
    /// # Errors
    /// [`Skipped`] when it cannot be done here.
    pub fn create(count: usize) -> anyhow::Result<Self> {
        require("network namespaces", &["ip", "nft", "tc"])?;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        let namespaces = Self {
            tag: format!("ta{process}x{number}"),
            subnet: ((process + number) % 250) as u8 + 1,
            count,
        };
        let made = namespaces.make();
        made.map_err(|error| Skipped(format!("no network namespaces here: {error}")))?;
        Ok(namespaces)
    }

    fn make(&self) -> anyhow::Result<()> {
        let (bridge, subnet) = (&self.tag, self.subnet);
        run_line(&format!("ip link add {bridge} type bridge"))?;
        run_line(&format!("ip addr add 10.213.{subnet}.254/24 dev {bridge}"))?;
        run_line(&format!("ip link set {bridge} up"))?;
        for index in 0..self.count {
            let (name, cable) = (self.name(index), format!("{bridge}v{index}"));
            let address = self.address(index);
            run_line(&format!("ip netns add {name}"))?;
            run_line(&format!(
                "ip link add {cable} type veth peer name eth0 netns {name}"
            ))?;
            run_line(&format!("ip link set {cable} master {bridge} up"))?;
            run_line(&format!("ip -n {name} addr add {address}/24 dev eth0"))?;
            run_line(&format!("ip -n {name} link set lo up"))?;
            run_line(&format!("ip -n {name} link set eth0 up"))?;
        }
        Ok(())
    }

    /// The name of a node's namespace.
    #[must_use]
    pub fn name(&self, index: usize) -> String {
        format!("{}n{index}", self.tag)
    }

    /// The address of a node.
    #[must_use]
    pub fn address(&self, index: usize) -> Ipv4Addr {
        Ipv4Addr::new(10, 213, self.subnet, index as u8 + 1)
    }

    /// Drops packets between nodes at one of them, never those of the harness.
    ///
    /// # Errors
    /// What the system says.
    pub fn drop_at(&self, index: usize, drops: Drops) -> anyhow::Result<()> {
        let others = (0..self.count).filter(|other| *other != index);
        let (others, condition) = match drops {
            Drops::From(set) => (
                others
                    .filter(|other| set & (1 << other) != 0)
                    .collect::<Vec<_>>(),
                String::new(),
            ),
            Drops::Share(share) => (
                others.collect(),
                format!("numgen random mod 100 < {share} "),
            ),
        };
        if others.is_empty() {
            return Ok(());
        }
        let others: Vec<String> = others
            .iter()
            .map(|other| self.address(*other).to_string())
            .collect();
        let others = others.join(", ");
        let rules = format!(
            "table inet talea {{\n chain input {{\n  type filter hook input priority 0;\n  \
             ip saddr {{ {others} }} {condition}drop\n }}\n}}\n"
        );
        run(["ip", "netns", "exec", &self.name(index), "nft", &rules])
    }

    /// Lets a node send only so fast.
    ///
    /// # Errors
    /// What the system says.
    pub fn slow_down(&self, index: usize, kilobits: u32) -> anyhow::Result<()> {
        let name = self.name(index);
        run_line(&format!(
            "tc -n {name} qdisc replace dev eth0 root tbf rate {kilobits}kbit burst 16kbit latency 400ms"
        ))
    }

    /// Unplugs a node, from the harness as well.
    ///
    /// # Errors
    /// What the system says.
    pub fn unplug(&self, index: usize) -> anyhow::Result<()> {
        run_line(&format!("ip -n {} link set eth0 down", self.name(index)))
    }

    /// Takes every fault away.
    ///
    /// # Errors
    /// What the system says.
    pub fn heal(&self) -> anyhow::Result<()> {
        for index in 0..self.count {
            let name = self.name(index);
            run(["ip", "netns", "exec", &name, "nft", "flush ruleset"])?;
            // There may be none.
            let _ = run_line(&format!("tc -n {name} qdisc del dev eth0 root"));
            run_line(&format!("ip -n {name} link set eth0 up"))?;
        }
        Ok(())
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        // Whatever is there of them.
        for index in 0..self.count {
            let _ = run_line(&format!("ip netns del {}", self.name(index)));
        }
        let _ = run_line(&format!("ip link del {}", self.tag));
    }
}
