//! `CredentialAttest` and `CredentialRevoke`: a KYC provider says that it checked the identity record
//! behind a commitment, and takes that back.

use talea_types::{
    EventDetail, Outcome, Subject,
    event::{AssuranceEvent, CredentialAttested},
    limits::CREDENTIAL_AHEAD_MS_MAX,
    operation::{CredentialAttest, CredentialRevoke},
    state::{Credential, Role},
};

use super::{is_active_as, is_ahead};
use crate::{events, state::WorkingState};

pub(super) fn attest(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &CredentialAttest,
) -> Result<(), Outcome> {
    let provider = match author {
        Subject::Participant(id) if is_active_as(state, id, Role::KycProvider) => id,
        _ => return Err(Outcome::NotPermitted),
    };
    if !is_ahead(state, operation.expires_at, CREDENTIAL_AHEAD_MS_MAX) {
        return Err(Outcome::TimeOutOfRange);
    }
    let account = state.accounts.get(&operation.account);
    if account.ok_or(Outcome::AccountUnknown)?.closed {
        return Err(Outcome::AccountClosed);
    }

    let credential = Credential {
        commitment: operation.commitment,
        expires_at: operation.expires_at,
    };
    let key = (operation.account, provider);
    state.assurance.credentials.insert(key, credential);
    let event = AssuranceEvent::CredentialAttested(CredentialAttested {
        provider,
        commitment: operation.commitment,
        expires_at: operation.expires_at,
    });
    let subject = Subject::Account(operation.account);
    events::append(state, subject, EventDetail::Assurance(event));
    Ok(())
}

pub(super) fn revoke(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &CredentialRevoke,
) -> Result<(), Outcome> {
    let Subject::Participant(provider) = author else {
        return Err(Outcome::NotPermitted);
    };
    let key = (operation.account, provider);
    if state.assurance.credentials.get(&key).is_none() {
        return Err(Outcome::CredentialUnknown);
    }

    state.assurance.credentials.remove(key);
    let event = AssuranceEvent::CredentialRevoked(provider);
    let subject = Subject::Account(operation.account);
    events::append(state, subject, EventDetail::Assurance(event));
    Ok(())
}
