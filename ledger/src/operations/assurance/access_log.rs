//! `AccessLog`: who looked at whose records becomes an event of those records, so that the person whom
//! they are about can see it, with the proof that these are all reads that were recorded.

use talea_types::{
    EventDetail, Outcome, ParticipantId, Subject,
    event::{AssuranceEvent, RecordRead},
    limits::ACCESS_AGE_MS_MAX,
    operation::{AccessEntry, AccessLog},
    state::LoggedRead,
};

use crate::{events, state::WorkingState};

pub(super) fn access_log(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &AccessLog,
) -> Result<(), Outcome> {
    let Subject::Participant(logged_by) = author else {
        return Err(Outcome::NotPermitted);
    };
    if !may_log(state, logged_by, &operation.entries) {
        return Err(Outcome::NotPermitted);
    }
    let in_time = |entry: &AccessEntry| {
        entry.read_at <= state.now && state.now <= entry.read_at.plus_millis(ACCESS_AGE_MS_MAX)
    };
    if !operation.entries.iter().all(in_time) {
        return Err(Outcome::TimeOutOfRange);
    }
    let known_reader = |entry: &AccessEntry| state.participants.get(&entry.reader).is_some();
    if !operation.entries.iter().all(known_reader) {
        return Err(Outcome::ParticipantUnknown);
    }
    let known_subject = |entry: &AccessEntry| state.has_subject(&entry.subject);
    if !operation.entries.iter().all(known_subject) {
        return Err(Outcome::SubjectUnknown);
    }

    for entry in &operation.entries {
        let event = EventDetail::Assurance(AssuranceEvent::RecordRead(RecordRead {
            reader: entry.reader,
            purpose: entry.purpose,
            fields: entry.fields,
            read_at: entry.read_at,
            logged_by,
            record: entry.subject,
        }));
        events::append(state, entry.subject, event.clone());
        if let Some(debtor) = debtor_of(state, &entry.subject) {
            events::append(state, debtor, event);
        }
        if entry.reader == logged_by {
            remember(state, entry);
        }
    }
    Ok(())
}

/// The debtor whose loan or case a subject is: it wants one list of who looked.
fn debtor_of(state: &WorkingState<'_>, subject: &Subject) -> Option<Subject> {
    let account = match subject {
        Subject::Loan(id) => state.loans.get(id)?.borrower,
        Subject::Case(id) => state.collections.cases.get(id)?.debtor,
        Subject::Account(_) | Subject::Participant(_) | Subject::Debtor(_) => return None,
    };
    let debtor = Subject::Debtor(account);
    state.has_subject(&debtor).then_some(debtor)
}

/// Keeps the newest read that a reader recorded itself: nodes let it read for a while.
fn remember(state: &mut WorkingState<'_>, entry: &AccessEntry) {
    let key = (entry.subject, entry.reader);
    let reads = &mut state.assurance.logged_reads;
    let newest = reads.get(&key);
    if newest.is_none_or(|newest| newest.read_at <= entry.read_at) {
        let read = LoggedRead {
            read_at: entry.read_at,
            purpose: entry.purpose,
            fields: entry.fields,
        };
        reads.insert(key, read);
    }
}

/// Who runs a validator records the reads that its nodes served; everybody records its own.
fn may_log(state: &WorkingState<'_>, author: ParticipantId, entries: &[AccessEntry]) -> bool {
    let mut validators = state.base.validators.current.iter();
    let runs_validator = validators.any(|(_, validator)| validator.participant == author);
    runs_validator || entries.iter().all(|entry| entry.reader == author)
}
