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
}

impl Report {
    /// For people.
    pub fn print(&self) {
        let check = self.check.nanoseconds.max(1);
        println!(
            "batch signature check: {} a signature (batches of {})",
            micro(check),
            self.check.batch
        );
        println!();
        println!(
            "{:<34}{:>10}{:>8}{:>8}{:>8}{:>14}{:>9}",
            "run", "payments/s", "p50 ms", "p95 ms", "p99 ms", "CPU/validator", "x check"
        );
        for run in &self.runs {
            let ratio = run.validator_nanoseconds * 10 / check;
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
        if let (Some(healthy), Some(degraded)) = (self.runs.first(), self.runs.last()) {
            let kept = degraded.per_second * 100 / healthy.per_second.max(1);
            println!();
            println!("with one of four stopped: {kept} % of the healthy rate");
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
