//! What is told of the books and the story in the end, to people and to programs.

use std::{collections::BTreeMap, fmt};

use comfy_table::{CellAlignment, Table, presets::NOTHING};
use serde::Serialize;
use talea_types::{
    Amount, Asset,
    credit::{Bucket, civil},
};

use super::{
    mirror::Mirror,
    play::Lending,
    source::{CzechStatus, Status},
    story::{OF_THE_STORY, Story},
};

/// All books, and the story.
#[derive(Clone, Debug, Serialize)]
pub struct BookReport {
    /// One for each book.
    pub books: Vec<PortfolioReport>,
    /// Of four debtors.
    pub story: Story,
}

/// One book.
#[derive(Clone, Debug, Serialize)]
pub struct PortfolioReport {
    /// What it is.
    pub name: String,
    /// How many loans.
    pub loans: usize,
    /// Transactions that it took.
    pub transactions: usize,
    /// Milliseconds that it took.
    pub elapsed_ms: u64,
    /// Loans of a source that says how they stand in the end.
    pub of_source: usize,
    /// Those of them that stand so.
    pub as_source: usize,
    /// Loans whose proved objects say what was decided beforehand, of a sample.
    pub compared: usize,
    /// For each day the loans in each bucket.
    pub roll: Vec<Roll>,
    /// By currency and by what became of the loans.
    pub totals: Vec<Total>,
}

/// The loans of a book on one day.
#[derive(Clone, Debug, Serialize)]
pub struct Roll {
    /// Business date.
    pub date: String,
    /// Loans in each bucket.
    pub buckets: BTreeMap<&'static str, usize>,
}

/// Loans of one currency that ended alike. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Total {
    /// What became of them.
    pub outcome: &'static str,
    /// Their currency.
    pub asset: Asset,
    /// How many.
    pub loans: usize,
    /// What was lent.
    pub lent: u64,
    /// Principal that was paid back.
    pub principal: u64,
    /// Interest that was paid.
    pub interest: u64,
    /// Late fees that were paid.
    pub late_fees: u64,
    /// What is owed in the end.
    pub owed: u64,
}

impl PortfolioReport {
    pub(super) fn of(name: &str, lending: &Lending) -> Self {
        let book = &lending.book;
        let mut totals: BTreeMap<(Asset, &'static str), Total> = BTreeMap::new();
        let (mut of_source, mut as_source) = (0, 0);
        for (loan, mirror) in book.loans.iter().zip(&lending.course.loans) {
            let asset = book.portfolios[loan.portfolio].asset;
            let total = totals.entry((asset, loan.outcome)).or_insert(Total {
                outcome: loan.outcome,
                asset,
                loans: 0,
                lent: 0,
                principal: 0,
                interest: 0,
                late_fees: 0,
                owed: 0,
            });
            let paid = mirror.paid();
            total.loans += 1;
            total.lent += loan.terms.principal.minor_units();
            total.principal += paid.principal.minor_units();
            total.interest += paid.interest.minor_units();
            total.late_fees += paid.fees.minor_units();
            total.owed += mirror.total_owed();
            let product = book.product(loan).ok();
            let bucket = product.and_then(|product| mirror.bucket(product));
            if loan.outcome != OF_THE_STORY {
                of_source += 1;
                as_source += usize::from(stands_as(loan.outcome, mirror, bucket));
            }
        }
        let roll = lending.roll().into_iter().map(|(date, buckets)| Roll {
            date: day(date),
            buckets: buckets
                .into_iter()
                .map(|(bucket, count)| (bucket.name(), count))
                .collect(),
        });
        Self {
            name: name.to_owned(),
            loans: book.loans.len(),
            transactions: lending.transactions,
            elapsed_ms: u64::try_from(lending.elapsed.as_millis()).unwrap_or(u64::MAX),
            of_source,
            as_source,
            compared: lending.compared,
            roll: roll.collect(),
            totals: totals.into_values().collect(),
        }
    }

    fn roll_table(&self) -> Table {
        let days: Vec<&Roll> = self.roll.iter().collect();
        // A few days are enough to see it roll.
        let step = days.len().div_ceil(12).max(1);
        let shown: Vec<&Roll> = days.iter().rev().step_by(step).rev().copied().collect();
        let names: Vec<&'static str> = BUCKETS
            .into_iter()
            .map(Bucket::name)
            .filter(|name| shown.iter().any(|roll| roll.buckets.contains_key(name)))
            .collect();
        let mut header = vec!["days past due"];
        header.extend(&names);
        let mut table = table(&header);
        for roll in shown {
            let mut row = vec![roll.date.clone()];
            for name in &names {
                let count = roll.buckets.get(name);
                row.push(count.map_or_else(String::new, usize::to_string));
            }
            table.add_row(row);
        }
        table
    }

    fn totals_table(&self) -> Table {
        let header = [
            "loans",
            "",
            "count",
            "lent",
            "principal paid",
            "interest paid",
            "late fees paid",
            "owed",
        ];
        let mut table = table(&header);
        for total in &self.totals {
            let amounts = [
                total.lent,
                total.principal,
                total.interest,
                total.late_fees,
                total.owed,
            ];
            let mut row = vec![
                total.outcome.to_owned(),
                total.asset.to_string(),
                total.loans.to_string(),
            ];
            row.extend(amounts.map(decimal));
            table.add_row(row);
        }
        table
    }
}

const BUCKETS: [Bucket; 8] = [
    Bucket::Current,
    Bucket::Days1To30,
    Bucket::Days31To60,
    Bucket::Days61To90,
    Bucket::Days91To120,
    Bucket::Days121To150,
    Bucket::Days151To180,
    Bucket::Over180,
];

/// Whether a loan stands as its source says. A loan in its grace is not late.
#[must_use]
pub fn stands_as(outcome: &str, mirror: &Mirror, bucket: Option<Bucket>) -> bool {
    let late = |from, to| bucket.is_some_and(|bucket| (from..=to).contains(&bucket));
    let given_up = bucket.is_none() && !mirror.is_closed();
    let is = |name: &str| name == outcome;
    if is(Status::Late30.name()) {
        late(Bucket::Days1To30, Bucket::Days1To30)
    } else if is(Status::Late120.name()) {
        late(Bucket::Days31To60, Bucket::Days91To120)
    } else if is(Status::ChargedOff.name()) {
        given_up
    } else if is(Status::FullyPaid.name()) || is(CzechStatus::Finished.name()) {
        mirror.is_closed()
    } else if is(CzechStatus::FinishedUnpaid.name()) || is(CzechStatus::RunningInDebt.name()) {
        given_up || late(Bucket::Days1To30, Bucket::Over180)
    } else {
        bucket == Some(Bucket::Current) || (is(CzechStatus::Running.name()) && mirror.is_closed())
    }
}

impl BookReport {
    pub(super) const fn new(books: Vec<PortfolioReport>, story: Story) -> Self {
        Self { books, story }
    }

