//! What a node can say that is not so, each kind by its name.

use std::fmt::Display;

use talea_types::{
    BlockHash, ChainId, DecodeError, Hash, Outcome, TransactionId, ValidatorId,
    certificate::CertificateError,
};

/// The first thing in a block that does not verify. Whoever served the block cannot have executed it
/// honestly, or altered it; where the certificate verifies, a quorum signed something untrue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// The bytes are no block.
    #[error("block {due}: what the node sent cannot be read: {reason}")]
    Unreadable {
        /// The height that was asked for.
        due: u64,
        /// What is wrong.
        reason: DecodeError,
    },
    /// A block of another height: skipped, or rewound.
    #[error("block {due} was asked for and block {found} was sent")]
    Height {
        /// The height that was asked for.
        due: u64,
        /// That of the block.
        found: u64,
    },
    /// A block of another network.
    #[error("block {height} is of network {found}, not of {expected}")]
    Network {
        /// Of the block.
        height: u64,
        /// That of the genesis document.
        expected: ChainId,
        /// That of the block.
        found: ChainId,
    },
    /// It does not follow the block before it: history was rewritten.
    #[error("block {height} follows {found}; the block before it, verified, is {expected}")]
    Parent {
        /// Of the block.
        height: u64,
        /// The verified block before it.
        expected: BlockHash,
        /// What the header names.
        found: BlockHash,
    },
    /// Decided by others than the validators of that height.
    #[error("block {height} names validator set {found}; the state before it names {expected}")]
    Validators {
        /// Of the block.
        height: u64,
        /// The set that the state names.
        expected: Hash,
        /// What the header names.
        found: Hash,
    },
    /// Proposed by nobody who may.
    #[error("block {height} was proposed by {proposer}, which is no validator of that height")]
    Proposer {
        /// Of the block.
        height: u64,
        /// Who is named.
        proposer: ValidatorId,
    },
    /// The certificate is no proof that a quorum decided it.
    #[error("block {height} is not final: {reason}")]
    Certificate {
        /// Of the block.
        height: u64,
        /// What is wrong.
        reason: CertificateError,
    },
    /// The node says that it has a block, and does not give it.
    #[error(
        "the node says that its newest block is {told}, and has not given block {due} when it was asked for it \
         again and again: it withholds it, or keeps it no longer; follow another node"
    )]
    Withheld {
        /// The height that was asked for.
        due: u64,
        /// The newest that it says it has.
        told: u64,
    },
    /// The certificate of the block before it, which it carries, is none.
    #[error("block {height} carries a certificate of its parent that is none: {reason}")]
    ParentCertificate {
        /// Of the block.
        height: u64,
        /// What is wrong.
        reason: String,
    },
    /// Its transactions are not signed by whom they name.
    #[error("block {height}: transaction {position} is not what its signers signed: {reason}")]
    Transaction {
        /// Of the block.
        height: u64,
        /// Its place in the block, from 0.
        position: usize,
        /// What is wrong.
        reason: String,
    },
    /// Its time does not follow.
    #[error("block {height}: {reason}")]
    Context {
        /// Of the block.
        height: u64,
        /// What is wrong.
        reason: String,
    },
    /// The header commits to something else than executing the block gives.
    #[error(
        "block {height}: the header says {field} {claimed}; executing it gives {executed}: \
         a quorum signed an outcome that is not so"
    )]
    Execution {
        /// Of the block.
        height: u64,
        /// Which field of the header.
        field: &'static str,
        /// What it says.
        claimed: String,
        /// What is so.
        executed: String,
    },
    /// The node told another outcome beside the block than the block has.
    #[error(
        "block {height}: the node says of transaction {transaction} that it was {told}; it was {executed}"
    )]
    ToldOutcome {
        /// Of the block.
        height: u64,
        /// The transaction, as the node names it.
        transaction: TransactionId,
        /// What the node says.
        told: Outcome,
        /// What is so.
        executed: Outcome,
    },
    /// What the node told beside the block is not what the block says.
    #[error("block {height}: the node says {what} {told}; it is {executed}")]
    Told {
        /// Of the block.
        height: u64,
        /// About what.
        what: &'static str,
        /// What the node says.
        told: String,
        /// What is so.
        executed: String,
    },
}

impl Difference {
    /// What the node told beside block `height` is not so.
    pub(crate) fn told(
        height: u64,
        what: &'static str,
        told: &dyn Display,
        executed: &dyn Display,
    ) -> Self {
        Self::Told {
            height,
            what,
            told: told.to_string(),
            executed: executed.to_string(),
        }
    }

    /// A stable name, for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "UNREADABLE",
            Self::Withheld { .. } => "WITHHELD",
            Self::Height { .. } => "OTHER_HEIGHT",
            Self::Network { .. } => "OTHER_NETWORK",
            Self::Parent { .. } => "OTHER_PARENT",
            Self::Validators { .. } => "OTHER_VALIDATORS",
            Self::Proposer { .. } => "NO_PROPOSER",
            Self::Certificate { .. } => "NOT_FINAL",
            Self::ParentCertificate { .. } => "PARENT_NOT_FINAL",
            Self::Transaction { .. } => "NOT_SIGNED",
            Self::Context { .. } => "OTHER_TIME",
            Self::Execution { .. } => "OTHER_EXECUTION",
            Self::ToldOutcome { .. } => "TOLD_OUTCOME",
            Self::Told { .. } => "TOLD_OTHERWISE",
        }
    }
}
