//! The driver: one thread that feeds the [`Host`] with what arrives from network, verifiers, clients and
//! the clock, and stands between it and the machine (`machine`).

mod machine;
mod peers;
mod publisher;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use talea_types::{BatchDigest, VerifiedTransaction};
use tokio::sync::{mpsc, oneshot};

use crate::admission::{Submission, VerifierPool};
use crate::bootstrap::SnapshotServer;
use crate::host::{Host, HostError};
use crate::limits::replica as limits;
use crate::network::{NetworkEvent, NetworkHandle, NetworkReceiver};
use crate::register::Register;
use crate::replica::{Input, ReplicaStatus};
use crate::storage::block_log::{BlockLog, BlockLogError};
use crate::telemetry::FaultKind;

use machine::Machine;
pub use peers::PeerBook;
pub use publisher::{Publisher, Readers, state_delta};

/// Work on the block log; an error ends the node.
pub type BlockLogWork = Box<dyn FnOnce(&mut BlockLog) -> Result<(), BlockLogError> + Send>;

/// Something that another part of the node asks of the driver.
pub enum Request {
    /// Where agreement stands.
    Status(oneshot::Sender<ReplicaStatus>),
    /// Work on the block log, between two syncs.
    BlockLog(BlockLogWork),
    /// Stop after what is under way.
    Stop,
}

/// The verdict on a batch that the driver gave to the verifier.
pub type BatchVerdict = (BatchDigest, Option<Vec<VerifiedTransaction>>);

/// What a driver is made of.
pub struct DriverParts {
    /// The state machine and its logs.
    pub host: Host,
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
    /// Serves snapshots to nodes that begin after one.
    pub snapshots: SnapshotServer,
    /// Verified transactions of clients.
    pub submissions: mpsc::Receiver<Submission>,
    /// Asks.
    pub requests: mpsc::Receiver<Request>,
}

/// See the module.
pub struct Driver {
    host: Host,
    machine: Machine,
    receiver: NetworkReceiver,
    submissions: mpsc::Receiver<Submission>,
    requests: mpsc::Receiver<Request>,
    verdicts: mpsc::UnboundedReceiver<BatchVerdict>,
    next_ticket: u64,
    stopping: bool,
}

impl Driver {
    /// A driver that has not started.
    #[must_use]
    pub fn new(parts: DriverParts) -> Self {
        // Bounded by the bytes of batches that the verifier takes in.
        let (verdict_sender, verdicts) = mpsc::unbounded_channel();
        Self {
            host: parts.host,
            machine: Machine::new(
                parts.network,
                parts.register,
                parts.peers,
                parts.verifier,
                parts.publisher,
                parts.snapshots,
                verdict_sender,
            ),
            receiver: parts.receiver,
            submissions: parts.submissions,
            requests: parts.requests,
            verdicts,
            next_ticket: 0,
            stopping: false,
        }
    }

    /// Runs until it is asked to stop or must stop. Blocks the thread while it writes.
    ///
    /// # Errors
    /// [`HostError`]: the process must end.
    pub async fn run(mut self) -> Result<(), HostError> {
        let mut inputs = VecDeque::from([Input::Start]);
        loop {
            self.host.handle(&mut inputs, &mut self.machine)?;
            if self.stopping {
                return Ok(());
            }
            self.wait(&mut inputs).await?;
        }
    }

    /// Waits for the next event and takes what else has arrived.
    async fn wait(&mut self, inputs: &mut VecDeque<Input>) -> Result<(), HostError> {
        let wake = self.machine.wake();
        tokio::select! {
            biased;
            event = self.receiver.recv() => match event {
                Some(event) => self.on_network(event, inputs),
                None => self.stopping = true,
            },
            Some((digest, transactions)) = self.verdicts.recv() => {
                inputs.push_back(Input::BatchVerified { digest, transactions });
            }
            Some(request) = self.requests.recv() => self.on_request(request)?,
            Some(submission) = self.submissions.recv() => self.on_submission(submission, inputs),
            () = sleep_until(wake) => inputs.push_back(Input::Tick),
        }
        for _ in 0..limits::EVENTS_AT_ONCE {
            if let Some(event) = self.receiver.try_recv() {
                self.on_network(event, inputs);
            } else if let Ok((digest, transactions)) = self.verdicts.try_recv() {
                inputs.push_back(Input::BatchVerified {
                    digest,
                    transactions,
                });
            } else if let Ok(submission) = self.submissions.try_recv() {
                self.on_submission(submission, inputs);
            } else {
                break;
            }
        }
        Ok(())
    }

    fn on_network(&mut self, event: NetworkEvent, inputs: &mut VecDeque<Input>) {
        match event {
            NetworkEvent::Connected(peer) => {
                inputs.extend(self.machine.peers.key_of(&peer).map(Input::Connected));
            }
            NetworkEvent::Disconnected(peer) => {
                inputs.extend(self.machine.peers.key_of(&peer).map(Input::Disconnected));
            }
            NetworkEvent::Message { from, bytes, .. } => {
                let message = |from| Input::Message { from, bytes };
                inputs.extend(self.machine.peers.key_of(&from).map(message));
            }
            NetworkEvent::Fault { from, kind } => {
                let peer = self.machine.peers.name_of(&from);
                tracing::warn!(peer, fault = %kind, "a peer broke the transport's rules");
                self.machine
                    .publisher
                    .on_peer_fault(peer, FaultKind::Transport);
            }
        }
    }

    fn on_request(&mut self, request: Request) -> Result<(), HostError> {
        match request {
            // Whoever asked may be gone.
            Request::Status(reply) => drop(reply.send(self.host.replica().status())),
            Request::BlockLog(work) => work(self.host.block_log())?,
            Request::Stop => self.stopping = true,
        }
        Ok(())
    }

    fn on_submission(&mut self, submission: Submission, inputs: &mut VecDeque<Input>) {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.machine.replies.insert(ticket, submission.reply);
        inputs.push_back(Input::Submitted {
            ticket,
            transactions: submission.transactions,
        });
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}
