//! Credentials, permissions to read, and the log of reads.

use bytes::Bytes;

use crate::{
    decode::{DecodeError, array},
    hash::Hash,
    ids::{AccountId, ParticipantId},
    limits::ACCESS_ENTRIES_MAX,
    subject::Subject,
    time::Timestamp,
    wire,
};

/// A KYC provider attests that it checked the identity record behind a commitment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialAttest {
    /// Whose.
    pub account: AccountId,
    /// Commitment to the identity record.
    pub commitment: Hash,
    /// It has no effect from this ledger time on.
    pub expires_at: Timestamp,
}

impl CredentialAttest {
    pub(super) fn to_wire(&self) -> wire::CredentialAttest {
        wire::CredentialAttest {
            account: self.account.to_wire(),
            commitment: Bytes::copy_from_slice(self.commitment.as_bytes()),
            expires_at_ms: self.expires_at.millis(),
        }
    }

    pub(super) fn from_wire(operation: &wire::CredentialAttest) -> Result<Self, DecodeError> {
        Ok(Self {
            account: AccountId::from_wire("credential.account", &operation.account)?,
            commitment: array("credential.commitment", &operation.commitment).map(Hash)?,
            expires_at: Timestamp::from_millis(operation.expires_at_ms),
        })
    }
}

/// A KYC provider takes back what it attested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialRevoke {
    /// Whose.
    pub account: AccountId,
}

impl CredentialRevoke {
    pub(super) fn to_wire(&self) -> wire::CredentialRevoke {
        wire::CredentialRevoke {
            account: self.account.to_wire(),
        }
    }

    pub(super) fn from_wire(operation: &wire::CredentialRevoke) -> Result<Self, DecodeError> {
        Ok(Self {
            account: AccountId::from_wire("credential.account", &operation.account)?,
        })
    }
}

/// For what data is read.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum DataPurpose {
    /// Whether to lend.
    CreditDecision,
    /// To collect a debt.
    Collection,
    /// To answer a dispute.
    Dispute,
    /// To answer a complaint.
    Complaint,
    /// Supervision by a regulator or an authority.
    Supervision,
    /// To serve the account.
    Service,
    /// To advise the debtor.
    Advice,
}

impl DataPurpose {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 7] = [
        Self::CreditDecision,
        Self::Collection,
        Self::Dispute,
        Self::Complaint,
        Self::Supervision,
        Self::Service,
        Self::Advice,
    ];

    /// Its word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreditDecision => "credit decision",
            Self::Collection => "collection",
            Self::Dispute => "dispute",
            Self::Complaint => "complaint",
            Self::Supervision => "supervision",
            Self::Service => "service",
            Self::Advice => "advice",
        }
    }

    pub(crate) const fn to_wire(self) -> wire::DataPurpose {
        match self {
            Self::CreditDecision => wire::DataPurpose::CreditDecision,
            Self::Collection => wire::DataPurpose::Collection,
            Self::Dispute => wire::DataPurpose::Dispute,
            Self::Complaint => wire::DataPurpose::Complaint,
            Self::Supervision => wire::DataPurpose::Supervision,
            Self::Service => wire::DataPurpose::Service,
            Self::Advice => wire::DataPurpose::Advice,
        }
    }

    pub(crate) fn from_wire(purpose: i32) -> Result<Self, DecodeError> {
        let found = Self::ALL
            .into_iter()
            .find(|one| i32::from(one.to_wire()) == purpose);
        found.ok_or(DecodeError::Range {
            field: "purpose",
            reason: "no purpose has this number",
        })
    }
}

/// What is read: a set of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DataFields(u32);

