//! Where a bank stands in an asset.

use crate::{
    amount::Amount,
    decode::DecodeError,
    encode::FieldWriter,
    state::{amount, canonical_object},
    wire,
};

/// Reserve and liabilities of a bank or operator. Kept true: liabilities are never above the reserve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// What it has at the settlement agent.
    pub reserve: Amount,
    /// Sum of the balances, available and held, of the accounts that it sponsors.
    pub liabilities: Amount,
}

impl Position {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.number(1, self.reserve.minor_units());
        w.number(2, self.liabilities.minor_units());
    }

    fn from_wire(position: &wire::Position) -> Result<Self, DecodeError> {
        let reserve = amount("position.reserve", position.reserve)?;
        let liabilities = amount("position.liabilities", position.liabilities)?;
        if liabilities > reserve {
            return Err(DecodeError::Range {
                field: "position.liabilities",
                reason: "at most the reserve",
            });
        }
        Ok(Self {
            reserve,
            liabilities,
        })
    }
}

canonical_object!(Position, "position");
