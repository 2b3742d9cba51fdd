//! What the network counts, for metrics and tests.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{PerPriority, Priority};

/// A snapshot of everything counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NetworkCounters {
    /// Messages received, by priority.
    pub messages_in: PerPriority<u64>,
    /// Payload bytes received, by priority.
    pub bytes_in: PerPriority<u64>,
    /// Messages written, by priority.
    pub messages_out: PerPriority<u64>,
    /// Payload bytes written, by priority.
    pub bytes_out: PerPriority<u64>,
    /// Messages dropped because a send queue was full, by priority.
    pub dropped: PerPriority<u64>,
    /// Faults of peers, those reported by upper layers included.
    pub faults: u64,
    /// Penalties given to peers.
    pub penalties: u64,
    /// Connections refused because the peer is not registered.
    pub refused_strangers: u64,
    /// Connections refused because the peer is penalised.
    pub refused_penalised: u64,
    /// Connections refused because of a connection limit.
    pub refused_by_limit: u64,
    /// Inbound connections whose handshake failed: garbage, timeouts.
    pub handshakes_failed: u64,
    /// Dials that failed.
    pub dials_failed: u64,
    /// Dials that reached a node with another identity than the expected one.
    pub dials_wrong_peer: u64,
}

/// A count that only grows.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The live counts.
#[derive(Debug, Default)]
pub(super) struct Counters {
    messages_in: PerPriority<Counter>,
    bytes_in: PerPriority<Counter>,
    messages_out: PerPriority<Counter>,
    bytes_out: PerPriority<Counter>,
    pub(super) dropped: PerPriority<Counter>,
    pub(super) faults: Counter,
    pub(super) penalties: Counter,
    pub(super) refused_strangers: Counter,
    pub(super) refused_penalised: Counter,
    pub(super) refused_by_limit: Counter,
    pub(super) handshakes_failed: Counter,
    pub(super) dials_failed: Counter,
    pub(super) dials_wrong_peer: Counter,
}

impl Counters {
    pub(super) fn on_received(&self, priority: Priority, bytes: usize) {
        self.messages_in.get(priority).add(1);
        self.bytes_in.get(priority).add(bytes as u64);
    }

    pub(super) fn on_written(&self, priority: Priority, bytes: usize) {
        self.messages_out.get(priority).add(1);
        self.bytes_out.get(priority).add(bytes as u64);
    }

    pub(super) fn snapshot(&self) -> NetworkCounters {
        let read = |counts: &PerPriority<Counter>| {
            PerPriority::from_fn(|priority| counts.get(priority).get())
        };
        NetworkCounters {
            messages_in: read(&self.messages_in),
            bytes_in: read(&self.bytes_in),
            messages_out: read(&self.messages_out),
            bytes_out: read(&self.bytes_out),
            dropped: read(&self.dropped),
            faults: self.faults.get(),
            penalties: self.penalties.get(),
            refused_strangers: self.refused_strangers.get(),
            refused_penalised: self.refused_penalised.get(),
            refused_by_limit: self.refused_by_limit.get(),
            handshakes_failed: self.handshakes_failed.get(),
            dials_failed: self.dials_failed.get(),
            dials_wrong_peer: self.dials_wrong_peer.get(),
        }
    }
}
