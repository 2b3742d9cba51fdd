//! What is told in the end, to people and to programs.

use std::{collections::BTreeMap, fmt};

use comfy_table::{CellAlignment, Table, presets::NOTHING};
use serde::Serialize;
use talea_client::Trust;
use talea_types::Asset;

use super::{
    Scenario,
    audit::Audit,
    book::report::BookReport,
    play::{Outage, Played},
};

/// What happened.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What was played.
    pub scenario: &'static str,
    /// The network.
    pub network: String,
    /// Accounts that were opened.
    pub accounts: usize,
    /// Opening balances that were issued.
    pub openings: usize,
    /// Payments that are final, applied or refused.
    pub payments: usize,
    /// Applied payments.
    pub applied: Vec<Applied>,
    /// Refused payments by the name of the outcome: each was planned to be refused.
    pub refused: BTreeMap<&'static str, u64>,
    /// How fast it went.
    pub speed: Speed,
    /// The validator that was killed.
    pub outage: Option<Outage>,
    /// Loans, debtors and collectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub book: Option<BookReport>,
    /// What was verified.
    pub audit: Audit,
    /// Digits of each asset.
    #[serde(skip)]
    decimals: BTreeMap<Asset, u32>,
}

/// Applied payments of one kind and asset.
#[derive(Clone, Debug, Serialize)]
pub struct Applied {
    /// The kind.
    pub kind: &'static str,
    /// The asset.
    pub asset: Asset,
    /// How many.
    pub count: u64,
    /// Minor units.
    pub sum: u64,
}

/// How fast it went. Waves wait for one another: this is no measure of what the network can do.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Speed {
    /// Milliseconds that the waves took.
    pub elapsed_ms: u64,
    /// Payments a second.
    pub payments_per_second: u64,
    /// Half of the payments were final within so many milliseconds.
    pub latency_p50_ms: u64,
    /// 95 of 100.
    pub latency_p95_ms: u64,
    /// 99 of 100.
    pub latency_p99_ms: u64,
}

impl Report {
    /// Puts it together.
    #[must_use]
    pub fn new(
        scenario: &Scenario,
        played: &Played,
        book: Option<BookReport>,
        audit: Audit,
        trust: &Trust,
    ) -> Self {
        let tally = &played.tally;
        let applied = tally.applied.iter().map(|((kind, asset), total)| Applied {
            kind,
            asset: *asset,
            count: total.count,
            sum: u64::try_from(total.sum).unwrap_or(u64::MAX),
        });
        let refused = tally.refused.iter();
        let millis = |percent| whole_millis(tally.latency(percent));
        Self {
            scenario: scenario.name(),
            network: trust.name().to_owned(),
            accounts: scenario.plan().accounts.len(),
            openings: scenario.plan().openings.len(),
            payments: tally.payment_count(),
            applied: applied.collect(),
            refused: refused
                .map(|(outcome, count)| (outcome.name(), *count))
                .collect(),
            speed: Speed {
                elapsed_ms: whole_millis(tally.elapsed),
                payments_per_second: tally.payments_per_second(),
                latency_p50_ms: millis(50),
                latency_p95_ms: millis(95),
                latency_p99_ms: millis(99),
            },
            outage: played.outage.clone(),
            book,
            audit,
            decimals: trust.decimals().clone(),
        }
    }

    fn decimal(&self, asset: Asset, minor_units: u64) -> String {
        let places = self.decimals.get(&asset).copied().unwrap_or_default();
        let amount = talea_types::Amount::new(minor_units).unwrap_or(talea_types::Amount::MAX);
        amount.to_decimal(places)
    }

    fn payments_table(&self) -> Table {
        let mut table = table(&["payments", "asset", "count", "amount"]);
        for line in &self.applied {
            table.add_row([
                line.kind.to_owned(),
                line.asset.to_string(),
                line.count.to_string(),
                self.decimal(line.asset, line.sum),
            ]);
        }
        for (outcome, count) in &self.refused {
            let name = format!("refused: {outcome}");
            table.add_row([name, String::new(), count.to_string(), String::new()]);
        }
        table
    }

    fn assets_table(&self) -> Table {
        let mut table = table(&["asset", "on accounts", "owed by banks", "reserves"]);
        for (asset, sums) in &self.audit.assets {
            table.add_row([
                asset.to_string(),
                self.decimal(*asset, sums.accounts),
                self.decimal(*asset, sums.liabilities),
                self.decimal(*asset, sums.reserves),
            ]);
        }
        table
    }

    fn banks_table(&self) -> Option<(Table, Asset)> {
        let figures = self.audit.figures.as_ref()?;
        let asset = *self.audit.assets.keys().next()?;
        let mut table = table(&["bank", "in", "received", "out", "sent", "reserve gained"]);
        for (code, bank) in &figures.banks {
            let gained = figures
                .reserves_gained
                .get(code)
                .copied()
                .unwrap_or_default();
            let size = u64::try_from(gained.unsigned_abs()).unwrap_or(u64::MAX);
            let sign = if gained < 0 { "-" } else { "" };
            table.add_row([
                code.clone(),
                bank.incoming.count.to_string(),
                self.decimal(asset, bank.incoming.sum),
                bank.outgoing.count.to_string(),
                self.decimal(asset, bank.outgoing.sum),
                format!("{sign}{}", self.decimal(asset, size)),
            ]);
        }
        Some((table, asset))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { audit, speed, .. } = self;
        writeln!(f, "SANDBOX network {}: {}", self.network, self.scenario)?;
        writeln!(
            f,
            "{} accounts, {} opening balances",
            self.accounts, self.openings
        )?;
        writeln!(f, "{}", self.payments_table())?;
        if let (Some((table, asset)), Some(figures)) = (self.banks_table(), &audit.figures) {
            writeln!(f, "{table}")?;
            let total = self.decimal(asset, figures.balances_total);
            writeln!(f, "on the customers' accounts in the end: {total} {asset}")?;
            for skipped in &figures.skipped {
                let (file, line, why) = (skipped.file, skipped.line, &skipped.why);
                writeln!(f, "skipped: line {line} of {file}: {why}")?;
            }
        }
        writeln!(f, "{}", self.assets_table())?;
        writeln!(
            f,
            "{} payments in {}.{:03} s, {}/s, hour by hour or day by day; final after {} ms (p50), {} ms (p95), {} ms (p99)",
            self.payments,
            speed.elapsed_ms / 1_000,
            speed.elapsed_ms % 1_000,
            speed.payments_per_second,
            speed.latency_p50_ms,
            speed.latency_p95_ms,
            speed.latency_p99_ms,
        )?;
        if let Some(outage) = &self.outage {
            writeln!(
                f,
                "{} was killed at height {} and started again at height {}; {} payments were made without it; it caught up",
                outage.validator, outage.killed_at, outage.restarted_at, outage.payments_meanwhile
            )?;
        }
        if let Some(book) = &self.book {
            writeln!(f, "{book}\n")?;
        }
        writeln!(f, "verified with nothing but the genesis document:")?;
        writeln!(
            f,
            "  {} receipts; {} forged ones refused",
            audit.receipts, audit.forgeries_refused
        )?;
        writeln!(
            f,
            "  {} accounts: balance proved, history of {} events complete",
            audit.histories, audit.events
        )?;
        let roots = &audit.roots;
        write!(
            f,
            "  height {}: equal state roots {} on {}",
            roots.height,
            roots.state_root,
            roots.validators.join(", ")
        )
    }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(header.to_vec());
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn whole_millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
