//! Legal holds: nothing of an account is erased while one is in place.

use crate::{
    decode::DecodeError,
    ids::{AccountId, ParticipantId},
    wire,
};

/// Forbids erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalHoldPlace {
    /// Of what is known of the holder of this account.
    pub account: AccountId,
    /// Code of the published list of reasons.
    pub reason: u32,
}

impl LegalHoldPlace {
    pub(super) fn to_wire(&self) -> wire::LegalHoldPlace {
        wire::LegalHoldPlace {
            account: self.account.to_wire(),
            reason: self.reason,
        }
    }

    pub(super) fn from_wire(operation: &wire::LegalHoldPlace) -> Result<Self, DecodeError> {
        Ok(Self {
            account: AccountId::from_wire("legal_hold.account", &operation.account)?,
            reason: operation.reason,
        })
    }
}

/// No longer forbids it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalHoldLift {
    /// The account.
    pub account: AccountId,
    /// Who placed it.
    pub placed_by: ParticipantId,
}

impl LegalHoldLift {
    pub(super) fn to_wire(&self) -> wire::LegalHoldLift {
        wire::LegalHoldLift {
            account: self.account.to_wire(),
            placed_by: self.placed_by.to_wire(),
        }
    }

    pub(super) fn from_wire(operation: &wire::LegalHoldLift) -> Result<Self, DecodeError> {
        Ok(Self {
            account: AccountId::from_wire("legal_hold.account", &operation.account)?,
            placed_by: ParticipantId::from_wire("legal_hold.placed_by", &operation.placed_by)?,
        })
    }
}
