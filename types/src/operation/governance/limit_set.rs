//! The figures of a limit tier.

use crate::{decode::DecodeError, encode::required, state::Tier, wire};

/// Sets the figures of a tier, or adds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitSet {
    /// Number of the tier; the number of tiers adds one.
    pub tier: u32,
    /// Its figures from now on.
    pub figures: Tier,
}

impl LimitSet {
    pub(super) fn to_wire(&self) -> wire::LimitSet {
        wire::LimitSet {
            tier: self.tier,
            figures: Some(self.figures.to_wire()),
        }
    }

    pub(super) fn from_wire(change: &wire::LimitSet) -> Result<Self, DecodeError> {
        Ok(Self {
            tier: change.tier,
            figures: Tier::from_wire(required("limit_set.figures", change.figures.as_ref())?)?,
        })
    }
}
