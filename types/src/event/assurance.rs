//! What is known of whom, and who looked.

use crate::{
    decode::{DecodeError, array, optional_array},
    encode::{FieldWriter, required},
    hash::Hash,
    ids::ParticipantId,
    operation::{DataFields, DataPurpose, Erasable, recipients},
    subject::Subject,
    time::Timestamp,
    wire,
};
use wire::event::Detail;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssuranceEvent {
    /// A KYC provider attested an identity.
    CredentialAttested(CredentialAttested),
    /// A KYC provider took back what it had attested.
    CredentialRevoked(ParticipantId),
    /// What an organisation may read was set or revoked.
    DataGrantSet(DataGrantSet),
    /// Somebody looked at records of the subject.
    RecordRead(RecordRead),
    /// An encrypted envelope was committed to.
    EnvelopeStored(EnvelopeStored),
    /// A salt or a ciphertext was said to be deleted.
    Erased(Erased),
    /// A legal hold was placed or lifted.
    LegalHoldSet(LegalHoldSet),
}

/// An attested identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialAttested {
    /// Who attests it.
    pub provider: ParticipantId,
    /// Commitment to the identity record.
    pub commitment: Hash,
    /// It has no effect from this ledger time on.
    pub expires_at: Timestamp,
}

/// What an organisation may read from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataGrantSet {
    /// Who.
    pub to: ParticipantId,
    /// For what.
    pub purpose: DataPurpose,
    /// What; `None` when it was revoked.
    pub fields: Option<DataFields>,
    /// It has no effect from this ledger time on.
    pub expires_at: Timestamp,
}

/// Somebody looked at records of the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordRead {
    /// Who looked.
    pub reader: ParticipantId,
    /// For what.
    pub purpose: DataPurpose,
    /// At what.
    pub fields: DataFields,
    /// When.
    pub read_at: Timestamp,
    /// Who recorded it.
    pub logged_by: ParticipantId,
    /// Whose record it was: the subject itself, or a loan or a case of the debtor.
    pub record: Subject,
}

/// An encrypted envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeStored {
    /// Hash of the ciphertext.
    pub ciphertext_hash: Hash,
    /// Bytes of the ciphertext.
    pub size: u32,
    /// Ids of the recipients' keys.
    pub recipients: Vec<Hash>,
    /// Who put it.
    pub put_by: Subject,
}

/// What can no longer be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// What.
    pub erased: Erasable,
    /// Who said so.
    pub erased_by: Subject,
}

/// A legal hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegalHoldSet {
    /// Who placed it.
    pub placed_by: ParticipantId,
    /// Code of the published list of reasons.
    pub reason: u32,
    /// Who lifted it; `None` when it was placed.
    pub lifted_by: Option<ParticipantId>,
}

