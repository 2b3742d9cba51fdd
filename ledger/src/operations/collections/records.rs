//! In whose histories an event stands.

use talea_types::{
    AccountId, CaseId, EventDetail, LoanId, ParticipantId, Subject,
    event::{Breach, CollectionsEvent},
};

use crate::{conduct::cases_of, events, state::WorkingState};

/// Adds an event about a contact to the histories of its case, of the debtor and of the collector.
pub(super) fn record_contact(
    state: &mut WorkingState<'_>,
    case: Option<CaseId>,
    debtor: AccountId,
    collector: ParticipantId,
    event: CollectionsEvent,
) {
    let case = case.map(Subject::Case).into_iter();
    let subjects = case.chain([Subject::Debtor(debtor), Subject::Participant(collector)]);
    events::append_to_all(state, subjects, EventDetail::Collections(event));
}

/// Adds an event to the history of the debtor, and to those of the open cases of a loan, or of all.
pub(super) fn record_on_cases(
    state: &mut WorkingState<'_>,
    debtor: AccountId,
    loan: Option<LoanId>,
    event: CollectionsEvent,
) {
    let subjects = debtor_and_cases(state, debtor, loan);
    events::append_to_all(state, subjects, EventDetail::Collections(event));
}

/// Adds an event to the histories of a loan, of its borrower and of its open cases.
pub(super) fn record_on_loan(
    state: &mut WorkingState<'_>,
    debtor: AccountId,
    loan: LoanId,
    event: CollectionsEvent,
) {
    let others = debtor_and_cases(state, debtor, Some(loan));
    let subjects = [Subject::Loan(loan)].into_iter().chain(others);
    events::append_to_all(state, subjects, EventDetail::Collections(event));
}

fn debtor_and_cases(
    state: &WorkingState<'_>,
    debtor: AccountId,
    loan: Option<LoanId>,
) -> Vec<Subject> {
    let mut subjects = vec![Subject::Debtor(debtor)];
    if let Some(debtor) = state.debtors.get(&debtor) {
        let cases = cases_of(state, debtor, loan).into_iter();
        subjects.extend(cases.map(|(id, _)| Subject::Case(id)));
    }
    subjects
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
