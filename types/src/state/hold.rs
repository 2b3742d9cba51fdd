//! An amount reserved on an account for a payee.

use crate::{
    amount::Amount,
    asset::Asset,
    decode::{DecodeError, reference},
    encode::FieldWriter,
    ids::AccountId,
    state::{amount, canonical_object},
    time::Timestamp,
    wire,
};

/// A hold. It is in the state from its placing until it is resolved or expires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Payer.
    pub from: AccountId,
    /// Who may capture.
    pub to: AccountId,
    /// Of which asset.
    pub asset: Asset,
    /// How much is reserved.
    pub amount: Amount,
    /// It is released by itself at this ledger time.
    pub expires_at: Timestamp,
    /// Reference of the payer.
    pub end_to_end_id: String,
}

impl Hold {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.from.as_bytes());
        w.bytes(2, self.to.as_bytes());
        w.bytes(3, self.asset.as_str());
        w.number(4, self.amount.minor_units());
        w.time(5, self.expires_at);
        w.bytes(6, &self.end_to_end_id);
    }

    fn from_wire(hold: &wire::Hold) -> Result<Self, DecodeError> {
        Ok(Self {
            from: AccountId::from_wire("hold.from", &hold.from)?,
            to: AccountId::from_wire("hold.to", &hold.to)?,
            asset: Asset::new(&hold.asset)?,
            amount: amount("hold.amount", hold.amount)?,
            expires_at: Timestamp::from_millis(hold.expires_at_ms),
            end_to_end_id: reference("hold.end_to_end_id", &hold.end_to_end_id)?,
        })
    }
}

canonical_object!(Hold, "hold");
