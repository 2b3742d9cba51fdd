//! The one source of chance in a simulation.

/// SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The same seed and purpose give the same numbers; streams of two purposes are apart.
    #[must_use]
    pub fn new(seed: u64, purpose: &str) -> Self {
        let hash = talea_types::hash::tagged(
            "talea-sim/random",
            &[&seed.to_be_bytes(), purpose.as_bytes()],
        );
        let mut start = [0; 8];
        start.copy_from_slice(&hash.as_bytes()[..8]);
        Self(u64::from_be_bytes(start))
    }

    /// Any number.
    pub fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.any() % end
    }

    /// From `first` to `last`, both included.
    pub fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// A position in a list of this length.
    pub fn position(&mut self, length: usize) -> usize {
        (self.any() % length as u64) as usize
    }

    /// True in so many of a thousand cases.
    pub fn chance(&mut self, of_thousand: u64) -> bool {
        self.below(1_000) < of_thousand
    }

    /// One of a list.
    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.position(all.len())]
    }
}
