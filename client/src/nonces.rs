//! Nonces for many transactions in flight at once.
//!
//! The ledger accepts nonces in any order within a window of [`NONCE_WINDOW`] above the lowest unused
//! one; using a higher one slides the window up and makes what falls below it unusable. So a nonce is
//! handed out only if it is less than a window above the lowest that is still in flight: then none in
//! flight can be slid out by another.

use std::{collections::BTreeSet, sync::Mutex};

use talea_types::limits::NONCE_WINDOW;

use crate::{ClientError, NonceRange};

/// Hands out the nonces of one author. One source for one author: two that do not know of each other
/// would hand out the same nonce, and the ledger would refuse one of the two transactions.
#[derive(Debug)]
pub struct NonceSource(Mutex<Pool>);

#[derive(Debug)]
struct Pool {
    next: u64,
    in_flight: BTreeSet<u64>,
    /// Handed out once, never used on the ledger, and never will be.
    returned: BTreeSet<u64>,
}

impl NonceSource {
    /// Starts above every nonce that was used.
    #[must_use]
    pub fn new(range: &NonceRange) -> Self {
        Self(Mutex::new(Pool {
            next: range.next.max(range.window_start),
            in_flight: BTreeSet::new(),
            returned: BTreeSet::new(),
        }))
    }

    /// A nonce that was not handed out before, or that was given back.
    ///
    /// # Errors
    /// [`ClientError::NoncesInFlight`] when it would be a window above the lowest in flight.
    pub fn take(&self) -> Result<u64, ClientError> {
        let mut pool = self.pool();
        let nonce = pool.returned.first().copied().unwrap_or(pool.next);
        let lowest = pool.in_flight.first().copied().unwrap_or(nonce);
        if nonce >= lowest.saturating_add(NONCE_WINDOW) {
            return Err(ClientError::NoncesInFlight {
                in_flight: pool.in_flight.len(),
            });
        }
        if !pool.returned.remove(&nonce) {
            pool.next = pool.next.saturating_add(1);
        }
        pool.in_flight.insert(nonce);
        Ok(nonce)
    }

    /// The transaction with this nonce is in a block.
    pub fn used(&self, nonce: u64) {
        self.pool().in_flight.remove(&nonce);
    }

    /// The transaction with this nonce was never sent, or expired: the nonce can serve another one.
    pub fn unused(&self, nonce: u64) {
        let mut pool = self.pool();
        if pool.in_flight.remove(&nonce) {
            pool.returned.insert(nonce);
        }
    }

    /// Takes note of where the ledger's window is: what is below it is of no more use.
    pub fn synchronise(&self, range: &NonceRange) {
        let mut pool = self.pool();
        pool.next = pool.next.max(range.next).max(range.window_start);
        pool.in_flight = pool.in_flight.split_off(&range.window_start);
        pool.returned = pool.returned.split_off(&range.window_start);
    }

    /// How many are in flight.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.pool().in_flight.len()
    }

    fn pool(&self) -> std::sync::MutexGuard<'_, Pool> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use talea_types::{Timestamp, state::NonceWindow};

    use super::*;

    fn range(window_start: u64, next: u64) -> NonceRange {
        NonceRange {
            window_start,
            next,
            ledger_time: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn what_is_in_flight_is_never_slid_out() {
        let source = NonceSource::new(&range(0, 0));
        let mut ledger = NonceWindow::default();
        let first = source.take().unwrap();
        let mut taken = 1;
        while let Ok(nonce) = source.take() {
            taken += 1;
            ledger.try_use(nonce).unwrap();
            source.used(nonce);
            assert!(taken <= NONCE_WINDOW, "the first is still in flight");
        }
        assert_eq!(taken, NONCE_WINDOW);
        ledger.try_use(first).expect("still in the window");
        source.used(first);
        assert_eq!(source.take().unwrap(), NONCE_WINDOW);
    }

    #[test]
    fn a_nonce_given_back_is_handed_out_again() {
        let source = NonceSource::new(&range(5, 7));
        assert_eq!(source.take().unwrap(), 7);
        assert_eq!(source.take().unwrap(), 8);
        source.unused(7);
        assert_eq!(source.take().unwrap(), 7);
        assert_eq!(source.take().unwrap(), 9);
        assert_eq!(source.in_flight(), 3);
    }

    #[test]
    fn synchronising_drops_what_is_below_the_window() {
        let source = NonceSource::new(&range(0, 0));
        source.take().unwrap();
        source.take().unwrap();
        source.unused(1);
        source.synchronise(&range(10, 12));
        assert_eq!(source.in_flight(), 0);
        assert_eq!(source.take().unwrap(), 12);
    }
}