impl AssuranceEvent {
    /// Its name in logs, tables and documentation.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CredentialAttested(_) => "CredentialAttested",
            Self::CredentialRevoked(_) => "CredentialRevoked",
            Self::DataGrantSet(_) => "DataGrantSet",
            Self::RecordRead(_) => "RecordRead",
            Self::EnvelopeStored(_) => "EnvelopeStored",
            Self::Erased(_) => "Erased",
            Self::LegalHoldSet(_) => "LegalHoldSet",
        }
    }

    pub(super) fn write(&self, w: &mut FieldWriter<'_>) {
        match self {
            Self::CredentialAttested(attested) => w.message(21, |w| {
                w.bytes(1, attested.provider.as_bytes());
                w.bytes(2, attested.commitment.as_bytes());
                w.time(3, attested.expires_at);
            }),
            Self::CredentialRevoked(provider) => {
                w.message(22, |w| w.bytes(1, provider.as_bytes()));
            }
            Self::DataGrantSet(set) => w.message(23, |w| {
                w.bytes(1, set.to.as_bytes());
                w.enumeration(2, set.purpose.to_wire().into());
                w.number(3, set.fields.map_or(0, DataFields::bits));
                w.time(4, set.expires_at);
            }),
            Self::RecordRead(read) => w.message(24, |w| {
                w.bytes(1, read.reader.as_bytes());
                w.enumeration(2, read.purpose.to_wire().into());
                w.number(3, read.fields.bits());
                w.time(4, read.read_at);
                w.bytes(5, read.logged_by.as_bytes());
                w.bytes(6, read.record.to_bytes());
            }),
            Self::EnvelopeStored(stored) => w.message(25, |w| {
                w.bytes(1, stored.ciphertext_hash.as_bytes());
                w.number(2, stored.size);
                for recipient in &stored.recipients {
                    w.element(3, recipient.as_bytes());
                }
                w.bytes(4, stored.put_by.to_bytes());
            }),
            Self::Erased(event) => w.message(26, |w| {
                match &event.erased {
                    Erasable::Commitment(hash) => w.element(1, hash.as_bytes()),
                    Erasable::Envelope(hash) => w.element(2, hash.as_bytes()),
                }
                w.bytes(3, event.erased_by.to_bytes());
            }),
            Self::LegalHoldSet(set) => w.message(27, |w| {
                w.bytes(1, set.placed_by.as_bytes());
                w.number(2, set.reason);
                if let Some(lifted_by) = &set.lifted_by {
                    w.bytes(3, lifted_by.as_bytes());
                }
            }),
        }
    }

    /// `None` for a detail of another group.
    pub(super) fn from_wire(detail: &Detail) -> Result<Option<Self>, DecodeError> {
        let organisation = |bytes: &[u8]| ParticipantId::from_wire("event.organisation", bytes);
        let subject = |bytes: &[u8]| Subject::from_bytes("event.by", bytes);
        let hash = |bytes: &[u8]| array("event.hash", bytes).map(Hash);
        Ok(Some(match detail {
            Detail::CredentialAttested(attested) => Self::CredentialAttested(CredentialAttested {
                provider: organisation(&attested.provider)?,
                commitment: hash(&attested.commitment)?,
                expires_at: Timestamp::from_millis(attested.expires_at_ms),
            }),
            Detail::CredentialRevoked(revoked) => {
                Self::CredentialRevoked(organisation(&revoked.provider)?)
            }
            Detail::DataGrantSet(set) => Self::DataGrantSet(DataGrantSet {
                to: organisation(&set.to)?,
                purpose: DataPurpose::from_wire(set.purpose)?,
                fields: match set.fields {
                    0 => None,
                    bits => Some(DataFields::new(bits)?),
                },
                expires_at: Timestamp::from_millis(set.expires_at_ms),
            }),
            Detail::RecordRead(read) => Self::RecordRead(RecordRead {
                reader: organisation(&read.reader)?,
                purpose: DataPurpose::from_wire(read.purpose)?,
                fields: DataFields::new(read.fields)?,
                read_at: Timestamp::from_millis(read.read_at_ms),
                logged_by: organisation(&read.logged_by)?,
                record: subject(&read.record)?,
            }),
            Detail::EnvelopeStored(stored) => Self::EnvelopeStored(EnvelopeStored {
                ciphertext_hash: hash(&stored.ciphertext_hash)?,
                size: stored.size,
                recipients: recipients(&stored.recipients)?,
                put_by: subject(&stored.put_by)?,
            }),
            Detail::Erased(event) => Self::Erased(Erased {
                erased: match required("event.erased", event.erased.as_ref())? {
                    wire::erased::Erased::Commitment(bytes) => Erasable::Commitment(hash(bytes)?),
                    wire::erased::Erased::Envelope(bytes) => Erasable::Envelope(hash(bytes)?),
                },
                erased_by: subject(&event.erased_by)?,
            }),
            Detail::LegalHoldSet(set) => Self::LegalHoldSet(LegalHoldSet {
                placed_by: organisation(&set.placed_by)?,
                reason: set.reason,
                lifted_by: optional_array("event.lifted_by", &set.lifted_by)?
                    .map(ParticipantId::from_bytes),
            }),
            _ => return Ok(None),
        }))
    }
}
