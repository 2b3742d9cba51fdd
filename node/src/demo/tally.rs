//! What happened, counted as it became final.

use std::{collections::BTreeMap, time::Duration};

use talea_types::{Asset, Outcome, TransactionId};

use super::plan::Payment;

/// Counts and sums of what the network decided.
#[derive(Debug, Default)]
pub struct Tally {
    /// Applied payments by kind and asset.
    pub applied: BTreeMap<(&'static str, Asset), KindTotal>,
    /// Refused payments by outcome.
    pub refused: BTreeMap<Outcome, u64>,
    /// From the hand-over to the client library to the final answer.
    latencies: Vec<Duration>,
    /// Transactions of the payments, in the order in which they became final.
    pub ids: Vec<TransactionId>,
    /// How long the waves took together.
    pub elapsed: Duration,
}

/// Of one kind of payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindTotal {
    /// How many.
    pub count: u64,
    /// Minor units together.
    pub sum: u128,
}

impl Tally {
    /// Counts a payment that is final.
    pub fn count(
        &mut self,
        payment: &Payment,
        id: TransactionId,
        outcome: Outcome,
        latency: Duration,
    ) {
        self.ids.push(id);
        self.latencies.push(latency);
        if outcome.is_applied() {
            let total = self
                .applied
                .entry((payment.kind, payment.asset))
                .or_default();
            total.count += 1;
            total.sum += payment.moved();
        } else {
            *self.refused.entry(outcome).or_default() += 1;
        }
    }

    /// How many payments are final.
    #[must_use]
    pub fn payment_count(&self) -> usize {
        self.latencies.len()
    }

    /// The latency that `percent` of the payments did not exceed; nothing without payments.
    #[must_use]
    pub fn latency(&self, percent: usize) -> Duration {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100);
        let found = sorted.get(rank.saturating_sub(1));
        found.copied().unwrap_or_default()
    }

    /// Payments a second while the waves were played.
    #[must_use]
    pub fn payments_per_second(&self) -> u64 {
        let millis = self.elapsed.as_millis().max(1);
        u64::try_from(self.payment_count() as u128 * 1_000 / millis).unwrap_or(u64::MAX)
    }

    /// At most `count` of the transactions, spread evenly.
    #[must_use]
    pub fn sample(&self, count: usize) -> Vec<TransactionId> {
        let step = self.ids.len().div_ceil(count.max(1)).max(1);
        self.ids.iter().copied().step_by(step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_payments() {
        let tally = Tally {
            latencies: (1..=200).rev().map(Duration::from_millis).collect(),
            ..Tally::default()
        };
        assert_eq!(tally.latency(50), Duration::from_millis(100));
        assert_eq!(tally.latency(99), Duration::from_millis(198));
        assert_eq!(tally.latency(100), Duration::from_millis(200));
        assert_eq!(Tally::default().latency(50), Duration::ZERO);
    }

    #[test]
    fn a_sample_has_at_most_the_size_asked_for() {
        let id = |byte| TransactionId::new(talea_types::Hash([byte; 32]));
        let tally = Tally {
            ids: (0..101).map(id).collect(),
            ..Tally::default()
        };
        assert_eq!(tally.sample(50).len(), 34);
        assert_eq!(tally.sample(1_000).len(), 101);
        assert_eq!(tally.sample(1), [id(0)]);
    }
}
