//! Operations on keys, validators and the sandbox clock.

use crate::{
    decode::{DecodeError, ascending},
    ids::ValidatorId,
    key_policy::KeyPolicy,
    limits,
    time::Timestamp,
    validator::Validator,
    wire,
};

/// Replaces the author's key policy; the old one stays sufficient until the overlap ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRotate {
    /// The new policy.
    pub policy: KeyPolicy,
    /// End of the overlap in ledger time; zero for none.
    pub overlap_until: Timestamp,
}

impl KeyRotate {
    pub(super) fn to_wire(&self) -> wire::KeyRotate {
        wire::KeyRotate {
            policy: Some(self.policy.to_wire()),
            overlap_until_ms: self.overlap_until.millis(),
        }
    }

    pub(super) fn from_wire(operation: &wire::KeyRotate) -> Result<Self, DecodeError> {
        let policy = operation
            .policy
            .as_ref()
            .ok_or(DecodeError::Missing { field: "policy" })?;
        Ok(Self {
            policy: KeyPolicy::from_wire(policy)?,
            overlap_until: Timestamp::from_millis(operation.overlap_until_ms),
        })
    }
}

/// Changes the validator set from a height on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorSetChange {
    /// First height decided by the new set.
    pub effective_height: u64,
    /// New or changed validators, strictly ascending by id.
    pub upserts: Vec<Validator>,
    /// Validators that leave, strictly ascending.
    pub removals: Vec<ValidatorId>,
}

impl ValidatorSetChange {
    pub(super) fn to_wire(&self) -> wire::ValidatorSetChange {
        wire::ValidatorSetChange {
            effective_height: self.effective_height,
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
        Ok(Self {
            effective_height: operation.effective_height,
            upserts,
            removals,
        })
    }
}

/// Moves a sandbox ledger's clock forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockAdvance {
    /// Milliseconds, 1 to [`limits::CLOCK_ADVANCE_MS_MAX`].
    pub by_ms: u64,
}

impl ClockAdvance {
    pub(super) fn to_wire(&self) -> wire::ClockAdvance {
        wire::ClockAdvance { by_ms: self.by_ms }
    }

    pub(super) fn from_wire(operation: &wire::ClockAdvance) -> Result<Self, DecodeError> {
        if operation.by_ms == 0 || operation.by_ms > limits::CLOCK_ADVANCE_MS_MAX {
            return Err(DecodeError::Range {
                field: "by_ms",
                reason: "1 millisecond to ten years",
            });
        }
        Ok(Self {
            by_ms: operation.by_ms,
        })
    }
}
