//! How an engine is set up, and why it may refuse to run.

use talea_types::{ChainId, ValidatorId, ValidatorSet, crypto::KeyError};

use crate::{
    core::Divergence,
    safety::{DoubleStatement, VoteSigner},
    timeouts::TimeoutBounds,
};

/// Setup of an [`Engine`](super::Engine).
pub struct EngineConfig {
    /// The network.
    pub chain_id: ChainId,
    /// Who votes on this node; an observer has nobody.
    pub voter: Option<Voter>,
    /// The first height to decide: one above the last committed block.
    pub start_height: u64,
    /// The set that decides `start_height`.
    pub validators: ValidatorSet,
    /// The first height that this set decides.
    pub validators_since: u64,
    /// In which rounds the blocks from [`EngineConfig::history_start`] up to `start_height - 2` were
    /// decided, as the committed headers say (`parent_round` of the header above each).
    pub history: Vec<u32>,
    /// Bounds of the waits within a height.
    pub timeouts: TimeoutBounds,
    /// How long a height waits for work before it is started without, milliseconds.
    pub heartbeat_ms: u64,
}

/// The validator that votes on this node.
pub struct Voter {
    /// Its id.
    pub id: ValidatorId,
    /// Holds the voting key.
    pub signer: Box<dyn VoteSigner>,
    /// The first height to vote at. A node whose consensus log is lost sets it above every height at
    /// which it may have voted; others leave it at 0 (C-6).
    pub vote_from_height: u64,
}

impl EngineConfig {
    /// The first height whose committed round must be in `history`.
    #[must_use]
    pub fn history_start(start_height: u64, validators_since: u64) -> u64 {
        crate::schedule::Schedule::history_start(start_height, validators_since)
    }
}

/// Why an engine does not run (any more). All of them need an operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// Committed rounds are missing.
    #[error(
        "the committed rounds of {expected} heights are needed to know who proposes; {found} were given"
    )]
    History {
        /// How many are needed.
        expected: u64,
        /// How many were given.
        found: usize,
    },
    /// A voting key of the set is not a key.
    #[error("a voting key of the validator set cannot be used: {0}")]
    Key(#[from] KeyError),
    /// This validator's key signed two different statements.
    #[error(
        "{0}: either the consensus log is damaged or the key is in use elsewhere; stop the other user of the key before voting again"
    )]
    DoubleStatement(#[from] DoubleStatement),
    /// Replay of the log led to another statement than the signed one.
    #[error(transparent)]
    Divergence(#[from] Divergence),
}
