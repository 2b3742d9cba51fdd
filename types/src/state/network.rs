//! What holds for the whole network: genesis fixes it, only the tiers can change.

use crate::{
    amount::Amount,
    asset::Asset,
    decode::{DecodeError, ascending},
    encode::FieldWriter,
    ids::ChainId,
    limits,
    state::{amount, canonical_object},
    wire,
};

/// The network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Its id.
    pub chain: ChainId,
    /// Whether its clock may be advanced.
    pub sandbox: bool,
    /// Limit tiers; accounts name them by index.
    pub tiers: Vec<Tier>,
}

/// A set of limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Name for people.
    pub name: String,
    /// Strictly ascending by asset. An asset that is not listed is not limited.
    pub limits: Vec<TierLimit>,
}

/// The most that an account may debit by transfers and holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TierLimit {
    /// Of which asset.
    pub asset: Asset,
    /// By one transfer or hold.
    pub per_transaction: Amount,
    /// On one day of ledger time (UTC).
    pub per_day: Amount,
    /// In one calendar month of ledger time (UTC).
    pub per_month: Amount,
}

impl Tier {
    /// Its limit for an asset.
    #[must_use]
    pub fn limit(&self, asset: Asset) -> Option<&TierLimit> {
        self.limits.iter().find(|limit| limit.asset == asset)
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::Tier {
        wire::Tier {
            name: self.name.clone(),
            limits: self
                .limits
                .iter()
                .map(|limit| wire::TierLimit {
                    asset: limit.asset.to_string(),
                    per_transaction: limit.per_transaction.minor_units(),
                    per_day: limit.per_day.minor_units(),
                    per_month: limit.per_month.minor_units(),
                })
                .collect(),
        }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn from_wire(tier: &wire::Tier) -> Result<Self, DecodeError> {
        ascending(
            "tier.limits",
            &tier.limits,
            limits::GENESIS_ASSETS_MAX,
            |limit| Asset::new(&limit.asset),
        )?;
        let limits = tier.limits.iter().map(|limit| {
            Ok(TierLimit {
                asset: Asset::new(&limit.asset)?,
                per_transaction: amount("tier.per_transaction", limit.per_transaction)?,
                per_day: amount("tier.per_day", limit.per_day)?,
                per_month: amount("tier.per_month", limit.per_month)?,
            })
        });
        let tier = Self {
            name: tier.name.clone(),
            limits: limits.collect::<Result<_, DecodeError>>()?,
        };
        tier.check()?;
        Ok(tier)
    }

    /// Checks the name and the order of the limits.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn check(&self) -> Result<(), DecodeError> {
        if self.name.is_empty()
            || self.name.len() > limits::NAME_BYTES_MAX
            || self.name.chars().any(char::is_control)
        {
            return Err(DecodeError::Text {
                field: "tier.name",
                reason: "1 to 32 bytes of printable text",
            });
        }
        if !self.limits.is_sorted_by(|a, b| a.asset < b.asset) {
            return Err(DecodeError::Order {
                field: "tier.limits",
            });
        }
        Ok(())
    }
}

impl Network {
    pub(crate) fn write(&self, w: &mut FieldWriter<'_>) {
        w.bytes(1, self.chain.as_bytes());
        w.number(2, self.sandbox);
        for tier in &self.tiers {
            w.message(3, |w| {
                w.bytes(1, &tier.name);
                for limit in &tier.limits {
                    w.message(2, |w| {
                        w.bytes(1, limit.asset.as_str());
                        w.number(2, limit.per_transaction.minor_units());
                        w.number(3, limit.per_day.minor_units());
                        w.number(4, limit.per_month.minor_units());
                    });
                }
            });
        }
    }

    fn from_wire(network: &wire::Network) -> Result<Self, DecodeError> {
        let tiers = network.tiers.iter().map(Tier::from_wire);
        Ok(Self {
            chain: ChainId::from_wire("network.chain_id", &network.chain_id)?,
            sandbox: network.sandbox,
            tiers: tiers.collect::<Result<_, _>>()?,
        })
    }
}

canonical_object!(Network, "network");
