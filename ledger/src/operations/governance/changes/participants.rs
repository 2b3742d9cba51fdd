//! Organisations join, are suspended and reinstated, have licences and evaluations.

use talea_types::{
    EventDetail, Outcome, Subject,
    event::{ParticipantRegistered, ParticipantStatusSet},
    operation::ParticipantStatus,
    state::{Participant, Registration},
};

use super::Effect;
use crate::{events, state::WorkingState};

pub(super) fn check_register(
    state: &WorkingState<'_>,
    change: &Registration,
) -> Result<(), Outcome> {
    match state.participants.get(&change.id()) {
        Some(_) => Err(Outcome::ParticipantExists),
        None => Ok(()),
    }
}

pub(super) fn register(state: &mut WorkingState<'_>, change: &Registration, effect: &Effect) {
    let id = change.id();
    state
        .participants
        .insert(id, Participant::registered(change));
    let detail = EventDetail::Registered(ParticipantRegistered {
        registration: change.clone(),
        proposal: effect.proposal,
    });
    events::append(state, Subject::Participant(id), detail);
}

pub(super) fn check_status(
    state: &WorkingState<'_>,
    change: &ParticipantStatus,
) -> Result<(), Outcome> {
    match state.participants.get(&change.participant) {
        Some(_) => Ok(()),
        None => Err(Outcome::ParticipantUnknown),
    }
}

pub(super) fn set_status(
    state: &mut WorkingState<'_>,
    change: &ParticipantStatus,
    effect: &Effect,
) {
    let Some(participant) = state.participants.get_mut(&change.participant) else {
        unreachable!("the change was checked")
    };
    participant.suspended = change.suspended;
    participant.licence_expires_at = change.licence_expires_at;
    participant.evaluated_on = change.evaluated_on;
    let detail = EventDetail::StatusSet(ParticipantStatusSet {
        suspended: change.suspended,
        licence_expires_at: change.licence_expires_at,
        evaluated_on: change.evaluated_on,
        proposal: effect.proposal,
    });
    events::append(state, Subject::Participant(change.participant), detail);
}
