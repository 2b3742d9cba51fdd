//! `DisputeOpen` and `DisputeResolve`: while a debtor disputes a debt, what the packs say stops: contacts,
//! interest, fees, credit reporting.

use talea_types::{
    Outcome, Subject,
    conduct::DisputeResolution,
    credit::Pause,
    event::CollectionsEvent,
    limits::DISPUTES_PER_DEBTOR_MAX,
    operation::{DisputeOpen, DisputeResolve},
    state::{LoanStatus, OpenDispute},
};

use super::{records::record_on_loan, revocation::revoke_forbidden};
use crate::{
    conduct::Circumstances,
    credit::{check_pausable, pause_loan, resume_loan},
    state::WorkingState,
};

pub(super) fn dispute_open(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &DisputeOpen,
) -> Result<(), Outcome> {
    let id = operation.loan;
    let loan = state.loans.get(&id);
    if loan.is_some_and(|loan| author != Subject::Account(loan.borrower)) {
        return Err(Outcome::NotPermitted);
    }
    let loan = loan.ok_or(Outcome::LoanUnknown)?;
    if !matches!(loan.status, LoanStatus::Active | LoanStatus::ChargedOff) {
        return Err(Outcome::LoanStatus);
    }
    let borrower = loan.borrower;
    let debtor = state.debtors.get(&borrower);
    let Some(debtor) = debtor else {
        unreachable!("a borrower is a debtor")
    };
    let duties = Circumstances::of_loan(state, debtor, (id, loan));
    let stops = duties.duties(state).dispute().map(|duty| duty.figure);
    let source = state.transaction().hash();
    let pause = stops
        .filter(|stops| stops.interest || stops.fees || stops.furnishing)
        .map(|stops| Pause {
            source,
            from: state.clock.business_date,
            until: None,
            interest: stops.interest,
            fees: stops.fees,
            ageing: stops.interest,
            furnishing: stops.furnishing,
        });
    let is_known = debtor.disputes.iter().any(|dispute| dispute.loan == id);
    if let Some(pause) = &pause
        && !is_known
    {
        check_pausable(state, id, pause)?;
    }
    if is_known {
        return Err(Outcome::DisputeExists);
    }
    // A dispute outlives its loan, until it is resolved: there can be more of them than open loans.
    if debtor.disputes.len() >= DISPUTES_PER_DEBTOR_MAX {
        return Err(Outcome::TooManyOpen);
    }

    let dispute = OpenDispute {
        loan: id,
        source,
        opened_at: state.now,
    };
    if let Some(debtor) = state.debtors.get_mut(&borrower) {
        let at = debtor.disputes.partition_point(|other| other.loan < id);
        debtor.disputes.insert(at, dispute);
    }
    let event = CollectionsEvent::DisputeOpened(operation.clone());
    record_on_loan(state, borrower, id, event);
    if let Some(pause) = pause {
        pause_loan(state, id, pause);
    }
    revoke_forbidden(state, borrower);
    Ok(())
}

pub(super) fn dispute_resolve(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &DisputeResolve,
) -> Result<(), Outcome> {
    let id = operation.loan;
    let loan = state.loans.get(&id);
    if let Some(loan) = loan {
        let resolves = match operation.resolution {
            DisputeResolution::Upheld | DisputeResolution::Rejected => {
                Subject::Participant(loan.lender)
            }
            DisputeResolution::Withdrawn => Subject::Account(loan.borrower),
        };
        if author != resolves {
            return Err(Outcome::NotPermitted);
        }
    }
    let borrower = loan.ok_or(Outcome::LoanUnknown)?.borrower;
    let debtor = state.debtors.get(&borrower);
    let mut disputes = debtor.iter().flat_map(|debtor| &debtor.disputes);
    let dispute = disputes.find(|dispute| dispute.loan == id);
    let source = dispute.ok_or(Outcome::DisputeUnknown)?.source;

    if let Some(debtor) = state.debtors.get_mut(&borrower) {
        debtor.disputes.retain(|dispute| dispute.loan != id);
    }
    let event = CollectionsEvent::DisputeResolved(operation.clone());
    record_on_loan(state, borrower, id, event);
    let today = state.clock.business_date;
    resume_loan(state, id, source, today);
    Ok(())
}
