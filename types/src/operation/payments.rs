//! Operations that move money.

use super::Operation;
use crate::{
    amount::Amount,
    asset::Asset,
    decode::{DecodeError, optional_array, optional_bytes, reference},
    hash::Hash,
    ids::{AccountId, HoldId, TransactionId},
    limits,
    time::Timestamp,
    wire,
};

fn positive(amount: u64) -> Result<Amount, DecodeError> {
    Amount::new(amount)
        .filter(|amount| !amount.is_zero())
        .ok_or(DecodeError::Range {
            field: "amount",
            reason: "1 to 2^63 - 1 minor units",
        })
}

fn two_accounts(from: &[u8], to: &[u8]) -> Result<(AccountId, AccountId), DecodeError> {
    let from = AccountId::from_wire("from", from)?;
    let to = AccountId::from_wire("to", to)?;
    if from == to {
        return Err(DecodeError::Range {
            field: "to",
            reason: "payer and payee must differ",
        });
    }
    Ok((from, to))
}

/// A bank puts its liability on an account that it sponsors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The account credited.
    pub account: AccountId,
    /// Of which asset.
    pub asset: Asset,
    /// How much.
    pub amount: Amount,
    /// Reference of the payer.
    pub end_to_end_id: String,
}

impl Issue {
    pub(super) fn to_wire(&self) -> wire::Issue {
        wire::Issue {
            account: self.account.to_wire(),
            asset: self.asset.to_string(),
            amount: self.amount.minor_units(),
            end_to_end_id: self.end_to_end_id.clone(),
        }
    }

    pub(super) fn from_wire(operation: &wire::Issue) -> Result<Self, DecodeError> {
        Ok(Self {
            account: AccountId::from_wire("account", &operation.account)?,
            asset: Asset::new(&operation.asset)?,
            amount: positive(operation.amount)?,
            end_to_end_id: reference("end_to_end_id", &operation.end_to_end_id)?,
        })
    }
}

/// A bank takes its liability back from an account that it sponsors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redeem {
    /// The account debited.
    pub account: AccountId,
    /// Of which asset.
    pub asset: Asset,
    /// How much.
    pub amount: Amount,
    /// Reference of the holder.
    pub end_to_end_id: String,
}

impl Redeem {
    pub(super) fn to_wire(&self) -> wire::Redeem {
        wire::Redeem {
            account: self.account.to_wire(),
            asset: self.asset.to_string(),
            amount: self.amount.minor_units(),
            end_to_end_id: self.end_to_end_id.clone(),
        }
    }

    pub(super) fn from_wire(operation: &wire::Redeem) -> Result<Self, DecodeError> {
        Ok(Self {
            account: AccountId::from_wire("account", &operation.account)?,
            asset: Asset::new(&operation.asset)?,
            amount: positive(operation.amount)?,
            end_to_end_id: reference("end_to_end_id", &operation.end_to_end_id)?,
        })
    }
}

/// Why money moves (a code of the published list).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Between persons.
    PersonToPerson,
    /// Goods or services.
    Purchase,
    /// An invoice or a household bill.
    Bill,
    /// Wages.
    Salary,
    /// An instalment of a loan.
    LoanPayment,
    /// A tax or a public fee.
    Tax,
    /// Anything else.
    Other,
}

impl Purpose {
    /// As a wire value.
    #[must_use]
    pub const fn to_wire(self) -> wire::Purpose {
        match self {
            Self::PersonToPerson => wire::Purpose::PersonToPerson,
            Self::Purchase => wire::Purpose::Purchase,
            Self::Bill => wire::Purpose::Bill,
            Self::Salary => wire::Purpose::Salary,
            Self::LoanPayment => wire::Purpose::LoanPayment,
            Self::Tax => wire::Purpose::Tax,
            Self::Other => wire::Purpose::Other,
        }
    }

    /// Reads a wire value.
    ///
    /// # Errors
    /// [`DecodeError::Range`] for a value that is not a purpose.
    pub fn from_wire(purpose: i32) -> Result<Self, DecodeError> {
        Ok(match wire::Purpose::try_from(purpose) {
            Ok(wire::Purpose::PersonToPerson) => Self::PersonToPerson,
            Ok(wire::Purpose::Purchase) => Self::Purchase,
            Ok(wire::Purpose::Bill) => Self::Bill,
            Ok(wire::Purpose::Salary) => Self::Salary,
            Ok(wire::Purpose::LoanPayment) => Self::LoanPayment,
            Ok(wire::Purpose::Tax) => Self::Tax,
            Ok(wire::Purpose::Other) => Self::Other,
            _ => {
                return Err(DecodeError::Range {
                    field: "purpose",
                    reason: "a code of the published list",
                });
            }
        })
    }
}

/// Moves money from one account to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Payer.
    pub from: AccountId,
    /// Payee.
    pub to: AccountId,
    /// Of which asset.
    pub asset: Asset,
    /// How much.
    pub amount: Amount,
    /// Why.
    pub purpose: Purpose,
    /// Reference of the payer.
    pub end_to_end_id: String,
    /// Commitment to originator and beneficiary data (FATF Recommendation 16).
    pub travel_rule_commitment: Option<Hash>,
    /// Until when the payee may refund; zero: not refundable.
    pub refundable_until: Timestamp,
}

