//! When to dial a peer again: bounded exponential waits, with a jitter that is a function of the
//! peer, so that nodes that lost each other at once do not return at once.

use std::time::Duration;

use libp2p::PeerId;

use crate::limits::network as limits;

/// The wait before the attempt that follows `failures` failures (at least one), between half of
/// [`limits::BACKOFF_MIN`] and [`limits::BACKOFF_MAX`].
pub(super) fn delay(peer: &PeerId, failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
    let whole = limits::BACKOFF_MIN
        .saturating_mul(factor)
        .min(limits::BACKOFF_MAX);
    // Between a half and the whole, in 256 steps picked by the peer's identity and the attempt.
    let seed = peer.to_bytes().iter().fold(failures, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(*byte))
    });
    let step = seed.wrapping_mul(0x9E37_79B9) >> 24;
    let half = whole / 2;
    half.saturating_add(half.saturating_mul(step) / 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_within_their_bounds_and_repeat() {
        let peer = PeerId::random();
        for failures in (0..40).chain([u32::MAX]) {
            let wait = delay(&peer, failures);
            assert!(wait >= limits::BACKOFF_MIN / 2 && wait <= limits::BACKOFF_MAX);
            assert_eq!(wait, delay(&peer, failures));
        }
        assert!(delay(&peer, 1) <= limits::BACKOFF_MIN);
        assert!(delay(&peer, 30) >= limits::BACKOFF_MAX / 2);
    }
}
