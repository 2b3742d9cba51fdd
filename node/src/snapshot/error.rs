//! Why a snapshot is refused or cannot be made.

use std::io;
use std::path::{Path, PathBuf};

use talea_ledger::RestoreError;
use talea_types::ChainId;
use talea_types::receipt::ProofError;

use super::format::VERSION;
use crate::storage::checkpoint::CheckpointError;

/// A failure of a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file is no snapshot at all.
    #[error("{path} is not a snapshot of a Talea network")]
    NotASnapshot {
        /// The file.
        path: PathBuf,
    },
    /// A snapshot of another format.
    #[error(
        "{path} is a snapshot of format {found}; this software reads format {VERSION}: take one made by a node of \
         this version"
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The format it says it has.
        found: u32,
    },
    /// The bytes are not what was written.
    #[error("{path} is damaged at byte {offset}: {reason}; take another copy")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// First byte of the frame that is wrong or missing.
        offset: u64,
        /// What was found.
        reason: String,
    },
    /// Of another network.
    #[error(
        "{path} is of network {found}, not of {expected}: take a snapshot of the network whose genesis document \
         this is"
    )]
    OtherNetwork {
        /// The file.
        path: PathBuf,
        /// The network of the genesis document.
        expected: ChainId,
        /// The network of the snapshot.
        found: ChainId,
    },
    /// Nothing shows that the network decided this state.
    #[error("{path} is not what the network decided: {source}; do not use it, and ask who made it")]
    Unproved {
        /// The file.
        path: PathBuf,
        /// The first step that does not hold.
        source: Box<ProofError>,
    },
    /// The headers below the height do not lead to it, or are too few.
    #[error("{path} is not what the network decided: {reason}; do not use it, and ask who made it")]
    Headers {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The objects are not the state that was decided.
    #[error("the objects of {path} are no state: {source}; do not use it, and ask who made it")]
    Objects {
        /// The file.
        path: PathBuf,
        /// What is wrong with them.
        source: Box<RestoreError>,
    },
    /// The objects give another state than the one that was decided.
    #[error(
        "the objects of {path} give another state than the header decided at height {height}; do not use it, and \
         ask who made it"
    )]
    OtherState {
        /// The file.
        path: PathBuf,
        /// The height.
        height: u64,
    },
    /// The pages of the state could not be read while a snapshot was made of them.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The file system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl SnapshotError {
    /// Whether this node's own disk failed: that says nothing about the snapshot.
    #[must_use]
    pub const fn is_of_the_disk(&self) -> bool {
        matches!(self, Self::Io { .. })
    }

    pub(crate) fn io(
        action: &'static str,
        path: impl AsRef<Path>,
    ) -> impl FnOnce(io::Error) -> SnapshotError {
        move |source| SnapshotError::Io {
            action,
            path: path.as_ref().to_path_buf(),
            source,
        }
    }
}
