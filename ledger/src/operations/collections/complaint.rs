//! `ComplaintOpen` and `ComplaintAnswer`: a complaint runs against the clock that the packs set, and stops what
//! they say.

use talea_rules::Stops;
use talea_types::{
    LoanId, Outcome, ParticipantId, Subject, Timestamp,
    conduct::ComplaintStep,
    event::{CollectionsEvent, ComplaintOpened},
    limits::COMPLAINTS_PER_DEBTOR_MAX,
    operation::{ComplaintAnswer, ComplaintOpen},
    state::{Complaint, Debtor, Loan},
};

use super::{records::record_contact, revocation::revoke_forbidden};
use crate::{
    conduct::{Circumstances, cited},
    operations::Refusal,
    state::WorkingState,
};

pub(super) fn complaint_open(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &ComplaintOpen,
) -> Result<(), Outcome> {
    let id = operation.debtor;
    if author != Subject::Account(id) {
        return Err(Outcome::NotPermitted);
    }
    if state.participants.get(&operation.against).is_none() {
        return Err(Outcome::ParticipantUnknown);
    }
    let debtor = state.debtors.get(&id).ok_or(Outcome::DebtorUnknown)?;
    if debtor.complaints.len() >= COMPLAINTS_PER_DEBTOR_MAX {
        return Err(Outcome::TooManyOpen);
    }

    let (acknowledge_by, resolve_by) = deadlines(state, debtor, operation.against);
    let number = debtor.complaints_opened.saturating_add(1);
    let complaint = Complaint {
        against: operation.against,
        opened_at: state.now,
        acknowledge_by,
        resolve_by,
        overdue: false,
    };
    if let Some(debtor) = state.debtors.get_mut(&id) {
        debtor.complaints_opened = number;
        debtor.complaints.push(number);
    }
    state.collections.complaints.insert((id, number), complaint);
    let event = CollectionsEvent::ComplaintOpened(ComplaintOpened {
        number,
        complaint: operation.clone(),
        acknowledge_by,
        resolve_by,
    });
    record_contact(state, None, id, operation.against, event);
    revoke_forbidden(state, id);
    Ok(())
}

/// The earliest that the packs say, over the debtor's loans that the organisation lends or collects, or
/// over all of them if there are none.
fn deadlines(
    state: &WorkingState<'_>,
    debtor: &Debtor,
    against: ParticipantId,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let (mut acknowledge_by, mut resolve_by) = (None, None);
    for id in &debtor.loans {
        let Some(loan) = state.loans.get(id) else {
            continue;
        };
        let cases = crate::conduct::cases_of(state, debtor, Some(*id));
        let case = cases.iter().find(|(_, case)| case.collector == against);
        let case = case.map(|(_, case)| *case);
        let circumstances = match case {
            Some(case) => Circumstances::of(state, debtor, (*id, loan), against, Some(case)),
            None => Circumstances::of_loan(state, debtor, (*id, loan)),
        };
        if let Some(duty) = circumstances.duties(state).complaint_deadlines(state.now) {
            let (acknowledge, resolve) = duty.figure;
            acknowledge_by = acknowledge_by.into_iter().chain(acknowledge).min();
            resolve_by = resolve_by.into_iter().chain([resolve]).min();
        }
    }
    (acknowledge_by, resolve_by)
}

pub(super) fn complaint_answer(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &ComplaintAnswer,
) -> Result<(), Outcome> {
    let key = (operation.debtor, operation.number);
    let complaint = state.collections.complaints.get(&key);
    if complaint.is_some_and(|one| author != Subject::Participant(one.against)) {
        return Err(Outcome::NotPermitted);
    }
    let against = complaint.ok_or(Outcome::ComplaintUnknown)?.against;

    match operation.step {
        ComplaintStep::Acknowledged => {
            if let Some(complaint) = state.collections.complaints.get_mut(&key) {
                complaint.acknowledge_by = None;
            }
        }
        ComplaintStep::Resolved => {
            state.collections.complaints.remove(key);
            if let Some(debtor) = state.debtors.get_mut(&operation.debtor) {
                debtor.complaints.retain(|open| *open != operation.number);
            }
        }
    }
    let event = CollectionsEvent::ComplaintAnswered(operation.clone());
    record_contact(state, None, operation.debtor, against, event);
    Ok(())
}

/// Checks that no open complaint of the borrower, whomever it is against, stops something on a loan: fees, or
/// reports. Interest cannot be among it (the linter says so), or a complaint would need a pause of each loan and
/// could take the last one from a protection.
pub(crate) fn check_complaints(
    state: &WorkingState<'_>,
    id: LoanId,
    loan: &Loan,
    is_stopped: impl Fn(Stops) -> bool,
    outcome: Outcome,
) -> Result<(), Refusal> {
    let Some(debtor) = state.debtors.get(&loan.borrower) else {
        unreachable!("a borrower is a debtor")
    };
    if debtor.complaints.is_empty() {
        return Ok(());
    }
    let circumstances = Circumstances::of_loan(state, debtor, (id, loan));
    match circumstances.duties(state).complaint() {
        Some(duty) if is_stopped(duty.figure) => {
            Err(Refusal::by_rules(outcome, cited(&duty.spoke)))
        }
        _ => Ok(()),
    }
}
