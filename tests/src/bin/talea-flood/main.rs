//! Attacks one of four validators on this machine in every way that HTTP/2 and gRPC permit, while a valid
//! client of the same node pays: quiet first, then each attack, then all at once.

mod attacks;
mod http2;
mod network;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use attacks::Target;
use clap::Parser;
use network::{Network, Seen};
use serde::Serialize;

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

#[derive(Debug, Serialize)]
struct Row {
    attack: &'static str,
    /// What the attackers did, by their own count.
    done: u64,
    #[serde(flatten)]
    seen: Seen,
}

const ATTACKS: [&str; 8] = [
    "rapid reset",
    "endless continuation",
    "huge headers",
    "pings and settings",
    "readers that take nothing",
    "silent connections",
    "invalid transactions",
    "all at once",
];

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
    let held = arguments
        .connections
        .min(files.saturating_sub(200) as usize);
    let directory = tempfile::tempdir()?;
    let mut network = Network::start(directory.path(), &node).await?;
    let time = Duration::from_secs(arguments.seconds);
    let invalid = Arc::new(network.invalid_payments(1_000));
    let mut rows = vec![Row {
        attack: "none",
        done: 0,
        seen: network.measure(time).await?,
    }];
    for attack in ATTACKS
        .into_iter()
        .filter(|name| name.contains(&arguments.only))
    {
        let attackers = Attackers::new(&network)?;
        for name in ATTACKS.into_iter().take(ATTACKS.len() - 1) {
            if name == attack || attack == "all at once" {
                attackers.start(name, held, arguments.transactions, &invalid);
            }
        }
        // The measure begins when the attack stands.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let seen = network.measure(time).await?;
        let done = attackers.stop().await;
        rows.push(Row { attack, done, seen });
    }
    // What the attackers left behind must not stay.
    let seen = network.measure(time).await?;
    rows.push(Row {
        attack: "none, afterwards",
        done: 0,
        seen,
    });
    network.localnet.stop();
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        print(&rows);
    }
    let missed = missed(&rows, arguments.times_max, arguments.node_mib_max);
    anyhow::ensure!(missed.is_empty(), "{}", missed.join("; "));
    Ok(())
}

/// What is not as it should be. A payment of the client that does not become final has ended the run before.
fn missed(rows: &[Row], times_max: f64, node_mib_max: u64) -> Vec<String> {
    let quiet = quiet_p99_ms(rows);
    let mut missed = Vec::new();
    for Row { attack, seen, .. } in rows {
        let times = seen.p99_ms as f64 / quiet as f64;
        if times > times_max {
            missed.push(format!(
                "{attack}: the client's p99 is {times:.1} times the quiet one, {times_max} is allowed"
            ));
        }
        if seen.node_mib > node_mib_max {
            let mib = seen.node_mib;
            missed.push(format!(
                "{attack}: the node had {mib} MiB, {node_mib_max} are allowed"
            ));
        }
    }
    missed
}

/// Of the first row, which is without an attack; at least 1.
fn quiet_p99_ms(rows: &[Row]) -> u64 {
    rows.first().map_or(1, |row| row.seen.p99_ms).max(1)
}

struct Attackers {
    target: Target,
    tasks: parking_lot::Mutex<Vec<tokio::task::JoinHandle<()>>>,
}

impl Attackers {
    fn new(network: &Network) -> anyhow::Result<Self> {
        let endpoint = network.localnet.nodes()[0].endpoint();
        let target = Target {
            address: endpoint.trim_start_matches("http://").parse()?,
            stop: Arc::default(),
            count: Arc::default(),
        };
        Ok(Self {
            target,
            tasks: parking_lot::Mutex::default(),
        })
    }

    fn start(
        &self,
        attack: &str,
        connections: usize,
        per_second: u64,
        invalid: &Arc<Vec<bytes::Bytes>>,
    ) {
        let target = || self.target.clone();
        match attack {
            "rapid reset" => (0..4).for_each(|_| self.spawn(attacks::rapid_reset(target()))),
            "endless continuation" => {
                (0..4).for_each(|_| self.spawn(attacks::continuation(target())));
            }
            "huge headers" => (0..4).for_each(|_| self.spawn(attacks::huge_headers(target()))),
            "pings and settings" => {
                (0..4).for_each(|_| self.spawn(attacks::control_frames(target())));
            }
            "readers that take nothing" => {
                (0..16).for_each(|_| self.spawn(attacks::slow_readers(target())));
            }
            "silent connections" => self.spawn(attacks::connections(target(), connections)),
            _ => (0..4).for_each(|_| {
                let invalid = Arc::clone(invalid);
                self.spawn(attacks::invalid_transactions(
                    target(),
                    invalid,
                    per_second / 4,
                ));
            }),
        }
    }

    fn spawn(&self, attack: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().push(tokio::spawn(attack));
    }

    /// How much was done.
    async fn stop(self) -> u64 {
        self.target.stop.store(true, Ordering::Relaxed);
        for task in self.tasks.into_inner() {
            task.abort();
            let _ = task.await;
        }
        self.target.count.load(Ordering::Relaxed)
    }
}

fn print(rows: &[Row]) {
    println!(
        "{:<28}{:>12}{:>10}{:>8}{:>8}{:>8}{:>10}{:>10}",
        "attack", "done", "payments", "p50 ms", "p99 ms", "max ms", "x quiet", "node MiB"
    );
    let quiet = quiet_p99_ms(rows);
    for row in rows {
        let seen = &row.seen;
        let times = seen.p99_ms * 10 / quiet;
        println!(
            "{:<28}{:>12}{:>10}{:>8}{:>8}{:>8}{:>10}{:>10}",
            row.attack,
            row.done,
            seen.payments,
            seen.p50_ms,
            seen.p99_ms,
            seen.max_ms,
            format!("{}.{}", times / 10, times % 10),
            seen.node_mib
        );
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
