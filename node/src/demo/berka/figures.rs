//! The figures of a replay, read back from the ledger: what `tests/berka_totals.py` computes from the
//! files. Nothing here looks at the plan's amounts.

use std::collections::BTreeMap;

use talea_types::{
    Asset,
    event::{Event, EventDetail, Posted, PostingKind},
    state::Account,
};

use super::{HOME, records::Skipped};

/// How many and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// Haléř together.
    pub sum: u64,
}

/// Transfers between the home bank and another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct BankFigures {
    /// From the other bank.
    #[serde(rename = "in")]
    pub incoming: Sum,
    /// To the other bank.
    #[serde(rename = "out")]
    pub outgoing: Sum,
}

/// What a replay left behind.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Figures {
    /// Rows of `trans.asc` that were played.
    pub rows: usize,
    /// Rows that could not be used.
    pub skipped: Vec<Skipped>,
    /// By kind of payment.
    pub kinds: BTreeMap<String, Sum>,
    /// By code of the other bank.
    pub banks: BTreeMap<String, BankFigures>,
    /// On the accounts of the banks, by code or [`HOME`].
    pub bank_balances: BTreeMap<String, u64>,
    /// What each bank has more, or less, at the settlement agent.
    pub reserves_gained: BTreeMap<String, i128>,
    /// On the accounts of the customers, by their numbers in the files.
    pub balances: BTreeMap<u64, u64>,
    /// The sum of `balances`.
    pub balances_total: u64,
}

impl Sum {
    fn add(&mut self, amount: u64) {
        self.count += 1;
        self.sum += amount;
    }
}

impl Figures {
    /// Adds the account of a customer with its whole history.
    pub fn add_customer(&mut self, number: u64, asset: Asset, account: &Account, events: &[Event]) {
        for posted in postings(events) {
            self.add_kind(posted);
        }
        let balance = account.available(asset).minor_units();
        self.balances.insert(number, balance);
        self.balances_total += balance;
    }

    /// Adds the account of a bank with its whole history. Transfers are counted where the customer is,
    /// but for those that tell how much went from and to which bank.
    pub fn add_bank(&mut self, code: &str, asset: Asset, account: &Account, events: &[Event]) {
        let mut between = BankFigures::default();
        for posted in postings(events) {
            let amount = posted.amount.minor_units();
            match posted.kind {
                PostingKind::Issued => self.add_kind(posted),
                PostingKind::Sent => between.incoming.add(amount),
                PostingKind::Received => between.outgoing.add(amount),
                _ => {}
            }
        }
        if code != HOME {
            self.banks.insert(code.to_owned(), between);
        }
        let balance = account.available(asset).minor_units();
        self.bank_balances.insert(code.to_owned(), balance);
    }

    fn add_kind(&mut self, posted: &Posted) {
        let kind = posted.end_to_end_id.split('/').next().unwrap_or_default();
        let sum = self.kinds.entry(kind.to_owned()).or_default();
        sum.add(posted.amount.minor_units());
    }
}

fn postings(events: &[Event]) -> impl Iterator<Item = &Posted> {
    events.iter().filter_map(|event| match &*event.detail {
        EventDetail::Posted(posted) => Some(posted),
        _ => None,
    })
}
