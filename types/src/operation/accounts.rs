//! Operations that open, restrict and close accounts.

use crate::{
    decode::{DecodeError, optional_array, optional_bytes},
    hash::Hash,
    ids::AccountId,
    key_policy::KeyPolicy,
    time::Timestamp,
    wire,
};

/// What an account is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// A person's wallet.
    Wallet,
    /// A merchant's account.
    Merchant,
    /// Held by a participant for itself.
    Own,
}

impl AccountKind {
    /// As a wire value.
    #[must_use]
    pub const fn to_wire(self) -> wire::AccountKind {
        match self {
            Self::Wallet => wire::AccountKind::Wallet,
            Self::Merchant => wire::AccountKind::Merchant,
            Self::Own => wire::AccountKind::Own,
        }
    }

    /// Reads a wire value.
    ///
    /// # Errors
    /// [`DecodeError::Range`] for a value that is not a kind.
    pub fn from_wire(kind: i32) -> Result<Self, DecodeError> {
        match wire::AccountKind::try_from(kind) {
            Ok(wire::AccountKind::Wallet) => Ok(Self::Wallet),
            Ok(wire::AccountKind::Merchant) => Ok(Self::Merchant),
            Ok(wire::AccountKind::Own) => Ok(Self::Own),
            _ => Err(DecodeError::Range {
                field: "kind",
                reason: "wallet, merchant or own",
            }),
        }
    }
}

/// Opens an account; its id follows from the transaction's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountOpen {
    /// What it is for.
    pub kind: AccountKind,
    /// Keys of the holder.
    pub policy: KeyPolicy,
    /// Index into the limit tiers of genesis.
    pub tier: u32,
    /// Commitment to the holder's identity record.
    pub holder_commitment: Option<Hash>,
}

impl AccountOpen {
    pub(super) fn to_wire(&self) -> wire::AccountOpen {
        wire::AccountOpen {
            kind: self.kind.to_wire().into(),
            policy: Some(self.policy.to_wire()),
            tier: self.tier,
            holder_commitment: optional_bytes(self.holder_commitment.as_ref().map(Hash::as_bytes)),
        }
    }

    pub(super) fn from_wire(operation: &wire::AccountOpen) -> Result<Self, DecodeError> {
        let policy = operation
            .policy
            .as_ref()
            .ok_or(DecodeError::Missing { field: "policy" })?;
        Ok(Self {
            kind: AccountKind::from_wire(operation.kind)?,
            policy: KeyPolicy::from_wire(policy)?,
            tier: operation.tier,
            holder_commitment: optional_array("holder_commitment", &operation.holder_commitment)?
                .map(Hash),
        })
    }
}

/// What a restricted account may not do.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Restriction {
    /// Nothing is restricted.
    None,
    /// Nothing may leave.
    Debits,
    /// Nothing may leave or enter.
    All,
}

impl Restriction {
    /// As a wire value.
    #[must_use]
    pub const fn to_wire(self) -> wire::Restriction {
        match self {
            Self::None => wire::Restriction::None,
            Self::Debits => wire::Restriction::Debits,
            Self::All => wire::Restriction::All,
        }
    }

    /// Reads a wire value.
    ///
    /// # Errors
    /// [`DecodeError::Range`] for a value that is not a restriction.
    pub fn from_wire(restriction: i32) -> Result<Self, DecodeError> {
        match wire::Restriction::try_from(restriction) {
            Ok(wire::Restriction::None) => Ok(Self::None),
            Ok(wire::Restriction::Debits) => Ok(Self::Debits),
            Ok(wire::Restriction::All) => Ok(Self::All),
            _ => Err(DecodeError::Range {
                field: "restriction",
                reason: "none, debits or all",
            }),
        }
    }
}

/// Restricts an account, or lifts a restriction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRestrict {
    /// The account.
    pub account: AccountId,
    /// What it may not do from now on.
    pub restriction: Restriction,
    /// Code of the published list of reasons.
    pub reason: u32,
    /// Commitment to the notice that the holder was sent.
    pub notice_commitment: Option<Hash>,
    /// When it lapses by itself.
    pub review_by: Timestamp,
}

impl AccountRestrict {
    pub(super) fn to_wire(&self) -> wire::AccountRestrict {
        wire::AccountRestrict {
            account: self.account.to_wire(),
            restriction: self.restriction.to_wire().into(),
            reason: self.reason,
            notice_commitment: optional_bytes(self.notice_commitment.as_ref().map(Hash::as_bytes)),
            review_by_ms: self.review_by.millis(),
        }
    }

    pub(super) fn from_wire(operation: &wire::AccountRestrict) -> Result<Self, DecodeError> {
        let restriction = Restriction::from_wire(operation.restriction)?;
        let notice_commitment =
            optional_array("notice_commitment", &operation.notice_commitment)?.map(Hash);
        let lifts = restriction == Restriction::None;
        if !lifts && notice_commitment.is_none() {
            return Err(DecodeError::Missing {
                field: "notice_commitment",
            });
        }
        if lifts != (operation.review_by_ms == 0) {
            return Err(DecodeError::Range {
                field: "review_by_ms",
                reason: "required for a restriction, 0 when it is lifted",
            });
        }
        Ok(Self {
            account: AccountId::from_wire("account", &operation.account)?,
            restriction,
            reason: operation.reason,
            notice_commitment,
            review_by: Timestamp::from_millis(operation.review_by_ms),
        })
    }
}

/// Closes an account whose balances are all zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountClose {
    /// The account.
    pub account: AccountId,
}

impl AccountClose {
    pub(super) fn to_wire(&self) -> wire::AccountClose {
        wire::AccountClose {
            account: self.account.to_wire(),
        }
    }

    pub(super) fn from_wire(operation: &wire::AccountClose) -> Result<Self, DecodeError> {
        Ok(Self {
            account: AccountId::from_wire("account", &operation.account)?,
        })
    }
}
