//! What can go wrong with a log.

use std::io;
use std::path::{Path, PathBuf};

/// A failure of a log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// Bytes that had been synced are not what was written.
    #[error(
        "log {directory} is damaged in segment {segment} at byte {offset}: {reason}; check the disk, \
         then restore the log from a copy or set the damage aside and catch up from peers"
    )]
    Damaged {
        /// Directory of the log.
        directory: PathBuf,
        /// Number of the segment.
        segment: u64,
        /// First byte that is wrong or missing.
        offset: u64,
        /// What was found.
        reason: String,
    },
    /// Written by software with another format.
    #[error(
        "log {directory} has format {found} in segment {segment}; this software reads format {expected}: run the \
         version of talea-node that wrote it"
    )]
    OtherVersion {
        /// Directory of the log.
        directory: PathBuf,
        /// Number of the segment.
        segment: u64,
        /// The format it says it has.
        found: u32,
        /// The format that is read.
        expected: u32,
    },
    /// Another process, or another instance here, holds the log.
    #[error("log {directory} is in use; stop the other process first")]
    InUse {
        /// Directory of the log.
        directory: PathBuf,
    },
    /// A payload is larger than a frame may be.
    #[error("a record of {bytes} bytes exceeds the {bytes_max} bytes of a frame")]
    TooLarge {
        /// Bytes of the payload.
        bytes: usize,
        /// Largest payload.
        bytes_max: usize,
    },
    /// A write or sync failed before: what is on disk is unknown.
    #[error("log {directory} failed earlier ({reason}); the process must end and open it again")]
    Poisoned {
        /// Directory of the log.
        directory: PathBuf,
        /// The first failure.
        reason: String,
    },
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

impl LogError {
    /// Whether it says that the log is not what was written. A file system that is full, forbidden or out of files
    /// does not; one that cannot read back, or has lost a file, does.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Damaged { .. } => true,
            Self::Io { source, .. } => {
                source.kind() == io::ErrorKind::NotFound || source.raw_os_error() == Some(libc::EIO)
            }
            Self::OtherVersion { .. }
            | Self::InUse { .. }
            | Self::TooLarge { .. }
            | Self::Poisoned { .. } => false,
        }
    }

    pub(super) fn io(
        action: &'static str,
        path: impl AsRef<Path>,
    ) -> impl FnOnce(io::Error) -> LogError {
        move |source| LogError::Io {
            action,
            path: path.as_ref().to_path_buf(),
            source,
        }
    }
}
