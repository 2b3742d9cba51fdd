//! What goes into a replica and what comes out.

use std::sync::Arc;

use bytes::Bytes;
use talea_consensus::{EngineError, Evidence, LogRecord, PeerId};
use talea_ledger::Delta;
use talea_types::{Batch, BatchDigest, BlockHash, Certificate, VerifiedTransaction};

use super::message::{Lane, NodeMessage};
use crate::interface::{Admission, CommittedRecord};
use crate::register::NamedValidators;

/// The two clocks of a node, handed in with every input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a clock that never goes back, for waiting.
    pub monotonic_ms: u64,
    /// Milliseconds since 1970, for the time of blocks.
    pub wall_ms: u64,
}

/// Something that happened.
#[derive(Debug)]
pub enum Input {
    /// The node is up. Given once, before anything else.
    Start,
    /// A peer can be reached.
    Connected(PeerId),
    /// It cannot any more.
    Disconnected(PeerId),
    /// Bytes from an authenticated peer.
    Message {
        /// Whose connection it came from.
        from: PeerId,
        /// As received.
        bytes: Bytes,
    },
    /// The answer to [`Output::VerifyBatch`]: the transactions, or that one is not well signed.
    BatchVerified {
        /// The batch.
        digest: BatchDigest,
        /// Its transactions in order; `None` when the batch is not valid.
        transactions: Option<Vec<VerifiedTransaction>>,
    },
    /// Transactions from clients, each verified. Answered by [`Output::Admitted`].
    Submitted {
        /// Names the answer.
        ticket: u64,
        /// The transactions.
        transactions: Vec<VerifiedTransaction>,
    },
    /// The body named by [`Output::AppendBody`] is durable.
    BodyDurable {
        /// Its block.
        hash: BlockHash,
    },
    /// The decision named by [`Output::AppendCommit`] is durable.
    CommitDurable {
        /// Its height.
        height: u64,
    },
    /// The time of the last [`Output::WakeAt`] has come.
    Tick,
}

/// Something for the host to do, in order.
#[derive(Debug)]
pub enum Output {
    /// Append to the consensus log. Must be durable before any later [`Output::Send`],
    /// [`Output::Broadcast`] or [`Output::AppendCommit`] is carried out.
    AppendLog(LogRecord),
    /// Make durable, before anything that follows, that this validator votes from this height on.
    RecordVoteFrom {
        /// The height.
        height: u64,
    },
    /// Append to the block log, sync, answer with [`Input::BodyDurable`].
    AppendBody {
        /// Height of the block.
        height: u64,
        /// Hash of its header.
        hash: BlockHash,
        /// Encoded block body.
        bytes: Bytes,
    },
    /// Append to the block log, sync, answer with [`Input::CommitDurable`].
    AppendCommit {
        /// Height of the block.
        height: u64,
        /// Hash of its header.
        hash: BlockHash,
        /// Precommits of a quorum.
        certificate: Certificate,
    },
    /// Send to one peer.
    Send {
        /// The peer.
        to: PeerId,
        /// Its queue.
        lane: Lane,
        /// The message.
        message: NodeMessage,
    },
    /// Send to every connected peer, or to the validators among them.
    Broadcast {
        /// To whom.
        audience: Audience,
        /// The queue.
        lane: Lane,
        /// The message.
        message: NodeMessage,
    },
    /// Verify the signatures of a peer's batch, answer with [`Input::BatchVerified`].
    VerifyBatch(Arc<Batch>),
    /// The answer to [`Input::Submitted`].
    Admitted {
        /// Its ticket.
        ticket: u64,
        /// One for each transaction, in order.
        answers: Vec<Admission>,
    },
    /// Send committed blocks of the block log to a peer, as many as fit into a message.
    ServeBlocks {
        /// The peer.
        to: PeerId,
        /// First height.
        from: u64,
        /// Last height, included.
        upto: u64,
    },
    /// Answer a peer that asks for snapshots, when there is time.
    ServeSnapshot {
        /// The peer.
        to: PeerId,
        /// What it asks, not read yet.
        request: Bytes,
    },
    /// A block is committed, durable and applied.
    Publish {
        /// The block and its results.
        record: Arc<CommittedRecord>,
        /// What changed in the state.
        delta: Delta,
    },
    /// The ledger names other validators than before, now or for later.
    ValidatorsNamed(Box<NamedValidators>),
    /// Give [`Input::Tick`] at this time of the monotonic clock; replaces the time given before.
    WakeAt(u64),
    /// A peer did not do what it should.
    Fault {
        /// The peer.
        peer: PeerId,
        /// Whether an honest peer can do so.
        severity: Severity,
        /// What it did.
        reason: String,
    },
    /// A validator contradicted itself.
    Evidence(Box<Evidence>),
    /// The node must stop.
    Halt(HaltReason),
}

/// How bad a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It can happen to an honest peer that is slow, behind, or was restarted.
    Unhelpful,
    /// No honest peer does it.
    Hostile,
}

/// Who hears a broadcast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Validators of the set in force.
    Validators,
    /// Registered observers.
    Observers,
    /// Both.
    Everybody,
}

/// Why a node must stop. All of them need an operator.
#[derive(Debug, thiserror::Error)]
pub enum HaltReason {
    /// The consensus engine refuses to go on.
    #[error("consensus stopped: {0}")]
    Engine(EngineError),
    /// A quorum certified a block that this node executes differently.
    #[error(
        "block {hash} at height {height} is certified by a quorum, but executing it here gives another header: \
         this program or its state is damaged; keep the data directory and compare with another node"
    )]
    Divergence {
        /// The height.
        height: u64,
        /// The certified block.
        hash: BlockHash,
    },
}
