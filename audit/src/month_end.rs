//! Where loans stand when a month ends, from which roll rates follow: how many loans went from one bucket of days past
//! due to another between the ends of two months. Pure; everything follows from the state and the business date.
//!
//! A month ends with the last block before the business date moves into the next; what else that block holds which
//! moves it belongs to the new date.

use talea_ledger::Ledger;
use talea_types::{
    LoanId, ParticipantId, ProductId,
    credit::{Bucket, civil, date_of, days_past_due},
    state::LoanStatus,
};

/// The name of where a loan stood before it was paid out.
pub const NEW: &str = "new";

/// Loans at the end of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthEnd {
    /// The last day of the month, days since 1970-01-01.
    pub date: u32,
    /// Every loan that is owed, and every one whose object says that its end may be of this month.
    pub loans: Vec<LoanStanding>,
}

/// Where a loan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoanStanding {
    /// Which.
    pub loan: LoanId,
    /// Who lends.
    pub lender: ParticipantId,
    /// Its terms.
    pub product: ProductId,
    /// Where.
    pub standing: Standing,
}

/// How late a loan is, or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Owed, so late.
    Owed(Bucket),
    /// Given up as an asset, and owed.
    ChargedOff,
    /// Nothing is owed any more.
    PaidOff,
}

impl Standing {
    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owed(bucket) => bucket.name(),
            Self::ChargedOff => "charged_off",
            Self::PaidOff => "paid_off",
        }
    }
}

impl MonthEnd {
    /// The ends of months that pass when the business date moves, from a state as it was before that.
    #[must_use]
    pub fn passed(before: &Ledger, to: u32) -> Vec<Self> {
        let from = before.business_date();
        let ends = std::iter::successors(Some(end_of_month(from)), |end| {
            Some(end_of_month(end.saturating_add(1)))
        });
        ends.take_while(|end| *end < to)
            .map(|date| Self::of(before, date))
            .collect()
    }

    fn of(ledger: &Ledger, date: u32) -> Self {
        let begun_after = end_of_previous(date);
        let loans = ledger.loans().filter_map(|(id, loan)| {
            let standing = match loan.status {
                LoanStatus::Originated | LoanStatus::Lapsed => return None,
                LoanStatus::Active => {
                    // Days past due do not depend on what interest has accrued since.
                    let terms = &ledger.product(&loan.product)?.terms;
                    Standing::Owed(Bucket::of(days_past_due(loan, terms, date)))
                }
                LoanStatus::ChargedOff => Standing::ChargedOff,
                // It was touched last when it ended, or later.
                LoanStatus::Closed if loan.aged_to > begun_after => Standing::PaidOff,
                LoanStatus::Closed => return None,
            };
            Some(LoanStanding {
                loan: *id,
                lender: loan.lender,
                product: loan.product,
                standing,
            })
        });
        Self {
            date,
            loans: loans.collect(),
        }
    }

    /// The end of the month before, days since 1970-01-01.
    #[must_use]
    pub fn previous(&self) -> u32 {
        end_of_previous(self.date)
    }
}

fn end_of_month(date: u32) -> u32 {
    let (year, month, _) = civil(date);
    let next = match month {
        12 => date_of(year.saturating_add(1), 1, 1),
        _ => date_of(year, month.saturating_add(1), 1),
    };
    next.saturating_sub(1)
}

fn end_of_previous(date: u32) -> u32 {
    let (year, month, _) = civil(date);
    date_of(year, month, 1).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end_on_their_last_day() {
        for (day, end) in [
            ((2026, 2, 1), (2026, 2, 28)),
            ((2028, 2, 28), (2028, 2, 29)),
            ((2026, 12, 31), (2026, 12, 31)),
            ((2026, 4, 30), (2026, 4, 30)),
        ] {
            let [day, end] = [day, end].map(|(year, month, day)| date_of(year, month, day));
            assert_eq!(end_of_month(day), end);
            assert_eq!(end_of_previous(end + 1), end);
            assert!(end_of_previous(day) < day);
        }
    }
}
