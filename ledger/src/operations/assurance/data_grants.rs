//! `DataGrant` and `DataGrantRevoke`: the holder of an account lets an organisation read, for a purpose
//! and a time, and takes that back.

use talea_types::{
    EventDetail, Outcome, Subject,
    event::{AssuranceEvent, DataGrantSet},
    limits::DATA_GRANT_AHEAD_MS_MAX,
    operation::{DataGrant, DataGrantRevoke},
    state::DataGranted,
};

use super::is_ahead;
use crate::{events, state::WorkingState};

pub(super) fn grant(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &DataGrant,
) -> Result<(), Outcome> {
    let Subject::Account(account) = author else {
        return Err(Outcome::NotPermitted);
    };
    if !is_ahead(state, operation.expires_at, DATA_GRANT_AHEAD_MS_MAX) {
        return Err(Outcome::TimeOutOfRange);
    }
    if state.participants.get(&operation.to).is_none() {
        return Err(Outcome::ParticipantUnknown);
    }

    let granted = DataGranted {
        purpose: operation.purpose,
        fields: operation.fields,
        expires_at: operation.expires_at,
    };
    let event = AssuranceEvent::DataGrantSet(DataGrantSet {
        to: operation.to,
        purpose: granted.purpose,
        fields: Some(granted.fields),
        expires_at: granted.expires_at,
    });
    let key = (account, operation.to);
    state.assurance.grants.insert(key, granted);
    events::append(state, author, EventDetail::Assurance(event));
    Ok(())
}

pub(super) fn revoke(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &DataGrantRevoke,
) -> Result<(), Outcome> {
    let Subject::Account(account) = author else {
        return Err(Outcome::NotPermitted);
    };
    let key = (account, operation.to);
    let granted = state.assurance.grants.get(&key);
    let granted = granted.cloned().ok_or(Outcome::GrantUnknown)?;

    state.assurance.grants.remove(key);
    let event = AssuranceEvent::DataGrantSet(DataGrantSet {
        to: operation.to,
        purpose: granted.purpose,
        fields: None,
        expires_at: state.now,
    });
    events::append(state, author, EventDetail::Assurance(event));
    Ok(())
}
