//! A debtor's promise to pay.

use crate::{
    amount::Amount,
    decode::DecodeError,
    encode::FieldWriter,
    ids::AccountId,
    state::{amount, canonical_object},
    time::{DAY_MS, Timestamp},
    wire,
};

/// A promise. It is in the state until it is kept or broken; a loan has at most one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaymentPromise {
    /// Who promised.
    pub debtor: AccountId,
    /// How much.
    pub amount: Amount,
    /// Last day (UTC) on which it is kept, days since 1970-01-01.
    pub by: u32,
    /// Paid on the loan since; less than was promised.
    pub paid: Amount,
}

impl PaymentPromise {
    /// When it is broken: the day after the last.
    #[must_use]
    pub fn broken_at(&self) -> Timestamp {
        let day = u64::from(self.by).saturating_add(1);
        Timestamp::from_millis(day.saturating_mul(DAY_MS))
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.number(1, self.amount.minor_units());
        w.number(2, self.by);
        w.number(3, self.paid.minor_units());
        w.bytes(4, self.debtor.as_bytes());
    }

    fn from_wire(promise: &wire::PaymentPromise) -> Result<Self, DecodeError> {
        Ok(Self {
            debtor: AccountId::from_wire("promise.debtor", &promise.debtor)?,
            amount: amount("promise.amount", promise.amount)?,
            by: promise.by,
            paid: amount("promise.paid", promise.paid)?,
        })
    }
}

canonical_object!(PaymentPromise, "promise");
