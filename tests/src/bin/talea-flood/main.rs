//! Attacks one of four validators on this machine in every way that HTTP/2 and gRPC permit, while a valid
//! client of the same node pays: quiet first, then each attack, then all at once.

mod attacks;
mod holders;
mod http2;
mod network;
mod offers;
mod report;

use std::future::Future;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use attacks::Target;
use clap::Parser;
use network::Network;
use report::Row;

/// Attacks a node and measures a valid client of it. Exit code 0: in every attack the 99th percentile of the client's
/// payments stayed within what it may be, and the node's memory too; 1: it did not, or the client was not served.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example: cargo build --release --bin talea-node && \\\n         \
                  cargo run --release -p talea-tests --bin talea-flood -- --seconds 20"
)]
struct Arguments {
    /// Seconds of each attack.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Connections that are held.
    #[arg(long, default_value_t = 10_000)]
    connections: usize,
    /// Invalid transactions offered a second.
    #[arg(long, default_value_t = 50_000)]
    transactions: u64,
    /// Memory that the attacked node may have at most, MiB.
    #[arg(long, default_value_t = 1_024)]
    node_mib_max: u64,
    /// What the 99th percentile of the client may be in an attack, times what it is without one.
    #[arg(long, default_value_t = 3.0)]
    times_max: f64,
    /// Only the attacks whose name has this in it.
    #[arg(long, default_value = "")]
    only: String,
    /// The node program; the one beside this program by default.
    #[arg(long)]
    node: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

const ATTACKS: [&str; 10] = [
    "rapid reset",
    "endless continuation",
    "huge headers",
    "pings and settings",
    "readers that take nothing",
    "idle streams",
    "half-sent bodies",
    CONNECTIONS,
    TRANSACTIONS,
    ALL,
];
const CONNECTIONS: &str = "silent connections";
const TRANSACTIONS: &str = "invalid transactions";
const ALL: &str = "all at once";
/// Addresses of the attackers. One alone gets half of what all share; these leave a seventeenth.
const ADDRESSES: usize = 16;
/// Connections that offer transactions: the node reads one that owes for bad signatures with pauses.
const OFFERING: usize = 32;
/// Files that this process and the node need beside the connections.
const OTHER_FILES: u64 = 500;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let node = match &arguments.node {
        Some(node) => node.clone(),
        None => std::env::current_exe()?.with_file_name("talea-node"),
    };
    anyhow::ensure!(
        node.is_file(),
        "{} is not there; build it with `cargo build --release --bin talea-node`",
        node.display()
    );
    let files = raise_file_limit()?;
    anyhow::ensure!(
        files >= arguments.connections as u64 + OTHER_FILES,
        "{files} open files are allowed, {} connections need {OTHER_FILES} more than that; raise the hard limit \
         (ulimit -Hn), or ask for fewer --connections",
        arguments.connections
    );
    let directory = tempfile::tempdir()?;
    let mut network = Network::start(directory.path(), &node).await?;
    let time = Duration::from_secs(arguments.seconds);
    let invalid = Arc::new(network.invalid_payments(1_000));
    let mut rows = vec![Row::quiet("none", network.measure(time).await?)];
    for attack in ATTACKS
        .into_iter()
        .filter(|name| name.contains(&arguments.only))
    {
        let attackers = Attackers::new(&network)?;
        for name in ATTACKS.into_iter().take(ATTACKS.len() - 1) {
            if name == attack || attack == ALL {
                attackers.start(name, &arguments, &invalid);
            }
        }
        // The measure begins when the attack stands.
        let holds = [CONNECTIONS, ALL].contains(&attack);
        let wanted = if holds { arguments.connections } else { 0 };
        network.until_connections(wanted, CONNECTING_MAX).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = attackers.target.counts.offered.load(Ordering::Relaxed);
        let begun = Instant::now();
        let seen = network.measure(time).await?;
        let (elapsed, counts) = (begun.elapsed(), Arc::clone(&attackers.target.counts));
        attackers.stop().await;
        rows.push(Row::of(attack, &counts, before, elapsed, seen));
    }
    // What the attackers left behind must not stay.
    let seen = network.measure(time).await?;
    rows.push(Row::quiet("none, afterwards", seen));
    network.localnet.stop();
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        report::print(&rows, arguments.transactions);
    }
    let missed = report::missed(
        &rows,
        arguments.times_max,
        arguments.node_mib_max,
        arguments.connections,
    );
    anyhow::ensure!(missed.is_empty(), "{}", missed.join("; "));
    Ok(())
}

/// How long all connections may take to stand.
const CONNECTING_MAX: Duration = Duration::from_secs(60);

/// An address of this machine for an attacker; the valid client has another.
fn attacker(number: usize) -> Ipv4Addr {
    let last = u8::try_from(number % ADDRESSES + 1).unwrap_or(1);
    Ipv4Addr::new(127, 0, 1, last)
}

struct Attackers {
    /// From the first address.
    target: Target,
    tasks: parking_lot::Mutex<Vec<tokio::task::JoinHandle<()>>>,
}

impl Attackers {
    fn new(network: &Network) -> anyhow::Result<Self> {
        let endpoint = network.localnet.nodes()[0].endpoint();
        let target = Target {
            address: endpoint.trim_start_matches("http://").parse()?,
            from: attacker(0),
            stop: Arc::default(),
            counts: Arc::default(),
        };
        Ok(Self {
            target,
            tasks: parking_lot::Mutex::default(),
        })
    }

    fn start(&self, attack: &str, arguments: &Arguments, invalid: &Arc<Vec<bytes::Bytes>>) {
        let target = |number| Target {
            from: attacker(number),
            ..self.target.clone()
        };
        match attack {
            "rapid reset" => (0..4).for_each(|own| self.spawn(attacks::rapid_reset(target(own)))),
            "endless continuation" => {
                (0..4).for_each(|own| self.spawn(attacks::continuation(target(own))));
            }
            "huge headers" => {
                (0..4).for_each(|own| self.spawn(attacks::huge_headers(target(own))));
            }
            "pings and settings" => {
                (0..4).for_each(|own| self.spawn(attacks::control_frames(target(own))));
            }
            "readers that take nothing" => {
                (0..16).for_each(|own| self.spawn(holders::slow_readers(target(own))));
            }
            "idle streams" => {
                (0..16).for_each(|own| self.spawn(holders::idle_streams(target(own))));
            }
            "half-sent bodies" => {
                (0..64).for_each(|own| self.spawn(holders::half_sent_bodies(target(own))));
            }
            CONNECTIONS => {
                let each = arguments.connections.div_ceil(ADDRESSES);
                let hold = |own| self.spawn(holders::connections(target(own), each));
                (0..ADDRESSES).for_each(hold);
            }
            _ => (0..OFFERING).for_each(|own| {
                let invalid = Arc::clone(invalid);
                let each = arguments.transactions.div_ceil(OFFERING as u64);
                self.spawn(offers::invalid_transactions(target(own), invalid, each));
            }),
        }
    }

    fn spawn(&self, attack: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().push(tokio::spawn(attack));
    }

    async fn stop(self) {
        self.target.stop.store(true, Ordering::Relaxed);
        for task in self.tasks.into_inner() {
            task.abort();
            let _ = task.await;
        }
    }
}

/// Asks for as many open files as the system lets this process have; says how many those are.
fn raise_file_limit() -> anyhow::Result<u64> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit)?;
    Ok(limit.current.unwrap_or(u64::MAX))
}
