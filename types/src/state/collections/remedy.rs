//! Protections and disputes of a debtor: parts of the debtor's object.

use crate::{
    conduct::Protection,
    decode::{DecodeError, array, optional_array},
    encode::FieldWriter,
    hash::Hash,
    ids::LoanId,
    subject::Subject,
    time::Timestamp,
    wire,
};

/// A protection. One of each kind, for time-barred claims one of each loan; it stays after its end, so
/// that it is known when the debtor last had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtectionEntry {
    /// Which.
    pub protection: Protection,
    /// The claim, if it is about one.
    pub loan: Option<LoanId>,
    /// From when on.
    pub from: Timestamp,
    /// Until when, exclusive; `None` until it is lifted.
    pub until: Option<Timestamp>,
    /// Names it among the pauses of loans.
    pub source: Hash,
    /// Who set it.
    pub set_by: Subject,
}

impl ProtectionEntry {
    /// What is unique among the protections of a debtor.
    #[must_use]
    pub const fn key(&self) -> (Protection, Option<LoanId>) {
        (self.protection, self.loan)
    }

    /// Whether it has not ended.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    pub(crate) fn write(&self, field: u32, w: &mut FieldWriter<'_>) {
        w.message(field, |w| {
            w.enumeration(1, self.protection.to_wire().into());
            if let Some(loan) = &self.loan {
                w.bytes(2, loan.as_bytes());
            }
            w.time(3, self.from);
            w.time(4, self.until.unwrap_or_default());
            w.bytes(5, self.source.as_bytes());
            w.bytes(6, self.set_by.to_bytes());
        });
    }

    pub(crate) fn from_wire(entry: &wire::ProtectionInForce) -> Result<Self, DecodeError> {
        Ok(Self {
            protection: Protection::from_wire(entry.protection)?,
            loan: optional_array("protection.loan", &entry.loan)?.map(LoanId::from_bytes),
            from: Timestamp::from_millis(entry.from_ms),
            until: Timestamp::optional(entry.until_ms),
            source: Hash(array("protection.source", &entry.source)?),
            set_by: Subject::from_bytes("protection.set_by", &entry.set_by)?,
        })
    }
}

/// A dispute that is open; a loan has at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenDispute {
    /// What is disputed.
    pub loan: LoanId,
    /// Names it among the pauses of the loan.
    pub source: Hash,
    /// Since when.
    pub opened_at: Timestamp,
}

impl OpenDispute {
    pub(crate) fn write(&self, field: u32, w: &mut FieldWriter<'_>) {
        w.message(field, |w| {
            w.bytes(1, self.loan.as_bytes());
            w.bytes(2, self.source.as_bytes());
            w.time(3, self.opened_at);
        });
    }

    pub(crate) fn from_wire(dispute: &wire::OpenDispute) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("dispute.loan", &dispute.loan)?,
            source: Hash(array("dispute.source", &dispute.source)?),
            opened_at: Timestamp::from_millis(dispute.opened_at_ms),
        })
    }
}
