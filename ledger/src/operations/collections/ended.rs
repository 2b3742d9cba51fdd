//! What comes about by itself when its time has come: permits that nobody closed, promises that were not
//! kept, complaints that were not answered.

use talea_types::{
    AccountId, LoanId, PermitId,
    conduct::{BreachKind, PermitStatus},
    event::{Breach, CollectionsEvent, PromiseEnded},
    limits::PERMIT_KEPT_MS,
};

use super::{
    records::{record_breach, record_on_loan},
    revocation::take_from_open,
};
use crate::state::WorkingState;

/// A permit that nobody closed stays an attempt for the whole of its window, and is a breach; one that
/// was closed long ago is forgotten.
pub(crate) fn end_permit_time(state: &mut WorkingState<'_>, id: PermitId) {
    let Some(permit) = state.collections.permits.get(&id).cloned() else {
        unreachable!("the queue holds only permits that are in the state")
    };
    if !permit.is_open() {
        state.collections.permits.remove(id);
        return;
    }
    let ends_at = state.now.plus_millis(PERMIT_KEPT_MS);
    take_from_open(state, id, &permit);
    if let Some(permit) = state.collections.permits.get_mut(&id) {
        permit.status = PermitStatus::NotClosed;
        permit.ends_at = ends_at;
    }
    // Whoever does not say what was told is held to have told it.
    if let Some(case) = state.collections.cases.get_mut(&permit.case) {
        let first = case
            .first_communication
            .map_or(permit.from, |first| first.min(permit.from));
        case.first_communication = Some(first);
    }
    record_breach(
        state,
        Breach {
            kind: BreachKind::PermitNotClosed,
            by: permit.collector,
            debtor: permit.debtor,
            case: Some(permit.case),
            permit: Some(id),
            complaint: 0,
        },
    );
}

/// A promise whose last day has passed is broken.
pub(crate) fn end_promise_time(state: &mut WorkingState<'_>, loan: LoanId) {
    let Some(promise) = state.collections.promises.get(&loan).copied() else {
        unreachable!("the queue holds only promises that are in the state")
    };
    state.collections.promises.remove(loan);
    let event = CollectionsEvent::PromiseEnded(PromiseEnded {
        loan,
        kept: false,
        paid: promise.paid,
    });
    record_on_loan(state, promise.debtor, loan, event);
}

/// A complaint that was not answered in time is overdue, which is a breach.
pub(crate) fn end_complaint_time(state: &mut WorkingState<'_>, debtor: AccountId, number: u32) {
    let Some(complaint) = state.collections.complaints.get_mut(&(debtor, number)) else {
        unreachable!("the queue holds only complaints that are in the state")
    };
    complaint.overdue = true;
    let by = complaint.against;
    record_breach(
        state,
        Breach {
            kind: BreachKind::ComplaintOverdue,
            by,
            debtor,
            case: None,
            permit: None,
            complaint: number,
        },
    );
}
