//! What a run comes to.

use std::collections::BTreeMap;

use serde::Serialize;
use talea_node::demo::progress::Progress;
use talea_types::TransactionId;

use crate::{
    auditor::Followed,
    pages::Page,
    send::Shares,
    stage::{Counts, Stage},
};

/// What a page may take, milliseconds.
const PAGE_MS: f64 = 1_000.0;
/// In flight at each validator while months are sent.
const IN_FLIGHT: usize = 4_000;

/// How fast something went.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Speed {
    /// Transactions.
    pub transactions: u64,
    /// In which time.
    pub seconds: f64,
}

impl Speed {
    /// Transactions a second.
    pub fn per_second(&self) -> f64 {
        self.transactions as f64 / self.seconds.max(0.001)
    }

    /// Sends, timed. Gives what was refused.
    pub async fn add(
        &mut self,
        stage: &mut Stage,
        shares: Shares,
        progress: &mut Progress,
    ) -> anyhow::Result<BTreeMap<TransactionId, String>> {
        let count: usize = shares.iter().map(Vec::len).sum();
        let ended = stage.send(shares, IN_FLIGHT, progress).await?;
        self.transactions += count as u64;
        self.seconds += ended.seconds;
        Ok(ended.refused)
    }
}

/// See the module.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Transactions altogether.
    pub transactions: u64,
    /// How many ended how.
    pub outcomes: BTreeMap<String, u64>,
    /// What four validators made in the months.
    pub validators: Speed,
    /// What they made a second.
    pub validators_per_second: f64,
    /// The follower.
    pub follower: Followed,
    /// What it verified and wrote a second.
    pub follower_per_second: f64,
    /// Of the follower's to the validators'.
    pub ratio: f64,
    /// From starting the desk on the whole index to its first answer.
    pub desk_open_seconds: f64,
    /// The slowest answer of each page.
    pub pages: Vec<Page>,
    /// The slowest of all against one second.
    pub worst_of_a_second: f64,
}

impl Report {
    pub fn new(
        counts: Counts,
        made: Speed,
        follower: Followed,
        desk_open_seconds: f64,
        pages: Vec<Page>,
    ) -> Self {
        let (made_rate, followed_rate) = (made.per_second(), follower.speed.per_second());
        let worst = pages.iter().map(|page| page.slowest_ms).fold(0.0, f64::max);
        Self {
            transactions: counts.sent,
            outcomes: counts.outcomes,
            validators: made,
            validators_per_second: made_rate,
            follower,
            follower_per_second: followed_rate,
            ratio: followed_rate / made_rate,
            desk_open_seconds,
            pages,
            worst_of_a_second: worst / PAGE_MS,
        }
    }

    pub fn print(&self) {
        println!("{} transactions", self.transactions);
        for (name, count) in &self.outcomes {
            println!("  {count:>9} {name}");
        }
        println!(
            "four validators: {:.0} a second ({} in {:.1} s)",
            self.validators_per_second, self.validators.transactions, self.validators.seconds
        );
        let followed = &self.follower;
        println!(
            "following with full verification: {:.0} a second ({} in {:.1} s), {:.2} times as fast",
            self.follower_per_second,
            followed.speed.transactions,
            followed.speed.seconds,
            self.ratio
        );
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let quarter = followed.quarter_bytes.map_or_else(
            || "not seen".to_owned(),
            |bytes| format!("{:.0} MiB", mebibytes(bytes)),
        );
        println!(
            "memory of the follower: {quarter} at a quarter, {:.0} MiB at most",
            mebibytes(followed.peak_bytes)
        );
        println!(
            "index: {:.0} MiB, {:.0} bytes a transaction",
            mebibytes(followed.index_bytes),
            followed.index_bytes as f64 / followed.speed.transactions.max(1) as f64
        );
        println!("the desk opens in {:.1} s", self.desk_open_seconds);
        for page in &self.pages {
            println!(
                "  {:>8.1} ms  {:>9} bytes  {}",
                page.slowest_ms, page.bytes, page.page
            );
        }
        println!(
            "the slowest page takes {:.2} of a second",
            self.worst_of_a_second
        );
    }
}
