//! `CaseRecall`: a lender takes a case back. Its permits end at once.

use talea_types::{Outcome, Subject, event::CollectionsEvent, operation::CaseRecall};

use super::{records::record_contact, revocation::revoke};
use crate::state::WorkingState;

pub(super) fn case_recall(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &CaseRecall,
) -> Result<(), Outcome> {
    let id = operation.case;
    let case = state.collections.cases.get(&id);
    if case.is_some_and(|case| author != Subject::Participant(case.lender)) {
        return Err(Outcome::NotPermitted);
    }
    let case = case.ok_or(Outcome::CaseUnknown)?;
    if !case.is_open() {
        return Err(Outcome::CaseClosed);
    }

    let (debtor, collector, now) = (case.debtor, case.collector, state.now);
    if let Some(case) = state.collections.cases.get_mut(&id) {
        case.recalled_at = Some(now);
    }
    let mut permits = Vec::new();
    if let Some(debtor) = state.debtors.get_mut(&debtor) {
        debtor.cases.retain(|other| *other != id);
        permits.clone_from(&debtor.permits);
    }
    let event = CollectionsEvent::CaseRecalled(operation.clone());
    record_contact(state, Some(id), debtor, collector, event);
    for permit in permits {
        if state
            .collections
            .permits
            .get(&permit)
            .is_some_and(|one| one.case == id)
        {
            revoke(state, permit, Vec::new());
        }
    }
    Ok(())
}
