//! Opens a store, or sets it aside and starts an empty one.
//!
//! A damaged store is renamed, not removed: somebody may want to look. The newest few are kept.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::sled_store::{SledStore, suspect_path};
use super::{KeyValue, KvError};
use crate::limits::storage::{QUARANTINES_KEPT, SLED_LOCK_WAIT_MS};

const FORMAT_KEY: &[u8] = b"format";
const FORMAT: &[u8] = b"talea store 1";

/// What opening a store found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreOpened {
    /// There was none.
    Created,
    /// It opened. Its content is still to be compared with the block log.
    Existing,
    /// It was damaged; an empty one took its place.
    Quarantined {
        /// Where the damaged one is now.
        to: PathBuf,
        /// What was wrong with it.
        reason: String,
    },
}

/// Opens the store in `directory`; creates it if there is none; sets it aside if it panics, contradicts
/// itself or was condemned before.
///
/// # Errors
/// `InUse`, or `Io` where the file system refuses to set aside or to create.
pub fn open_or_quarantine(directory: &Path) -> Result<(SledStore, StoreOpened), KvError> {
    if let Ok(reason) = fs::read_to_string(suspect_path(directory)) {
        return start_anew(directory, &reason);
    }
    if !exists(directory)? {
        return Ok((create(directory)?, StoreOpened::Created));
    }
    match open_existing(directory) {
        Ok(store) => Ok((store, StoreOpened::Existing)),
        Err(KvError::Damaged { reason, .. }) => start_anew(directory, &reason),
        Err(error) => Err(error),
    }
}

/// Sets a store aside whose content contradicts the block log, and starts an empty one.
///
/// # Errors
/// `Io` where the file system refuses.
pub fn quarantine(store: SledStore, reason: &str) -> Result<(SledStore, StoreOpened), KvError> {
    store.condemn(reason);
    let directory = store.path().to_path_buf();
    drop(store);
    start_anew(&directory, reason)
}

fn open_existing(directory: &Path) -> Result<SledStore, KvError> {
    let store = open_waiting(directory)?;
    let reason = match store.get(FORMAT_KEY)? {
        Some(format) if format == FORMAT => return Ok(store),
        Some(_) => "it is of another format",
        None => "its format record is gone",
    };
    store.condemn(reason);
    Err(KvError::Damaged {
        path: directory.to_path_buf(),
        reason: reason.to_owned(),
    })
}

/// sled releases its lock a moment after it was closed.
fn open_waiting(directory: &Path) -> Result<SledStore, KvError> {
    let mut waited_ms = 0;
    loop {
        match SledStore::open(directory) {
            Err(KvError::InUse { .. }) if waited_ms < SLED_LOCK_WAIT_MS => {
                thread::sleep(Duration::from_millis(20));
                waited_ms += 20;
            }
            result => return result,
        }
    }
}

fn create(directory: &Path) -> Result<SledStore, KvError> {
    fs::create_dir_all(directory).map_err(failed("create", directory))?;
    let store = open_waiting(directory)?;
    store.apply(vec![(FORMAT_KEY.to_vec(), Some(FORMAT.to_vec()))])?;
    store.flush()?;
    sync_parent(directory)?;
    Ok(store)
}

fn start_anew(directory: &Path, reason: &str) -> Result<(SledStore, StoreOpened), KvError> {
    let to = set_aside(directory)?;
    let store = create(directory)?;
    remove_file(&suspect_path(directory))?;
    sync_parent(directory)?;
    Ok((
        store,
        StoreOpened::Quarantined {
            to,
            reason: reason.to_owned(),
        },
    ))
}

/// Renames the directory to the next free number and removes the oldest of those set aside.
fn set_aside(directory: &Path) -> Result<PathBuf, KvError> {
    let mut numbers = quarantined(directory)?;
    let number = numbers.last().map_or(1, |last| last + 1);
    let to = quarantine_path(directory, number);
    match fs::rename(directory, &to) {
        // A crash after an earlier renaming, or somebody removed it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        renamed => {
            renamed.map_err(failed("set aside", directory))?;
            numbers.push(number);
        }
    }
    let surplus = numbers.len().saturating_sub(QUARANTINES_KEPT);
    for number in numbers.drain(..surplus) {
        let path = quarantine_path(directory, number);
        fs::remove_dir_all(&path).map_err(failed("remove", &path))?;
    }
    sync_parent(directory)?;
    Ok(to)
}

fn quarantine_path(directory: &Path, number: u64) -> PathBuf {
    let mut name = directory.as_os_str().to_owned();
    name.push(format!(".quarantined-{number}"));
    PathBuf::from(name)
}

/// Numbers of what was set aside before, ascending.
fn quarantined(directory: &Path) -> Result<Vec<u64>, KvError> {
    let prefix = quarantine_path(directory, 0);
    let prefix = prefix
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let prefix = prefix.trim_end_matches('0');
    let parent = parent(directory);
    let mut numbers = Vec::new();
    for entry in fs::read_dir(parent).map_err(failed("list", parent))? {
        let name = entry.map_err(failed("list", parent))?.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_prefix(prefix)?.parse::<u64>().ok());
        numbers.extend(number);
    }
    numbers.sort_unstable();
    Ok(numbers)
}

fn exists(directory: &Path) -> Result<bool, KvError> {
    directory
        .try_exists()
        .map_err(failed("look for", directory))
}

fn remove_file(path: &Path) -> Result<(), KvError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

fn sync_parent(directory: &Path) -> Result<(), KvError> {
    let parent = parent(directory);
    File::open(parent)
        .and_then(|parent| parent.sync_all())
        .map_err(failed("sync", parent))
}

fn parent(directory: &Path) -> &Path {
    directory
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KvError + use<> {
    let path = path.to_path_buf();
    move |source| KvError::Io {
        action,
        path,
        source,
    }
}
