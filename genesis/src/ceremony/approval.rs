//! Approvals: the last signatures, over the chain id alone, by who will run the network.

use talea_types::{ChainId, SecretKey};

use super::signatures;
use crate::{GenesisDocument, error::GenesisError};

/// First bytes of everything that an approval's signature covers. No other signed message starts so.
const SIGNING_TAG: &[u8] = b"talea/genesis-approval/v1";

pub(super) fn approval_message(chain: &ChainId) -> Vec<u8> {
    [SIGNING_TAG, chain.as_bytes()].concat()
}

impl GenesisDocument {
    /// Approves it with policy keys of organisations that run a validator. Refused before every
    /// organisation has signed its contribution: what is approved is what they all brought.
    ///
    /// # Errors
    /// [`GenesisError::Invalid`], [`GenesisError::Incomplete`] as said; [`GenesisError::Mismatch`] for a key
    /// that may not approve.
    pub fn approve(&mut self, keys: &[&SecretKey]) -> Result<ChainId, GenesisError> {
        let record = self.record()?;
        let standing = self.standing(&record)?;
        if !standing.missing_contributions.is_empty() {
            return Err(GenesisError::Incomplete {
                missing: standing.missing_contributions,
            });
        }
        let chain = record.chain_id();
        let message = approval_message(&chain);
        for key in keys {
            let public = key.public_key();
            let approver = record.participants().find(|participant| {
                participant.policy.keys().contains(&public)
                    && record.validators_of(participant.id()).next().is_some()
            });
            let Some(approver) = approver else {
                return Err(GenesisError::Mismatch {
                    reason: format!(
                        "{public} is not a policy key of an organisation that runs a validator; \
                         use a key file of the organisation, not of its validator"
                    ),
                });
            };
            let list = signatures::of_organisation(&mut self.approvals, &approver.lei);
            signatures::add(list, &[key], &message);
        }
        self.approvals
            .sort_by(|a, b| a.participant.cmp(&b.participant));
        Ok(chain)
    }
}

/// Joins the signatures of copies of one document that were signed apart.
///
/// # Errors
/// [`GenesisError::Mismatch`] when they are not copies of one document; [`GenesisError::Invalid`] as
/// [`GenesisDocument::progress`].
pub fn merge(
    mut first: GenesisDocument,
    others: &[GenesisDocument],
) -> Result<GenesisDocument, GenesisError> {
    let chain = first.record()?.chain_id();
    for (position, other) in others.iter().enumerate() {
        let other_chain = other.record()?.chain_id();
        if other_chain != chain {
            return Err(GenesisError::Mismatch {
                reason: format!(
                    "document {} has the chain id {other_chain}, the first has {chain}; \
                     see what differs with 'talea-genesis diff'",
                    position + 2
                ),
            });
        }
        signatures::merge_lists(&mut first.contributions, &other.contributions);
        signatures::merge_lists(&mut first.approvals, &other.approvals);
    }
    first.progress()?;
    Ok(first)
}
