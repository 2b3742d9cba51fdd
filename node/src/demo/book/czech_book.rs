//! The loans of a Czech bank over five and a half years, month by month.
//!
//! The file gives terms and how each loan stood at the end of 1998, and the bank's books (cut by their
//! publisher in March 1994) the penalties of the accounts. So loans that ended well are paid on their days;
//! those that did not are paid for two thirds of their time, or of the time that they ran. A penalty is
//! charged when an instalment is late, and is paid with it if the loan ended well.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use talea_types::{
    Amount, Asset,
    credit::{
        Component, DayCount, DelinquencyPolicy, FeeGround, FeeTerm, ProductTerms, ScheduleKind,
        add_months,
    },
    limits::FEES_PER_PRODUCT_MAX,
};

use super::{
    consumer_book::first_of_next_month,
    mirror::LoanTerms,
    plan::{Book, BookLoan, Intents, Pay, Portfolio},
    source::{CzechLoan, CzechStatus, residence},
};
use crate::demo::berka::{Dataset, RowKind};

/// Months from the first loan to the end of 1998.
const MONTHS: usize = 66;
/// The bank gives a loan up when it is half a year late.
const CHARGE_OFF_DAYS: u32 = 180;
const REGION: &str = "CZ";

/// Penalties of an account, haléř, in the order of their days.
pub type Penalties = BTreeMap<u64, Vec<u64>>;

/// The penalties that the bank's books have for accounts with a loan.
#[must_use]
pub fn penalties(dataset: &Dataset, loans: &[CzechLoan]) -> Penalties {
    let accounts: BTreeSet<u64> = loans.iter().map(|loan| loan.account).collect();
    let mut penalties = Penalties::new();
    for row in &dataset.transactions {
        if row.kind == RowKind::Penalty && accounts.contains(&row.account) {
            penalties.entry(row.account).or_default().push(row.amount);
        }
    }
    penalties
}

/// The book that begins in the month after a business date.
///
/// # Errors
/// When a loan is not sound.
pub fn czech_book(loans: &[CzechLoan], penalties: &Penalties, today: u32) -> anyhow::Result<Book> {
    let first = first_of_next_month(today);
    let month = |month: usize| Ok(add_months(first, u32::try_from(month)?));
    let days: Vec<u32> = (0..MONTHS).map(month).collect::<anyhow::Result<_>>()?;
    let codes: BTreeSet<u64> = penalties.values().flatten().copied().collect();
    anyhow::ensure!(
        codes.len() <= FEES_PER_PRODUCT_MAX,
        "{} different penalties do not fit into one fee table",
        codes.len()
    );
    let fee = |amount: &u64| {
        let cap = amount.checked_mul(MONTHS as u64).and_then(Amount::new);
        Ok(FeeTerm {
            code: fee_code(*amount),
            ground: FeeGround::LatePayment,
            amount: Amount::new(*amount).context("a penalty above the largest amount")?,
            cap: cap.context("a penalty above the largest amount")?,
        })
    };
    let product = ProductTerms {
        asset: Asset::new("CZK")?,
        schedule: ScheduleKind::EqualPrincipal,
        down_payment_ppm: 0,
        rate_ppm_min: 0,
        rate_ppm_max: 0,
        day_count: DayCount::Act365,
        principal_min: Amount::new(100).unwrap_or_default(),
        principal_max: Amount::new(100_000_000).unwrap_or_default(),
        instalments_max: 60,
        fees: codes.iter().map(fee).collect::<anyhow::Result<_>>()?,
        waterfall: [Component::Fees, Component::Interest, Component::Principal],
        apr_cap_ppm: 0,
        delinquency: DelinquencyPolicy {
            grace_days: 0,
            charge_off_days: CHARGE_OFF_DAYS,
            category_days: None,
        },
    };
    let nothing = Vec::new();
    let planned = loans.iter().map(|loan| {
        let fees = penalties.get(&loan.account).unwrap_or(&nothing);
        planned(loan, &days, fees).with_context(|| format!("loan {}", loan.id))
    });
    Ok(Book {
        portfolios: vec![Portfolio {
            asset: product.asset,
            products: vec![product],
        }],
        loans: planned.collect::<anyhow::Result<_>>()?,
        days,
    })
}

/// Sorted as the amounts are.
fn fee_code(minor_units: u64) -> String {
    format!("PENALTY-{minor_units:07}")
}

fn planned(loan: &CzechLoan, days: &[u32], fees: &[u64]) -> anyhow::Result<BookLoan> {
    let start = loan.month();
    let begin = *days.get(start).context("a month outside of the book")?;
    Ok(BookLoan {
        name: format!("czech loan {}", loan.id),
        residence: residence(REGION),
        portfolio: 0,
        product: 0,
        terms: LoanTerms {
            principal: Amount::new(loan.principal).context("an amount above the largest")?,
            rate_ppm: 0,
            instalments: loan.months,
            first_due: add_months(begin, 1),
            schedule: Vec::new(),
        },
        start,
        intents: intents(loan, start, fees),
        outcome: loan.status.name(),
    })
}

/// Every month an instalment; the first ones are each paid a month late where there are penalties.
fn intents(loan: &CzechLoan, start: usize, fees: &[u64]) -> BTreeMap<usize, Intents> {
    let last = MONTHS - 1;
    let due = usize::try_from(loan.months)
        .unwrap_or(usize::MAX)
        .min(last - start);
    let ends_well = matches!(loan.status, CzechStatus::Finished | CzechStatus::Running);
    let paid = if ends_well { due } else { due * 2 / 3 };
    let mut intents: BTreeMap<usize, Intents> = (1..=paid)
        .map(|number| {
            let pay = Some(Pay::Due);
            (
                start + number,
                Intents {
                    pay,
                    ..Intents::default()
                },
            )
        })
        .collect();
    let mut missed = if ends_well {
        start + 1
    } else {
        start + paid + 1
    };
    for fee in fees {
        let at = missed + 1;
        if at > last || missed > start + due {
            break;
        }
        if ends_well {
            intents.remove(&missed);
        }
        intents.entry(at).or_default().late_fee = Some(fee_code(*fee));
        missed += if ends_well { 2 } else { 1 };
    }
    let given_up = start + paid + usize::try_from(CHARGE_OFF_DAYS / 30).unwrap_or(0) + 2;
    if !ends_well && given_up <= last && given_up <= start + due + 12 {
        intents.entry(given_up).or_default().charge_off = true;
    }
    intents
}
