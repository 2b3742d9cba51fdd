//! Why a local network does not do what was asked.

use std::{io, path::PathBuf, time::Duration};

use talea_genesis::{GenesisError, key_file::KeyFileError};

use crate::home::HomeError;

/// Why a local network does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LocalnetError {
    /// The genesis document was refused.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// A key could not be written.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// A node's directory could not be made.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A file or directory could not be used.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no network in the directory.
    #[error("there is no local network in {}; make one with `talea-node localnet {}`", path.display(), path.display())]
    Missing {
        /// The directory.
        path: PathBuf,
    },
    /// Somebody runs it.
    #[error("the local network in {} is running; stop it first", path.display())]
    Running {
        /// The directory.
        path: PathBuf,
    },
    /// The description cannot be read.
    #[error("{} is damaged: {reason}; remove the directory and make a new network", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A pack of rules that this build ships cannot be used.
    #[error("a pack of rules of this build is refused: {reason}; that is a bug of the build")]
    Pack {
        /// What is wrong.
        reason: String,
    },
    /// There are not enough ports.
    #[error("no free ports on this machine: {source}")]
    Ports {
        /// What the system said.
        source: io::Error,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes: {reason}")]
    Random {
        /// What it said.
        reason: String,
    },
    /// A process did not start.
    #[error("cannot start {} for {name}: {source}", binary.display())]
    Spawn {
        /// The node.
        name: String,
        /// The program.
        binary: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A process ended by itself.
    #[error("{name} ended with {status}; the end of {}:\n{tail}", log.display())]
    Ended {
        /// The node.
        name: String,
        /// How.
        status: String,
        /// Its log.
        log: PathBuf,
        /// The last lines.
        tail: String,
    },
    /// A height was not reached in time.
    #[error(
        "{name} has not committed height {height} after {patience:?} (it is at {}); see {}",
        seen.map_or("an unknown height".to_owned(), |seen| seen.to_string()), log.display()
    )]
    NotInTime {
        /// The node.
        name: String,
        /// What was waited for.
        height: u64,
        /// Where it is.
        seen: Option<u64>,
        /// How long was waited.
        patience: Duration,
        /// Its log.
        log: PathBuf,
    },
}

impl LocalnetError {
    pub(super) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File {
            action,
            path,
            source,
        }
    }
}
