//! What can go wrong between a client and the network, told apart by what the caller should do.

use talea_proto::ApiError;
use talea_types::{
    DecodeError, Subject, TransactionId,
    event::{HistoryError, PeriodError},
    merkle::MapProofError,
    receipt::ProofError,
};

/// A call that did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The options cannot be used.
    #[error("{reason}")]
    Options {
        /// What is wrong and what to do.
        reason: String,
    },
    /// A value of the caller's own that the ledger's encoding does not allow.
    #[error("the transaction cannot be built: {0}")]
    Build(#[from] DecodeError),
    /// A node refused the request. Nothing was written.
    #[error("{0}")]
    Refused(ApiError),
    /// No node answered, and nothing can have been written.
    #[error("no node answers: {last}; check the addresses and the network, then try again")]
    Unreachable {
        /// What the last one said.
        last: String,
    },
    /// It is not known whether the transaction will be applied. The same bytes can be submitted again:
    /// they never apply twice.
    #[error(
        "it is not known yet whether transaction {id} is applied ({last}); \
         ask with 'talea tx status {id}', or submit the same bytes again: they never apply twice"
    )]
    Uncertain {
        /// The transaction.
        id: TransactionId,
        /// What was heard last.
        last: String,
    },
    /// Nothing is there.
    #[error("{what} is not on the ledger of this network")]
    NotFound {
        /// What was asked for.
        what: String,
    },
    /// A read that has to be recorded on the ledger first could not be.
    #[error("the read of {subject} could not be recorded, so it was not made: {reason}")]
    ReadNotRecorded {
        /// Whose record.
        subject: Subject,
        /// Why.
        reason: String,
    },
    /// A node's answer that no correct node gives.
    #[error("the answer of {node} makes no sense: {reason}; ask another node")]
    Nonsense {
        /// Address of the node.
        node: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What a node or a file claims does not verify against the genesis document.
    #[error(transparent)]
    Proof(#[from] ProofFailure),
    /// The author has as many transactions in flight as its window allows.
    #[error(
        "{in_flight} transactions of this author are in flight, as many as may be; wait until some are final"
    )]
    NoncesInFlight {
        /// How many.
        in_flight: usize,
    },
}

/// Why a proof proves nothing about what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ProofFailure {
    /// Not a proof of this network's validators.
    #[error("the proof does not verify: {0}")]
    Finality(#[from] ProofError),
    /// The state object is not as claimed.
    #[error("the proof of the state does not verify: {0}")]
    State(#[from] MapProofError),
    /// The events are not the subject's whole history.
    #[error("the history is not complete: {0}")]
    History(#[from] HistoryError),
    /// The events are not all of the period.
    #[error("the period is not complete: {0}")]
    Period(#[from] PeriodError),
    /// Bytes that are no proof.
    #[error("it is not a proof: {0}")]
    Malformed(#[from] DecodeError),
    /// The transaction in the file is not as it was signed.
    #[error("a signature of transaction {id} does not verify")]
    Signatures {
        /// The transaction.
        id: TransactionId,
    },
    /// A loan or a case of a debtor is not in the bundle, or for a shorter time.
    #[error(
        "the record of {debtor} names {missing}, which is left out or covers less of the period"
    )]
    Omitted {
        /// Whose record.
        debtor: Subject,
        /// What is left out.
        missing: Subject,
    },
    /// A bundle is about a subject twice.
    #[error("the bundle is about {subject} twice")]
    Doubled {
        /// Which.
        subject: Subject,
    },
    /// A proof of something else.
    #[error("the proof is of {found}, not of {expected}")]
    Other {
        /// What was asked for.
        expected: String,
        /// What it is of.
        found: String,
    },
}

impl ClientError {
    /// Bytes in a node's answer that do not decode.
    pub(crate) fn nonsense(node: &str, error: &DecodeError) -> Self {
        Self::Nonsense {
            node: node.to_owned(),
            reason: error.to_string(),
        }
    }
}
