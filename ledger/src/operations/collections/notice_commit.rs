//! `NoticeCommit`: the collector or the lender of a case commits to a notice, which counts as served from
//! this block on: nobody can say later that it was served earlier.

use talea_types::{
    Outcome, Subject,
    event::{CollectionsEvent, NoticeServed},
    limits::NOTICES_PER_CASE_MAX,
    operation::NoticeCommit,
    state::CaseNotice,
};

use super::records::record_contact;
use crate::state::WorkingState;

pub(super) fn notice_commit(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &NoticeCommit,
) -> Result<(), Outcome> {
    let (id, now) = (operation.case, state.now);
    let case = state.collections.cases.get(&id);
    if let Some(case) = case {
        let serve = [case.collector, case.lender].map(Subject::Participant);
        if !serve.contains(&author) {
            return Err(Outcome::NotPermitted);
        }
    }
    let case = case.ok_or(Outcome::CaseUnknown)?;
    if !case.is_open() {
        return Err(Outcome::CaseClosed);
    }
    if case.notices.len() >= NOTICES_PER_CASE_MAX {
        return Err(Outcome::TooManyOpen);
    }

    let (debtor, collector) = (case.debtor, case.collector);
    if let Some(case) = state.collections.cases.get_mut(&id) {
        case.notices.push(CaseNotice {
            notice: operation.notice,
            at: now,
            commitment: operation.commitment,
        });
    }
    let event = CollectionsEvent::NoticeServed(NoticeServed {
        by: author,
        notice: operation.clone(),
    });
    record_contact(state, Some(id), debtor, collector, event);
    Ok(())
}
