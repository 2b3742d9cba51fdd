//! What debtors can do, and what is done for them: promises, disputes, protections, complaints.

use super::{code, hash, hash_bytes, optional_hash, optional_hash_bytes};
use crate::{
    amount::Amount,
    conduct::{ComplaintStep, DisputeResolution, Protection},
    credit::{Instalment, schedule_from_wire, schedule_to_wire},
    decode::{DecodeError, optional_array},
    hash::Hash,
    ids::{AccountId, LoanId, ParticipantId},
    time::Timestamp,
    wire,
};

/// A debtor promises to pay so much by a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromiseToPay {
    /// On which loan.
    pub loan: LoanId,
    /// How much; not zero.
    pub amount: Amount,
    /// Last day (UTC) on which it is kept, days since 1970-01-01.
    pub by: u32,
}

/// A lender and a debtor agree on how what is owed today is paid. Interest and fees stop until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepaymentPlan {
    /// Which debt.
    pub loan: LoanId,
    /// Strictly ascending by due date, at least one. They sum to what is owed.
    pub instalments: Vec<Instalment>,
}

/// A debtor disputes a debt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeOpen {
    /// Which.
    pub loan: LoanId,
    /// Code of the published list of reasons; not 0.
    pub reason: u32,
    /// Commitment to what is disputed and why.
    pub commitment: Hash,
}

/// A dispute ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeResolve {
    /// About which debt.
    pub loan: LoanId,
    /// How.
    pub resolution: DisputeResolution,
    /// Commitment to the answer; there is none when the debtor withdraws.
    pub answer: Option<Hash>,
}

/// Protects a debtor, or ends a protection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectionSet {
    /// Whom.
    pub debtor: AccountId,
    /// How.
    pub protection: Protection,
    /// The claim that is time-barred; `None` for every other protection.
    pub loan: Option<LoanId>,
    /// Whether one that is in force ends.
    pub lifted: bool,
    /// Until when, exclusive; `None` as long as the packs say.
    pub until: Option<Timestamp>,
    /// Commitment to the evidence.
    pub commitment: Hash,
}

/// A debtor complains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplaintOpen {
    /// Who.
    pub debtor: AccountId,
    /// About whom.
    pub against: ParticipantId,
    /// Code of the published list of reasons; not 0.
    pub reason: u32,
    /// Commitment to the complaint.
    pub commitment: Hash,
}

/// A complaint is acknowledged or resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplaintAnswer {
    /// Whose complaint.
    pub debtor: AccountId,
    /// Its number, from 1.
    pub number: u32,
    /// What is done.
    pub step: ComplaintStep,
    /// Commitment to the answer.
    pub commitment: Hash,
}

impl PromiseToPay {
    pub(crate) fn to_wire(&self) -> wire::PromiseToPay {
        wire::PromiseToPay {
            loan: self.loan.to_wire(),
            amount: self.amount.minor_units(),
            by: self.by,
        }
    }

    pub(crate) fn from_wire(operation: &wire::PromiseToPay) -> Result<Self, DecodeError> {
        let amount = Amount::new(operation.amount).filter(|amount| !amount.is_zero());
        Ok(Self {
            loan: LoanId::from_wire("loan", &operation.loan)?,
            amount: amount.ok_or(DecodeError::Range {
                field: "amount",
                reason: "1 to 2^63 - 1 minor units",
            })?,
            by: operation.by,
        })
    }
}

impl RepaymentPlan {
    pub(crate) fn to_wire(&self) -> wire::RepaymentPlan {
        wire::RepaymentPlan {
            loan: self.loan.to_wire(),
            instalments: schedule_to_wire(&self.instalments),
        }
    }

    pub(crate) fn from_wire(operation: &wire::RepaymentPlan) -> Result<Self, DecodeError> {
        if operation.instalments.is_empty() {
            return Err(DecodeError::Missing {
                field: "instalments",
            });
        }
        Ok(Self {
            loan: LoanId::from_wire("loan", &operation.loan)?,
            instalments: schedule_from_wire(&operation.instalments)?,
        })
    }
}

