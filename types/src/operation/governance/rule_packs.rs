//! Rule packs come into force and go out of it.

use bytes::Bytes;

use crate::{decode::DecodeError, limits, rule_pack::RulePackId, wire};

/// Puts a version of a rule pack in force, in place of the version before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePackActivate {
    /// Which pack.
    pub pack: RulePackId,
    /// From 1, above the version in force.
    pub version: u32,
    /// Canonical bytes of its document, at most [`limits::RULE_PACK_BYTES_MAX`].
    pub document: Bytes,
}

impl RulePackActivate {
    pub(super) fn to_wire(&self) -> wire::RulePackActivate {
        wire::RulePackActivate {
            pack: self.pack.to_string(),
            version: self.version,
            document: self.document.clone(),
        }
    }

    pub(super) fn from_wire(change: &wire::RulePackActivate) -> Result<Self, DecodeError> {
        let change = Self {
            pack: RulePackId::new(&change.pack)?,
            version: change.version,
            document: change.document.clone(),
        };
        change.check()?;
        Ok(change)
    }

    /// Checks the version and the size of the document.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn check(&self) -> Result<(), DecodeError> {
        if self.version == 0 {
            return Err(DecodeError::Range {
                field: "rule_pack.version",
                reason: "from 1",
            });
        }
        check_document(&self.document)
    }
}

/// Checks the size of a pack's document.
pub(crate) fn check_document(document: &[u8]) -> Result<(), DecodeError> {
    if document.is_empty() {
        return Err(DecodeError::Missing {
            field: "rule_pack.document",
        });
    }
    if document.len() > limits::RULE_PACK_BYTES_MAX {
        return Err(DecodeError::TooLarge {
            what: "rule pack",
            bytes: document.len(),
            max: limits::RULE_PACK_BYTES_MAX,
        });
    }
    Ok(())
}

/// Puts a rule pack out of force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePackRetire {
    /// Which pack.
    pub pack: RulePackId,
}

impl RulePackRetire {
    pub(super) fn to_wire(&self) -> wire::RulePackRetire {
        wire::RulePackRetire {
            pack: self.pack.to_string(),
        }
    }

    pub(super) fn from_wire(change: &wire::RulePackRetire) -> Result<Self, DecodeError> {
        Ok(Self {
            pack: RulePackId::new(&change.pack)?,
        })
    }
}
