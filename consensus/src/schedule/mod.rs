//! Who proposes at a height, and who takes over when that one is silent.
//!
//! A pure function of the committed chain: two nodes that committed the same blocks know the same
//! order. Proposers take turns in proportion to voting power ([`turns`]); a validator that missed its
//! turn goes to the back for a while, longer each time ([`penalty`]), so that one dead validator
//! costs a timeout every few hundred heights instead of one in every four.
//!
//! What it keeps true: the order of a height contains every validator exactly once (C-10), and the
//! order of height `h` depends on nothing later than the header of `h - 1` (C-11), which says in which
//! round the block of `h - 2` was decided. Certificates of several rounds can exist for one height, so
//! the round that the committed header names is the only one that counts.

mod penalty;
mod turns;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use penalty::Penalty;

use crate::rules;

/// The schedule starts afresh at every multiple of this height, so that a node needs at most this many
/// headers to know it.
pub const TERM_HEIGHTS: u64 = 2_048;

/// The proposers of the next heights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Voting powers in the order of the validator set.
    powers: Vec<u64>,
    penalties: Vec<Penalty>,
    /// The height whose round is recorded next; the first order in `orders` is of this height.
    next: u64,
    /// Orders of `next` and, once its round is known to be needed, of the height after.
    orders: VecDeque<Vec<usize>>,
}

impl Schedule {
    /// A schedule without history, for a term or a validator set that starts at height `since`.
    ///
    /// # Panics
    /// Without validators.
    #[must_use]
    pub fn new(powers: &[u64], since: u64) -> Self {
        assert!(!powers.is_empty(), "a schedule needs a validator");
        let mut schedule = Self {
            powers: powers.to_vec(),
            penalties: vec![Penalty::default(); powers.len()],
            next: since,
            orders: VecDeque::new(),
        };
        schedule.orders.push_back(schedule.compute(since));
        schedule
            .orders
            .push_back(schedule.compute(since.saturating_add(1)));
        schedule
    }

    /// The first height whose committed round the schedule of `height` depends on, for a validator set
    /// in force since `set_since`: the start of the term or of the set, whichever is later.
    #[must_use]
    pub fn history_start(height: u64, set_since: u64) -> u64 {
        let term = height.saturating_sub(height.checked_rem(TERM_HEIGHTS).unwrap_or(0));
        term.max(set_since)
    }

    /// The schedule after the given committed rounds, which must follow one another from `since` on.
    ///
    /// # Panics
    /// Without validators.
    #[must_use]
    pub fn from_history(powers: &[u64], since: u64, rounds: impl IntoIterator<Item = u32>) -> Self {
        let mut schedule = Self::new(powers, since);
        for round in rounds {
            schedule.record(schedule.next, round);
        }
        schedule
    }

    /// Records that the block of `height` was decided in `round`, as the committed header of
    /// `height + 1` says. Heights before the schedule's start do not count.
    ///
    /// # Panics
    /// When a height is left out: that is a bug in the caller.
    pub fn record(&mut self, height: u64, round: u32) {
        if height < self.next {
            return;
        }
        assert_eq!(height, self.next, "rounds are recorded height by height");
        let order = self.orders.pop_front().unwrap_or_default();
        let effective = height.saturating_add(2);
        let missed = usize::try_from(round).unwrap_or(usize::MAX);
        for (place, validator) in order.iter().enumerate() {
            let Some(penalty) = self.penalties.get_mut(*validator) else {
                continue;
            };
            if place < missed {
                rules::acts("C-11");
                penalty.miss(effective);
            } else if place == missed {
                penalty.serve();
            }
        }
        self.next = self.next.saturating_add(1);
        self.orders.push_back(self.compute(effective));
    }

    /// The validators (as places in the set) in the order in which they propose at `height`: round `r`
    /// belongs to `order[r % order.len()]`.
    ///
    /// # Panics
    /// Unless `height` is one of the next two heights: that is a bug in the caller.
    #[must_use]
    pub fn order(&self, height: u64) -> &[usize] {
        let place = height
            .checked_sub(self.next)
            .and_then(|ahead| usize::try_from(ahead).ok());
        let order = place.and_then(|place| self.orders.get(place));
        let Some(order) = order else {
            unreachable!(
                "the schedule knows heights {} and the next, not {height}",
                self.next
            )
        };
        order
    }

    fn compute(&self, height: u64) -> Vec<usize> {
        let (back, front): (Vec<usize>, Vec<usize>) =
            (0..self.powers.len()).partition(|place| self.is_penalised(*place, height));
        let mut order = turns::rotation(&self.powers, &front, height);
        order.extend(turns::rotation(&self.powers, &back, height));
        rules::acts("C-10");
        assert_eq!(
            order.len(),
            self.powers.len(),
            "every validator has one place in the order"
        );
        order
    }

    fn is_penalised(&self, place: usize, height: u64) -> bool {
        self.penalties
            .get(place)
            .is_some_and(|penalty| penalty.covers(height))
    }
}
