//! Operations with sensible values for what is rarely set. Change a field with the struct update syntax:
//! `Transfer { purpose: Purpose::Purchase, ..operations::transfer(from, to, asset, amount) }`.

use talea_types::{
    AccountId, Amount, Asset, HoldId, KeyPolicy, Operation, Timestamp, TransactionId,
    operation::{
        AccountClose, AccountKind, AccountOpen, AccountRestrict, AtomicBatch, HoldPlace,
        HoldResolve, Issue, KeyRotate, Purpose, Redeem, Refund, Restriction, Transfer,
    },
};

/// A payment between persons, not refundable, without reference.
#[must_use]
pub fn transfer(from: AccountId, to: AccountId, asset: Asset, amount: Amount) -> Transfer {
    Transfer {
        from,
        to,
        asset,
        amount,
        purpose: Purpose::PersonToPerson,
        end_to_end_id: String::new(),
        travel_rule_commitment: None,
        refundable_until: Timestamp::from_millis(0),
    }
}

/// A bank puts money on an account that it sponsors.
#[must_use]
pub const fn issue(account: AccountId, asset: Asset, amount: Amount) -> Issue {
    Issue {
        account,
        asset,
        amount,
        end_to_end_id: String::new(),
    }
}

/// A bank takes money back from an account that it sponsors. The account signs too.
#[must_use]
pub const fn redeem(account: AccountId, asset: Asset, amount: Amount) -> Redeem {
    Redeem {
        account,
        asset,
        amount,
        end_to_end_id: String::new(),
    }
}

/// Reserves money for a payee until a ledger time.
#[must_use]
pub const fn hold(
    from: AccountId,
    to: AccountId,
    asset: Asset,
    amount: Amount,
    expires_at: Timestamp,
) -> HoldPlace {
    HoldPlace {
        from,
        to,
        asset,
        amount,
        expires_at,
        end_to_end_id: String::new(),
    }
}

/// Pays out of a hold; what is left of it is released.
#[must_use]
pub const fn capture(hold: HoldId, amount: Amount) -> HoldResolve {
    HoldResolve {
        hold,
        capture: amount,
    }
}

/// Releases a hold.
#[must_use]
pub const fn void(hold: HoldId) -> HoldResolve {
    HoldResolve {
        hold,
        capture: Amount::ZERO,
    }
}

/// Returns money of a transfer.
#[must_use]
pub const fn refund(original: TransactionId, amount: Amount) -> Refund {
    Refund {
        original,
        leg: 0,
        amount,
        end_to_end_id: String::new(),
    }
}

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

/// Several payments, all or nothing.
#[must_use]
pub const fn batch(legs: Vec<Operation>) -> AtomicBatch {
    AtomicBatch { legs }
}

macro_rules! into_operation {
    ($($operation:ident)*) => {
        $(
            impl IntoOperation for $operation {
                fn into_operation(self) -> Operation {
                    Operation::$operation(self)
                }
            }
        )*
    };
}

/// What can be asked for in a transaction.
pub trait IntoOperation {
    /// As an operation.
    fn into_operation(self) -> Operation;
}

impl IntoOperation for Operation {
    fn into_operation(self) -> Operation {
        self
    }
}

into_operation! {
    AccountClose AccountOpen AccountRestrict AtomicBatch HoldPlace HoldResolve Issue KeyRotate Redeem
    Refund Transfer
}
