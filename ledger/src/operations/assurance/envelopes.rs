//! `EnvelopePut` and `ErasureTombstone`: the ledger commits to ciphertexts that are kept elsewhere, and
//! to what can no longer be opened because salt or ciphertext was deleted. Every proof stays valid: what
//! was committed to is still committed to, only nobody can say any more what it was.

use talea_types::{
    AccountId, EventDetail, Outcome, Subject,
    event::{AssuranceEvent, EnvelopeStored, Erased},
    operation::{EnvelopePut, Erasable, ErasureTombstone},
    state::{Envelope, Tombstone},
};

use super::is_holder_or_sponsor;
use crate::{events, state::WorkingState};

pub(super) fn put(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &EnvelopePut,
) -> Result<(), Outcome> {
    let account = operation.account;
    let is_known = state.accounts.get(&account).is_some();
    if is_known && !may_put(state, author, account) {
        return Err(Outcome::NotPermitted);
    }
    if !is_known {
        return Err(Outcome::AccountUnknown);
    }
    let hash = operation.ciphertext_hash;
    if state.assurance.envelopes.get(&hash).is_some() {
        return Err(Outcome::EnvelopeExists);
    }

    let envelope = Envelope {
        account,
        size: operation.size,
        recipients: operation.recipients.clone(),
        put_by: author,
        erased_at: None,
    };
    state.assurance.envelopes.insert(hash, envelope);
    let event = AssuranceEvent::EnvelopeStored(EnvelopeStored {
        ciphertext_hash: hash,
        size: operation.size,
        recipients: operation.recipients.clone(),
        put_by: author,
    });
    let subject = Subject::Account(account);
    events::append(state, subject, EventDetail::Assurance(event));
    Ok(())
}

/// The account, its sponsor, or an organisation with a grant of the account.
fn may_put(state: &WorkingState<'_>, author: Subject, account: AccountId) -> bool {
    let granted = |id| {
        let grant = state.assurance.grants.get(&(account, id));
        grant.is_some_and(|grant| grant.is_in_force(state.now))
    };
    is_holder_or_sponsor(state, author, account)
        || matches!(author, Subject::Participant(id) if granted(id))
}

pub(super) fn erase(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &ErasureTombstone,
) -> Result<(), Outcome> {
    let account = operation.account;
    let is_known = state.accounts.get(&account).is_some();
    if is_known && !is_holder_or_sponsor(state, author, account) {
        return Err(Outcome::NotPermitted);
    }
    if !is_known {
        return Err(Outcome::AccountUnknown);
    }
    let was_erased = match &operation.erased {
        Erasable::Commitment(hash) => state.assurance.tombstones.get(&(account, *hash)).is_some(),
        Erasable::Envelope(hash) => {
            let envelope = state.assurance.envelopes.get(hash);
            let envelope = envelope.filter(|envelope| envelope.account == account);
            envelope
                .ok_or(Outcome::EnvelopeUnknown)?
                .erased_at
                .is_some()
        }
    };
    if was_erased {
        return Err(Outcome::AlreadyErased);
    }
    if state.assurance.legal_holds.get(&account).is_some() {
        return Err(Outcome::LegalHoldInPlace);
    }

    let now = state.now;
    match &operation.erased {
        Erasable::Commitment(hash) => {
            let tombstone = Tombstone {
                erased_at: now,
                erased_by: author,
            };
            let key = (account, *hash);
            state.assurance.tombstones.insert(key, tombstone);
        }
        Erasable::Envelope(hash) => {
            if let Some(envelope) = state.assurance.envelopes.get_mut(hash) {
                envelope.erased_at = Some(now);
            }
        }
    }
    let event = AssuranceEvent::Erased(Erased {
        erased: operation.erased,
        erased_by: author,
    });
    let subject = Subject::Account(account);
    events::append(state, subject, EventDetail::Assurance(event));
    Ok(())
}
