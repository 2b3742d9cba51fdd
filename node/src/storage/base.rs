//! Where the history of a data directory begins, when that is not genesis.
//!
//! A node that was started from a snapshot, or that dropped its oldest blocks, has the state at one height in a
//! snapshot file, its *base*, and the blocks above it in the block log: everything else can be rebuilt from these
//! two, as from genesis and all blocks. The record names the base. It is written when the file is durable and
//! before anything is dropped, so that a crash in between leaves more than is needed, never less.

use std::path::Path;
use std::sync::Arc;

use super::disk::Disk;
use super::durable_file::{DurableFile, DurableFileError};

/// Name of the record in a data directory.
pub const BASE_FILE_NAME: &str = "base";

/// Why a record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    /// The file failed.
    #[error(transparent)]
    File(#[from] DurableFileError),
    /// The file is not a record.
    #[error(
        "the record of where history begins cannot be read; restore the directory from a copy, or begin again from \
         a snapshot: `talea-node snapshot restore`"
    )]
    Unreadable,
}

/// What the record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    /// Height of the base; the first block kept is the one above.
    pub height: u64,
    /// State root of the base.
    pub root: [u8; 32],
    /// Oldest segment of the block log that is needed.
    pub first_segment: u64,
}

/// The record in a data directory.
#[derive(Debug)]
pub struct BaseRecord {
    file: DurableFile,
}

impl BaseRecord {
    /// The record in `directory`, which need not be there.
    #[must_use]
    pub fn new(disk: &Arc<dyn Disk>, directory: &Path) -> Self {
        Self {
            file: DurableFile::new(disk, &directory.join(BASE_FILE_NAME)),
        }
    }

    /// What it says; `None` if history begins at genesis.
    ///
    /// # Errors
    /// [`BaseError`].
    pub fn read(&self) -> Result<Option<Base>, BaseError> {
        let Some(content) = self.file.read()? else {
            return Ok(None);
        };
        parse(&content).map(Some).ok_or(BaseError::Unreadable)
    }

    /// Records, durably, where history begins.
    ///
    /// # Errors
    /// [`BaseError`].
    pub fn write(&self, base: &Base) -> Result<(), BaseError> {
        let Base {
            height,
            root,
            first_segment,
        } = base;
        let text = format!("base {height} {} {first_segment}", hex::encode(root));
        Ok(self.file.replace(text.as_bytes())?)
    }
}

fn parse(content: &[u8]) -> Option<Base> {
    let mut words = std::str::from_utf8(content).ok()?.split(' ');
    if words.next()? != "base" {
        return None;
    }
    let height = words.next()?.parse().ok()?;
    let mut root = [0; 32];
    hex::decode_to_slice(words.next()?, &mut root).ok()?;
    let first_segment = words.next()?.parse().ok()?;
    words.next().is_none().then_some(Base {
        height,
        root,
        first_segment,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::disk::MemDisk;

    #[test]
    fn says_what_was_recorded_or_that_it_is_damaged() {
        let memory = MemDisk::new();
        let disk: Arc<dyn Disk> = Arc::new(memory.clone());
        let record = BaseRecord::new(&disk, Path::new("/data"));
        assert_eq!(record.read().unwrap(), None);
        let base = Base {
            height: 500,
            root: [0xee; 32],
            first_segment: 3,
        };
        record.write(&base).unwrap();
        assert_eq!(record.read().unwrap(), Some(base));
        assert!(memory.flip_bit(Path::new("/data/base"), 350));
        assert!(record.read().is_err());
        assert_eq!(parse(b"base 5"), None);
    }
}
