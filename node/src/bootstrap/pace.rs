//! How fast snapshots are sent, to all peers together.

use crate::limits::bootstrap::{SERVED_BYTES_AT_ONCE, SERVED_BYTES_PER_SECOND};

/// Bytes that may be sent now. It fills at a rate, up to a bound.
#[derive(Debug)]
pub(super) struct Pace {
    bytes: u64,
    /// When it was filled last, milliseconds.
    at: u64,
}

impl Pace {
    pub(super) const fn new(now: u64) -> Self {
        Self {
            bytes: SERVED_BYTES_AT_ONCE,
            at: now,
        }
    }

    /// Takes so many bytes, at most [`SERVED_BYTES_AT_ONCE`].
    ///
    /// # Errors
    /// Milliseconds until there are as many.
    pub(super) fn try_take(&mut self, now: u64, bytes: u64) -> Result<(), u64> {
        assert!(bytes <= SERVED_BYTES_AT_ONCE, "more than there ever is");
        let passed = now.saturating_sub(self.at);
        let filled = passed.saturating_mul(SERVED_BYTES_PER_SECOND) / 1_000;
        self.bytes = self.bytes.saturating_add(filled).min(SERVED_BYTES_AT_ONCE);
        self.at = now;
        match self.bytes.checked_sub(bytes) {
            Some(left) => {
                self.bytes = left;
                Ok(())
            }
            None => {
                let missing = bytes - self.bytes;
                Err((missing * 1_000).div_ceil(SERVED_BYTES_PER_SECOND))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::bootstrap::CHUNK_BYTES;

    #[test]
    fn no_more_is_sent_than_the_rate_allows() {
        let mut pace = Pace::new(0);
        let (mut now, mut sent) = (0, 0);
        while now < 10_000 {
            match pace.try_take(now, CHUNK_BYTES) {
                Ok(()) => sent += CHUNK_BYTES,
                Err(wait) => {
                    assert!(wait > 0, "it would be asked again for ever");
                    now += wait;
                }
            }
        }
        let allowed = 10 * SERVED_BYTES_PER_SECOND + SERVED_BYTES_AT_ONCE;
        assert!(sent <= allowed, "{sent}");
        assert!(sent > allowed / 10 * 9, "{sent}");
    }
}
