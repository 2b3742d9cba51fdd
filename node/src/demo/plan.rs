//! What a demonstration does, decided before anything is sent: accounts, then waves of payments.
//!
//! Kept true by whoever makes a plan: the payments of one wave apply in whatever order the network takes
//! them, because no payment of a wave builds on another of the same wave. So a wave can be in flight as a
//! whole, and only between waves somebody has to wait.

use talea_types::{
    Asset, Outcome,
    operation::{AccountKind, Purpose},
};

/// Position of an account in [`Plan::accounts`].
pub type AccountNumber = usize;
/// Position of a payment among those of all waves, in their order.
pub type PaymentNumber = usize;

/// A demonstration.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Names of the banks that sponsor accounts.
    pub banks: Vec<String>,
    /// The accounts to open.
    pub accounts: Vec<PlannedAccount>,
    /// What puts the opening balances on them, before the first wave.
    pub openings: Vec<Payment>,
    /// What happens, in order. Between two waves everything of the first is final.
    pub waves: Vec<Wave>,
}

/// An account to open.
#[derive(Clone, Debug)]
pub struct PlannedAccount {
    /// Whose it is: unique, and its keys follow from it.
    pub name: String,
    /// Its sponsor: position in [`Plan::banks`].
    pub bank: usize,
    /// What it is for.
    pub kind: AccountKind,
    /// Position of its limits among the tiers of genesis.
    pub tier: u32,
}

/// Payments that may be in flight together.
#[derive(Clone, Debug, Default)]
pub struct Wave {
    /// What to show while it runs: an hour, a date.
    pub label: String,
    /// How far the sandbox clock moves before it, milliseconds; 0 for not at all.
    pub advance_ms: u64,
    /// The payments.
    pub payments: Vec<Payment>,
}

/// A planned transaction.
#[derive(Clone, Debug)]
pub struct Payment {
    /// What it is, in tables; the first part of its reference.
    pub kind: &'static str,
    /// What it does.
    pub action: Action,
    /// Of which asset.
    pub asset: Asset,
    /// Minor units.
    pub amount: u64,
    /// The second part of its reference: where it came from. Together with the kind at most 34 bytes.
    pub reference: String,
    /// How it has to end.
    pub expected: Outcome,
}

/// What a payment does. Each names accounts by their numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The sponsor issues to an account.
    Issue(AccountNumber),
    /// The sponsor redeems from an account.
    Redeem(AccountNumber),
    /// From one account to another.
    Transfer(Transfer),
    /// Reserves for a payee, for some milliseconds.
    Hold {
        /// Payer.
        from: AccountNumber,
        /// Payee.
        to: AccountNumber,
        /// How long, milliseconds of ledger time.
        lasts_ms: u64,
    },
    /// The payee captures the payment's amount of a hold.
    Capture(PaymentNumber),
    /// The payee releases a hold.
    Void(PaymentNumber),
    /// The payee returns the payment's amount of a refundable transfer.
    Refund(PaymentNumber),
    /// All of them or none. Each leg moves the payment's amount; the first payer is the author.
    Batch(Vec<Transfer>),
    /// The sponsor stops debits of an account.
    Restrict(AccountNumber),
}

/// Who pays whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Payer.
    pub from: AccountNumber,
    /// Payee.
    pub to: AccountNumber,
    /// Why.
    pub purpose: Purpose,
    /// Until when it can be refunded: milliseconds of ledger time from now; 0 for never.
    pub refundable_ms: u64,
}

impl Transfer {
    /// One that cannot be refunded.
    #[must_use]
    pub const fn new(from: AccountNumber, to: AccountNumber, purpose: Purpose) -> Self {
        Self {
            from,
            to,
            purpose,
            refundable_ms: 0,
        }
    }
}

impl Payment {
    /// What it moves, minor units: the amount, of a batch that of every leg.
    #[must_use]
    pub fn moved(&self) -> u128 {
        let legs = match &self.action {
            Action::Batch(legs) => legs.len(),
            _ => 1,
        };
        u128::from(self.amount) * legs as u128
    }

    /// The reference that the ledger carries.
    #[must_use]
    pub fn end_to_end_id(&self) -> String {
        format!("{}/{}", self.kind, self.reference)
    }
}

impl Plan {
    /// The payments of the waves, in the order of their numbers.
    pub fn payments(&self) -> impl Iterator<Item = &Payment> {
        self.waves.iter().flat_map(|wave| &wave.payments)
    }

    /// How many payments the waves have.
    #[must_use]
    pub fn payment_count(&self) -> usize {
        self.waves.iter().map(|wave| wave.payments.len()).sum()
    }
}
