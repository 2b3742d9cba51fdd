//! Whether those who have to sign did. Every signature was verified before: the type of a transaction
//! in a block is the proof. Here only the keys are looked at.

use talea_types::{
    Operation, Outcome, PublicKey, Subject, TransactionBody,
    limits::EXPIRY_AHEAD_MS_MAX,
    planted::{self, Bug},
    state::NonceRefusal,
};

use super::{parties::Parties, parties_of};
use crate::state::WorkingState;

/// Checks that the transaction is its author's, in time and new. What fails here leaves no trace.
pub(crate) fn check_attribution(
    state: &WorkingState<'_>,
    body: &TransactionBody,
) -> Result<(), Outcome> {
    if body.expires_at < state.now && !planted::is(Bug::ExpiryIgnored) {
        return Err(Outcome::Expired);
    }
    if body.expires_at > state.now.plus_millis(EXPIRY_AHEAD_MS_MAX) {
        return Err(Outcome::ExpiryTooFar);
    }
    let keys = state.keys(&body.author).ok_or(Outcome::AuthorUnknown)?;
    if !keys.is_met_by(&body.signers, state.now) && !planted::is(Bug::SignedByAnybody) {
        return Err(Outcome::Unauthorised);
    }
    let nonces = state.nonces(&body.author).ok_or(Outcome::AuthorUnknown)?;
    nonces.check(body.nonce).map_err(|refusal| match refusal {
        NonceRefusal::Below => Outcome::NonceBelowWindow,
        NonceRefusal::Used => Outcome::NonceUsed,
        NonceRefusal::TooFar => Outcome::NonceTooFar,
    })
}

/// Checks that everybody whose consent is needed has signed, and nobody else.
pub(crate) fn check_signatures(
    state: &WorkingState<'_>,
    author: Subject,
    signers: &[PublicKey],
    operation: &Operation,
) -> Result<(), Outcome> {
    let parties = parties_of(state, author, operation, signers);
    if !parties.are_met_by(state, signers) {
        return Err(Outcome::SignatureMissing);
    }
    let needed = |signer: &PublicKey| parties.need(state, signer);
    if !signers.iter().all(needed) {
        return Err(Outcome::SignatureNotNeeded);
    }
    Ok(())
}

impl Parties<'_> {
    fn are_met_by(&self, state: &WorkingState<'_>, signers: &[PublicKey]) -> bool {
        let subjects_met = self.subjects.iter().all(|subject| {
            let keys = state.keys(subject);
            keys.is_some_and(|keys| keys.is_met_by(signers, state.now))
        });
        let policy_met = self
            .new_policy
            .is_none_or(|policy| policy.is_met_by(signers));
        subjects_met && policy_met
    }

    /// Whether a signer's key belongs to somebody whose consent counts.
    fn need(&self, state: &WorkingState<'_>, signer: &PublicKey) -> bool {
        let of_subject = self.subjects.iter().any(|subject| {
            let keys = state.keys(subject);
            keys.is_some_and(|keys| keys.contains(signer, state.now))
        });
        let of_policy = self
            .new_policy
            .is_some_and(|policy| policy.contains(signer));
        of_subject || of_policy
    }
}
