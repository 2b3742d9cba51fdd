//! Cases: who collects which debts, and what the debtor was told in writing.

use super::{code, hash, hash_bytes, optional_hash, optional_hash_bytes};
use crate::{
    conduct::Notice,
    decode::{DecodeError, ascending},
    hash::Hash,
    ids::{AccountId, CaseId, LoanId, ParticipantId},
    limits::LOANS_PER_DEBTOR_MAX,
    wire,
};

/// A lender gives loans of one debtor to an agency, or to its own desk, to collect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePlace {
    /// Who owes.
    pub debtor: AccountId,
    /// Who collects: an agency, or the lender.
    pub collector: ParticipantId,
    /// Strictly ascending, at least one.
    pub loans: Vec<LoanId>,
    /// Commitment to the notice by which the debtor was told of the placement.
    pub placement_notice: Option<Hash>,
    /// Commitment to the record of how forbearance was considered.
    pub forbearance: Option<Hash>,
}

/// A lender takes a case back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseRecall {
    /// Which.
    pub case: CaseId,
    /// Code of the published list of reasons; not 0.
    pub reason: u32,
}

/// Commits to a notice, which counts as served from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeCommit {
    /// In which case.
    pub case: CaseId,
    /// What it told.
    pub notice: Notice,
    /// Commitment to its text.
    pub commitment: Hash,
}

impl CasePlace {
    pub(crate) fn to_wire(&self) -> wire::CasePlace {
        wire::CasePlace {
            debtor: self.debtor.to_wire(),
            collector: self.collector.to_wire(),
            loans: self.loans.iter().map(LoanId::to_wire).collect(),
            placement_notice: optional_hash_bytes(self.placement_notice.as_ref()),
            forbearance: optional_hash_bytes(self.forbearance.as_ref()),
        }
    }

    pub(crate) fn from_wire(operation: &wire::CasePlace) -> Result<Self, DecodeError> {
        let loans = ascending("loans", &operation.loans, LOANS_PER_DEBTOR_MAX, |loan| {
            LoanId::from_wire("loans", loan)
        })?;
        if loans.is_empty() {
            return Err(DecodeError::Missing { field: "loans" });
        }
        Ok(Self {
            debtor: AccountId::from_wire("debtor", &operation.debtor)?,
            collector: ParticipantId::from_wire("collector", &operation.collector)?,
            loans,
            placement_notice: optional_hash("placement_notice", &operation.placement_notice)?,
            forbearance: optional_hash("forbearance", &operation.forbearance)?,
        })
    }
}

impl CaseRecall {
    pub(crate) fn to_wire(&self) -> wire::CaseRecall {
        wire::CaseRecall {
            case: self.case.to_wire(),
            reason: self.reason,
        }
    }

    pub(crate) fn from_wire(operation: &wire::CaseRecall) -> Result<Self, DecodeError> {
        Ok(Self {
            case: CaseId::from_wire("case", &operation.case)?,
            reason: code("reason", operation.reason)?,
        })
    }
}

impl NoticeCommit {
    pub(crate) fn to_wire(&self) -> wire::NoticeCommit {
        wire::NoticeCommit {
            case: self.case.to_wire(),
            notice: self.notice.to_wire().into(),
            commitment: hash_bytes(&self.commitment),
        }
    }

    pub(crate) fn from_wire(operation: &wire::NoticeCommit) -> Result<Self, DecodeError> {
        Ok(Self {
            case: CaseId::from_wire("case", &operation.case)?,
            notice: Notice::from_wire(operation.notice)?,
            commitment: hash("commitment", &operation.commitment)?,
        })
    }
}
