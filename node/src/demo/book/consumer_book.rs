//! The book of a consumer lender, day by day: loans of three months, paid for up to five more, and what the
//! lender's books say of each in the end.
//!
//! The books give what was paid until they were published, not when. Loans fall due on one of two days of
//! the month, so that in the end those in their grace are 8 days late and those that are 16 to 30 days late
//! are 25. Instalments are paid on their days as far as the money that was paid reaches; what is left over is
//! paid with the last of them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use talea_ledger::credit::annuity;
use talea_types::{
    Amount, Asset,
    credit::{
        Component, DayCount, DelinquencyPolicy, FeeGround, FeeTerm, Instalment, ProductTerms,
        ScheduleKind, add_months, civil, date_of,
    },
    limits::FEES_PER_PRODUCT_MAX,
};

use super::{
    mirror::LoanTerms,
    plan::{Book, BookLoan, Intents, Pay, Portfolio},
    source::{ConsumerLoan, Status, residence},
};

/// Months of the book, and the days of a month on which something happens, counted from its first.
const MONTHS: usize = 6;
const DAYS: [u32; 2] = [1, 18];
/// Day of the last month on which the books are published.
const PUBLISHED: u32 = 26;
/// The lender's: 15 days of grace. The source gives loans up that are hardly later than that.
const GRACE_DAYS: u32 = 15;
const CHARGE_OFF_DAYS: u32 = 16;
/// No rate of the source is above 31 %.
const RATE_CAP_PPM: u32 = 360_000;
/// What a loan with a schedule of its own may cost.
const SUPPLIED_CAP_PPM: u32 = 1_000_000;
const INSTALMENTS_MAX: u32 = 60;
/// The late fee that nearly half of the late borrowers of the source paid, minor units.
pub const USUAL_FEE: u64 = 1_500;
/// A fee is charged at most so often on one loan.
const FEES_PER_LOAN_MAX: u64 = 12;
/// At most so many instalments are missed by a loan that is 31 to 120 days late.
const MISSED_MAX: usize = 4;
/// Countries with their currencies.
const CURRENCIES: [(&str, &str); 3] = [("US", "USD"), ("CN", "CNY"), ("GB", "GBP")];

/// The book of some loans that begins in the month after a business date.
///
/// # Errors
/// When a loan is not sound.
pub fn consumer_book(loans: &[ConsumerLoan], today: u32) -> anyhow::Result<Book> {
    let first = first_of_next_month(today);
    let mut days = Vec::with_capacity(MONTHS * DAYS.len() + 1);
    for month in 0..MONTHS {
        let begin = add_months(first, u32::try_from(month)?);
        days.extend(DAYS.map(|day| begin + day));
        if month + 1 == MONTHS {
            days.push(begin + PUBLISHED);
        }
    }
    let occurring = loans.iter().map(|loan| loan.paid.late_fees);
    let fees: BTreeSet<u64> = occurring.chain([USUAL_FEE]).collect();
    let fees: Vec<u64> = fees.into_iter().filter(|fee| *fee > 0).collect();
    let mut portfolios = Vec::with_capacity(CURRENCIES.len());
    for (_, currency) in CURRENCIES {
        portfolios.push(portfolio(Asset::new(currency)?, &fees)?);
    }
    let planned = loans.iter().map(|loan| {
        planned(loan, &days, &fees).with_context(|| format!("loan {} of the book", loan.number))
    });
    let loans = planned.collect::<anyhow::Result<_>>()?;
    Ok(Book {
        portfolios,
        days,
        loans,
    })
}

/// The first day of the month after a date.
#[must_use]
pub fn first_of_next_month(date: u32) -> u32 {
    let (year, month, _) = civil(date);
    add_months(date_of(year, month, 1), 1)
}

/// Products with the fees that occur: as many as the fee tables need, and one for schedules of the lender's.
fn portfolio(asset: Asset, fees: &[u64]) -> anyhow::Result<Portfolio> {
    let mut products = Vec::new();
    let tables: Vec<&[u64]> = fees.chunks(FEES_PER_PRODUCT_MAX).collect();
    let none: &[u64] = &[];
    for table in if tables.is_empty() {
        vec![none]
    } else {
        tables
    } {
        products.push(product(asset, table)?);
    }
    products.push(ProductTerms {
        schedule: ScheduleKind::LenderSupplied,
        apr_cap_ppm: SUPPLIED_CAP_PPM,
        ..product(asset, &[])?
    });
    Ok(Portfolio { asset, products })
}

