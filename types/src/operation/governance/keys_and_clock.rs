//! Operations on keys and the sandbox clock.

use crate::{decode::DecodeError, key_policy::KeyPolicy, limits, time::Timestamp, wire};

/// Replaces the author's key policy; the old one stays sufficient until the overlap ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRotate {
    /// The new policy.
    pub policy: KeyPolicy,
    /// End of the overlap in ledger time; zero for none.
    pub overlap_until: Timestamp,
}

impl KeyRotate {
    pub(in crate::operation) fn to_wire(&self) -> wire::KeyRotate {
        wire::KeyRotate {
            policy: Some(self.policy.to_wire()),
            overlap_until_ms: self.overlap_until.millis(),
        }
    }

    pub(in crate::operation) fn from_wire(
        operation: &wire::KeyRotate,
    ) -> Result<Self, DecodeError> {
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

/// Moves a sandbox ledger's clock forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockAdvance {
    /// Milliseconds, 1 to [`limits::CLOCK_ADVANCE_MS_MAX`].
    pub by_ms: u64,
}

impl ClockAdvance {
    pub(in crate::operation) fn to_wire(&self) -> wire::ClockAdvance {
        wire::ClockAdvance { by_ms: self.by_ms }
    }

    pub(in crate::operation) fn from_wire(
        operation: &wire::ClockAdvance,
    ) -> Result<Self, DecodeError> {
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
