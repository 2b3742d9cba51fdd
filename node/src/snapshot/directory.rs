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
    let names = match disk.list(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        names => names.map_err(SnapshotError::io("list", directory))?,
    };
    let mut found: Vec<SnapshotName> = names
        .iter()
        .filter_map(|name| SnapshotName::parse(name))
        .collect();
    found.sort_unstable();
    Ok(found)
}

/// Removes the oldest snapshots but `kept`, and what an interrupted writer or fetch left; `base` stays whatever its age.
///
/// Nobody may be writing or fetching one.
///
/// # Errors
/// [`SnapshotError::Io`].
pub fn remove_surplus(
    disk: &dyn Disk,
    directory: &Path,
    kept: usize,
    base: Option<SnapshotName>,
) -> Result<Vec<SnapshotName>, SnapshotError> {
    let files = disk
        .list(directory)
        .map_err(SnapshotError::io("list", directory))?;
    let is_left_over =
        |name: &&String| name.ends_with(UNFINISHED_SUFFIX) || name.ends_with(FETCHED_SUFFIX);
    for unfinished in files.iter().filter(is_left_over) {
        remove_if_there(disk, &directory.join(unfinished))?;
    }
    let names = list(disk, directory)?;
    let surplus = names.len().saturating_sub(kept);
    let mut removed = Vec::new();
    for name in names.into_iter().take(surplus) {
        if base != Some(name) {
            remove_if_there(disk, &directory.join(name.to_string()))?;
            removed.push(name);
        }
    }
    Ok(removed)
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
