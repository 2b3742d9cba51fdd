//! A rule pack in the state.

use bytes::Bytes;

use crate::{
    decode::{DecodeError, array, optional_array},
    encode::FieldWriter,
    hash::Hash,
    ids::ParticipantId,
    operation::check_document,
    rule_pack::document_hash,
    state::canonical_object,
    wire,
};

/// Whether a pack applies.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum RulePackStatus {
    /// It applies.
    InForce,
    /// It no longer applies.
    Retired,
}

impl RulePackStatus {
    pub(crate) const fn to_wire(self) -> wire::RulePackStatus {
        match self {
            Self::InForce => wire::RulePackStatus::InForce,
            Self::Retired => wire::RulePackStatus::Retired,
        }
    }

    pub(crate) fn from_wire(status: i32) -> Result<Self, DecodeError> {
        match wire::RulePackStatus::try_from(status) {
            Ok(wire::RulePackStatus::InForce) => Ok(Self::InForce),
            Ok(wire::RulePackStatus::Retired) => Ok(Self::Retired),
            _ => Err(DecodeError::Range {
                field: "rule_pack.status",
                reason: "in force or retired",
            }),
        }
    }
}

/// The newest version of a rule pack. It stays in the state when it is retired, so that no version is
/// ever used twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePackRecord {
    /// From 1.
    pub version: u32,
    /// Canonical bytes of its document.
    pub document: Bytes,
    /// Hash of the document.
    pub hash: Hash,
    /// Height from which the status holds.
    pub from_height: u64,
    /// Who proposed this version; `None` for genesis.
    pub owner: Option<ParticipantId>,
    /// Whether it applies.
    pub status: RulePackStatus,
}

impl RulePackRecord {
    /// Whether it applies.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        self.status == RulePackStatus::InForce
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.number(1, self.version);
        w.bytes(2, &self.document);
        w.bytes(3, self.hash.as_bytes());
        w.number(4, self.from_height);
        if let Some(owner) = &self.owner {
            w.bytes(5, owner.as_bytes());
        }
        w.enumeration(6, self.status.to_wire().into());
    }

    fn from_wire(record: &wire::RulePackRecord) -> Result<Self, DecodeError> {
        check_document(&record.document)?;
        let hash = array("rule_pack.hash", &record.hash).map(Hash)?;
        if hash != document_hash(&record.document) {
            return Err(DecodeError::Range {
                field: "rule_pack.hash",
                reason: "the hash of the document",
            });
        }
        Ok(Self {
            version: record.version,
            document: record.document.clone(),
            hash,
            from_height: record.from_height,
            owner: optional_array("rule_pack.owner", &record.owner)?.map(ParticipantId::from_bytes),
            status: RulePackStatus::from_wire(record.status)?,
        })
    }
}

canonical_object!(RulePackRecord, "rule pack");
