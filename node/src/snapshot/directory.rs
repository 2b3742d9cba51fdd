//! The directory of snapshots.

use std::io;
use std::path::{Path, PathBuf};

use super::name::{FETCHED_SUFFIX, UNFINISHED_SUFFIX};
use super::{SnapshotError, SnapshotName};
use crate::limits::snapshot::WRITE_BUFFER_BYTES;
use crate::storage::disk::Disk;

/// The snapshots in a directory, ascending by height; none if there is no directory. Only names are looked at.
///
/// # Errors
/// [`SnapshotError::Io`].
pub fn list(disk: &dyn Disk, directory: &Path) -> Result<Vec<SnapshotName>, SnapshotError> {
    let mut found: Vec<SnapshotName> = files(disk, directory)?
        .iter()
        .filter_map(|name| SnapshotName::parse(name))
        .collect();
    found.sort_unstable();
    Ok(found)
}

/// Names of the files in a directory, which need not be there.
fn files(disk: &dyn Disk, directory: &Path) -> Result<Vec<String>, SnapshotError> {
    match disk.list(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        names => names.map_err(SnapshotError::io("list", directory)),
    }
}

/// Removes what an interrupted writer or fetch left. Nobody may be writing or fetching a snapshot.
///
/// # Errors
/// [`SnapshotError::Io`].
pub fn remove_left_over(disk: &dyn Disk, directory: &Path) -> Result<(), SnapshotError> {
    for name in files(disk, directory)? {
        if name.ends_with(UNFINISHED_SUFFIX) || name.ends_with(FETCHED_SUFFIX) {
            remove_if_there(disk, &directory.join(name))?;
        }
    }
    Ok(())
}

/// Removes a snapshot; it need not be there.
///
/// # Errors
/// [`SnapshotError::Io`].
pub fn remove(disk: &dyn Disk, directory: &Path, name: SnapshotName) -> Result<(), SnapshotError> {
    remove_if_there(disk, &directory.join(name.to_string()))
}

/// Copies a snapshot that was verified into a directory under its name, durably. The copy is what the reader of it
/// verifies again.
///
/// # Errors
/// [`SnapshotError::Io`].
pub fn copy(
    disk: &dyn Disk,
    from: &Path,
    directory: &Path,
    name: SnapshotName,
) -> Result<PathBuf, SnapshotError> {
    disk.create_directories(directory)
        .map_err(SnapshotError::io("create", directory))?;
    let to = directory.join(name.to_string());
    let unfinished = directory.join(format!("{name}{UNFINISHED_SUFFIX}"));
    remove_if_there(disk, &unfinished)?;
    let source = disk.open(from).map_err(SnapshotError::io("open", from))?;
    let target = disk
        .create(&unfinished)
        .map_err(SnapshotError::io("create", &unfinished))?;
    let mut buffer = vec![0; WRITE_BUFFER_BYTES];
    let mut offset = 0;
    loop {
        let read = source
            .read_at(offset, &mut buffer)
            .map_err(SnapshotError::io("read", from))?;
        if read == 0 {
            break;
        }
        target
            .write_at(offset, &buffer[..read])
            .map_err(SnapshotError::io("write", &unfinished))?;
        offset += read as u64;
    }
    target
        .sync()
        .map_err(SnapshotError::io("sync", &unfinished))?;
    rename_durably(disk, &unfinished, &to)?;
    Ok(to)
}

pub(super) fn remove_if_there(disk: &dyn Disk, path: &Path) -> Result<(), SnapshotError> {
    match disk.remove(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(SnapshotError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// Gives a file its name, durably.
///
/// # Errors
/// [`SnapshotError::Io`].
pub fn rename_durably(disk: &dyn Disk, from: &Path, to: &Path) -> Result<(), SnapshotError> {
    disk.rename(from, to)
        .map_err(SnapshotError::io("rename", from))?;
    let directory = to.parent().unwrap_or(Path::new("."));
    disk.sync_directory(directory)
        .map_err(SnapshotError::io("sync", directory))
}
