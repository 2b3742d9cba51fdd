//! What came of it, as a table and as a verdict.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Serialize;

use crate::attacks::Counts;
use crate::network::Seen;
use crate::{ALL, CONNECTIONS, TRANSACTIONS};

/// One attack.
#[derive(Debug, Serialize)]
pub struct Row {
    pub attack: &'static str,
    /// What the attackers did, by their own count.
    pub done: u64,
    /// Transactions that were offered a second while the client was measured.
    pub offered_per_second: u64,
    /// Transactions that the node answered to have taken,
    pub taken: u64,
    /// and to refuse.
    pub refused: u64,
    #[serde(flatten)]
    pub seen: Seen,
}

impl Row {
    /// Without an attack.
    pub fn quiet(attack: &'static str, seen: Seen) -> Self {
        Self::of(attack, &Counts::default(), 0, Duration::from_secs(1), seen)
    }

    /// `offered_before` is what had been offered when the measure began.
    pub fn of(
        attack: &'static str,
        counts: &Counts,
        offered_before: u64,
        elapsed: Duration,
        seen: Seen,
    ) -> Self {
        let offered = counts.offered.load(Ordering::Relaxed) - offered_before;
        Self {
            attack,
            done: counts.done.load(Ordering::Relaxed),
            offered_per_second: (offered as f64 / elapsed.as_secs_f64()) as u64,
            taken: counts.taken.load(Ordering::Relaxed),
            refused: counts.refused.load(Ordering::Relaxed),
            seen,
        }
    }
}

/// What is not as it should be. A payment of the client that does not become final has ended the run before.
pub fn missed(
    rows: &[Row],
    times_max: f64,
    node_mib_max: u64,
    connections_min: usize,
) -> Vec<String> {
    let quiet = quiet_p99_ms(rows);
    let mut missed = Vec::new();
    for Row {
        attack,
        seen,
        taken,
        ..
    } in rows
    {
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
        let least = connections_min as u64;
        if [CONNECTIONS, ALL].contains(attack) && seen.connections < least {
            let held = seen.connections;
            missed.push(format!(
                "{attack}: the node had {held} connections at the end, {least} were to be held"
            ));
        }
        if *taken > 0 {
            missed.push(format!(
                "{attack}: the node took {taken} invalid transactions"
            ));
        }
    }
    missed
}

/// Of the first row, which is without an attack; at least 1.
fn quiet_p99_ms(rows: &[Row]) -> u64 {
    rows.first().map_or(1, |row| row.seen.p99_ms).max(1)
}

/// `wanted` transactions were to be offered a second.
pub fn print(rows: &[Row], wanted: u64) {
    println!(
        "{:<28}{:>12}{:>12}{:>10}{:>8}{:>8}{:>8}{:>10}{:>10}",
        "attack",
        "done",
        "connections",
        "payments",
        "p50 ms",
        "p99 ms",
        "max ms",
        "x quiet",
        "node MiB"
    );
    let quiet = quiet_p99_ms(rows);
    for row in rows {
        let seen = &row.seen;
        let times = seen.p99_ms * 10 / quiet;
        println!(
            "{:<28}{:>12}{:>12}{:>10}{:>8}{:>8}{:>8}{:>10}{:>10}",
            row.attack,
            row.done,
            seen.connections,
            seen.payments,
            seen.p50_ms,
            seen.p99_ms,
            seen.max_ms,
            format!("{}.{}", times / 10, times % 10),
            seen.node_mib
        );
    }
    for row in rows
        .iter()
        .filter(|row| [TRANSACTIONS, ALL].contains(&row.attack))
    {
        let (offered, taken, refused) = (row.offered_per_second, row.taken, row.refused);
        let verdict = if offered >= wanted {
            "as wanted"
        } else {
            "less than wanted: the attackers share the machine with what they attack"
        };
        println!(
            "{}: {offered} transactions a second were offered, {wanted} were wanted ({verdict}); the node answered \
             that it took {taken} and refused {refused}",
            row.attack
        );
    }
}