fn product(asset: Asset, fees: &[u64]) -> anyhow::Result<ProductTerms> {
    let mut table = BTreeMap::new();
    for fee in fees {
        let amount = Amount::new(*fee).context("a fee above the largest amount")?;
        table.insert(
            fee_code(*fee),
            FeeTerm {
                code: fee_code(*fee),
                ground: FeeGround::LatePayment,
                amount,
                cap: Amount::new(fee.saturating_mul(FEES_PER_LOAN_MAX)).unwrap_or(amount),
            },
        );
    }
    Ok(ProductTerms {
        asset,
        schedule: ScheduleKind::Annuity,
        down_payment_ppm: 0,
        rate_ppm_min: 0,
        rate_ppm_max: RATE_CAP_PPM,
        day_count: DayCount::Thirty360,
        principal_min: Amount::new(10_000).unwrap_or_default(),
        principal_max: Amount::new(10_000_000).unwrap_or_default(),
        instalments_max: INSTALMENTS_MAX,
        fees: table.into_values().collect(),
        waterfall: [Component::Fees, Component::Interest, Component::Principal],
        apr_cap_ppm: RATE_CAP_PPM,
        delinquency: DelinquencyPolicy {
            grace_days: GRACE_DAYS,
            charge_off_days: CHARGE_OFF_DAYS,
            category_days: None,
        },
    })
}

/// Sorted as the amounts are.
pub(super) fn fee_code(minor_units: u64) -> String {
    format!("LATE-{minor_units:07}")
}

fn planned(loan: &ConsumerLoan, days: &[u32], fees: &[u64]) -> anyhow::Result<BookLoan> {
    let country = loan.region.split('-').next().unwrap_or_default();
    let portfolio = CURRENCIES.iter().position(|(code, _)| *code == country);
    let course = Payments::of(loan);
    let start = course.month * DAYS.len() + course.day;
    let begin = *days.get(start).context("a day outside of the book")?;
    let principal = Amount::new(loan.principal).context("an amount above the largest")?;
    let ours = annuity(principal, loan.rate_ppm, loan.months);
    let gap = ours.map_or(0, |ours| ours.minor_units().abs_diff(loan.instalment));
    let fee = fees.iter().position(|fee| *fee == loan.paid.late_fees);
    let tables = fees.len().div_ceil(FEES_PER_PRODUCT_MAX).max(1);
    let schedule = if gap > 1 && fee.is_none() {
        supplied(loan, begin)?
    } else {
        Vec::new()
    };
    Ok(BookLoan {
        name: format!("book loan {}", loan.number),
        residence: residence(&loan.region),
        portfolio: portfolio.with_context(|| format!("no currency for {country}"))?,
        product: match fee {
            Some(place) => place / FEES_PER_PRODUCT_MAX,
            None if schedule.is_empty() => 0,
            None => tables,
        },
        terms: LoanTerms {
            principal,
            rate_ppm: loan.rate_ppm,
            instalments: if schedule.is_empty() { loan.months } else { 0 },
            first_due: add_months(begin, 1),
            schedule,
        },
        start,
        intents: course.intents(loan, start, days.len() - 1),
        outcome: loan.status.name(),
    })
}

/// The lender's instalments where they do not follow the formula; the last pays what is short.
fn supplied(loan: &ConsumerLoan, begin: u32) -> anyhow::Result<Vec<Instalment>> {
    let mut schedule = Vec::new();
    for month in 1..=loan.months {
        schedule.push(Instalment {
            due: add_months(begin, month),
            amount: Amount::new(loan.instalment).context("an instalment above the largest")?,
        });
    }
    let paid = u64::from(loan.months) * loan.instalment;
    let short = loan.principal.saturating_sub(paid);
    if let Some(last) = schedule.last_mut() {
        let amount = last.amount.minor_units() + short;
        last.amount = Amount::new(amount).context("an instalment above the largest")?;
    }
    Ok(schedule)
}

/// When a loan begins and when it is paid for.
struct Payments {
    /// Month of the book in which it begins, and which of the two days.
    month: usize,
    day: usize,
    /// Instalments that are paid.
    paid: usize,
    /// Instalments that fall due until the books are published.
    due: usize,
}

impl Payments {
    fn of(loan: &ConsumerLoan) -> Self {
        let due = |month: usize| MONTHS - 1 - month;
        let money = loan.paid.principal + loan.paid.interest;
        // A payment that is short by a few days of interest is one.
        let tolerance = loan.instalment / 10;
        let paid = money
            .saturating_sub(tolerance)
            .div_ceil(loan.instalment.max(1));
        let paid = usize::try_from(paid).unwrap_or(usize::MAX);
        let (month, missed) = match loan.status {
            Status::FullyPaid => (loan.issued, 0),
            // What began later in its month than others has had fewer instalments.
            Status::Current => (loan.issued + due(loan.issued).saturating_sub(paid), 0),
            Status::InGrace | Status::Late30 | Status::ChargedOff => (loan.issued, 1),
            Status::Late120 => {
                let later = due(loan.issued)
                    .saturating_sub(paid)
                    .saturating_sub(MISSED_MAX);
                (loan.issued + later, 2)
            }
        };
        let month = month.min(MONTHS - 2);
        let late_day = matches!(loan.status, Status::Current | Status::InGrace);
        let is_early = !late_day || (loan.paid.late_fees > 0 && loan.status == Status::Current);
        Self {
            month,
            day: usize::from(!is_early),
            paid: paid.min(due(month).saturating_sub(missed)),
            due: due(month),
        }
    }

