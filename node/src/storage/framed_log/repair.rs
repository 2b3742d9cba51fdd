//! Setting damage aside, so that a node can go on from the last good frame and fetch the rest from its
//! peers, and removing a log. A log does neither by itself: whoever calls it knows that records are given up here.

use std::path::Path;

use super::LogError;
use super::format::{SEGMENT_HEADER_BYTES, segment_name, segment_number};
use super::open::{LOCK_NAME, lock};
use super::watermark::WATERMARK_NAME;
use crate::storage::disk::Disk;

/// What was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Files that now have the suffix `.damaged`; of the first one the good part stays in the log.
    pub files: Vec<String>,
    /// Bytes that are no longer in the log.
    pub bytes: u64,
}

/// Ends the log in `directory` before byte `offset` of `segment`, the position that
/// [`LogError::Damaged`] reported. Everything from there on is kept beside the log under names ending
/// in `.damaged`. The log must be closed.
///
/// # Errors
/// `Io` when the file system refuses; the call can be repeated.
pub fn set_damage_aside(
    disk: &dyn Disk,
    directory: &Path,
    segment: u64,
    offset: u64,
) -> Result<SetAside, LogError> {
    let names = disk
        .list(directory)
        .map_err(LogError::io("list", directory))?;
    let mut numbers: Vec<u64> = names
        .iter()
        .filter_map(|name| segment_number(name))
        .collect();
    numbers.sort_unstable();
    let mut aside = SetAside {
        files: Vec::new(),
        bytes: 0,
    };
    // The watermark goes first: without it the shorter log is not mistaken for damage. Then the newest
    // segment first, so that a crash in between leaves no gap.
    if names.iter().any(|name| name == WATERMARK_NAME) {
        let path = directory.join(WATERMARK_NAME);
        disk.remove(&path).map_err(LogError::io("remove", path))?;
    }
    for &number in numbers.iter().rev().filter(|&&number| number >= segment) {
        let name = segment_name(number);
        let (path, damaged) = (
            directory.join(&name),
            directory.join(format!("{name}.damaged")),
        );
        let file = disk.open(&path).map_err(LogError::io("open", &path))?;
        let length = file.length().map_err(LogError::io("measure", &path))?;
        let kept = if number == segment && offset > SEGMENT_HEADER_BYTES {
            offset
        } else {
            0
        };
        if kept > 0 {
            let mut content = vec![0; length as usize];
            let read = file
                .read_at(0, &mut content)
                .map_err(LogError::io("read", &path))?;
            content.truncate(read);
            let good = &content[..read.min(kept as usize)];
            let temporary = directory.join(format!("{name}.good"));
            write_new(disk, &damaged, &content)?;
            write_new(disk, &temporary, good)?;
            disk.rename(&temporary, &path)
                .map_err(LogError::io("rename", &temporary))?;
        } else {
            disk.rename(&path, &damaged)
                .map_err(LogError::io("rename", &path))?;
        }
        disk.sync_directory(directory)
            .map_err(LogError::io("sync", directory))?;
        aside.bytes += length.saturating_sub(kept);
        aside.files.push(format!("{name}.damaged"));
    }
    Ok(aside)
}

/// Removes the log in `directory`, which need not be there. It must be closed.
///
/// # Errors
/// `InUse` if it is open; `Io` when the file system refuses, and the call can be repeated.
pub fn discard(disk: &dyn Disk, directory: &Path) -> Result<(), LogError> {
    disk.create_directories(directory)
        .map_err(LogError::io("create", directory))?;
    let _lock = lock(disk, directory)?;
    let names = disk
        .list(directory)
        .map_err(LogError::io("list", directory))?;
    for name in names.into_iter().filter(|name| name != LOCK_NAME) {
        let path = directory.join(name);
        disk.remove(&path).map_err(LogError::io("remove", path))?;
    }
    disk.sync_directory(directory)
        .map_err(LogError::io("sync", directory))
}

fn write_new(disk: &dyn Disk, path: &Path, content: &[u8]) -> Result<(), LogError> {
    match disk.remove(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(LogError::io("remove", path)(error));
        }
        _ => {}
    }
    let file = disk.create(path).map_err(LogError::io("create", path))?;
    file.write_at(0, content)
        .map_err(LogError::io("write", path))?;
    file.sync().map_err(LogError::io("sync", path))
}
