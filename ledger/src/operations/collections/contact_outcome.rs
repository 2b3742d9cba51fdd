//! `ContactOutcome`: the collector says what came of a permitted contact. Its slot in the counters
//! shrinks to the moment at which it happened.

use talea_types::{
    Outcome, Subject,
    conduct::{Channel, ContactResult, Party, PermitStatus},
    event::{CollectionsEvent, ContactClosed},
    limits::PERMIT_KEPT_MS,
    operation::ContactOutcome,
    state::Permit,
};

use super::{records::record_contact, revocation::take_from_open};
use crate::{conduct::CountedBy, state::WorkingState};

pub(super) fn contact_outcome(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &ContactOutcome,
) -> Result<(), Outcome> {
    let now = state.now;
    let id = operation.permit;
    let permit = state.collections.permits.get(&id);
    if permit.is_some_and(|permit| author != Subject::Participant(permit.collector)) {
        return Err(Outcome::NotPermitted);
    }
    let permit = permit.ok_or(Outcome::PermitUnknown)?;
    if !permit.is_open() || permit.ends_at <= now {
        return Err(Outcome::PermitClosed);
    }
    let at = operation.at;
    if at < permit.from || permit.valid_until <= at || now < at {
        return Err(Outcome::OutsidePermit);
    }
    if !fits(permit, operation) {
        return Err(Outcome::ResultUnfit);
    }

    let permit = permit.clone();
    let (channel, consented, slot) = (permit.channel, permit.consented, permit.slot());
    let result = operation.result;
    CountedBy::of(&permit).count(state, |tallies| {
        tallies.settle(channel, consented, slot, result, at);
    });
    take_from_open(state, id, &permit);
    if let Some(permit) = state.collections.permits.get_mut(&id) {
        permit.status = PermitStatus::Closed;
        permit.result = Some(result);
        permit.ends_at = now.plus_millis(PERMIT_KEPT_MS);
    }
    let tells = matches!(result, ContactResult::Conversation | ContactResult::Sent);
    if let Some(case) = state.collections.cases.get_mut(&permit.case)
        && tells
        && permit.party != Party::ThirdParty
    {
        let first = case.first_communication.map_or(at, |first| first.min(at));
        case.first_communication = Some(first);
    }
    if operation.third_party_refused
        && let Some(points) = state.collections.contact_points.get_mut(&permit.debtor)
        && let Some(point) = points.find_or_add(permit.contact_point)
    {
        point.refused = true;
    }
    let event = CollectionsEvent::ContactClosed(ContactClosed {
        case: permit.case,
        outcome: operation.clone(),
    });
    record_contact(
        state,
        Some(permit.case),
        permit.debtor,
        permit.collector,
        event,
    );
    Ok(())
}

/// Whether the result is one that such a contact can have, with the recording that was promised.
fn fits(permit: &Permit, operation: &ContactOutcome) -> bool {
    let answered = matches!(
        operation.result,
        ContactResult::Connected | ContactResult::Conversation
    );
    let result_fits = match permit.channel {
        Channel::VoiceCall | Channel::AutomatedCall | Channel::Visit => {
            operation.result != ContactResult::Sent
        }
        Channel::TextMessage | Channel::Email | Channel::AppMessage | Channel::Letter => {
            matches!(
                operation.result,
                ContactResult::Sent | ContactResult::InvalidContactPoint
            )
        }
    };
    let recording_fits = !permit.recorded || !answered || operation.recording.is_some();
    let refusal_fits = !operation.third_party_refused || permit.party == Party::ThirdParty;
    result_fits && recording_fits && refusal_fits
}
