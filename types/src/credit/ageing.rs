//! What time does to a loan.
//!
//! Loans age lazily: nothing is touched when the business date moves. What is owed on a date follows
//! from the loan's object and the date alone ([`age`], [`days_past_due`]), in any number of steps to the
//! same result. Whoever has the object with its proof computes the same.

use super::{Accrual, DayCount, Instalment, ProductTerms, days_between, paused_days};
use crate::{
    amount::Amount,
    limits::DISBURSEMENT_DAYS_MAX,
    state::{Loan, LoanStatus},
};

/// Accrues interest up to a business date, days on which a pause stops it left out, and lets an offer of
/// settlement lapse whose date has passed, or a loan that was not paid out in time. Any number of steps
/// leads to the same loan.
pub fn age(loan: &mut Loan, terms: &ProductTerms, date: u32) {
    if has_lapsed(loan, date) {
        loan.status = LoanStatus::Lapsed;
        loan.principal = Amount::ZERO;
    }
    // A loan that is not paid out keeps the date of its agreement.
    if date <= loan.aged_to || loan.status == LoanStatus::Originated {
        return;
    }
    if loan.status == LoanStatus::Active {
        let convention = terms.day_count;
        let from = loan.aged_to;
        let paused = paused_days(&loan.pauses, |pause| pause.interest, convention, from, date);
        let days = days_between(convention, from, date).saturating_sub(paused);
        let before = Accrual {
            whole: loan.interest,
            fraction: loan.interest_fraction,
        };
        let after = before.after(convention, loan.principal, loan.rate_ppm, days);
        loan.interest = after.whole;
        loan.interest_fraction = after.fraction;
    }
    loan.aged_to = date;
    loan.settlement = loan.settlement.filter(|offer| date <= offer.pay_by);
}

/// Whether a loan was not paid out in time: within [`DISBURSEMENT_DAYS_MAX`] days, and not after its first
/// instalment was due.
#[must_use]
pub fn has_lapsed(loan: &Loan, date: u32) -> bool {
    let first_due = loan.schedule.first().map_or(u32::MAX, |first| first.due);
    let latest = loan.aged_to.saturating_add(DISBURSEMENT_DAYS_MAX);
    loan.status == LoanStatus::Originated && latest.min(first_due) < date
}

/// What is unpaid of the schedule, instalment by instalment: payments count for the oldest first.
pub fn unpaid(loan: &Loan) -> impl Iterator<Item = Instalment> {
    let mut covered = loan.paid;
    loan.schedule.iter().filter_map(move |instalment| {
        let part = covered.min(instalment.amount);
        covered = covered.try_sub(part).unwrap_or_default();
        let amount = instalment.amount.try_sub(part).unwrap_or_default();
        (!amount.is_zero()).then_some(Instalment {
            due: instalment.due,
            amount,
        })
    })
}

/// The oldest instalment that is not paid in full, with what is unpaid of it. When all are paid and
/// something is owed still, it belongs to the last.
#[must_use]
pub fn oldest_unpaid(loan: &Loan) -> Option<Instalment> {
    let is_owed = !loan.principal.is_zero() || !loan.interest.is_zero();
    let rest = || Instalment {
        due: loan.schedule.last().map_or(0, |last| last.due),
        amount: loan.principal.try_add(loan.interest).unwrap_or(Amount::MAX),
    };
    unpaid(loan)
        .next()
        .or_else(|| is_owed.then(rest))
        .filter(|_| is_owed)
}

/// Since how many days an instalment of a due date is late on a business date, days on which a pause
/// stops ageing left out; 0 within the grace.
#[must_use]
pub fn days_late(loan: &Loan, terms: &ProductTerms, due: u32, date: u32) -> u32 {
    let convention = DayCount::Act365;
    let paused = paused_days(&loan.pauses, |pause| pause.ageing, convention, due, date);
    let days = date.saturating_sub(due).saturating_sub(paused);
    if days <= terms.delinquency.grace_days {
        return 0;
    }
    days
}

/// Days past due on a business date, of a loan that was aged to it: those of the oldest unpaid instalment.
#[must_use]
pub fn days_past_due(loan: &Loan, terms: &ProductTerms, date: u32) -> u32 {
    match loan.status {
        LoanStatus::Originated | LoanStatus::Closed | LoanStatus::Lapsed => 0,
        LoanStatus::Active | LoanStatus::ChargedOff => {
            oldest_unpaid(loan).map_or(0, |instalment| days_late(loan, terms, instalment.due, date))
        }
    }
}
