//! The change of the validator set.

use crate::{
    decode::{DecodeError, ascending},
    ids::ValidatorId,
    limits,
    validator::Validator,
    wire,
};

/// Changes the validator set from the proposal's height on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorSetChange {
    /// New or changed validators, strictly ascending by id.
    pub upserts: Vec<Validator>,
    /// Validators that leave, strictly ascending.
    pub removals: Vec<ValidatorId>,
}

impl ValidatorSetChange {
    pub(super) fn to_wire(&self) -> wire::ValidatorSetChange {
        wire::ValidatorSetChange {
            upserts: self.upserts.iter().map(Validator::to_wire).collect(),
            removals: self.removals.iter().map(ValidatorId::to_wire).collect(),
        }
    }

    pub(super) fn from_wire(operation: &wire::ValidatorSetChange) -> Result<Self, DecodeError> {
        let upserts = Validator::list_from_wire("upserts", &operation.upserts)?;
        let removals = ascending(
            "removals",
            &operation.removals,
            limits::VALIDATORS_MAX,
            |id| ValidatorId::from_wire("removals", id),
        )?;
        if upserts.is_empty() && removals.is_empty() {
            return Err(DecodeError::Missing {
                field: "upserts or removals",
            });
        }
        if upserts
            .iter()
            .any(|validator| removals.binary_search(&validator.id()).is_ok())
        {
            return Err(DecodeError::Range {
                field: "removals",
                reason: "a validator is both changed and removed",
            });
        }
        Ok(Self { upserts, removals })
    }
}
