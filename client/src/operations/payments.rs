//! Payments.

use talea_types::{
    AccountId, Amount, Asset, HoldId, Operation, Timestamp, TransactionId,
    operation::{AtomicBatch, HoldPlace, HoldResolve, Issue, Purpose, Redeem, Refund, Transfer},
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

/// Several payments, all or nothing.
#[must_use]
pub const fn batch(legs: Vec<Operation>) -> AtomicBatch {
    AtomicBatch { legs }
}
