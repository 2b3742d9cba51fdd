//! What the operations on loans share.

use talea_types::{
    AccountId, Amount, EventDetail, LoanId, Outcome, ParticipantId, Subject,
    credit::ProductTerms,
    event::{CreditEvent, LoanEntry, LoanEntryKind},
    state::{Debtor, Loan, LoanStatus},
};

use crate::{
    credit::{Owed, age, has_lapsed},
    events,
    state::WorkingState,
};

/// A loan as it is on the business date, and its product's terms.
pub(crate) fn aged_loan(state: &WorkingState<'_>, id: &LoanId) -> Option<(Loan, ProductTerms)> {
    let mut loan = state.loans.get(id)?.clone();
    let terms = state.products.get(&loan.product)?.terms.clone();
    age(&mut loan, &terms, state.clock.business_date);
    Some((loan, terms))
}

/// The loan, if the author is its lender.
pub(super) fn lenders_loan(
    state: &WorkingState<'_>,
    author: Subject,
    id: &LoanId,
) -> Result<(Loan, ProductTerms), Outcome> {
    let (loan, terms) = aged_loan(state, id).ok_or(Outcome::LoanUnknown)?;
    if author != Subject::Participant(loan.lender) {
        return Err(Outcome::NotPermitted);
    }
    Ok((loan, terms))
}

/// The author, if it is an active bank or operator.
pub(super) fn active_lender(
    state: &WorkingState<'_>,
    author: Subject,
) -> Result<ParticipantId, Outcome> {
    let Subject::Participant(id) = author else {
        return Err(Outcome::NotPermitted);
    };
    let lender = state.participants.get(&id);
    if !lender.is_some_and(|one| one.is_sponsor() && one.is_active(state.now)) {
        return Err(Outcome::NotPermitted);
    }
    Ok(id)
}

/// The loans of a debtor of which something can still come.
pub(crate) fn open_loans(
    state: &WorkingState<'_>,
    debtor: &Debtor,
) -> impl Iterator<Item = LoanId> {
    let date = state.clock.business_date;
    let lives = move |id: &&LoanId| {
        let loan = state.loans.get(id);
        loan.is_some_and(|loan| !has_lapsed(loan, date))
    };
    debtor.loans.iter().filter(lives).copied()
}

/// Puts away the loans of a debtor that were not paid out in time, so that there is room for others.
pub(super) fn put_away_lapsed(state: &mut WorkingState<'_>, borrower: AccountId) {
    let loans = state.debtors.get(&borrower).map(|one| one.loans.clone());
    for id in loans.unwrap_or_default() {
        let date = state.clock.business_date;
        let lapsed = state.loans.get(&id).filter(|loan| has_lapsed(loan, date));
        let Some(principal) = lapsed.map(|loan| loan.principal) else {
            continue;
        };
        let Some((loan, _)) = aged_loan(state, &id) else {
            unreachable!("{id} is among the loans of {borrower}")
        };
        store(state, id, loan);
        let moved = Owed {
            principal,
            ..Owed::default()
        };
        record_entry(state, id, LoanEntryKind::Lapsed, moved, String::new());
    }
}

/// Puts a loan back. One of which nothing can come any more is no longer among its borrower's.
pub(crate) fn store(state: &mut WorkingState<'_>, id: LoanId, loan: Loan) {
    let claims = loan
        .funders
        .iter()
        .try_fold(Amount::ZERO, |sum, funder| sum.try_add(funder.principal));
    let is_paid_out = !matches!(loan.status, LoanStatus::Originated | LoanStatus::Lapsed);
    assert!(
        !is_paid_out || claims == Some(loan.principal),
        "the claims on {id} sum to {claims:?}, not to {}",
        loan.principal
    );
    if loan.status.is_over()
        && let Some(debtor) = state.debtors.get_mut(&loan.borrower)
    {
        debtor.loans.retain(|open| *open != id);
    }
    state.loans.insert(id, loan);
}

/// Closes a loan on which nothing is owed.
pub(super) fn close_if_paid(loan: &mut Loan) {
    if owed(loan) == Owed::default() {
        loan.status = LoanStatus::Closed;
        loan.interest_fraction = 0;
        loan.settlement = None;
    }
}

/// What is owed on a loan that was aged.
pub(super) const fn owed(loan: &Loan) -> Owed {
    Owed {
        fees: loan.fees,
        interest: loan.interest,
        principal: loan.principal,
    }
}

/// What is owed together.
pub(crate) fn total_owed(loan: &Loan) -> Amount {
    owed(loan).total().unwrap_or(Amount::MAX)
}

/// Takes principal that is no longer owed off the agreement's sum.
pub(super) fn reduce_outstanding(state: &mut WorkingState<'_>, loan: &Loan, by: Amount) {
    let agreement = loan.agreement.and_then(|id| state.agreements.get_mut(&id));
    if let Some(agreement) = agreement {
        let Some(outstanding) = agreement.outstanding.try_sub(by) else {
            unreachable!("the agreement counts the principal of its loans")
        };
        agreement.outstanding = outstanding;
    }
}

/// A difference of what is owed that was checked.
pub(super) fn less(amount: Amount, by: Amount) -> Amount {
    let Some(rest) = amount.try_sub(by) else {
        unreachable!("{by} of {amount} was checked")
    };
    rest
}

/// Adds an event to the history of a loan, and to that of the borrower as a debtor when it is theirs to
/// see.
pub(crate) fn record(
    state: &mut WorkingState<'_>,
    loan: LoanId,
    borrower: Option<AccountId>,
    event: CreditEvent,
) {
    let detail = EventDetail::Credit(event);
    events::append(state, Subject::Loan(loan), detail.clone());
    if let Some(borrower) = borrower {
        events::append(state, Subject::Debtor(borrower), detail);
    }
}

/// An entry of a loan for its history and that of the borrower.
pub(super) fn record_entry(
    state: &mut WorkingState<'_>,
    id: LoanId,
    kind: LoanEntryKind,
    moved: Owed,
    code: String,
) {
    let Some(loan) = state.loans.get(&id) else {
        unreachable!("{id} was stored")
    };
    let borrower = loan.borrower;
    let entry = LoanEntry {
        loan: id,
        kind,
        date: state.clock.business_date,
        principal: moved.principal,
        interest: moved.interest,
        fees: moved.fees,
        principal_owed: loan.principal,
        interest_owed: loan.interest,
        fees_owed: loan.fees,
        code,
    };
    record(state, id, Some(borrower), CreditEvent::LoanEntry(entry));
}
