//! How long to wait for a proposal and for votes: bounded, adapted to measured rounds, in integers.
//!
//! Each estimate follows the round-trip estimator of TCP (RFC 6298): a smoothed mean and a smoothed
//! deviation. Timeouts decide nothing about safety; too short ones cost rounds, too long ones cost
//! waiting for a dead proposer. No wait is ever longer than the bound (C-12), so backoff cannot grow
//! into a stall.

use crate::rules;

/// The steps of a round that are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// From the start of the round until the proposal is there and checked.
    Propose,
    /// From a quorum of prevotes for anything until one for something.
    Prevote,
    /// From a quorum of precommits for anything until one for something.
    Precommit,
    /// Until own messages are sent again.
    Rebroadcast,
}

/// Bounds of the timeouts, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeoutBounds {
    /// Shortest wait for a proposal.
    pub propose_min: u64,
    /// Shortest wait for votes.
    pub vote_min: u64,
    /// First wait for a proposal, before anything was measured.
    pub propose_initial: u64,
    /// First wait for votes, before anything was measured.
    pub vote_initial: u64,
    /// Longest wait of any kind, in any round.
    pub max: u64,
}

impl Default for TimeoutBounds {
    fn default() -> Self {
        Self {
            propose_min: 250,
            vote_min: 100,
            propose_initial: 1_000,
            vote_initial: 500,
            max: 10_000,
        }
    }
}

/// Timeouts of the running height.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts {
    bounds: TimeoutBounds,
    propose: Estimate,
    prevote: Estimate,
    precommit: Estimate,
}

impl Timeouts {
    /// Timeouts before anything was measured.
    #[must_use]
    pub fn new(bounds: TimeoutBounds) -> Self {
        Self {
            bounds,
            propose: Estimate::default(),
            prevote: Estimate::default(),
            precommit: Estimate::default(),
        }
    }

    /// Records how long a step took that ended well.
    pub fn measured(&mut self, step: Step, elapsed: u64) {
        let elapsed = elapsed.min(self.bounds.max);
        match step {
            Step::Propose => self.propose.sample(elapsed),
            Step::Prevote => self.prevote.sample(elapsed),
            Step::Precommit => self.precommit.sample(elapsed),
            Step::Rebroadcast => {}
        }
    }

    /// How long to wait for `step` in `round`, milliseconds: grows by half of the base each round.
    #[must_use]
    pub fn wait(&self, step: Step, round: u32) -> u64 {
        let base = match step {
            Step::Propose => self
                .propose
                .wait(self.bounds.propose_initial)
                .max(self.bounds.propose_min),
            Step::Prevote => self
                .prevote
                .wait(self.bounds.vote_initial)
                .max(self.bounds.vote_min),
            Step::Precommit => self
                .precommit
                .wait(self.bounds.vote_initial)
                .max(self.bounds.vote_min),
            Step::Rebroadcast => {
                return self
                    .wait(Step::Propose, round)
                    .saturating_mul(2)
                    .min(self.bounds.max);
            }
        };
        let growth = (base / 2).saturating_mul(u64::from(round));
        let wait = base.saturating_add(growth);
        if wait > self.bounds.max {
            rules::acts("C-12");
        }
        wait.min(self.bounds.max)
    }
}

/// A smoothed mean (times eight) and mean deviation (times four) of durations in milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Estimate {
    measured: bool,
    mean_8: u64,
    deviation_4: u64,
}

impl Estimate {
    fn sample(&mut self, elapsed: u64) {
        if !self.measured {
            self.measured = true;
            self.mean_8 = elapsed.saturating_mul(8);
            self.deviation_4 = elapsed.saturating_mul(2);
            return;
        }
        let error = elapsed.abs_diff(self.mean_8 / 8);
        self.deviation_4 = self
            .deviation_4
            .saturating_sub(self.deviation_4 / 4)
            .saturating_add(error);
        self.mean_8 = self
            .mean_8
            .saturating_sub(self.mean_8 / 8)
            .saturating_add(elapsed);
    }

    /// Twice the mean and four deviations.
    fn wait(&self, initial: u64) -> u64 {
        if self.measured {
            (self.mean_8 / 4).saturating_add(self.deviation_4)
        } else {
            initial
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_at_the_initial_waits_and_grows_by_round_up_to_the_bound() {
        let timeouts = Timeouts::new(TimeoutBounds::default());
        assert_eq!(timeouts.wait(Step::Propose, 0), 1_000);
        assert_eq!(timeouts.wait(Step::Propose, 2), 2_000);
        assert_eq!(timeouts.wait(Step::Prevote, 1), 750);
        assert_eq!(timeouts.wait(Step::Propose, u32::MAX), 10_000);
        assert_eq!(timeouts.wait(Step::Rebroadcast, 0), 2_000);
    }

    #[test]
    fn falls_to_the_least_wait_on_a_fast_network() {
        let mut timeouts = Timeouts::new(TimeoutBounds::default());
        for _ in 0..50 {
            timeouts.measured(Step::Propose, 12);
            timeouts.measured(Step::Precommit, 3);
        }
        assert_eq!(timeouts.wait(Step::Propose, 0), 250);
        assert_eq!(timeouts.wait(Step::Precommit, 0), 100);
    }

    #[test]
    fn rises_above_what_a_slow_network_needs_and_never_above_the_bound() {
        let mut timeouts = Timeouts::new(TimeoutBounds::default());
        for _ in 0..50 {
            timeouts.measured(Step::Propose, 900);
        }
        let wait = timeouts.wait(Step::Propose, 0);
        assert!((1_800..2_500).contains(&wait), "{wait}");
        for _ in 0..50 {
            timeouts.measured(Step::Propose, u64::MAX);
        }
        assert_eq!(timeouts.wait(Step::Propose, 0), 10_000);
    }

    #[test]
    fn jitter_widens_the_wait() {
        let (mut steady, mut jittery) = (
            Timeouts::new(TimeoutBounds::default()),
            Timeouts::new(TimeoutBounds::default()),
        );
        for turn in 0..100_u64 {
            steady.measured(Step::Propose, 400);
            jittery.measured(
                Step::Propose,
                if turn.is_multiple_of(2) { 100 } else { 700 },
            );
        }
        assert!(jittery.wait(Step::Propose, 0) > steady.wait(Step::Propose, 0) + 500);
    }
}
