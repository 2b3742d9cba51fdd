//! How long a validator that missed its turn stays at the back of the order.

/// Heights of the first penalty.
pub const PENALTY_HEIGHTS_MIN: u64 = 32;
/// Heights of the longest penalty; each further miss doubles it up to this.
pub const PENALTY_HEIGHTS_MAX: u64 = 1_024;
/// Misses after which the penalty no longer grows.
const LEVEL_MAX: u32 = 6;

/// The standing of one validator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Penalty {
    /// Misses that were not yet made good by a served turn.
    level: u32,
    /// First height after the penalty.
    until: u64,
}

impl Penalty {
    /// The validator was silent in a round that was its own; the penalty begins at height `from`.
    pub fn miss(&mut self, from: u64) {
        self.level = self.level.saturating_add(1).min(LEVEL_MAX);
        let doublings = self.level.saturating_sub(1);
        let heights = PENALTY_HEIGHTS_MIN
            .checked_shl(doublings)
            .unwrap_or(PENALTY_HEIGHTS_MAX);
        self.until = from.saturating_add(heights.min(PENALTY_HEIGHTS_MAX));
    }

    /// A block of the validator was decided: it is back, and one miss is made good.
    pub fn serve(&mut self) {
        self.level = self.level.saturating_sub(1);
        self.until = 0;
    }

    /// Whether the validator is at the back at `height`.
    pub const fn covers(&self, height: u64) -> bool {
        height < self.until
    }
}
