//! Whether this validator may vote, as far as its own disk knows.
//!
//! A validator whose disk was lost looks like one that never ran. To tell them apart, creating a data
//! directory writes a *fresh* record, and the first start turns it into a *started* one. A directory
//! without a record, or with a started record but without a consensus log, belongs to a validator that
//! may have voted before: it must not vote until it has heard how far the others are. So does a copy of a
//! directory (`voting_place`). The record is removed then, so that an end before they were heard
//! changes nothing.

use std::path::Path;
use std::sync::Arc;

use crate::storage::disk::Disk;
use crate::storage::durable_file::{DurableFile, DurableFileError};

/// Name of the record in a data directory.
pub const VOTING_RECORD_FILE_NAME: &str = "voting-record";

/// Why a record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum VotingRecordError {
    /// The file failed.
    #[error(transparent)]
    File(#[from] DurableFileError),
    /// The file is not a record.
    #[error(
        "the voting record is not readable; remove it: the validator then rejoins without voting too early"
    )]
    Unreadable,
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VotingState {
    /// There is none.
    Absent,
    /// The directory was made for a validator that has never voted.
    Fresh,
    /// It votes from this height on.
    Started {
        /// The height; 0 for all.
        from: u64,
    },
}

/// What a start makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It votes from this height on; 0 for all.
    Votes {
        /// The height.
        from: u64,
    },
    /// It hears from the others how far they are before it votes.
    Rejoins,
}

impl VotingState {
    /// What a start makes of it: `log_is_new` if there is no consensus log, `has_blocks` if a block was committed.
    #[must_use]
    pub const fn standing(self, log_is_new: bool, has_blocks: bool) -> Standing {
        match self {
            Self::Fresh if !has_blocks => Standing::Votes { from: 0 },
            Self::Started { from } if !log_is_new => Standing::Votes { from },
            _ => Standing::Rejoins,
        }
    }
}

/// The record in a data directory.
#[derive(Debug)]
pub struct VotingRecord {
    file: DurableFile,
}

impl VotingRecord {
    /// The record in `directory`, which need not be there.
    #[must_use]
    pub fn new(disk: &Arc<dyn Disk>, directory: &Path) -> Self {
        Self {
            file: DurableFile::new(disk, &directory.join(VOTING_RECORD_FILE_NAME)),
        }
    }

    /// What it says.
    ///
    /// # Errors
    /// [`VotingRecordError`].
    pub fn read(&self) -> Result<VotingState, VotingRecordError> {
        let Some(content) = self.file.read()? else {
            return Ok(VotingState::Absent);
        };
        let text = std::str::from_utf8(&content).map_err(|_| VotingRecordError::Unreadable)?;
        match text.split_once(' ') {
            None if text == "fresh" => Ok(VotingState::Fresh),
            Some(("started", from)) => from
                .parse()
                .map(|from| VotingState::Started { from })
                .map_err(|_| VotingRecordError::Unreadable),
            _ => Err(VotingRecordError::Unreadable),
        }
    }

    /// Records, durably, that the directory belongs to a validator that has never voted.
    ///
    /// # Errors
    /// [`VotingRecordError`].
    pub fn record_fresh(&self) -> Result<(), VotingRecordError> {
        Ok(self.file.replace(b"fresh")?)
    }

    /// Removes it, durably: the validator may have voted where it does not know.
    ///
    /// # Errors
    /// [`VotingRecordError`].
    pub fn forget(&self) -> Result<(), VotingRecordError> {
        Ok(self.file.remove()?)
    }

    /// Records, durably, that the validator votes from a height on.
    ///
    /// # Errors
    /// [`VotingRecordError`].
    pub fn record_started(&self, from: u64) -> Result<(), VotingRecordError> {
        Ok(self.file.replace(format!("started {from}").as_bytes())?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::disk::StdDisk;

    #[test]
    fn says_what_was_recorded() {
        let directory = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(StdDisk);
        let record = VotingRecord::new(&disk, directory.path());
        assert_eq!(record.read().unwrap(), VotingState::Absent);
        record.record_fresh().unwrap();
        assert_eq!(record.read().unwrap(), VotingState::Fresh);
        record.record_started(12).unwrap();
        assert_eq!(record.read().unwrap(), VotingState::Started { from: 12 });
        record.forget().unwrap();
        assert_eq!(record.read().unwrap(), VotingState::Absent);
        record.forget().unwrap();
    }
}
