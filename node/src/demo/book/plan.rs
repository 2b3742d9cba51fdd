//! What happens to the loans of a book, decided before anything is sent: day by day, with every amount.
//!
//! Kept true: the actions of one kind on one day can be in flight together, because each loan has at most
//! one of them, and a later kind of the day builds on an earlier one.

use std::collections::BTreeMap;

use anyhow::Context;
use talea_types::{
    Amount, Asset,
    credit::{Bucket, ProductTerms},
    residence::Residence,
};

use super::mirror::{LoanTerms, Mirror};

/// Loans with what becomes of them.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// What is lent, by whom together.
    pub portfolios: Vec<Portfolio>,
    /// Business dates, ascending: nothing happens between them.
    pub days: Vec<u32>,
    /// The loans.
    pub loans: Vec<BookLoan>,
}

/// Loans of one currency under one agreement.
#[derive(Clone, Debug)]
pub struct Portfolio {
    /// Of all its loans.
    pub asset: Asset,
    /// The terms that are published.
    pub products: Vec<ProductTerms>,
}

/// A loan and its borrower.
#[derive(Clone, Debug)]
pub struct BookLoan {
    /// Unique in the network: the borrower's keys follow from it.
    pub name: String,
    /// Where the borrower lives.
    pub residence: Residence,
    /// Position in [`Book::portfolios`].
    pub portfolio: usize,
    /// Position in [`Portfolio::products`].
    pub product: usize,
    /// What is lent.
    pub terms: LoanTerms,
    /// Position in [`Book::days`] of the day on which it is paid out.
    pub start: usize,
    /// What happens on later days, by their positions.
    pub intents: BTreeMap<usize, Intents>,
    /// What became of it, in the words of its source.
    pub outcome: &'static str,
}

/// What happens to a loan on one day, in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intents {
    /// Code of a late fee that is charged.
    pub late_fee: Option<String>,
    /// What is paid.
    pub pay: Option<Pay>,
    /// The lender gives the loan up.
    pub charge_off: bool,
}

/// How much is paid; never more than is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pay {
    /// What falls due until the next day of the book, with all fees.
    Due,
    /// So many minor units.
    Amount(u64),
    /// Everything.
    Off,
}

/// One action on one loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Position in [`Book::loans`].
    pub loan: usize,
    /// What is done.
    pub what: What,
}

/// What is done to a loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Agreed.
    Originate,
    /// Paid out.
    Disburse,
    /// A late fee with this code.
    LateFee(String),
    /// Paid back.
    Repay(Amount),
    /// Given up.
    ChargeOff,
}

/// A day of the book: waves that follow one another.
#[derive(Clone, Debug, Default)]
pub struct Day {
    /// The business date.
    pub date: u32,
    /// Each may be in flight as a whole.
    pub waves: Vec<Vec<Action>>,
    /// Loans in each bucket at the end of the day.
    pub roll: BTreeMap<Bucket, usize>,
}

/// The days of a book, and the loans in the end.
#[derive(Clone, Debug, Default)]
pub struct Course {
    /// In order.
    pub days: Vec<Day>,
    /// As the ledger will have them, in the order of [`Book::loans`].
    pub loans: Vec<Mirror>,
    /// What each borrower needs besides the loan to pay it back.
    pub own_money: Vec<Amount>,
}

impl Book {
    /// The product of a loan.
    ///
    /// # Errors
    /// When there is none: a bug in the plan.
    pub fn product(&self, loan: &BookLoan) -> anyhow::Result<&ProductTerms> {
        let portfolio = self.portfolios.get(loan.portfolio);
        let product = portfolio.and_then(|portfolio| portfolio.products.get(loan.product));
        product.with_context(|| format!("{} has no product", loan.name))
    }

    /// Plays the book on paper.
    ///
    /// # Errors
    /// When it is not sound: a bug in whoever made it.
    pub fn course(&self) -> anyhow::Result<Course> {
        let mut loans: Vec<Option<Mirror>> = vec![None; self.loans.len()];
        let mut days = Vec::with_capacity(self.days.len());
        for (position, date) in self.days.iter().enumerate() {
            // Whoever pays what is due pays it before the next day comes, after the last day not early.
            let next = self.days.get(position + 1);
            let until = next.map_or(*date, |next| next - 1);
            let mut waves: [Vec<Action>; 5] = Default::default();
            let mut roll = BTreeMap::new();
            for (number, loan) in self.loans.iter().enumerate() {
                let product = self.product(loan)?;
                let done = if position == loan.start {
                    let mirror = Mirror::disbursed(&loan.terms, product, *date);
                    loans[number] = Some(mirror.with_context(|| loan.name.clone())?);
                    vec![What::Originate, What::Disburse]
                } else if let Some(mirror) = &mut loans[number] {
                    mirror.age(product, *date);
                    let intents = loan.intents.get(&position);
                    let done = intents.map(|intents| intents.resolve(mirror, product, until));
                    done.transpose()
                        .with_context(|| loan.name.clone())?
                        .unwrap_or_default()
                } else {
                    continue;
                };
                for what in done {
                    waves[what.wave()].push(Action { loan: number, what });
                }
                if let Some(bucket) = loans[number].as_ref().and_then(|one| one.bucket(product)) {
                    *roll.entry(bucket).or_default() += 1;
                }
            }
            let waves = waves.into_iter().filter(|wave| !wave.is_empty());
            days.push(Day {
                date: *date,
                waves: waves.collect(),
                roll,
            });
        }
        let loans: Option<Vec<Mirror>> = loans.into_iter().collect();
        let loans = loans.context("a loan starts on no day")?;
        let own = loans.iter().zip(&self.loans).map(|(mirror, loan)| {
            let paid = mirror.paid().total().unwrap_or(Amount::MAX);
            paid.try_sub(loan.terms.principal).unwrap_or_default()
        });
        Ok(Course {
            days,
            own_money: own.collect(),
            loans,
        })
    }
}

impl What {
    /// Its place among the waves of a day.
    const fn wave(&self) -> usize {
        match self {
            Self::Originate => 0,
            Self::Disburse => 1,
            Self::LateFee(_) => 2,
            Self::Repay(_) => 3,
            Self::ChargeOff => 4,
        }
    }
}

impl Intents {
    fn resolve(
        &self,
        mirror: &mut Mirror,
        product: &ProductTerms,
        until: u32,
    ) -> anyhow::Result<Vec<What>> {
        let mut done = Vec::new();
        if mirror.is_closed() {
            return Ok(done);
        }
        if let Some(code) = &self.late_fee {
            let fee = product
                .fee(code)
                .with_context(|| format!("no fee {code}"))?;
            mirror.charge(fee.amount);
            done.push(What::LateFee(code.clone()));
        }
        let amount = match self.pay {
            None => 0,
            Some(Pay::Due) => mirror.due_until(until),
            Some(Pay::Amount(amount)) => amount.min(mirror.total_owed()),
            Some(Pay::Off) => mirror.total_owed(),
        };
        if amount > 0 {
            let amount = Amount::new(amount).context("an amount above the largest")?;
            mirror.repay(product, amount)?;
            done.push(What::Repay(amount));
        }
        if self.charge_off && !mirror.is_closed() {
            mirror.charge_off();
            done.push(What::ChargeOff);
        }
        Ok(done)
    }
}
