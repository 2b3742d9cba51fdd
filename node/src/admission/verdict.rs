//! What becomes of a submission.

use std::{fmt, time::Duration};

use talea_proto::errors::reason;
use talea_types::{DecodeError, Outcome, Timestamp, TransactionId, VerifiedTransaction};

use crate::interface::{Admission, AdmissionError};

/// A transaction that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It waits to be final, perhaps since an earlier submission.
    Waiting {
        /// Its id.
        id: TransactionId,
        /// When it stops waiting.
        expires_at: Timestamp,
    },
    /// It is final already.
    Final {
        /// Its id.
        id: TransactionId,
        /// The block.
        height: u64,
        /// Its place among the block's results.
        index: u32,
    },
}

impl Accepted {
    /// The transaction's id.
    #[must_use]
    pub const fn id(&self) -> TransactionId {
        match self {
            Self::Waiting { id, .. } | Self::Final { id, .. } => *id,
        }
    }
}

/// Why a transaction was not taken. Nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is not the canonical form of a transaction.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A block would find it void or reject it.
    #[error("{}", outcome.help())]
    Outcome {
        /// Its id.
        id: TransactionId,
        /// What a block would say now.
        outcome: Outcome,
    },
    /// A signature does not verify.
    #[error(
        "a signature of transaction {id} does not verify; sign the body's bytes for this network's \
         chain id"
    )]
    Signature {
        /// Its id.
        id: TransactionId,
    },
    /// The mempool does not take it.
    #[error("{error}")]
    Mempool {
        /// Its id.
        id: TransactionId,
        /// Why.
        error: AdmissionError,
    },
    /// More arrives than can be verified.
    #[error(
        "this node has {waiting_bytes} bytes of transactions to verify; try again shortly or another \
         node"
    )]
    Busy {
        /// Waiting now.
        waiting_bytes: usize,
    },
    /// Too much of what came on this connection did not verify.
    #[error(
        "too many transactions on this connection had signatures that do not verify; sign the body's bytes \
         for this network's chain id, and try again in {} ms", wait.as_millis()
    )]
    Owing {
        /// Until its transactions are looked at again.
        wait: Duration,
    },
    /// The node is on its way down.
    #[error("this node is stopping; submit the same bytes to another node")]
    Stopping,
}

impl Refusal {
    /// Its name in the metrics: the reason that the client is given, or the name of the outcome.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Decode(_) => reason::MALFORMED,
            Self::Outcome { outcome, .. }
            | Self::Mempool {
                error: AdmissionError::Outcome { outcome },
                ..
            } => outcome.name(),
            Self::Signature { .. } => reason::SIGNATURE_INVALID,
            Self::Mempool {
                error: AdmissionError::Quota { .. },
                ..
            } => reason::QUOTA_EXCEEDED,
            Self::Mempool {
                error: AdmissionError::Full { .. },
                ..
            }
            | Self::Busy { .. } => reason::MEMPOOL_FULL,
            Self::Mempool {
                error: AdmissionError::Closed { .. },
                ..
            } => reason::NOT_SERVING,
            Self::Owing { .. } => reason::TOO_MANY_INVALID,
            Self::Stopping => reason::STOPPING,
        }
    }
}

/// What became of one submitted transaction.
pub type Verdict = Result<Accepted, Refusal>;

/// Verified transactions for the driver. It answers each, in order; dropping the reply says that the
/// node is stopping.
pub struct Submission {
    /// The transactions.
    pub transactions: Vec<VerifiedTransaction>,
    /// Takes one answer for each, in order.
    pub reply: Reply,
}

/// Takes the answers to a submission.
pub type Reply = Box<dyn FnOnce(Vec<Admission>) + Send>;

impl fmt::Debug for Submission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Submission({} transactions)",
            self.transactions.len()
        )
    }
}
