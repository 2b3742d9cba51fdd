//! What a payee may still return of a transfer.

use crate::{
    amount::Amount,
    asset::Asset,
    decode::DecodeError,
    encode::FieldWriter,
    ids::AccountId,
    state::{amount, canonical_object},
    time::Timestamp,
    wire,
};

/// The right to refund a transfer. It is in the state from the transfer until all is refunded or its
/// time has passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRight {
    /// Payer of the transfer, who gets refunds.
    pub from: AccountId,
    /// Payee of the transfer, who may refund.
    pub to: AccountId,
    /// Of which asset.
    pub asset: Asset,
    /// Amount of the transfer.
    pub amount: Amount,
    /// Sum of the refunds so far.
    pub refunded: Amount,
    /// The right ends at this ledger time.
    pub expires_at: Timestamp,
}

impl RefundRight {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.from.as_bytes());
        w.bytes(2, self.to.as_bytes());
        w.bytes(3, self.asset.as_str());
        w.number(4, self.amount.minor_units());
        w.number(5, self.refunded.minor_units());
        w.time(6, self.expires_at);
    }

    fn from_wire(right: &wire::RefundRight) -> Result<Self, DecodeError> {
        Ok(Self {
            from: AccountId::from_wire("refund_right.from", &right.from)?,
            to: AccountId::from_wire("refund_right.to", &right.to)?,
            asset: Asset::new(&right.asset)?,
            amount: amount("refund_right.amount", right.amount)?,
            refunded: amount("refund_right.refunded", right.refunded)?,
            expires_at: Timestamp::from_millis(right.expires_at_ms),
        })
    }
}

canonical_object!(RefundRight, "refund right");
