//! What is printed.

use serde::Serialize;

use crate::load::Run;
use crate::postgres::Sql;
use crate::signatures::Check;

/// Everything measured in one run.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The batch signature check.
    pub check: Check,
    /// Runs: healthy, paced, one stopped.
    pub runs: Vec<Run>,
    /// PostgreSQL, or why it was not measured.
    pub sql: Result<Vec<Sql>, String>,
    /// What the runs come to.
    pub ratios: Ratios,
}

/// The figures that have limits.
#[derive(Debug, Serialize)]
pub struct Ratios {
    /// CPU of a validator for a payment over the check of a signature, in tenths, for each run.
    pub cpu_to_check_tenths: Vec<u64>,
    /// Payments per second with one of four stopped, of a hundred with all four.
    pub kept_with_one_stopped_percent: u64,
}

impl Ratios {
    pub fn new(check: &Check, runs: &[Run]) -> Self {
        let nanoseconds = check.nanoseconds.max(1);
        let ratio = |run: &Run| run.validator_nanoseconds * 10 / nanoseconds;
        let rate = |run: Option<&Run>| run.map_or(0, |run| run.per_second);
        let kept = rate(runs.last()) * 100 / rate(runs.first()).max(1);
        Self {
            cpu_to_check_tenths: runs.iter().map(ratio).collect(),
            kept_with_one_stopped_percent: kept,
        }
    }
}

impl Report {
    /// For people.
    pub fn print(&self) {
        println!(
            "batch signature check: {} a signature (batches of {})",
            micro(self.check.nanoseconds.max(1)),
            self.check.batch
        );
        println!();
        println!(
            "{:<34}{:>10}{:>8}{:>8}{:>8}{:>14}{:>9}",
            "run", "payments/s", "p50 ms", "p95 ms", "p99 ms", "CPU/validator", "x check"
        );
        for (run, ratio) in self.runs.iter().zip(&self.ratios.cpu_to_check_tenths) {
            println!(
                "{:<34}{:>10}{:>8}{:>8}{:>8}{:>14}{:>9}",
                run.name,
                run.per_second,
                run.latency_ms.p50,
                run.latency_ms.p95,
                run.latency_ms.p99,
                micro(run.validator_nanoseconds),
                format!("{}.{}", ratio / 10, ratio % 10),
            );
        }
        if let Some(healthy) = self.runs.first() {
            println!();
            println!(
                "with one of four stopped: {} % of the healthy rate",
                self.ratios.kept_with_one_stopped_percent
            );
            println!(
                "load generator: {} a payment",
                micro(healthy.client_nanoseconds)
            );
        }
        println!();
        match &self.sql {
            Ok(rows) => {
                for row in rows {
                    println!(
                        "PostgreSQL, {} clients: {} transfers/s (one server, unsigned)",
                        row.clients, row.per_second
                    );
                }
            }
            Err(reason) => println!("PostgreSQL: skipped: {reason}"),
        }
    }
}

fn micro(nanoseconds: u64) -> String {
    format!("{}.{} us", nanoseconds / 1_000, nanoseconds % 1_000 / 100)
}
