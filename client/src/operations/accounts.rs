//! Accounts and their keys.

use talea_types::{
    AccountId, KeyPolicy, Timestamp,
    operation::{AccountClose, AccountKind, AccountOpen, AccountRestrict, KeyRotate, Restriction},
};

/// Opens an account. The sponsor authors it; the keys of the policy sign too.
#[must_use]
pub const fn open(kind: AccountKind, policy: KeyPolicy, tier: u32) -> AccountOpen {
    AccountOpen {
        kind,
        policy,
        tier,
        holder_commitment: None,
    }
}

/// Closes an empty account. The account and its sponsor sign.
#[must_use]
pub const fn close(account: AccountId) -> AccountClose {
    AccountClose { account }
}

/// Lifts a restriction.
#[must_use]
pub const fn lift_restriction(account: AccountId) -> AccountRestrict {
    AccountRestrict {
        account,
        restriction: Restriction::None,
        reason: 0,
        notice_commitment: None,
        review_by: Timestamp::from_millis(0),
    }
}

/// Replaces the author's keys; the old ones suffice until the overlap ends.
#[must_use]
pub const fn rotate(policy: KeyPolicy, overlap_until: Timestamp) -> KeyRotate {
    KeyRotate {
        policy,
        overlap_until,
    }
}
