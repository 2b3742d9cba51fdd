//! Movements on a loan.

use crate::{
    amount::Amount,
    credit::{amount, date, wire_enum},
    decode::DecodeError,
    ids::{AccountId, LoanId},
    wire,
};

wire_enum! {
    /// What moved.
    LoanEntryKind, "entry.kind" {
        /// The principal was paid out.
        Disbursed = 1,
        /// A payment was applied.
        Repaid = 2,
        /// A fee was charged.
        FeeCharged = 3,
        /// What a settlement left was waived.
        WaivedResidual = 4,
        /// The loan was given up as an asset.
        ChargedOff = 5,
        /// The loan was not paid out in time.
        Lapsed = 6,
    }
}

/// A movement on a loan, and what is owed after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanEntry {
    /// The loan.
    pub loan: LoanId,
    /// What moved.
    pub kind: LoanEntryKind,
    /// Business date.
    pub date: u32,
    /// How much of it was principal.
    pub principal: Amount,
    /// How much of it was interest.
    pub interest: Amount,
    /// How much of it was fees.
    pub fees: Amount,
    /// Principal after it.
    pub principal_owed: Amount,
    /// Interest after it.
    pub interest_owed: Amount,
    /// Fees after it.
    pub fees_owed: Amount,
    /// Of a fee, else empty.
    pub code: String,
}

impl LoanEntry {
    pub(super) fn to_wire(&self) -> wire::LoanEntry {
        wire::LoanEntry {
            loan: self.loan.to_wire(),
            kind: self.kind.to_wire(),
            date: self.date,
            principal: self.principal.minor_units(),
            interest: self.interest.minor_units(),
            fees: self.fees.minor_units(),
            principal_owed: self.principal_owed.minor_units(),
            interest_owed: self.interest_owed.minor_units(),
            fees_owed: self.fees_owed.minor_units(),
            code: self.code.clone(),
        }
    }

    pub(super) fn from_wire(event: &wire::LoanEntry) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &event.loan)?,
            kind: LoanEntryKind::from_wire(event.kind)?,
            date: date("date", event.date)?,
            principal: amount("principal", event.principal)?,
            interest: amount("interest", event.interest)?,
            fees: amount("fees", event.fees)?,
            principal_owed: amount("principal_owed", event.principal_owed)?,
            interest_owed: amount("interest_owed", event.interest_owed)?,
            fees_owed: amount("fees_owed", event.fees_owed)?,
            code: event.code.clone(),
        })
    }
}

/// How the loss of a loan was shared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LossShared {
    /// The loan.
    pub loan: LoanId,
    /// Principal that was owed.
    pub loss: Amount,
    /// What the guarantor paid.
    pub first_loss: Amount,
    /// What each funder bears of the rest.
    pub losses: Vec<FunderLoss>,
}

impl LossShared {
    pub(super) fn to_wire(&self) -> wire::LossShared {
        wire::LossShared {
            loan: self.loan.to_wire(),
            loss: self.loss.minor_units(),
            first_loss: self.first_loss.minor_units(),
            losses: self.losses.iter().map(FunderLoss::to_wire).collect(),
        }
    }

    pub(super) fn from_wire(event: &wire::LossShared) -> Result<Self, DecodeError> {
        Ok(Self {
            loan: LoanId::from_wire("loan", &event.loan)?,
            loss: amount("loss", event.loss)?,
            first_loss: amount("first_loss", event.first_loss)?,
            losses: event
                .losses
                .iter()
                .map(FunderLoss::from_wire)
                .collect::<Result<_, _>>()?,
        })
    }
}

/// What one funder bears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunderLoss {
    /// The funder.
    pub account: AccountId,
    /// How much.
    pub amount: Amount,
}

impl FunderLoss {
    pub(super) fn to_wire(&self) -> wire::FunderLoss {
        wire::FunderLoss {
            account: self.account.to_wire(),
            amount: self.amount.minor_units(),
        }
    }

    pub(super) fn from_wire(event: &wire::FunderLoss) -> Result<Self, DecodeError> {
        Ok(Self {
            account: AccountId::from_wire("account", &event.account)?,
            amount: amount("amount", event.amount)?,
        })
    }
}