    fn permits_table(&self) -> Table {
        let permits = &self.story.permits;
        let mut table = table(&["contacts", "count", ""]);
        table.add_row(["asked for", &permits.asked.to_string(), ""]);
        table.add_row(["granted", &permits.granted.to_string(), ""]);
        for (rule, refused) in &permits.refused {
            let name = format!("refused by {rule}");
            table.add_row([&name, &refused.count.to_string(), &refused.source]);
        }
        if let Some(column) = table.column_mut(2) {
            column.set_cell_alignment(CellAlignment::Left);
        }
        table
    }
}

impl fmt::Display for BookReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for book in &self.books {
            let (loans, transactions) = (book.loans, book.transactions);
            let seconds = book.elapsed_ms / 1_000;
            writeln!(
                f,
                "\n{}: {loans} loans, {transactions} transactions in {seconds} s",
                book.name
            )?;
            writeln!(f, "{}", book.roll_table())?;
            writeln!(f, "{}", book.totals_table())?;
            writeln!(
                f,
                "{} of {} stand in the end as their source says; the ledger's sums are those of the table\n\
                 to the last minor unit; {} loans compared one by one",
                book.as_source, book.of_source, book.compared
            )?;
        }
        let story = &self.story;
        writeln!(f, "\n{}", self.permits_table())?;
        let race = &story.race;
        writeln!(
            f,
            "the race for the last permitted call: {} said {}, {} said {}",
            race.validators[0], race.outcomes[0], race.validators[1], race.outcomes[1]
        )?;
        let bundle = &story.bundle;
        write!(
            f,
            "the regulator's bundle: {} subjects, {} events, {} contacts, {} breaches, verified offline; \
             {} tampered copies refused",
            bundle.subjects,
            bundle.events,
            bundle.contacts,
            bundle.breaches,
            bundle.tampered_refused
        )
    }
}

fn decimal(minor_units: u64) -> String {
    Amount::new(minor_units)
        .unwrap_or(Amount::MAX)
        .to_decimal(2)
}

fn day(date: u32) -> String {
    let (year, month, day) = civil(date);
    format!("{year}-{month:02}-{day:02}")
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
