//! What is attested, granted, sealed, erased and held.

mod envelope;
mod legal_holds;

pub use envelope::{Envelope, Tombstone};
pub use legal_holds::{LegalHold, LegalHolds};

use crate::{
    decode::{DecodeError, array},
    encode::FieldWriter,
    hash::Hash,
    limits::READ_LOGGED_MS_MAX,
    operation::{DataFields, DataPurpose},
    state::canonical_object,
    time::Timestamp,
    wire,
};

/// What a KYC provider attests of the holder of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Commitment to the identity record.
    pub commitment: Hash,
    /// It has no effect from this ledger time on.
    pub expires_at: Timestamp,
}

impl Credential {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.commitment.as_bytes());
        w.time(2, self.expires_at);
    }

    fn from_wire(credential: &wire::Credential) -> Result<Self, DecodeError> {
        Ok(Self {
            commitment: array("credential.commitment", &credential.commitment).map(Hash)?,
            expires_at: Timestamp::from_millis(credential.expires_at_ms),
        })
    }
}

canonical_object!(Credential, "credential");

/// What the holder of an account lets an organisation read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataGranted {
    /// For what.
    pub purpose: DataPurpose,
    /// What.
    pub fields: DataFields,
    /// It has no effect from this ledger time on.
    pub expires_at: Timestamp,
}

impl DataGranted {
    /// Whether it has effect.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.enumeration(1, self.purpose.to_wire().into());
        w.number(2, self.fields.bits());
        w.time(3, self.expires_at);
    }

    fn from_wire(grant: &wire::DataGranted) -> Result<Self, DecodeError> {
        Ok(Self {
            purpose: DataPurpose::from_wire(grant.purpose)?,
            fields: DataFields::new(grant.fields)?,
            expires_at: Timestamp::from_millis(grant.expires_at_ms),
        })
    }
}

canonical_object!(DataGranted, "data grant");

/// The newest of its own reads that an organisation recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggedRead {
    /// When.
    pub read_at: Timestamp,
    /// For what.
    pub purpose: DataPurpose,
    /// At what.
    pub fields: DataFields,
}

impl LoggedRead {
    /// Whether it still lets its reader read at `now`.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now <= self.read_at.plus_millis(READ_LOGGED_MS_MAX)
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.time(1, self.read_at);
        w.enumeration(2, self.purpose.to_wire().into());
        w.number(3, self.fields.bits());
    }

    fn from_wire(read: &wire::LoggedRead) -> Result<Self, DecodeError> {
        Ok(Self {
            read_at: Timestamp::from_millis(read.read_at_ms),
            purpose: DataPurpose::from_wire(read.purpose)?,
            fields: DataFields::new(read.fields)?,
        })
    }
}

canonical_object!(LoggedRead, "logged read");
