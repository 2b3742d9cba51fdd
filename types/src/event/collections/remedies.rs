//! Promises, protections and complaints.

use bytes::Bytes;

use crate::{
    amount::Amount,
    decode::DecodeError,
    encode::required,
    ids::LoanId,
    operation::{ComplaintOpen, ProtectionSet},
    subject::Subject,
    time::Timestamp,
    wire,
};

/// How a promise ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromiseEnded {
    /// On which loan.
    pub loan: LoanId,
    /// Whether it was kept.
    pub kept: bool,
    /// What was paid since it was made.
    pub paid: Amount,
}

/// How a protection began or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectionChanged {
    /// Who set or lifted it.
    pub by: Subject,
    /// What was said.
    pub set: ProtectionSet,
    /// When it ends; `None` when it is lifted.
    pub until: Option<Timestamp>,
}

/// A complaint, and by when the rules want an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplaintOpened {
    /// Its number, from 1.
    pub number: u32,
    /// What was said.
    pub complaint: ComplaintOpen,
    /// `None` when it need not be acknowledged.
    pub acknowledge_by: Option<Timestamp>,
    /// `None` when no rule says.
    pub resolve_by: Option<Timestamp>,
}

impl PromiseEnded {
    pub(super) fn to_wire(&self) -> wire::PromiseEnded {
        wire::PromiseEnded {
            loan: self.loan.to_wire(),
            kept: self.kept,
            paid: self.paid.minor_units(),
        }
    }

    pub(super) fn from_wire(ended: &wire::PromiseEnded) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("ended.loan", &ended.loan)?,
            kept: ended.kept,
            paid: Amount::new(ended.paid).ok_or(DecodeError::Range {
                field: "ended.paid",
                reason: "at most 2^63 - 1 minor units",
            })?,
        })
    }
}

impl ProtectionChanged {
    pub(super) fn to_wire(&self) -> wire::ProtectionChanged {
        wire::ProtectionChanged {
            by: Bytes::copy_from_slice(&self.by.to_bytes()),
            set: Some(self.set.to_wire()),
            until_ms: self.until.unwrap_or_default().millis(),
        }
    }

    pub(super) fn from_wire(changed: &wire::ProtectionChanged) -> Result<Self, DecodeError> {
        Ok(Self {
            by: Subject::from_bytes("changed.by", &changed.by)?,
            set: ProtectionSet::from_wire(required("changed.set", changed.set.as_ref())?)?,
            until: Timestamp::optional(changed.until_ms),
        })
    }
}

impl ComplaintOpened {
    pub(super) fn to_wire(&self) -> wire::ComplaintOpened {
        wire::ComplaintOpened {
            number: self.number,
            complaint: Some(self.complaint.to_wire()),
            acknowledge_by_ms: self.acknowledge_by.unwrap_or_default().millis(),
            resolve_by_ms: self.resolve_by.unwrap_or_default().millis(),
        }
    }

    pub(super) fn from_wire(opened: &wire::ComplaintOpened) -> Result<Self, DecodeError> {
        let complaint = required("opened.complaint", opened.complaint.as_ref())?;
        Ok(Self {
            number: opened.number,
            complaint: ComplaintOpen::from_wire(complaint)?,
            acknowledge_by: Timestamp::optional(opened.acknowledge_by_ms),
            resolve_by: Timestamp::optional(opened.resolve_by_ms),
        })
    }
}