impl DisputeOpen {
    pub(crate) fn to_wire(&self) -> wire::DisputeOpen {
        wire::DisputeOpen {
            loan: self.loan.to_wire(),
            reason: self.reason,
            commitment: hash_bytes(&self.commitment),
        }
    }

    pub(crate) fn from_wire(operation: &wire::DisputeOpen) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &operation.loan)?,
            reason: code("reason", operation.reason)?,
            commitment: hash("commitment", &operation.commitment)?,
        })
    }
}

impl DisputeResolve {
    pub(crate) fn to_wire(&self) -> wire::DisputeResolve {
        wire::DisputeResolve {
            loan: self.loan.to_wire(),
            resolution: self.resolution.to_wire().into(),
            answer: optional_hash_bytes(self.answer.as_ref()),
        }
    }

    pub(crate) fn from_wire(operation: &wire::DisputeResolve) -> Result<Self, DecodeError> {
        let resolution = DisputeResolution::from_wire(operation.resolution)?;
        let answer = optional_hash("answer", &operation.answer)?;
        if answer.is_some() == (resolution == DisputeResolution::Withdrawn) {
            return Err(DecodeError::Range {
                field: "answer",
                reason: "a commitment unless the dispute is withdrawn",
            });
        }
        Ok(Self {
            loan: LoanId::from_wire("loan", &operation.loan)?,
            resolution,
            answer,
        })
    }
}

impl ProtectionSet {
    pub(crate) fn to_wire(&self) -> wire::ProtectionSet {
        wire::ProtectionSet {
            debtor: self.debtor.to_wire(),
            protection: self.protection.to_wire().into(),
            loan: self.loan.map(|id| id.to_wire()).unwrap_or_default(),
            lifted: self.lifted,
            until_ms: self.until.unwrap_or_default().millis(),
            commitment: hash_bytes(&self.commitment),
        }
    }

    pub(crate) fn from_wire(operation: &wire::ProtectionSet) -> Result<Self, DecodeError> {
        let protection = Protection::from_wire(operation.protection)?;
        let loan = optional_array("loan", &operation.loan)?.map(LoanId::from_bytes);
        if loan.is_some() != (protection == Protection::TimeBarred) {
            return Err(DecodeError::Range {
                field: "loan",
                reason: "of a time-barred claim, and of no other protection",
            });
        }
        if operation.lifted && operation.until_ms != 0 {
            return Err(DecodeError::Range {
                field: "until",
                reason: "none when a protection is lifted",
            });
        }
        Ok(Self {
            debtor: AccountId::from_wire("debtor", &operation.debtor)?,
            protection,
            loan,
            lifted: operation.lifted,
            until: Timestamp::optional(operation.until_ms),
            commitment: hash("commitment", &operation.commitment)?,
        })
    }
}

impl ComplaintOpen {
    pub(crate) fn to_wire(&self) -> wire::ComplaintOpen {
        wire::ComplaintOpen {
            debtor: self.debtor.to_wire(),
            against: self.against.to_wire(),
            reason: self.reason,
            commitment: hash_bytes(&self.commitment),
        }
    }

    pub(crate) fn from_wire(operation: &wire::ComplaintOpen) -> Result<Self, DecodeError> {
        Ok(Self {
            debtor: AccountId::from_wire("debtor", &operation.debtor)?,
            against: ParticipantId::from_wire("against", &operation.against)?,
            reason: code("reason", operation.reason)?,
            commitment: hash("commitment", &operation.commitment)?,
        })
    }
}

impl ComplaintAnswer {
    pub(crate) fn to_wire(&self) -> wire::ComplaintAnswer {
        wire::ComplaintAnswer {
            debtor: self.debtor.to_wire(),
            number: self.number,
            step: self.step.to_wire().into(),
            commitment: hash_bytes(&self.commitment),
        }
    }

    pub(crate) fn from_wire(operation: &wire::ComplaintAnswer) -> Result<Self, DecodeError> {
        Ok(Self {
            debtor: AccountId::from_wire("debtor", &operation.debtor)?,
            number: code("number", operation.number)?,
            step: ComplaintStep::from_wire(operation.step)?,
            commitment: hash("commitment", &operation.commitment)?,
        })
    }
}
