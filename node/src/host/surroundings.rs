//! Everything around a host that is not its disk.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use talea_consensus::{Evidence, PeerId};
use talea_ledger::Delta;
use talea_types::Batch;

use crate::interface::{Admission, CommittedRecord};
use crate::register::NamedValidators;
use crate::replica::{Audience, Lane, Now, Severity};

/// A log that was synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Log {
    /// Votes and locks.
    Consensus,
    /// Bodies and decisions.
    Blocks,
}

/// Clocks, network, verifiers, readers and clients of a host. None of these may fail: what cannot be
/// delivered is lost, as on any network, and the replica repeats what matters.
pub trait Surroundings {
    /// The clocks, for the replica.
    fn now(&self) -> Now;

    /// Time since the start, for measuring.
    fn elapsed(&self) -> Duration;

    /// Sends to one peer.
    fn send(&mut self, to: PeerId, lane: Lane, bytes: &Bytes);

    /// Sends to all connected peers of an audience.
    fn broadcast(&mut self, audience: Audience, lane: Lane, bytes: &Bytes);

    /// Verifies a batch; the answer comes as [`Input::BatchVerified`](crate::replica::Input::BatchVerified).
    fn verify_batch(&mut self, batch: &Arc<Batch>);

    /// Answers a peer that asks for snapshots, on nobody's time.
    fn serve_snapshot(&mut self, to: PeerId, request: Bytes);

    /// Answers a client.
    fn on_admitted(&mut self, ticket: u64, answers: Vec<Admission>);

    /// A block is committed, durable and applied.
    fn publish(&mut self, record: Arc<CommittedRecord>, delta: Delta);

    /// The ledger names other validators. Returns the peers that may not speak any more.
    fn on_validators(&mut self, named: &NamedValidators) -> Vec<PeerId>;

    /// Gives a tick at this time of the monotonic clock; replaces the time given before.
    fn wake_at(&mut self, at: u64);

    /// A peer did not do what it should.
    fn on_fault(&mut self, peer: &PeerId, severity: Severity, reason: &str);

    /// A validator contradicted itself.
    fn on_evidence(&mut self, evidence: &Evidence);

    /// A log was made durable, and how long that took.
    fn on_synced(&mut self, log: Log, took: Duration);
}