impl DataFields {
    /// Each field with its bit.
    pub const NAMES: [(u32, &'static str); 7] = [
        (1, "identity"),
        (2, "contact points"),
        (4, "income"),
        (8, "payments"),
        (16, "loans"),
        (32, "collections"),
        (64, "credit history"),
    ];
    const ALL: u32 = 127;

    /// Who somebody is.
    pub const IDENTITY: Self = Self(1);
    /// Where somebody is reached.
    pub const CONTACT_POINTS: Self = Self(2);
    /// What somebody earns.
    pub const INCOME: Self = Self(4);
    /// Accounts, holds and transfers.
    pub const PAYMENTS: Self = Self(8);
    /// Loans and what is paid of them.
    pub const LOANS: Self = Self(16);
    /// Cases, contacts, disputes and complaints.
    pub const COLLECTIONS: Self = Self(32);
    /// Inquiries and reports.
    pub const CREDIT_HISTORY: Self = Self(64);

    /// The set with these bits; not empty.
    ///
    /// # Errors
    /// [`DecodeError::Range`].
    pub fn new(bits: u32) -> Result<Self, DecodeError> {
        if bits == 0 || bits & !Self::ALL != 0 {
            return Err(DecodeError::Range {
                field: "fields",
                reason: "a set of the seven fields that is not empty",
            });
        }
        Ok(Self(bits))
    }

    /// All of what there is to read about a subject.
    #[must_use]
    pub const fn of_records(subject: &Subject) -> Self {
        match subject {
            Subject::Account(_) => Self(Self::ALL),
            Subject::Participant(_) => Self::IDENTITY,
            Subject::Debtor(_) => {
                Self(Self::CONTACT_POINTS.0 | Self::COLLECTIONS.0 | Self::CREDIT_HISTORY.0)
            }
            Subject::Loan(_) => Self::LOANS,
            Subject::Case(_) => Self::COLLECTIONS,
        }
    }

    /// Its bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether all fields of another set are in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of its fields.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let present = Self::NAMES
            .into_iter()
            .filter(move |(bit, _)| self.0 & bit != 0);
        present.map(|(_, name)| name)
    }
}

/// The holder of an account lets an organisation read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataGrant {
    /// Who may read.
    pub to: ParticipantId,
    /// For what.
    pub purpose: DataPurpose,
    /// What.
    pub fields: DataFields,
    /// It has no effect from this ledger time on.
    pub expires_at: Timestamp,
}

impl DataGrant {
    pub(super) fn to_wire(&self) -> wire::DataGrant {
        wire::DataGrant {
            to: self.to.to_wire(),
            purpose: self.purpose.to_wire().into(),
            fields: self.fields.bits(),
            expires_at_ms: self.expires_at.millis(),
        }
    }

    pub(super) fn from_wire(operation: &wire::DataGrant) -> Result<Self, DecodeError> {
        Ok(Self {
            to: ParticipantId::from_wire("data_grant.to", &operation.to)?,
            purpose: DataPurpose::from_wire(operation.purpose)?,
            fields: DataFields::new(operation.fields)?,
            expires_at: Timestamp::from_millis(operation.expires_at_ms),
        })
    }
}

/// The holder of an account no longer lets an organisation read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataGrantRevoke {
    /// Who may not read any more.
    pub to: ParticipantId,
}

impl DataGrantRevoke {
    pub(super) fn to_wire(&self) -> wire::DataGrantRevoke {
        wire::DataGrantRevoke {
            to: self.to.to_wire(),
        }
    }

    pub(super) fn from_wire(operation: &wire::DataGrantRevoke) -> Result<Self, DecodeError> {
        Ok(Self {
            to: ParticipantId::from_wire("data_grant.to", &operation.to)?,
        })
    }
}

/// Records who looked at whose records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLog {
    /// 1 to [`ACCESS_ENTRIES_MAX`].
    pub entries: Vec<AccessEntry>,
}

/// Somebody looked at records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessEntry {
    /// Whose records.
    pub subject: Subject,
    /// Who looked.
    pub reader: ParticipantId,
    /// For what.
    pub purpose: DataPurpose,
    /// At what.
    pub fields: DataFields,
    /// When.
    pub read_at: Timestamp,
}

impl AccessLog {
    pub(super) fn to_wire(&self) -> wire::AccessLog {
        wire::AccessLog {
            entries: self
                .entries
                .iter()
                .map(|entry| wire::AccessEntry {
                    subject: Bytes::copy_from_slice(&entry.subject.to_bytes()),
                    reader: entry.reader.to_wire(),
                    purpose: entry.purpose.to_wire().into(),
                    fields: entry.fields.bits(),
                    read_at_ms: entry.read_at.millis(),
                })
                .collect(),
        }
    }

    pub(super) fn from_wire(operation: &wire::AccessLog) -> Result<Self, DecodeError> {
        if operation.entries.is_empty() || operation.entries.len() > ACCESS_ENTRIES_MAX {
            return Err(DecodeError::Range {
                field: "access_log.entries",
                reason: "1 to 32 entries",
            });
        }
        let entries = operation.entries.iter().map(|entry| {
            Ok(AccessEntry {
                subject: Subject::from_bytes("access_log.subject", &entry.subject)?,
                reader: ParticipantId::from_wire("access_log.reader", &entry.reader)?,
                purpose: DataPurpose::from_wire(entry.purpose)?,
                fields: DataFields::new(entry.fields)?,
                read_at: Timestamp::from_millis(entry.read_at_ms),
            })
        });
        Ok(Self {
            entries: entries.collect::<Result<_, DecodeError>>()?,
        })
    }
}
