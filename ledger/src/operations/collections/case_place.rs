//! `CasePlace`: a lender gives loans of one debtor to an agency, or to its own desk, to collect.

use talea_rules::SpokenRule;
use talea_types::{
    CaseId, EventChain, Outcome, ParticipantId, Subject,
    conduct::Notice,
    event::{CasePlaced, CollectionsEvent},
    limits::CASES_PER_DEBTOR_MAX,
    operation::CasePlace,
    state::{Case, CaseNotice, Debtor, LoanStatus, Role},
};

use super::records::record_contact;
use crate::{
    conduct::{Circumstances, cases_of, cited},
    operations::Refusal,
    state::WorkingState,
};

pub(super) fn case_place(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &CasePlace,
) -> Result<(), Refusal> {
    let Subject::Participant(lender) = author else {
        return Err(Outcome::NotPermitted.into());
    };
    check(state, lender, operation)?;

    let id = CaseId::placed_by(state.transaction(), 0);
    let notice = operation.placement_notice.map(|commitment| CaseNotice {
        notice: Notice::Placement,
        at: state.now,
        commitment,
    });
    let case = Case {
        debtor: operation.debtor,
        lender,
        collector: operation.collector,
        loans: operation.loans.clone(),
        placed_at: state.now,
        recalled_at: None,
        notices: notice.into_iter().collect(),
        forbearance: operation.forbearance,
        first_communication: None,
        permits_open: 0,
        breaches: 0,
        events: EventChain::default(),
    };
    state.collections.cases.insert(id, case);
    if let Some(debtor) = state.debtors.get_mut(&operation.debtor) {
        let at = debtor.cases.partition_point(|other| *other < id);
        debtor.cases.insert(at, id);
    }
    let event = CollectionsEvent::CasePlaced(CasePlaced {
        case: id,
        lender,
        placed: operation.clone(),
    });
    record_contact(
        state,
        Some(id),
        operation.debtor,
        operation.collector,
        event,
    );
    Ok(())
}

fn check(
    state: &WorkingState<'_>,
    lender: ParticipantId,
    operation: &CasePlace,
) -> Result<(), Refusal> {
    let debtor = state.debtors.get(&operation.debtor);
    let debtor = debtor.ok_or(Outcome::DebtorUnknown)?;
    let mut loans = Vec::with_capacity(operation.loans.len());
    for id in &operation.loans {
        loans.push((*id, state.loans.get(id).ok_or(Outcome::LoanUnknown)?));
    }
    let is_owed =
        |status: LoanStatus| matches!(status, LoanStatus::Active | LoanStatus::ChargedOff);
    if !loans.iter().all(|(_, loan)| is_owed(loan.status)) {
        return Err(Outcome::LoanStatus.into());
    }
    let is_collected = |(_, case): &(CaseId, &Case)| {
        case.collector == operation.collector
            && operation.loans.iter().any(|loan| case.loans.contains(loan))
    };
    if cases_of(state, debtor, None).iter().any(is_collected) {
        return Err(Outcome::CaseExists.into());
    }
    if loans
        .iter()
        .any(|(_, loan)| loan.lender != lender || loan.borrower != operation.debtor)
    {
        return Err(Outcome::CaseOfAnother.into());
    }
    check_collector(state, lender, operation.collector)?;
    if operation.collector != lender && operation.placement_notice.is_none() {
        for (id, loan) in loans {
            let circumstances =
                Circumstances::of(state, debtor, (id, loan), operation.collector, None);
            if let Some(duty) = circumstances.duties(state).placement_notice() {
                return Err(notice_required(&duty.spoke));
            }
        }
    }
    check_room(debtor)?;
    Ok(())
}

/// Checks that somebody may collect for a lender.
pub(super) fn check_collector(
    state: &WorkingState<'_>,
    lender: ParticipantId,
    collector: ParticipantId,
) -> Result<(), Outcome> {
    let participant = state.participants.get(&collector);
    let collects = |role: Role| participant.is_some_and(|one| one.has_role(role));
    if collector != lender && !collects(Role::CollectionAgency) {
        return Err(Outcome::NotACollector);
    }
    if !participant.is_some_and(|one| one.is_active(state.now)) {
        return Err(Outcome::CollectorNotLicensed);
    }
    Ok(())
}

fn notice_required(spoke: &[SpokenRule]) -> Refusal {
    Refusal::by_rules(Outcome::NoticeRequired, cited(spoke))
}

fn check_room(debtor: &Debtor) -> Result<(), Outcome> {
    if debtor.cases.len() >= CASES_PER_DEBTOR_MAX {
        return Err(Outcome::TooManyOpen);
    }
    Ok(())
}
