//! How much of something a client may do: a sum that fills up again with time and may be overdrawn, so that
//! what was done before it could be counted is paid for as well.

use std::time::{Duration, Instant};

/// Thousandths, so that a millisecond counts.
const PARTS: i64 = 1_000;

/// How much there is, and how fast it comes back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// What there is at first, and at most.
    pub(crate) burst: i64,
    /// What comes back a second.
    pub(crate) per_second: i64,
    /// What can be owed at most, so that nobody waits for ever.
    pub(crate) owed_max: i64,
}

/// What is left of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    terms: Terms,
    left: i64,
    at: Instant,
}

impl Allowance {
    pub(crate) const fn full(terms: Terms, now: Instant) -> Self {
        let left = terms.burst.saturating_mul(PARTS);
        Self {
            terms,
            left,
            at: now,
        }
    }

    /// Takes so much; never less than what can be owed at most is left.
    pub(crate) fn take(&mut self, cost: i64, now: Instant) {
        self.fill(now);
        let least = self.terms.owed_max.saturating_mul(PARTS).saturating_neg();
        let left = self.left.saturating_sub(cost.saturating_mul(PARTS));
        self.left = left.max(least);
    }

    /// How long more was taken than there was; zero when nothing is owed.
    pub(crate) fn owes_for(&mut self, now: Instant) -> Duration {
        self.fill(now);
        let owed = u64::try_from(self.left.saturating_neg()).unwrap_or(0);
        Duration::from_millis(owed.div_ceil(self.terms.per_second.unsigned_abs()))
    }

    /// Whether nothing is taken.
    pub(crate) fn is_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.left == self.terms.burst.saturating_mul(PARTS)
    }

    fn fill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.at).as_millis();
        let passed = i64::try_from(passed).unwrap_or(i64::MAX);
        // What is less than a millisecond is left for the next time.
        if passed > 0 {
            let filled = passed.saturating_mul(self.terms.per_second);
            let most = self.terms.burst.saturating_mul(PARTS);
            self.left = self.left.saturating_add(filled).min(most);
            self.at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms {
        burst: 100,
        per_second: 20,
        owed_max: 400,
    };

    #[test]
    fn who_owes_waits_until_it_has_paid() {
        let begin = Instant::now();
        let mut allowance = Allowance::full(TERMS, begin);
        allowance.take(100, begin);
        assert_eq!(
            allowance.owes_for(begin),
            Duration::ZERO,
            "not more than there was"
        );
        assert!(!allowance.is_full(begin));
        allowance.take(60, begin);
        let owed = Duration::from_secs(3);
        assert_eq!(allowance.owes_for(begin), owed);
        let just_before = begin + owed - Duration::from_millis(1);
        assert_eq!(allowance.owes_for(just_before), Duration::from_millis(1));
        assert_eq!(allowance.owes_for(begin + owed), Duration::ZERO);
        assert!(allowance.is_full(begin + owed + Duration::from_secs(5)));
    }

    #[test]
    fn debts_end_and_nothing_is_saved_up() {
        let begin = Instant::now();
        let mut allowance = Allowance::full(TERMS, begin);
        allowance.take(i64::MAX, begin);
        assert_eq!(allowance.owes_for(begin), Duration::from_secs(20));
        let much_later = begin + Duration::from_secs(86_400);
        assert_eq!(allowance.owes_for(much_later), Duration::ZERO);
        allowance.take(120, much_later);
        assert_eq!(allowance.owes_for(much_later), Duration::from_secs(1));
    }
}
