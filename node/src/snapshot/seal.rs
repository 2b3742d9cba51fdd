//! What tells two files of one state from each other.

use std::fmt;
use std::path::Path;

use super::SnapshotError;
use super::format::{CHECKSUM_BYTES, FILE_HEADER_BYTES};
use crate::storage::disk::{Disk, DiskFile};

/// The last checksum of a snapshot, which covers every byte before it. Snapshots of one state differ in it when
/// another quorum signed. It says which bytes are meant; that they are right is for verification to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seal(pub [u8; CHECKSUM_BYTES]);

impl fmt::Display for Seal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

/// Opens a file and gives its length and its seal.
///
/// # Errors
/// [`SnapshotError`]: it cannot be opened, or is too short for a snapshot.
pub fn open_sealed(
    disk: &dyn Disk,
    path: &Path,
) -> Result<(Box<dyn DiskFile>, u64, Seal), SnapshotError> {
    let file = disk.open(path).map_err(SnapshotError::io("open", path))?;
    let bytes = file.length().map_err(SnapshotError::io("measure", path))?;
    let mut seal = Seal([0; CHECKSUM_BYTES]);
    let at = bytes
        .checked_sub(CHECKSUM_BYTES as u64)
        .filter(|at| *at >= FILE_HEADER_BYTES as u64);
    let read = match at {
        Some(at) => file
            .read_at(at, &mut seal.0)
            .map_err(SnapshotError::io("read", path))?,
        None => 0,
    };
    if read < CHECKSUM_BYTES {
        let path = path.to_owned();
        return Err(SnapshotError::NotASnapshot { path });
    }
    Ok((file, bytes, seal))
}
