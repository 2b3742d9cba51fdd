//! Why a node cannot start from its data directory.

use std::path::PathBuf;

use talea_types::ChainId;

use crate::history::HistoryError;
use crate::signed_record::SignedRecordError;
use crate::storage::base::BaseError;
use crate::storage::block_log::BlockLogError;
use crate::storage::checkpoint::CheckpointError;
use crate::storage::framed_log::LogError;
use crate::storage::kv::KvError;
use crate::voting_record::VotingRecordError;

/// Why a node cannot start from its data directory.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// The block log is damaged or cannot be read.
    #[error("the block log in {directory}: {source}; run `talea-node doctor`")]
    BlockLog {
        /// Where it is.
        directory: PathBuf,
        /// What is wrong.
        #[source]
        source: BlockLogError,
    },
    /// The consensus log cannot be read.
    #[error(
        "the consensus log in {directory}: {source}; move the directory away: the validator then rejoins and votes \
         again once it is past every height at which it may have voted"
    )]
    ConsensusLog {
        /// Where it is.
        directory: PathBuf,
        /// What is wrong.
        #[source]
        source: LogError,
    },
    /// A record of the consensus log is not one.
    #[error(
        "the consensus log has a record that cannot be read; move its directory away and start again"
    )]
    ConsensusRecord,
    /// The rebuildable store cannot be opened at all.
    #[error(transparent)]
    Store(#[from] KvError),
    /// The rebuildable store failed while it was rebuilt.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The rebuildable store failed while it was rebuilt.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The voting record cannot be read.
    #[error(transparent)]
    VotingRecord(#[from] VotingRecordError),
    /// How far the voting key has signed cannot be read or written.
    #[error(transparent)]
    SignedRecord(#[from] SignedRecordError),
    /// Where the votes are kept cannot be looked at.
    #[error("cannot look at the directory of the consensus log: {0}")]
    VotingPlace(#[source] std::io::Error),
    /// The record of where history begins cannot be read.
    #[error(transparent)]
    BaseRecord(#[from] BaseError),
    /// The snapshot after which history begins cannot be used.
    #[error(
        "history here begins after height {height}, and its snapshot cannot be used: {reason}; put another copy of it \
         into the directory `snapshots`, or begin again from a newer one: `talea-node snapshot restore`"
    )]
    BaseSnapshot {
        /// The height.
        height: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// The blocks are of another network.
    #[error(
        "the blocks here are of network {found}, the genesis document is of {expected}; set `genesis` to the document \
         of the network, or `data_dir` to another directory"
    )]
    OtherNetwork {
        /// The network of the genesis document.
        expected: ChainId,
        /// The network of the blocks.
        found: ChainId,
    },
    /// The genesis document gives no state.
    #[error("the genesis document: {reason}")]
    Genesis {
        /// Why.
        reason: String,
    },
    /// A block of the log does not verify or executes to another header.
    #[error(
        "block {height} of this node's own log {reason}; run `talea-node doctor`, or remove the data directory and let the node rejoin"
    )]
    Block {
        /// Its height.
        height: u64,
        /// What is wrong.
        reason: String,
    },
}
