//! Envelopes, and what can no longer be opened.

use crate::{
    decode::DecodeError, encode::FieldWriter, hash::Hash, ids::AccountId,
    limits::ENVELOPE_BYTES_MAX, operation::recipients, state::canonical_object, subject::Subject,
    time::Timestamp, wire,
};

/// An encrypted envelope. Its key is the hash of the ciphertext.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Whom it is about.
    pub account: AccountId,
    /// Bytes of the ciphertext.
    pub size: u32,
    /// Ids of the recipients' keys, strictly ascending.
    pub recipients: Vec<Hash>,
    /// Who put it.
    pub put_by: Subject,
    /// When it was said to be deleted.
    pub erased_at: Option<Timestamp>,
}

impl Envelope {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.account.as_bytes());
        w.number(2, self.size);
        for recipient in &self.recipients {
            w.element(3, recipient.as_bytes());
        }
        w.bytes(4, self.put_by.to_bytes());
        w.time(5, self.erased_at.unwrap_or_default());
    }

    fn from_wire(envelope: &wire::Envelope) -> Result<Self, DecodeError> {
        if envelope.size == 0 || envelope.size > ENVELOPE_BYTES_MAX {
            return Err(DecodeError::Range {
                field: "envelope.size",
                reason: "1 byte to 16 MiB",
            });
        }
        Ok(Self {
            account: AccountId::from_wire("envelope.account", &envelope.account)?,
            size: envelope.size,
            recipients: recipients(&envelope.recipients)?,
            put_by: Subject::from_bytes("envelope.put_by", &envelope.put_by)?,
            erased_at: Timestamp::optional(envelope.erased_at_ms),
        })
    }
}

canonical_object!(Envelope, "envelope");

/// What a commitment of an account stood for was erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// When.
    pub erased_at: Timestamp,
    /// Who said so.
    pub erased_by: Subject,
}

impl Tombstone {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.time(1, self.erased_at);
        w.bytes(2, self.erased_by.to_bytes());
    }

    fn from_wire(tombstone: &wire::Tombstone) -> Result<Self, DecodeError> {
        Ok(Self {
            erased_at: Timestamp::from_millis(tombstone.erased_at_ms),
            erased_by: Subject::from_bytes("tombstone.erased_by", &tombstone.erased_by)?,
        })
    }
}

canonical_object!(Tombstone, "tombstone");
