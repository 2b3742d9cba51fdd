//! The machine that a node runs on, as its host sees it: clocks, network, verifiers, readers, clients.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use talea_consensus::{Evidence, PeerId};
use talea_ledger::Delta;
use talea_types::Batch;
use tokio::sync::mpsc;

use super::{BatchVerdict, PeerBook, Publisher};
use crate::admission::{Reply, VerifierPool};
use crate::bootstrap::SnapshotServer;
use crate::host::{Log, Surroundings};
use crate::interface::{Admission, CommittedRecord};
use crate::network::{NetworkHandle, PeerFault, Priority};
use crate::register::{NamedValidators, Register};
use crate::replica::{Audience, Lane, Now, Severity};
use crate::telemetry::FaultKind;

/// See the module.
pub(super) struct Machine {
    network: NetworkHandle,
    register: Arc<Register>,
    pub(super) peers: PeerBook,
    verifier: VerifierPool,
    pub(super) publisher: Publisher,
    snapshots: SnapshotServer,
    verdicts: mpsc::UnboundedSender<BatchVerdict>,
    /// Answers owed to clients, by ticket.
    pub(super) replies: BTreeMap<u64, Reply>,
    started: Instant,
    wake_at: Option<u64>,
}

impl Machine {
    pub(super) fn new(
        network: NetworkHandle,
        register: Arc<Register>,
        peers: PeerBook,
        verifier: VerifierPool,
        publisher: Publisher,
        snapshots: SnapshotServer,
        verdicts: mpsc::UnboundedSender<BatchVerdict>,
    ) -> Self {
        Self {
            network,
            register,
            peers,
            verifier,
            publisher,
            snapshots,
            verdicts,
            replies: BTreeMap::new(),
            started: Instant::now(),
            wake_at: None,
        }
    }

    /// When the next tick is due.
    pub(super) fn wake(&self) -> Option<Instant> {
        self.wake_at
            .map(|at| self.started + Duration::from_millis(at))
    }
}

impl Surroundings for Machine {
    fn now(&self) -> Now {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Now {
            monotonic_ms: millis(self.started.elapsed()),
            wall_ms: millis(wall),
        }
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn send(&mut self, to: PeerId, lane: Lane, bytes: &Bytes) {
        if let Some(peer) = self.peers.transport_of(&to) {
            // A message that does not fit its queue is lost, as on any network; the replica repeats
            // what matters.
            let _ = self.network.send(&peer, priority(lane), bytes.clone());
        }
    }

    fn broadcast(&mut self, audience: Audience, lane: Lane, bytes: &Bytes) {
        if audience != Audience::Observers {
            let _ = self.network.broadcast(priority(lane), bytes);
        }
        if audience != Audience::Validators {
            for observer in self.peers.observers() {
                let _ = self.network.send(observer, priority(lane), bytes.clone());
            }
        }
    }

    fn verify_batch(&mut self, batch: &Arc<Batch>) {
        let sender = self.verdicts.clone();
        let reply = Box::new(
            move |batch: Batch, verdict: crate::admission::BatchVerdict| {
                if let Err(refusal) = &verdict {
                    tracing::warn!(author = %batch.author(), %refusal, "a batch is refused");
                }
                // A driver that stopped needs no verdict.
                let _ = sender.send((batch.digest(), verdict.ok()));
            },
        );
        if self
            .verifier
            .try_verify_batch(batch.as_ref().clone(), reply)
            .is_err()
        {
            tracing::warn!(digest = %batch.digest(), "too many batches wait to be verified; it is fetched again when needed");
        }
    }

    fn serve_snapshot(&mut self, to: PeerId, request: Bytes) {
        if let Some(peer) = self.peers.transport_of(&to) {
            self.snapshots.ask(peer, request);
        }
    }

    fn on_admitted(&mut self, ticket: u64, answers: Vec<Admission>) {
        if let Some(reply) = self.replies.remove(&ticket) {
            reply(answers);
        }
    }

    fn publish(&mut self, record: Arc<CommittedRecord>, delta: Delta) {
        self.publisher.publish(record, delta);
    }

    /// Validators that the ledger names are let in, and those that left are not.
    fn on_validators(&mut self, named: &NamedValidators) -> Vec<PeerId> {
        let peers = self.register.peers(named);
        let book = PeerBook::new(&peers);
        // The network tells their end under a name that the new book no longer knows.
        let gone = self.peers.missing_in(&book).collect();
        self.peers = book;
        let peers = peers.into_iter().map(|peer| peer.config).collect();
        if let Err(error) = self.network.set_peers(peers) {
            tracing::error!(%error, "the register of peers is refused; the old one stays");
        }
        gone
    }

    fn wake_at(&mut self, at: u64) {
        self.wake_at = Some(at);
    }

    fn on_fault(&mut self, peer: &PeerId, severity: Severity, reason: &str) {
        let Some(peer) = self.peers.transport_of(peer) else {
            return;
        };
        let name = self.peers.name_of(&peer);
        match severity {
            Severity::Unhelpful => {
                tracing::debug!(peer = name, reason, "a peer was of no help");
                self.publisher.on_peer_fault(name, FaultKind::Unhelpful);
            }
            Severity::Hostile => {
                self.publisher.on_peer_fault(name, FaultKind::Hostile);
                tracing::warn!(peer = name, reason, "a peer broke the protocol");
                let fault = PeerFault::InvalidMessage {
                    reason: "see the log",
                };
                self.network.report_fault(peer, fault);
            }
        }
    }

    fn on_evidence(&mut self, evidence: &Evidence) {
        tracing::error!(?evidence, "a validator contradicted itself");
        self.publisher.on_evidence();
    }

    fn on_synced(&mut self, log: Log, took: Duration) {
        match log {
            Log::Consensus => self.publisher.on_consensus_log_sync(took),
            Log::Blocks => self.publisher.on_block_log_sync(took),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn priority(lane: Lane) -> Priority {
    match lane {
        Lane::Vote => Priority::Vote,
        Lane::Control => Priority::Control,
        Lane::Bulk => Priority::Bulk,
    }
}