    fn intents(&self, loan: &ConsumerLoan, start: usize, last: usize) -> BTreeMap<usize, Intents> {
        let mut intents: BTreeMap<usize, Intents> = BTreeMap::new();
        let pay = |pay| Intents {
            pay: Some(pay),
            ..Intents::default()
        };
        if loan.status == Status::FullyPaid {
            let month = u64::from(loan.rate_ppm) * loan.principal / 12_000_000;
            let months = loan.paid.interest.checked_div(month).unwrap_or(0);
            let months = usize::try_from(months).unwrap_or(self.due).min(self.due);
            for number in 1..months {
                intents.insert(start + number * DAYS.len(), pay(Pay::Due));
            }
            let off = if months == 0 {
                start + 1
            } else {
                start + months * DAYS.len()
            };
            let fee = (loan.paid.late_fees > 0).then(|| fee_code(loan.paid.late_fees));
            if fee.is_some() {
                // Late in the end, and paid off with the fee.
                intents.clear();
                let late = start + DAYS.len() + 1;
                intents.insert(
                    late,
                    Intents {
                        late_fee: fee,
                        ..pay(Pay::Off)
                    },
                );
            } else {
                intents.insert(off, pay(Pay::Off));
            }
            return intents;
        }
        let mut money = loan.paid.principal + loan.paid.interest;
        let payments = self.paid.max(usize::from(money > 0));
        for number in 1..=payments {
            let amount = if number == payments {
                money
            } else {
                money.min(loan.instalment)
            };
            money -= amount;
            intents.insert(start + number * DAYS.len(), pay(Pay::Amount(amount)));
        }
        if loan.paid.late_fees > 0 {
            self.add_fee(loan, start, last, &mut intents);
        }
        if loan.status == Status::ChargedOff {
            intents.entry(last).or_default().charge_off = true;
        }
        intents
    }

    /// The fee is charged when an instalment is late beyond the grace: half a month after its day, or a month
    /// and a half. If it was paid in the end, both are paid then.
    fn add_fee(
        &self,
        loan: &ConsumerLoan,
        start: usize,
        last: usize,
        intents: &mut BTreeMap<usize, Intents>,
    ) {
        let wait = if self.day == 0 { 1 } else { DAYS.len() };
        let missed = start + self.paid.max(1) * DAYS.len();
        let at = (missed + wait).min(last);
        let amount = intents
            .remove(&missed)
            .map_or(0, |intents| match intents.pay {
                Some(Pay::Amount(amount)) => amount,
                _ => 0,
            });
        let fee = intents.entry(at).or_default();
        fee.late_fee = Some(fee_code(loan.paid.late_fees));
        let later = match fee.pay {
            Some(Pay::Amount(amount)) => amount,
            _ => 0,
        };
        fee.pay = Some(Pay::Amount(amount + later + loan.paid.late_fees));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::book::{report::stands_as, source::synthetic};

    #[test]
    fn a_made_up_book_ends_as_it_says() {
        let loans = synthetic(300);
        let book = consumer_book(&loans, date_of(2026, 11, 22)).unwrap();
        let course = book.course().unwrap();
        let mut fees = 0;
        for ((loan, planned), mirror) in loans.iter().zip(&book.loans).zip(&course.loans) {
            let product = book.product(planned).unwrap();
            let bucket = mirror.bucket(product);
            assert!(
                stands_as(planned.outcome, mirror, bucket),
                "{loan:?}: {bucket:?}"
            );
            fees += mirror.paid().fees.minor_units();
            if loan.status != Status::FullyPaid {
                let paid = mirror.paid().total().unwrap().minor_units();
                assert_eq!(paid, loan.paid.sum(), "{loan:?}");
            }
        }
        let charged = loans.iter().map(|loan| loan.paid.late_fees).sum::<u64>();
        assert_eq!(fees, charged);
        // The same whatever the month in which it begins.
        let later = consumer_book(&loans, date_of(2028, 2, 29)).unwrap();
        let later = later.course().unwrap();
        for (one, other) in course.loans.iter().zip(&later.loans) {
            assert_eq!(one.owed(), other.owed());
        }
    }
}
