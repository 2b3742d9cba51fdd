//! The regulator's desk at size: four validators make transactions, an auditor follows one of them with full
//! verification on an empty index, and the desk answers for every page.
//!
//! | to find | look in |
//! | --- | --- |
//! | the network, its debtors, loans and cases | [`stage`] |
//! | a year of payments, repayments and contacts | [`year`] |
//! | how transactions are sent and counted | [`send`] |
//! | the auditor's processes | [`auditor`] |
//! | the pages that are asked for | [`pages`] |

mod auditor;
mod pages;
mod report;
mod send;
mod stage;
mod year;

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::Parser;
use talea_node::demo::progress::Progress;

use auditor::Auditor;
use report::Report;
use stage::Stage;

/// Longer than this, and something hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Measures following and the desk: four validators on this machine make transactions (nine of ten are payments;
/// the others open accounts, lend, repay, charge off, place cases, ask for contacts and close them, are refused,
/// complain), over a year of the sandbox's clock. Then `talea-audit follow` verifies all of them on an empty SQLite
/// index, while the validators stand idle, and `talea-audit serve` on that index is asked for every page as a
/// regulator.
///
/// Printed are transactions a second of both and their ratio, memory of the follower, the size of the index, and the
/// slowest answer of each page. The validators are timed while the months are sent, not while the stage is built or
/// transactions are signed: what is slow about making them is left out of their time, and everything is in the
/// follower's.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Example: cargo build --release --bin talea-node --bin talea-audit && \\\n           \
                  cargo run --release -p talea-tests --bin talea-follow-bench -- --transactions 100000"
)]
struct Arguments {
    /// Transactions altogether.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(2_000..))]
    transactions: u64,
    /// How often each page is asked for.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    asks: u32,
    /// Where the network and the index are kept; by default in a directory that is removed in the end.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let beside = std::env::current_exe()?;
    let [node, audit] = ["talea-node", "talea-audit"].map(|name| beside.with_file_name(name));
    for program in [&node, &audit] {
        anyhow::ensure!(
            program.is_file(),
            "{} is not there; build it with `cargo build --release --bin talea-node --bin talea-audit`",
            program.display()
        );
    }
    let temporary = tempfile::tempdir()?;
    let directory = arguments.keep.as_deref().unwrap_or(temporary.path());
    let total = arguments.transactions;
    let mut progress = Progress::new("transactions", usize::try_from(total)?);
    let mut stage = Stage::build(directory, &node, total, &mut progress).await?;
    let made = year::play(&mut stage, total, &mut progress).await?;
    drop(progress);
    let height = stage.settled().await?;

    let auditor = Auditor::of(&stage, &audit, directory);
    let followed = auditor.follow(height, total).await?;
    let desk = auditor.serve().context("opening the desk")?;
    let opened = desk.until_open().await?;
    let pages = pages::ask_all(&desk, &stage, arguments.asks).await?;
    drop(desk);
    stage.network.stop();
    let report = Report::new(stage.counts, made, followed, opened, pages);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        report.print();
    }
    Ok(())
}
