//! Measures four validators on this machine: payments a second, latency, processor time a payment and
//! validator against the batch signature check of the same run; the same with one validator stopped; and
//! transfers as SQL on PostgreSQL, where it is installed.
//!
//! Signed, verified, executed and durable: nothing is switched off.

mod load;
mod postgres;
mod report;
mod signatures;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;

/// Measures four validators on this machine.
///
/// Example: `cargo run --release -p talea-tests --bin talea-bench -- --payments 60000`
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Payments in each measured run.
    #[arg(long, default_value_t = 60_000)]
    payments: usize,
    /// Accounts that pay each other, half of each of two banks.
    #[arg(long, default_value_t = 4_000)]
    accounts: usize,
    /// Seconds of each run against PostgreSQL.
    #[arg(long, default_value_t = 10)]
    sql_seconds: u32,
    /// The node program; the one beside this program by default.
    #[arg(long)]
    node: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let node = match arguments.node {
        Some(node) => node,
        None => std::env::current_exe()?.with_file_name("talea-node"),
    };
    anyhow::ensure!(
        node.is_file(),
        "{} is not there; build it with `cargo build --release --bin talea-node`",
        node.display()
    );
    let check = signatures::measure().context("measuring the batch signature check")?;
    let directory = tempfile::tempdir()?;
    let mut bench = load::Bench::start(directory.path(), &node, arguments.accounts).await?;
    let healthy = bench
        .run("four validators", arguments.payments, None)
        .await?;
    let paced = bench
        .run(
            "four validators, half that rate",
            arguments.payments / 3,
            Some(healthy.per_second / 2),
        )
        .await?;
    bench.stop_one()?;
    let degraded = bench
        .run("one of four stopped", arguments.payments, None)
        .await?;
    bench.finish();
    let sql = postgres::measure(arguments.sql_seconds)?;
    let runs = vec![healthy, paced, degraded];
    let report = report::Report {
        ratios: report::Ratios::new(&check, &runs),
        check,
        runs,
        sql,
    };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        report.print();
    }
    Ok(())
}
