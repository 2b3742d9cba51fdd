//! The driver: one thread that feeds the replica and carries out what it says, in the order that makes
//! it safe.
//!
//! ```text
//!  network ──┐                        ┌─> consensus log, block log (synced)
//!  verifier ─┼─> replica.step() ─> outputs ─> then: network, verifier, history, clients
//!  clients ──┘        ^                    │
//!                     └── what is durable ─┘
//! ```
//!
//! Kept true: a message leaves, and a decision is acted on, only after every record that it depends on
//! is on the disk; one sync serves all that is waiting. A write that fails ends the process: what is on
//! the disk is then unknown, and a validator that goes on could contradict itself.

mod peers;
mod publisher;
mod serve;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use talea_types::{BatchDigest, VerifiedTransaction};
use tokio::sync::{mpsc, oneshot};

use crate::admission::{Reply, Submission, VerifierPool};
use crate::limits::replica as limits;
use crate::network::{NetworkEvent, NetworkHandle, NetworkReceiver, PeerFault, Priority};
use crate::register::{NamedValidators, Register};
use crate::replica::{
    Audience, HaltReason, Input, Lane, Now, Output, Replica, ReplicaStatus, Severity,
};
use crate::storage::block_log::{BlockLog, BlockLogError};
use crate::storage::consensus_log::ConsensusLog;
use crate::storage::framed_log::LogError;
use crate::telemetry::FaultKind;
use crate::voting_record::{VotingRecord, VotingRecordError};

pub use peers::PeerBook;
pub use publisher::{Publisher, Readers, state_delta};

