//! `ContactReport`: a debtor signs that a contact happened. One without a permit, outside of it, or which
//! the collector said did not come about, is a breach.

use talea_types::{
    CaseId, Outcome, Subject,
    conduct::{BreachKind, ContactResult, Initiator, ReportFinding, TallyKey},
    event::{Breach, CollectionsEvent, ContactReported},
    limits::REPORT_AGE_MS_MAX,
    operation::ContactReport,
    state::Permit,
};

use super::records::{record_breach, record_contact};
use crate::state::WorkingState;

pub(super) fn contact_report(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &ContactReport,
) -> Result<(), Outcome> {
    let (finding, case) = check(state, author, operation)?;

    if finding == ReportFinding::BegunByDebtor {
        let keys = case.map(TallyKey::Case).into_iter();
        for key in keys.chain([TallyKey::Person(operation.debtor)]) {
            state.collections.count(key, |tallies| {
                tallies.count_inbound(operation.channel, operation.result, operation.at);
            });
        }
    }
    let event = CollectionsEvent::ContactReported(ContactReported {
        report: operation.clone(),
        finding,
    });
    record_contact(state, case, operation.debtor, operation.collector, event);
    let breach = match finding {
        ReportFinding::Permitted | ReportFinding::BegunByDebtor => return Ok(()),
        ReportFinding::NoPermit => BreachKind::NoPermit,
        ReportFinding::OutsidePermit => BreachKind::OutsidePermit,
        ReportFinding::Contradicted => BreachKind::ContradictedResult,
    };
    record_breach(
        state,
        Breach {
            kind: breach,
            by: operation.collector,
            debtor: operation.debtor,
            case,
            permit: operation.permit,
            complaint: 0,
        },
    );
    Ok(())
}

fn check(
    state: &WorkingState<'_>,
    author: Subject,
    operation: &ContactReport,
) -> Result<(ReportFinding, Option<CaseId>), Outcome> {
    let debtor = operation.debtor;
    if author != Subject::Account(debtor) {
        return Err(Outcome::NotPermitted);
    }
    if state.now < operation.at || operation.at.plus_millis(REPORT_AGE_MS_MAX) < state.now {
        return Err(Outcome::TimeOutOfRange);
    }
    if state.participants.get(&operation.collector).is_none() {
        return Err(Outcome::ParticipantUnknown);
    }
    if state.debtors.get(&debtor).is_none() {
        return Err(Outcome::DebtorUnknown);
    }
    if let Some(case) = operation.case {
        let case = state
            .collections
            .cases
            .get(&case)
            .ok_or(Outcome::CaseUnknown)?;
        if case.debtor != debtor || case.collector != operation.collector {
            return Err(Outcome::CaseOfAnother);
        }
    }
    let permit = match operation.permit {
        None => None,
        Some(id) => {
            let permit = state.collections.permits.get(&id);
            let is_ours = |permit: &&Permit| {
                permit.debtor == debtor && permit.collector == operation.collector
            };
            Some(permit.filter(is_ours).ok_or(Outcome::PermitUnknown)?)
        }
    };
    let case = operation.case.or(permit.map(|permit| permit.case));
    Ok((finding(operation, permit), case))
}

fn finding(report: &ContactReport, permit: Option<&Permit>) -> ReportFinding {
    if report.initiator == Initiator::Debtor {
        return ReportFinding::BegunByDebtor;
    }
    let Some(permit) = permit else {
        return ReportFinding::NoPermit;
    };
    let is_covered = permit.channel == report.channel
        && permit.from <= report.at
        && report.at < permit.valid_until;
    if !is_covered {
        return ReportFinding::OutsidePermit;
    }
    let reached = |result| {
        !matches!(
            result,
            ContactResult::NoAnswer | ContactResult::InvalidContactPoint
        )
    };
    if reached(report.result) && permit.result.is_some_and(|result| !reached(result)) {
        return ReportFinding::Contradicted;
    }
    ReportFinding::Permitted
}
