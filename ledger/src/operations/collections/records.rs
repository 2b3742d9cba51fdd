//! In whose histories an event stands.

use talea_types::{
    AccountId, CaseId, EventDetail, LoanId, ParticipantId, Subject,
    event::{Breach, CollectionsEvent},
};

use crate::{conduct::cases_of, events, state::WorkingState};

/// Adds an event to a history.
pub(super) fn record(state: &mut WorkingState<'_>, subject: Subject, event: &CollectionsEvent) {
    events::append(state, subject, EventDetail::Collections(event.clone()));
}

/// Adds an event about a contact to the histories of its case, of the debtor and of the collector.
pub(super) fn record_contact(
    state: &mut WorkingState<'_>,
    case: Option<CaseId>,
    debtor: AccountId,
    collector: ParticipantId,
    event: CollectionsEvent,
) {
    if let Some(case) = case {
        record(state, Subject::Case(case), &event);
    }
    record(state, Subject::Debtor(debtor), &event);
    let event = EventDetail::Collections(event);
    events::append(state, Subject::Participant(collector), event);
}

/// Adds an event to the history of the debtor, and to those of the open cases of a loan, or of all.
pub(super) fn record_on_cases(
    state: &mut WorkingState<'_>,
    debtor: AccountId,
    loan: Option<LoanId>,
    event: &CollectionsEvent,
) {
    record(state, Subject::Debtor(debtor), event);
    let cases: Vec<CaseId> = match state.debtors.get(&debtor) {
        Some(debtor) => {
            let cases = cases_of(state, debtor, loan).into_iter();
            cases.map(|(id, _)| id).collect()
        }
        None => Vec::new(),
    };
    for case in cases {
        record(state, Subject::Case(case), event);
    }
}

/// Adds an event to the histories of a loan, of its borrower and of its open cases.
pub(super) fn record_on_loan(
    state: &mut WorkingState<'_>,
    debtor: AccountId,
    loan: LoanId,
    event: &CollectionsEvent,
) {
    record(state, Subject::Loan(loan), event);
    record_on_cases(state, debtor, Some(loan), event);
}

/// Counts and records that a collector did something wrong.
pub(super) fn record_breach(state: &mut WorkingState<'_>, breach: Breach) {
    if let Some(case) = breach
        .case
        .and_then(|id| state.collections.cases.get_mut(&id))
    {
        case.breaches = case.breaches.saturating_add(1);
    }
    let (case, debtor, by) = (breach.case, breach.debtor, breach.by);
    let event = CollectionsEvent::Breach(breach);
    record_contact(state, case, debtor, by, event);
}
