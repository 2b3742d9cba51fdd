//! `PromiseToPay`: a debtor promises to pay so much by a day. Payments count by themselves; it is kept
//! when they reach the amount, and broken when the day has passed.

use talea_types::{
    Amount, LoanId, Outcome, Subject,
    event::{CollectionsEvent, PromiseEnded},
    limits::PROMISE_DAYS_MAX,
    operation::PromiseToPay,
    state::{LoanStatus, PaymentPromise},
};

use super::records::record_on_loan;
use crate::{
    operations::{aged_loan, total_owed},
    state::WorkingState,
};

pub(super) fn promise_to_pay(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &PromiseToPay,
) -> Result<(), Outcome> {
    let id = operation.loan;
    let loan = aged_loan(state, &id).map(|(loan, _)| loan);
    let borrower = loan.as_ref().map(|loan| loan.borrower);
    if borrower.is_some_and(|borrower| author != Subject::Account(borrower)) {
        return Err(Outcome::NotPermitted);
    }
    let today = state.now.day();
    if operation.by > today.saturating_add(PROMISE_DAYS_MAX) {
        return Err(Outcome::TimeOutOfRange);
    }
    if operation.by < today {
        return Err(Outcome::DateGoesBack);
    }
    let loan = loan.ok_or(Outcome::LoanUnknown)?;
    if !matches!(loan.status, LoanStatus::Active | LoanStatus::ChargedOff) {
        return Err(Outcome::LoanStatus);
    }
    if operation.amount > total_owed(&loan) {
        return Err(Outcome::AmountAboveDebt);
    }
    if state.collections.promises.get(&id).is_some() {
        return Err(Outcome::PromiseOpen);
    }

    let promise = PaymentPromise {
        debtor: loan.borrower,
        amount: operation.amount,
        by: operation.by,
        paid: Amount::ZERO,
    };
    state.collections.promises.insert(id, promise);
    let event = CollectionsEvent::PromiseMade(operation.clone());
    record_on_loan(state, loan.borrower, id, event);
    Ok(())
}

/// Counts a payment on a loan for the promise on it, if there is one.
pub(crate) fn count_repayment(state: &mut WorkingState<'_>, id: LoanId, amount: Amount) {
    let Some(mut promise) = state.collections.promises.get(&id).copied() else {
        return;
    };
    promise.paid = promise.paid.try_add(amount).unwrap_or(Amount::MAX);
    let loan = state.loans.get(&id);
    let is_closed = loan.is_some_and(|loan| loan.status == LoanStatus::Closed);
    if promise.paid < promise.amount && !is_closed {
        state.collections.promises.insert(id, promise);
        return;
    }
    state.collections.promises.remove(id);
    let event = CollectionsEvent::PromiseEnded(PromiseEnded {
        loan: id,
        kept: true,
        paid: promise.paid,
    });
    record_on_loan(state, promise.debtor, id, event);
}
