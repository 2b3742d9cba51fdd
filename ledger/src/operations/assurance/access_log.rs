//! `AccessLog`: who looked at whose records becomes an event of those records, so that the person whom
//! they are about can see it, with the proof that these are all reads that were recorded.

use talea_types::{
    EventDetail, Outcome, ParticipantId, Subject,
    event::{AssuranceEvent, RecordRead},
    limits::ACCESS_AGE_MS_MAX,
    operation::{AccessEntry, AccessLog},
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
        let event = AssuranceEvent::RecordRead(RecordRead {
            reader: entry.reader,
            purpose: entry.purpose,
            fields: entry.fields,
            read_at: entry.read_at,
            logged_by,
        });
        events::append(state, entry.subject, EventDetail::Assurance(event));
    }
    Ok(())
}

/// Who runs a validator records the reads that its nodes served; everybody records its own.
fn may_log(state: &WorkingState<'_>, author: ParticipantId, entries: &[AccessEntry]) -> bool {
    let mut validators = state.base.validators.current.iter();
    let runs_validator = validators.any(|(_, validator)| validator.participant == author);
    runs_validator || entries.iter().all(|entry| entry.reader == author)
}
