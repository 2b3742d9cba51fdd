//! How long to wait before trying again: twice as long each time, with a random part so that many
//! clients do not come back at the same moment.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

/// The waits of one operation.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The next wait, at least `asked_for` by the node, at most `remaining`.
    pub(crate) fn next(&mut self, asked_for: Option<Duration>, remaining: Duration) -> Duration {
        let doubled = FIRST.saturating_mul(1 << self.failures.min(6)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        let jittered = doubled.mul_f64(0.5 + random_fraction() / 2.0);
        jittered.max(asked_for.unwrap_or_default()).min(remaining)
    }

    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// 0 to 1. Without random bytes from the system there is no jitter, nothing worse.
fn random_fraction() -> f64 {
    let mut byte = [255];
    let _ = getrandom::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_within_bounds() {
        let mut backoff = Backoff::default();
        let long = Duration::from_secs(60);
        let waits: Vec<_> = (0..20).map(|_| backoff.next(None, long)).collect();
        assert!(waits[0] <= FIRST);
        assert!(waits.iter().all(|wait| *wait <= LONGEST));
        assert!(waits[19] >= LONGEST / 2);
        assert_eq!(
            backoff.next(Some(Duration::from_secs(9)), long).as_secs(),
            9
        );
        assert_eq!(backoff.next(None, Duration::ZERO), Duration::ZERO);
    }
}
