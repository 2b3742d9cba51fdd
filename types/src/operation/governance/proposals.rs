//! One organisation proposes, others approve.

use super::Change;
use crate::{decode::DecodeError, encode::required, ids::ProposalId, time::Timestamp, wire};

/// Proposes a change; the proposal's id follows from the transaction's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Propose {
    /// What is to change.
    pub change: Change,
    /// Height at whose start it takes effect; for validators, the first height that they decide.
    pub effective_height: u64,
    /// Ledger time by which it must have its approvals.
    pub approve_by: Timestamp,
}

impl Propose {
    pub(in crate::operation) fn to_wire(&self) -> wire::Propose {
        wire::Propose {
            change: Some(self.change.to_wire()),
            effective_height: self.effective_height,
            approve_by_ms: self.approve_by.millis(),
        }
    }

    pub(in crate::operation) fn from_wire(operation: &wire::Propose) -> Result<Self, DecodeError> {
        Ok(Self {
            change: Change::from_wire(required("propose.change", operation.change.as_ref())?)?,
            effective_height: operation.effective_height,
            approve_by: Timestamp::from_millis(operation.approve_by_ms),
        })
    }
}

/// Approves a proposal of another organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approve {
    /// Which.
    pub proposal: ProposalId,
}

impl Approve {
    pub(in crate::operation) fn to_wire(&self) -> wire::Approve {
        wire::Approve {
            proposal: self.proposal.to_wire(),
        }
    }

    pub(in crate::operation) fn from_wire(operation: &wire::Approve) -> Result<Self, DecodeError> {
        Ok(Self {
            proposal: ProposalId::from_wire("approve.proposal", &operation.proposal)?,
        })
    }
}

/// A regulator stops a proposal about a rule pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Veto {
    /// Which.
    pub proposal: ProposalId,
    /// Code of the published list of reasons.
    pub reason: u32,
}

impl Veto {
    pub(in crate::operation) fn to_wire(&self) -> wire::Veto {
        wire::Veto {
            proposal: self.proposal.to_wire(),
            reason: self.reason,
        }
    }

    pub(in crate::operation) fn from_wire(operation: &wire::Veto) -> Result<Self, DecodeError> {
        Ok(Self {
            proposal: ProposalId::from_wire("veto.proposal", &operation.proposal)?,
            reason: operation.reason,
        })
    }
}

/// The initiator takes a proposal back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdraw {
    /// Which.
    pub proposal: ProposalId,
}

impl Withdraw {
    pub(in crate::operation) fn to_wire(&self) -> wire::Withdraw {
        wire::Withdraw {
            proposal: self.proposal.to_wire(),
        }
    }

    pub(in crate::operation) fn from_wire(operation: &wire::Withdraw) -> Result<Self, DecodeError> {
        Ok(Self {
            proposal: ProposalId::from_wire("withdraw.proposal", &operation.proposal)?,
        })
    }
}
