//! What a peer can do wrong, and how much of it is borne.
//!
//! Peers are registered but not trusted. Each fault has a weight; points are forgiven with time;
//! too many disconnect the peer and refuse it for a bounded while, so that an honest peer behind
//! a bad line comes back by itself.

use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

use super::Priority;
use crate::limits::network as limits;

/// A fault of a peer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PeerFault {
    /// A frame announced more than its priority allows.
    #[error("announced a frame of {announced_bytes} bytes on the {} stream, which allows {}", .priority.name(), .priority.message_bytes_max())]
    OversizedFrame {
        /// The stream.
        priority: Priority,
        /// The announced length.
        announced_bytes: u32,
    },
    /// A frame announced no payload.
    #[error("announced an empty frame on the {} stream", .priority.name())]
    EmptyFrame {
        /// The stream.
        priority: Priority,
    },
    /// A stream ended inside a frame while its connection lived on.
    #[error("ended the {} stream inside a frame", .priority.name())]
    TruncatedFrame {
        /// The stream.
        priority: Priority,
    },
    /// A stream ended, or was reset, while its connection lived on.
    #[error("ended the {} stream but not the connection", .priority.name())]
    StreamEnded {
        /// The stream.
        priority: Priority,
    },
    /// The peer opened a second stream of one priority.
    #[error("opened a second {} stream", .priority.name())]
    DuplicateStream {
        /// The stream.
        priority: Priority,
    },
    /// The peer does not accept our stream: another chain, another version, or no answer in time.
    #[error("did not accept our {} stream", .priority.name())]
    StreamRefused {
        /// The stream.
        priority: Priority,
    },
    /// The peer keeps opening streams, or asks for protocols that we do not speak.
    #[error("opened more streams than a connection may have")]
    StreamFlood,
    /// The peer answered no ping in time.
    #[error("answered no ping in time")]
    Silent,
    /// A layer above found a message that an honest peer does not send.
    #[error("sent an invalid message: {reason}")]
    InvalidMessage {
        /// What was wrong with it.
        reason: &'static str,
    },
}

impl PeerFault {
    /// Fault points, of which [`limits::FAULT_POINTS_MAX`] are borne.
    pub fn points(&self) -> u32 {
        match self {
            PeerFault::OversizedFrame { .. }
            | PeerFault::EmptyFrame { .. }
            | PeerFault::DuplicateStream { .. }
            | PeerFault::StreamFlood => 50,
            PeerFault::InvalidMessage { .. } => 20,
            PeerFault::TruncatedFrame { .. }
            | PeerFault::StreamEnded { .. }
            | PeerFault::StreamRefused { .. } => 10,
            PeerFault::Silent => 0,
        }
    }
}

/// The record of one peer's faults.
#[derive(Debug, Default)]
pub(super) struct FaultRecord {
    points: u32,
    weighed_at: Option<Instant>,
    penalties: u32,
    penalised_until: Option<Instant>,
}

impl FaultRecord {
    /// Adds a fault. Returns the penalty if the peer is now penalised.
    pub(super) fn on_fault(&mut self, fault: &PeerFault, now: Instant) -> Option<Duration> {
        if self.is_penalised(now) {
            return None;
        }
        let forgiven = match self.weighed_at {
            Some(then) => {
                now.saturating_duration_since(then).as_millis()
                    / limits::FAULT_POINT_DECAY.as_millis()
            }
            None => 0,
        };
        let forgiven = u32::try_from(forgiven).unwrap_or(u32::MAX);
        self.points = self
            .points
            .saturating_sub(forgiven)
            .saturating_add(fault.points());
        self.weighed_at = Some(now);
        if self.points < limits::FAULT_POINTS_MAX {
            return None;
        }
        self.points = 0;
        let forgotten = self
            .penalised_until
            .is_some_and(|until| now.saturating_duration_since(until) >= limits::PENALTY_FORGOTTEN);
        self.penalties = if forgotten {
            1
        } else {
            self.penalties.saturating_add(1)
        };
        let factor = 1_u32
            .checked_shl(self.penalties.saturating_sub(1))
            .unwrap_or(u32::MAX);
        let penalty = limits::PENALTY_MIN
            .saturating_mul(factor)
            .min(limits::PENALTY_MAX);
        self.penalised_until = now.checked_add(penalty);
        Some(penalty)
    }

    /// Whether the peer is to be refused.
    pub(super) fn is_penalised(&self, now: Instant) -> bool {
        self.penalised_until.is_some_and(|until| now < until)
    }

    /// When the present penalty ends.
    pub(super) fn penalised_until(&self, now: Instant) -> Option<Instant> {
        self.penalised_until.filter(|until| now < *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAVY: PeerFault = PeerFault::StreamFlood;

    #[test]
    fn faults_add_up_to_penalties_that_double_within_their_bound() {
        let mut record = FaultRecord::default();
        let mut now = Instant::now();
        let mut penalties = Vec::new();
        for _ in 0..12 {
            assert_eq!(record.on_fault(&HEAVY, now), None);
            let penalty = record
                .on_fault(&HEAVY, now)
                .expect("the second heavy fault is too many");
            assert!(record.is_penalised(now));
            penalties.push(penalty.as_secs());
            now += penalty;
            assert!(!record.is_penalised(now));
        }
        assert_eq!(penalties, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60]);
        now += limits::PENALTY_FORGOTTEN;
        assert_eq!(record.on_fault(&HEAVY, now), None);
        assert_eq!(record.on_fault(&HEAVY, now), Some(limits::PENALTY_MIN));
    }

    #[test]
    fn points_are_forgiven_with_time() {
        let mut record = FaultRecord::default();
        let mut now = Instant::now();
        for _ in 0..100 {
            assert_eq!(record.on_fault(&HEAVY, now), None);
            now += limits::FAULT_POINT_DECAY * HEAVY.points();
        }
    }
}
