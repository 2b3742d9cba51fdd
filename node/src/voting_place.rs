//! Whether a data directory is where this validator has voted, or a copy of it from an earlier time.
//!
//! A copy that is put back is whole and looks like the real one; what the validator signed after the copy was
//! made is missing from it, and a vote could contradict that. Nothing in the content can tell, for all of it
//! was copied. What a copy of files does not take along is their identity in the file system: the inode of the
//! consensus log's directory and when it was made. The first start writes them down; where they differ later,
//! the directory was made anew.
//!
//! Not found out here: a volume that is set back as a whole by its snapshot, and files that are overwritten one by
//! one in the directory that was there. The second is found out by [`signed_record`](crate::signed_record).

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use crate::storage::disk::Disk;
use crate::storage::durable_file::{DurableFile, DurableFileError};

/// Name of the file in a data directory. Without it, the directory is taken for the place of the votes.
pub const VOTING_PLACE_FILE_NAME: &str = "voting-place";

/// The place in a data directory.
#[derive(Debug)]
pub struct VotingPlace {
    file: DurableFile,
    identity: Option<String>,
}

impl VotingPlace {
    /// Looks at the directory of the consensus log in `directory`, which need not be there.
    ///
    /// # Errors
    /// What the system says.
    pub fn look(disk: &Arc<dyn Disk>, directory: &Path, votes: &Path) -> io::Result<Self> {
        Ok(Self {
            file: DurableFile::new(disk, &directory.join(VOTING_PLACE_FILE_NAME)),
            identity: identity(votes)?,
        })
    }

    /// Whether the consensus log that is there was copied to where it is.
    ///
    /// # Errors
    /// [`DurableFileError`].
    pub fn is_copy(&self) -> Result<bool, DurableFileError> {
        let known = self.file.read()?;
        Ok(match (known, &self.identity) {
            (Some(known), Some(identity)) => known != identity.as_bytes(),
            // Nobody has voted with it yet, or there is no log, which is found out otherwise.
            _ => false,
        })
    }

    /// Writes down, durably, that this is the place.
    ///
    /// # Errors
    /// [`DurableFileError`].
    pub fn record(&self) -> Result<(), DurableFileError> {
        let Some(identity) = &self.identity else {
            return Ok(());
        };
        if self.file.read()?.as_deref() == Some(identity.as_bytes()) {
            return Ok(());
        }
        self.file.replace(identity.as_bytes())
    }
}

/// Inode and time of making, nanoseconds since 1970; 0 where the file system does not keep it.
fn identity(directory: &Path) -> io::Result<Option<String>> {
    let metadata = match std::fs::metadata(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    let made = metadata.created().ok();
    let made = made.and_then(|made| made.duration_since(UNIX_EPOCH).ok());
    let made = made.map_or(0, |made| made.as_nanos());
    Ok(Some(format!("{} {made}", metadata.ino())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::disk::StdDisk;

    #[test]
    fn a_copy_is_told_from_the_place_itself() {
        let home = tempfile::tempdir().unwrap();
        let disk: Arc<dyn Disk> = Arc::new(StdDisk);
        let (real, copy) = (home.path().join("real"), home.path().join("copy"));
        for directory in [&real, &copy] {
            std::fs::create_dir_all(directory.join("consensus")).unwrap();
        }
        let look = |directory: &Path| {
            VotingPlace::look(&disk, directory, &directory.join("consensus")).unwrap()
        };
        assert!(!look(&real).is_copy().unwrap(), "nothing was recorded");
        look(&real).record().unwrap();
        assert!(!look(&real).is_copy().unwrap());
        let file = |directory: &Path| directory.join(VOTING_PLACE_FILE_NAME);
        std::fs::copy(file(&real), file(&copy)).unwrap();
        assert!(look(&copy).is_copy().unwrap());
        look(&copy).record().unwrap();
        assert!(
            !look(&copy).is_copy().unwrap(),
            "it is the place from now on"
        );
        // A rename is no copy.
        let moved = home.path().join("moved");
        std::fs::rename(&real, &moved).unwrap();
        assert!(!look(&moved).is_copy().unwrap());
    }
}
