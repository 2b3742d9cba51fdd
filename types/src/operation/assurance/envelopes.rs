//! Encrypted envelopes: the ledger knows the hash of the ciphertext, never the ciphertext.

use bytes::Bytes;

use crate::{
    decode::{DecodeError, array, ascending},
    encode::required,
    hash::Hash,
    ids::AccountId,
    limits::{ENVELOPE_BYTES_MAX, ENVELOPE_RECIPIENTS_MAX},
    wire,
};
use wire::erasure_tombstone::Erased;

/// Commits to an encrypted envelope about the holder of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopePut {
    /// Whom it is about.
    pub account: AccountId,
    /// Hash of the ciphertext.
    pub ciphertext_hash: Hash,
    /// Bytes of the ciphertext, 1 to [`ENVELOPE_BYTES_MAX`].
    pub size: u32,
    /// Ids of the recipients' keys, strictly ascending, 1 to [`ENVELOPE_RECIPIENTS_MAX`].
    pub recipients: Vec<Hash>,
}

impl EnvelopePut {
    pub(super) fn to_wire(&self) -> wire::EnvelopePut {
        let bytes = |hash: &Hash| Bytes::copy_from_slice(hash.as_bytes());
        wire::EnvelopePut {
            account: self.account.to_wire(),
            ciphertext_hash: bytes(&self.ciphertext_hash),
            size: self.size,
            recipients: self.recipients.iter().map(bytes).collect(),
        }
    }

    pub(super) fn from_wire(operation: &wire::EnvelopePut) -> Result<Self, DecodeError> {
        if operation.size == 0 || operation.size > ENVELOPE_BYTES_MAX {
            return Err(DecodeError::Range {
                field: "envelope.size",
                reason: "1 byte to 16 MiB",
            });
        }
        Ok(Self {
            account: AccountId::from_wire("envelope.account", &operation.account)?,
            ciphertext_hash: array("envelope.hash", &operation.ciphertext_hash).map(Hash)?,
            size: operation.size,
            recipients: recipients(&operation.recipients)?,
        })
    }
}

/// Reads ids of recipients.
pub(crate) fn recipients(list: &[Bytes]) -> Result<Vec<Hash>, DecodeError> {
    const FIELD: &str = "envelope.recipients";
    let recipients = ascending(FIELD, list, ENVELOPE_RECIPIENTS_MAX, |id| {
        array(FIELD, id).map(Hash)
    })?;
    if recipients.is_empty() {
        return Err(DecodeError::Missing { field: FIELD });
    }
    Ok(recipients)
}

/// What can no longer be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Erasable {
    /// What a commitment stands for: its salt was deleted.
    Commitment(Hash),
    /// The envelope whose ciphertext has this hash: the ciphertext was deleted.
    Envelope(Hash),
}

/// Says that salt or ciphertext was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureTombstone {
    /// Whom it was about.
    pub account: AccountId,
    /// What.
    pub erased: Erasable,
}

impl ErasureTombstone {
    pub(super) fn to_wire(&self) -> wire::ErasureTombstone {
        let bytes = |hash: &Hash| Bytes::copy_from_slice(hash.as_bytes());
        wire::ErasureTombstone {
            account: self.account.to_wire(),
            erased: Some(match &self.erased {
                Erasable::Commitment(hash) => Erased::Commitment(bytes(hash)),
                Erasable::Envelope(hash) => Erased::Envelope(bytes(hash)),
            }),
        }
    }

    pub(super) fn from_wire(operation: &wire::ErasureTombstone) -> Result<Self, DecodeError> {
        let erased = match required("tombstone.erased", operation.erased.as_ref())? {
            Erased::Commitment(hash) => {
                Erasable::Commitment(array("tombstone.commitment", hash).map(Hash)?)
            }
            Erased::Envelope(hash) => {
                Erasable::Envelope(array("tombstone.envelope", hash).map(Hash)?)
            }
        };
        Ok(Self {
            account: AccountId::from_wire("tombstone.account", &operation.account)?,
            erased,
        })
    }
}