impl Transfer {
    pub(super) fn to_wire(&self) -> wire::Transfer {
        wire::Transfer {
            from: self.from.to_wire(),
            to: self.to.to_wire(),
            asset: self.asset.to_string(),
            amount: self.amount.minor_units(),
            purpose: self.purpose.to_wire().into(),
            end_to_end_id: self.end_to_end_id.clone(),
            travel_rule_commitment: optional_bytes(
                self.travel_rule_commitment.as_ref().map(Hash::as_bytes),
            ),
            refundable_until_ms: self.refundable_until.millis(),
        }
    }

    pub(super) fn from_wire(operation: &wire::Transfer) -> Result<Self, DecodeError> {
        let (from, to) = two_accounts(&operation.from, &operation.to)?;
        Ok(Self {
            from,
            to,
            asset: Asset::new(&operation.asset)?,
            amount: positive(operation.amount)?,
            purpose: Purpose::from_wire(operation.purpose)?,
            end_to_end_id: reference("end_to_end_id", &operation.end_to_end_id)?,
            travel_rule_commitment: optional_array(
                "travel_rule_commitment",
                &operation.travel_rule_commitment,
            )?
            .map(Hash),
            refundable_until: Timestamp::from_millis(operation.refundable_until_ms),
        })
    }
}

/// Reserves money on the payer's account for a payee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldPlace {
    /// Payer.
    pub from: AccountId,
    /// Who may capture.
    pub to: AccountId,
    /// Of which asset.
    pub asset: Asset,
    /// How much at most.
    pub amount: Amount,
    /// When it is released by itself.
    pub expires_at: Timestamp,
    /// Reference of the payer.
    pub end_to_end_id: String,
}

impl HoldPlace {
    pub(super) fn to_wire(&self) -> wire::HoldPlace {
        wire::HoldPlace {
            from: self.from.to_wire(),
            to: self.to.to_wire(),
            asset: self.asset.to_string(),
            amount: self.amount.minor_units(),
            expires_at_ms: self.expires_at.millis(),
            end_to_end_id: self.end_to_end_id.clone(),
        }
    }

    pub(super) fn from_wire(operation: &wire::HoldPlace) -> Result<Self, DecodeError> {
        let (from, to) = two_accounts(&operation.from, &operation.to)?;
        Ok(Self {
            from,
            to,
            asset: Asset::new(&operation.asset)?,
            amount: positive(operation.amount)?,
            expires_at: Timestamp::from_millis(operation.expires_at_ms),
            end_to_end_id: reference("end_to_end_id", &operation.end_to_end_id)?,
        })
    }
}

/// Ends a hold: captures at most its amount and releases the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldResolve {
    /// The hold.
    pub hold: HoldId,
    /// How much goes to the payee; zero is a void.
    pub capture: Amount,
}

impl HoldResolve {
    pub(super) fn to_wire(&self) -> wire::HoldResolve {
        wire::HoldResolve {
            hold: self.hold.to_wire(),
            capture: self.capture.minor_units(),
        }
    }

    pub(super) fn from_wire(operation: &wire::HoldResolve) -> Result<Self, DecodeError> {
        Ok(Self {
            hold: HoldId::from_wire("hold", &operation.hold)?,
            capture: Amount::new(operation.capture).ok_or(DecodeError::Range {
                field: "capture",
                reason: "at most 2^63 - 1 minor units",
            })?,
        })
    }
}

/// Returns money of an earlier transfer to its payer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The transaction that carried the transfer.
    pub original: TransactionId,
    /// Which leg of it (0 outside an atomic batch).
    pub leg: u32,
    /// How much.
    pub amount: Amount,
    /// Reference of the payee.
    pub end_to_end_id: String,
}

impl Refund {
    pub(super) fn to_wire(&self) -> wire::Refund {
        wire::Refund {
            original: self.original.to_wire(),
            leg: self.leg,
            amount: self.amount.minor_units(),
            end_to_end_id: self.end_to_end_id.clone(),
        }
    }

    pub(super) fn from_wire(operation: &wire::Refund) -> Result<Self, DecodeError> {
        Ok(Self {
            original: TransactionId::from_wire("original", &operation.original)?,
            leg: operation.leg,
            amount: positive(operation.amount)?,
            end_to_end_id: reference("end_to_end_id", &operation.end_to_end_id)?,
        })
    }
}

/// Several payments that apply together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtomicBatch {
    /// 2 to [`limits::BATCH_LEGS_MAX`] payments.
    pub legs: Vec<Operation>,
}

impl AtomicBatch {
    pub(super) fn to_wire(&self) -> wire::AtomicBatch {
        wire::AtomicBatch {
            legs: self.legs.iter().map(Operation::to_wire).collect(),
        }
    }

    pub(super) fn from_wire(operation: &wire::AtomicBatch) -> Result<Self, DecodeError> {
        if !(2..=limits::BATCH_LEGS_MAX).contains(&operation.legs.len()) {
            return Err(DecodeError::Range {
                field: "legs",
                reason: "2 to 64 legs",
            });
        }
        let mut legs = Vec::with_capacity(operation.legs.len());
        for leg in &operation.legs {
            // Refused before it is read, so that nesting costs nothing.
            if matches!(leg.kind, Some(wire::operation::Kind::AtomicBatch(_))) {
                return Err(DecodeError::Range {
                    field: "legs",
                    reason: "a leg must be a payment",
                });
            }
            let leg = Operation::from_wire(leg)?;
            if !leg.is_batch_leg() {
                return Err(DecodeError::Range {
                    field: "legs",
                    reason: "a leg must be a payment",
                });
            }
            legs.push(leg);
        }
        Ok(Self { legs })
    }
}
