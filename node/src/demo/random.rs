//! Numbers that look random and are the same in every run: a plan must not depend on the machine.

use talea_types::hash::tagged;

/// A sequence of numbers that follows from a seed.
#[derive(Clone, Debug)]
pub struct Sequence {
    seed: u64,
    count: u64,
}

impl Sequence {
    /// The sequence of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, count: 0 }
    }

    fn next(&mut self) -> u64 {
        self.count += 1;
        let parts = [self.seed.to_be_bytes(), self.count.to_be_bytes()];
        let hash = tagged("talea/demo-sequence/v1", &[&parts[0], &parts[1]]);
        let [a, b, c, d, e, f, g, h, ..] = hash.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// A number below `bound`; 0 when that is 0. The bias is below one in 2^64 / `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    /// A position in a list of `length`, which is not empty.
    pub fn position(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// Whether something happens that happens `percent` times in a hundred.
    pub fn happens(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_within_their_bound() {
        let numbers = |seed| {
            let mut sequence = Sequence::new(seed);
            (0..1_000).map(|_| sequence.below(7)).collect::<Vec<_>>()
        };
        assert_eq!(numbers(1), numbers(1));
        assert_ne!(numbers(1), numbers(2));
        assert!((0..7).all(|number| numbers(1).contains(&number)));
        assert!(numbers(1).iter().all(|number| *number < 7));
    }
}