/// Why a driver ended.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// The replica refuses to go on.
    #[error(transparent)]
    Halted(#[from] HaltReason),
    /// The block log failed.
    #[error("the block log failed; the node stops so as not to say what it cannot keep: {0}")]
    BlockLog(#[from] BlockLogError),
    /// The voting record could not be written.
    #[error(transparent)]
    VotingRecord(#[from] VotingRecordError),
    /// The consensus log failed.
    #[error("the consensus log failed; the node stops so as not to say what it cannot keep: {0}")]
    ConsensusLog(#[from] LogError),
}

/// Something that another part of the node asks of the driver.
pub enum Request {
    /// Where agreement stands.
    Status(oneshot::Sender<ReplicaStatus>),
    /// Stop after what is under way.
    Stop,
}

/// The verdict on a batch that the driver gave to the verifier.
pub type BatchVerdict = (BatchDigest, Option<Vec<VerifiedTransaction>>);

/// What a driver is made of.
pub struct DriverParts {
    /// The state machine.
    pub replica: Replica,
    /// Bodies and decisions.
    pub block_log: BlockLog,
    /// Votes and locks.
    pub consensus_log: ConsensusLog,
    /// From which height this validator may vote.
    pub voting_record: VotingRecord,
    /// Sends.
    pub network: NetworkHandle,
    /// Receives.
    pub receiver: NetworkReceiver,
    /// Who may connect.
    pub register: Arc<Register>,
    /// Who is who now.
    pub peers: PeerBook,
    /// Verifies batches.
    pub verifier: VerifierPool,
    /// Hands committed blocks to their readers.
    pub publisher: Publisher,
    /// Verified transactions of clients.
    pub submissions: mpsc::Receiver<Submission>,
    /// Asks.
    pub requests: mpsc::Receiver<Request>,
}

/// See the module.
pub struct Driver {
    parts: DriverParts,
    verdicts: mpsc::UnboundedReceiver<BatchVerdict>,
    verdict_sender: mpsc::UnboundedSender<BatchVerdict>,
    /// Answers owed to clients, by ticket.
    replies: BTreeMap<u64, Reply>,
    next_ticket: u64,
    started: Instant,
    wake_at: Option<u64>,
    log_dirty: bool,
    /// Bodies and decisions appended and not yet synced.
    appended: Vec<Input>,
    /// Messages that wait for the next sync, in order.
    held: Vec<Output>,
    stopping: bool,
}

impl Driver {
    /// A driver that has not started.
    #[must_use]
    pub fn new(parts: DriverParts) -> Self {
        // Bounded by the bytes of batches that the verifier takes in.
        let (verdict_sender, verdicts) = mpsc::unbounded_channel();
        Self {
            parts,
            verdicts,
            verdict_sender,
            replies: BTreeMap::new(),
            next_ticket: 0,
            started: Instant::now(),
            wake_at: None,
            log_dirty: false,
            appended: Vec::new(),
            held: Vec::new(),
            stopping: false,
        }
    }

    /// Runs until it is asked to stop or must stop. Blocks the thread while it writes.
    ///
    /// # Errors
    /// [`DriverError`]: the process must end.
    pub async fn run(mut self) -> Result<(), DriverError> {
        let mut inputs = VecDeque::from([Input::Start]);
        loop {
            self.handle(&mut inputs)?;
            if self.stopping {
                return Ok(());
            }
            self.wait(&mut inputs).await;
        }
    }

    /// Waits for the next event and takes what else has arrived.
    async fn wait(&mut self, inputs: &mut VecDeque<Input>) {
        let wake = self
            .wake_at
            .map(|at| self.started + Duration::from_millis(at));
        let parts = &mut self.parts;
        tokio::select! {
            biased;
            event = parts.receiver.recv() => match event {
                Some(event) => self.on_network(event, inputs),
                None => self.stopping = true,
            },
            Some((digest, transactions)) = self.verdicts.recv() => {
                inputs.push_back(Input::BatchVerified { digest, transactions });
            }
            Some(request) = parts.requests.recv() => self.on_request(request),
            Some(submission) = parts.submissions.recv() => self.on_submission(submission, inputs),
            () = sleep_until(wake) => inputs.push_back(Input::Tick),
        }
        for _ in 0..limits::EVENTS_AT_ONCE {
            if let Some(event) = self.parts.receiver.try_recv() {
                self.on_network(event, inputs);
            } else if let Ok((digest, transactions)) = self.verdicts.try_recv() {
                inputs.push_back(Input::BatchVerified {
                    digest,
                    transactions,
                });
            } else if let Ok(submission) = self.parts.submissions.try_recv() {
                self.on_submission(submission, inputs);
            } else {
                break;
            }
        }
    }

    fn on_network(&mut self, event: NetworkEvent, inputs: &mut VecDeque<Input>) {
        match event {
            NetworkEvent::Connected(peer) => {
                inputs.extend(self.parts.peers.key_of(&peer).map(Input::Connected));
            }
            NetworkEvent::Disconnected(peer) => {
                inputs.extend(self.parts.peers.key_of(&peer).map(Input::Disconnected));
            }
            NetworkEvent::Message { from, bytes, .. } => {
                let message = |from| Input::Message { from, bytes };
                inputs.extend(self.parts.peers.key_of(&from).map(message));
            }
            NetworkEvent::Fault { from, kind } => {
                let name = self.parts.peers.name_of(&from);
                tracing::warn!(peer = name, fault = %kind, "a peer broke the transport's rules");
                self.parts
                    .publisher
                    .on_peer_fault(name, FaultKind::Transport);
            }
        }
    }

    fn on_request(&mut self, request: Request) {
        match request {
            // Whoever asked may be gone.
            Request::Status(reply) => drop(reply.send(self.parts.replica.status())),
            Request::Stop => self.stopping = true,
        }
    }

    fn on_submission(&mut self, submission: Submission, inputs: &mut VecDeque<Input>) {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.replies.insert(ticket, submission.reply);
        inputs.push_back(Input::Submitted {
            ticket,
            transactions: submission.transactions,
        });
    }

    /// Feeds the inputs, then syncs once and lets out what waited for it, until nothing is left to do.
    fn handle(&mut self, inputs: &mut VecDeque<Input>) -> Result<(), DriverError> {
        loop {
            while let Some(input) = inputs.pop_front() {
                let outputs = self.parts.replica.step(self.now(), input);
                for output in outputs {
                    self.carry_out(output, inputs)?;
                }
            }
            self.sync(inputs)?;
            if inputs.is_empty() {
                return Ok(());
            }
        }
    }

    fn now(&self) -> Now {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Now {
            monotonic_ms: millis(self.started.elapsed()),
            wall_ms: millis(wall),
        }
    }

    fn carry_out(
        &mut self,
        output: Output,
        inputs: &mut VecDeque<Input>,
    ) -> Result<(), DriverError> {
        match output {
            Output::AppendLog(record) => {
                if let talea_consensus::LogRecord::Started { height } = &record {
                    self.parts.consensus_log.start_height(*height)?;
                }
                self.parts
                    .consensus_log
                    .append(record.height(), &record.encode())?;
                self.log_dirty = true;
            }
            Output::RecordVoteFrom { height } => self.parts.voting_record.record_started(height)?,
            Output::AppendBody {
                height,
                hash,
                bytes,
            } => {
                self.parts
                    .block_log
                    .append_body(height, hash.hash().0, &bytes)?;
                self.appended.push(Input::BodyDurable { hash });
            }
            Output::AppendCommit {
                height,
                hash,
                certificate,
            } => {
                // The decision rests on votes in the consensus log.
                self.sync_consensus_log()?;
                self.parts
                    .block_log
                    .append_commit(height, hash.hash().0, &certificate.encode())?;
                self.appended.push(Input::CommitDurable { height });
            }
            Output::Send { .. } | Output::Broadcast { .. } if self.log_dirty => {
                self.held.push(output);
            }
            Output::Send { to, lane, message } => self.send(to, lane, &message.encode()),
            Output::Broadcast {
                audience,
                lane,
                message,
            } => self.broadcast(audience, lane, &message.encode()),
            Output::VerifyBatch(batch) => self.verify_batch(&batch),
            Output::Admitted { ticket, answers } => {
                if let Some(reply) = self.replies.remove(&ticket) {
                    reply(answers);
                }
            }
            Output::ServeBlocks { to, from, upto } => self.serve_blocks(to, from, upto),
            Output::Publish { record, delta } => self.parts.publisher.publish(record, delta),
            Output::ValidatorsNamed(named) => self.on_validators(&named, inputs),
            Output::WakeAt(at) => self.wake_at = Some(at),
            Output::Fault {
                peer,
                severity,
                reason,
            } => self.on_fault(&peer, severity, &reason),
            Output::Evidence(evidence) => {
                tracing::error!(?evidence, "a validator contradicted itself");
                self.parts.publisher.on_evidence();
            }
            Output::Halt(reason) => return Err(reason.into()),
        }
        Ok(())
    }

    /// The ledger names other validators than before: they are let in, and those that left are not.
    fn on_validators(&mut self, named: &NamedValidators, inputs: &mut VecDeque<Input>) {
        let peers = self.parts.register.peers(named);
        let book = PeerBook::new(&peers);
        // The network tells their end under a name that the new book no longer knows.
        inputs.extend(self.parts.peers.missing_in(&book).map(Input::Disconnected));
        self.parts.peers = book;
        let peers = peers.into_iter().map(|peer| peer.config).collect();
        if let Err(error) = self.parts.network.set_peers(peers) {
            tracing::error!(%error, "the register of peers is refused; the old one stays");
        }
    }

    fn on_fault(&self, peer: &talea_consensus::PeerId, severity: Severity, reason: &str) {
        let Some(peer) = self.parts.peers.transport_of(peer) else {
            return;
        };
        let name = self.parts.peers.name_of(&peer);
        match severity {
            Severity::Unhelpful => {
                tracing::debug!(peer = name, reason, "a peer was of no help");
                self.parts
                    .publisher
                    .on_peer_fault(name, FaultKind::Unhelpful);
            }
            Severity::Hostile => {
                self.parts.publisher.on_peer_fault(name, FaultKind::Hostile);
                tracing::warn!(peer = name, reason, "a peer broke the protocol");
                let fault = PeerFault::InvalidMessage {
                    reason: "see the log",
                };
                self.parts.network.report_fault(peer, fault);
            }
        }
    }

    fn sync_consensus_log(&mut self) -> Result<(), DriverError> {
        if self.log_dirty {
            let begun = Instant::now();
            self.parts.consensus_log.sync()?;
            self.parts.publisher.on_consensus_log_sync(begun.elapsed());
            self.log_dirty = false;
        }
        Ok(())
    }

    fn sync(&mut self, inputs: &mut VecDeque<Input>) -> Result<(), DriverError> {
        if !self.held.is_empty() {
            self.sync_consensus_log()?;
            for output in std::mem::take(&mut self.held) {
                self.carry_out(output, inputs)?;
            }
        }
        if !self.appended.is_empty() {
            let begun = Instant::now();
            self.parts.block_log.sync()?;
            self.parts.publisher.on_block_log_sync(begun.elapsed());
            inputs.extend(self.appended.drain(..));
        }
        Ok(())
    }

    fn send(&self, to: talea_consensus::PeerId, lane: Lane, bytes: &Bytes) {
        if let Some(peer) = self.parts.peers.transport_of(&to) {
            // A message that does not fit its queue is lost, as on any network; the replica repeats
            // what matters.
            let _ = self
                .parts
                .network
                .send(&peer, priority(lane), bytes.clone());
        }
    }

    fn broadcast(&self, audience: Audience, lane: Lane, bytes: &Bytes) {
        if audience != Audience::Observers {
            let _ = self.parts.network.broadcast(priority(lane), bytes);
        }
        if audience != Audience::Validators {
            for observer in self.parts.peers.observers() {
                let _ = self
                    .parts
                    .network
                    .send(observer, priority(lane), bytes.clone());
            }
        }
    }

    fn verify_batch(&self, batch: &talea_types::Batch) {
        let sender = self.verdict_sender.clone();
        let reply = Box::new(
            move |batch: talea_types::Batch, verdict: crate::admission::BatchVerdict| {
                if let Err(refusal) = &verdict {
                    tracing::warn!(author = %batch.author(), %refusal, "a batch is refused");
                }
                // A driver that stopped needs no verdict.
                let _ = sender.send((batch.digest(), verdict.ok()));
            },
        );
        if self
            .parts
            .verifier
            .try_verify_batch(batch.clone(), reply)
            .is_err()
        {
            tracing::warn!(digest = %batch.digest(), "too many batches wait to be verified; it is fetched again when needed");
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

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
