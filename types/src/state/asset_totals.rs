//! An asset of the network and the sums that must balance.

use crate::{
    amount::Amount,
    asset::Asset,
    decode::DecodeError,
    encode::FieldWriter,
    limits,
    state::{amount, canonical_object},
    wire,
};

/// What kind of thing an asset is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum AssetKind {
    /// A currency (ISO 4217).
    Currency,
    /// Points of a campaign.
    Points,
    /// Coupons of a campaign.
    Coupon,
}

impl AssetKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Currency, Self::Points, Self::Coupon];

    /// The word for it in documents; what serde writes.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Currency => "currency",
            Self::Points => "points",
            Self::Coupon => "coupon",
        }
    }

    /// The kind of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// As a wire value.
    #[must_use]
    pub const fn to_wire(self) -> wire::AssetKind {
        match self {
            Self::Currency => wire::AssetKind::Currency,
            Self::Points => wire::AssetKind::Points,
            Self::Coupon => wire::AssetKind::Coupon,
        }
    }
}

/// An asset that the network carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetDefinition {
    /// Its code.
    pub asset: Asset,
    /// Digits after the decimal point, 0 to 8.
    pub decimals: u8,
    /// What it is.
    pub kind: AssetKind,
}

impl AssetDefinition {
    /// Checks the number of decimals.
    ///
    /// # Errors
    /// [`DecodeError::Range`] above 8.
    pub const fn check(&self) -> Result<(), DecodeError> {
        check_decimals(self.decimals)
    }
}

/// The sums of an asset over the whole network.
///
/// Double entry: what is on accounts is what their sponsors owe (`accounts - liabilities = 0`), and
/// what banks have at the settlement agent is what was put in (`reserves - settlement = 0`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssetTotals {
    /// Digits after the decimal point.
    pub decimals: u8,
    /// What it is.
    pub kind: AssetKind,
    /// Sum of all balances, available and held.
    pub accounts: Amount,
    /// Sum of all liabilities of sponsors.
    pub liabilities: Amount,
    /// Sum of all reserves.
    pub reserves: Amount,
    /// What was put in as reserves.
    pub settlement: Amount,
}

impl AssetTotals {
    /// Whether every credit has its debit.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.accounts == self.liabilities && self.reserves == self.settlement
    }

    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.number(1, self.decimals);
        w.enumeration(2, self.kind.to_wire().into());
        w.number(3, self.accounts.minor_units());
        w.number(4, self.liabilities.minor_units());
        w.number(5, self.reserves.minor_units());
        w.number(6, self.settlement.minor_units());
    }

    fn from_wire(totals: &wire::AssetTotals) -> Result<Self, DecodeError> {
        let decimals = u8::try_from(totals.decimals).unwrap_or(u8::MAX);
        check_decimals(decimals)?;
        let kind = match wire::AssetKind::try_from(totals.kind) {
            Ok(wire::AssetKind::Currency) => AssetKind::Currency,
            Ok(wire::AssetKind::Points) => AssetKind::Points,
            Ok(wire::AssetKind::Coupon) => AssetKind::Coupon,
            _ => {
                return Err(DecodeError::Range {
                    field: "asset.kind",
                    reason: "currency, points or coupon",
                });
            }
        };
        Ok(Self {
            decimals,
            kind,
            accounts: amount("asset.accounts", totals.accounts)?,
            liabilities: amount("asset.liabilities", totals.liabilities)?,
            reserves: amount("asset.reserves", totals.reserves)?,
            settlement: amount("asset.settlement", totals.settlement)?,
        })
    }
}

canonical_object!(AssetTotals, "asset totals");

const fn check_decimals(decimals: u8) -> Result<(), DecodeError> {
    if decimals > limits::ASSET_DECIMALS_MAX {
        return Err(DecodeError::Range {
            field: "asset.decimals",
            reason: "0 to 8",
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_serde() {
        for kind in AssetKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
            assert_eq!(AssetKind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(AssetKind::from_word("king"), None);
    }
}
