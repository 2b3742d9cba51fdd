//! What the parts of the node hand to each other: a committed block with all that came of it, the
//! shared view that readers use, and the answers to a submission.
//!
//! Writers and readers meet here and nowhere else: the driver publishes, the API, the history and the
//! checkpoints read. Kept true: whatever is visible here is durable in the block log.

use std::sync::Arc;

use parking_lot::RwLock;
use talea_ledger::{EventRecord, Ledger};
use talea_types::{
    BlockBody, BlockHash, Certificate, Outcome, Timestamp, TransactionId, TransactionResult,
    ValidatorSet,
};

/// A block that is final and durable here, with the results of executing it.
#[derive(Debug)]
pub struct CommittedRecord {
    /// Hash of the header.
    pub hash: BlockHash,
    /// The block with its batches.
    pub body: BlockBody,
    /// Precommits of a quorum.
    pub certificate: Certificate,
    /// One for each transaction, in order of execution.
    pub results: Vec<TransactionResult>,
    /// What happened to whom, in order.
    pub events: Vec<EventRecord>,
    /// The set that decides from the next height on, when it is another one. Only on records that were
    /// just committed.
    pub next_validators: Option<ValidatorSet>,
}

impl CommittedRecord {
    /// Its height.
    #[must_use]
    pub const fn height(&self) -> u64 {
        self.body.content.header.height
    }
}

/// Where the chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// Height of the last committed block; 0 before the first.
    pub height: u64,
    /// Its hash; the chain id at height 0.
    pub hash: BlockHash,
    /// Its ledger time.
    pub time: Timestamp,
}

/// Why the mempool did not take a verified transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionError {
    /// It would be void or rejected by the state as committed.
    #[error("{outcome}: {}", outcome.help())]
    Outcome {
        /// What a block would say.
        outcome: Outcome,
    },
    /// The author has too many transactions waiting.
    #[error(
        "the author has {waiting} transactions waiting; at most {max} may; send more when some are final"
    )]
    Quota {
        /// Waiting now.
        waiting: usize,
        /// At most.
        max: usize,
    },
    /// The mempool is full.
    #[error(
        "this node has {bytes} bytes of transactions waiting; try again shortly or another node"
    )]
    Full {
        /// Waiting now.
        bytes: usize,
    },
    /// The node follows without voting, or is catching up.
    #[error("this node does not take transactions now: {reason}")]
    Closed {
        /// Why.
        reason: &'static str,
    },
}

/// The committed state, shared between the driver (writes at commit) and readers.
pub type SharedLedger = Arc<RwLock<Ledger>>;

/// How a submission fared: the id with a refusal, or nothing when it is waiting in the mempool (also
/// when it was waiting there already).
pub type Admission = (TransactionId, Result<(), AdmissionError>);
