//! sled 0.34.7, contained.
//!
//! What it does on its own (measured; reliability is what the rest of the node adds): its `flush` stops
//! short of `fdatasync`; values above a quarter of its segment go to files it never syncs; damaged files
//! make it panic, in `open` or later. So here:
//!
//! - `flush` ends with `fdatasync` of every file and of the directory;
//! - values are cut so short that no leaf reaches that size (see `SLED_CHUNK_BYTES`);
//! - its cache keeps to its size only when it is used a lot, so each access is made a few times (see `SLED_TOUCHES`);
//! - little is written without a flush: its seven writing threads wait for a lock that a writer holds while it
//!   waits for a truncation, which is queued behind them; with more buffers on their way than threads, all wait
//!   for ever;
//! - opening, changing and flushing run in a thread of their own with a deadline, every call catches panics, and
//!   the first failure closes the store for good: a mark beside the directory makes the next opening set
//!   it aside.

use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

use super::memory::check_sizes;
use super::value::{self, CHUNKS, Head};
use super::{Batch, Key, KeyValue, KvError, Value};
use crate::limits::storage::{
    SLED_CACHE_BYTES, SLED_SECONDS_MAX, SLED_TOUCHES, SLED_UNFLUSHED_BYTES_MAX,
};

/// A store in a directory. Opened by [`super::open_or_quarantine`].
#[derive(Debug)]
pub struct SledStore {
    path: PathBuf,
    /// Taken out only when the store is dropped.
    db: Option<sled::Db>,
    /// Held while changes are applied.
    writing: Mutex<Writing>,
    failure: Mutex<Option<String>>,
}

#[derive(Debug)]
struct Writing {
    next_chunk_set: u64,
    /// Bytes that were written and not flushed.
    unflushed: usize,
}

impl SledStore {
    /// Opens what is there. A panic, a damaged file and an opening without end are `Damaged`.
    pub(super) fn open(path: &Path) -> Result<SledStore, KvError> {
        let config = sled::Config::new()
            .path(path)
            .flush_every_ms(None)
            .cache_capacity(SLED_CACHE_BYTES);
        let opened = with_deadline(path, move || {
            let db = config.open()?;
            let last = db.scan_prefix([CHUNKS]).keys().next_back().transpose()?;
            Ok((db, last.and_then(|key| value::chunk_set_of(&key))))
        })?;
        let (db, last_set) = opened;
        Ok(SledStore {
            path: path.to_path_buf(),
            db: Some(db),
            writing: Mutex::new(Writing {
                next_chunk_set: last_set.map_or(0, |set| set.saturating_add(1)),
                unflushed: 0,
            }),
            failure: Mutex::new(None),
        })
    }

    /// Directory of the store.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Closes the store for good, because its content contradicts the block log or itself; the next
    /// opening sets it aside.
    pub fn condemn(&self, reason: &str) {
        if self.close(reason) {
            // If the mark cannot be written, the next opening finds the damage itself, or the caller
            // finds the contradiction again.
            let _ = fs::write(suspect_path(&self.path), reason);
        }
    }

    /// Refuses everything from now on. Returns whether this was the first failure.
    fn close(&self, reason: &str) -> bool {
        let mut failure = self.failure.lock();
        let first = failure.is_none();
        failure.get_or_insert_with(|| reason.to_owned());
        first
    }

    fn damaged(&self, reason: impl Into<String>) -> KvError {
        KvError::Damaged {
            path: self.path.clone(),
            reason: reason.into(),
        }
    }

    /// Runs `work` on a healthy store; its panic or error is the end of the store.
    fn guarded<T>(&self, work: impl FnOnce(&sled::Db) -> Result<T, KvError>) -> Result<T, KvError> {
        if let Some(reason) = &*self.failure.lock() {
            return Err(self.damaged(reason.clone()));
        }
        let db = self.db.as_ref().expect("the store is not being dropped");
        let result = catch_unwind(AssertUnwindSafe(|| work(db)))
            .unwrap_or_else(|panic| Err(self.damaged(panic_message(&*panic))));
        match &result {
            Ok(_) => {}
            // A full or forbidden disk says nothing about the content.
            Err(error @ KvError::Io { .. }) => {
                self.close(&error.to_string());
            }
            Err(error) => self.condemn(&error.to_string()),
        }
        result
    }

    fn store_error(&self, error: sled::Error) -> KvError {
        sled_error(&self.path, error)
    }

    fn get_physical(&self, db: &sled::Db, key: &[u8]) -> Result<Option<sled::IVec>, KvError> {
        let found = db.get(key).map_err(|error| self.store_error(error))?;
        self.touch(db, key)?;
        Ok(found)
    }

    /// Uses the leaf of a key until its part of the cache looks at what it has.
    fn touch(&self, db: &sled::Db, key: &[u8]) -> Result<(), KvError> {
        for _ in 0..SLED_TOUCHES {
            db.contains_key(key)
                .map_err(|error| self.store_error(error))?;
        }
        Ok(())
    }

    fn head(&self, db: &sled::Db, key: &[u8]) -> Result<Option<sled::IVec>, KvError> {
        self.get_physical(db, &value::value_key(key))
    }

    /// The value of a head; `None` if its chunks are gone because it was overwritten meanwhile.
    fn value_of(&self, db: &sled::Db, key: &[u8], head: &[u8]) -> Result<Option<Value>, KvError> {
        let wrong = || self.damaged("a value is not what was written");
        let (expected, value) = match value::decode(head).ok_or_else(wrong)? {
            Head::Short { checksum, value } => (checksum, value.to_vec()),
            Head::Long { checksum, chunks } => {
                let mut value = Vec::new();
                for chunk_key in chunks.keys() {
                    match self.get_physical(db, &chunk_key)? {
                        Some(chunk) => value.extend_from_slice(&chunk),
                        None => return Ok(None),
                    }
                }
                (checksum, value)
            }
        };
        if value::checksum(key, &value) != expected {
            return Err(wrong());
        }
        Ok(Some(value))
    }

    fn read(&self, db: &sled::Db, key: &[u8]) -> Result<Option<Value>, KvError> {
        let Some(mut head) = self.head(db, key)? else {
            return Ok(None);
        };
        loop {
            if let Some(value) = self.value_of(db, key, &head)? {
                return Ok(Some(value));
            }
            match self.head(db, key)? {
                None => return Ok(None),
                Some(newer) if newer != head => head = newer,
                Some(_) => return Err(self.damaged("a piece of a value is missing")),
            }
        }
    }
}

impl KeyValue for SledStore {
    fn condemn(&self, reason: &str) {
        SledStore::condemn(self, reason);
    }

    fn get(&self, key: &[u8]) -> Result<Option<Value>, KvError> {
        self.guarded(|db| self.read(db, key))
    }

    fn apply(&self, batch: Batch) -> Result<(), KvError> {
        check_sizes(&batch)?;
        self.guarded(|db| {
            let mut writing = self.writing.lock();
            let mut bytes: usize = 0;
            // The last change of a key decides; earlier ones must not leave chunks behind.
            let last: std::collections::BTreeMap<Key, Option<Value>> = batch.into_iter().collect();
            let mut changes = sled::Batch::default();
            let mut written = Vec::new();
            let mut write = |changes: &mut sled::Batch, key: Vec<u8>, value: Vec<u8>| {
                changes.insert(&key[..], value);
                written.push(key);
            };
            for (key, change) in last {
                if let Some(head) = self.head(db, &key)?
                    && let Some(Head::Long { chunks, .. }) = value::decode(&head)
                {
                    chunks
                        .keys()
                        .for_each(|chunk_key| changes.remove(chunk_key));
                }
                let Some(value) = change else {
                    changes.remove(value::value_key(&key));
                    continue;
                };
                bytes = bytes.saturating_add(key.len()).saturating_add(value.len());
                let (head, chunks) = value::encode(&key, &value, || {
                    writing.next_chunk_set += 1;
                    writing.next_chunk_set
                });
                write(&mut changes, value::value_key(&key), head);
                for (key, chunk) in chunks {
                    write(&mut changes, key, chunk);
                }
            }
            if writing.unflushed.saturating_add(bytes) > SLED_UNFLUSHED_BYTES_MAX {
                let db = db.clone();
                with_deadline(&self.path, move || db.flush())?;
                writing.unflushed = 0;
            }
            writing.unflushed = writing.unflushed.saturating_add(bytes);
            let changed = db.clone();
            with_deadline(&self.path, move || changed.apply_batch(changes))?;
            written.iter().try_for_each(|key| self.touch(db, key))
        })
    }

    fn scan_prefix(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Key, Value)>, KvError> {
        self.guarded(|db| {
            let mut found = Vec::new();
            let start = match after {
                Some(after) if after >= prefix => [&value::value_key(after)[..], &[0]].concat(),
                _ => value::value_key(prefix),
            };
            let physical_prefix = value::value_key(prefix);
            for entry in db.range(start..) {
                let (physical, head) = entry.map_err(|error| self.store_error(error))?;
                if found.len() >= limit || !physical.starts_with(&physical_prefix) {
                    break;
                }
                let key = physical[1..].to_vec();
                let value = match self.value_of(db, &key, &head)? {
                    Some(value) => Some(value),
                    None => self.read(db, &key)?,
                };
                if let Some(value) = value {
                    found.push((key, value));
                }
            }
            Ok(found)
        })
    }

    fn flush(&self) -> Result<(), KvError> {
        self.guarded(|db| {
            let db = db.clone();
            with_deadline(&self.path, move || db.flush())?;
            sync_files(&self.path).map_err(|source| KvError::Io {
                action: "sync",
                path: self.path.clone(),
                source,
            })
        })
    }

    fn size_bytes(&self) -> Result<u64, KvError> {
        self.guarded(|db| db.size_on_disk().map_err(|error| self.store_error(error)))
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        // It syncs its file when it is closed, and panics when that fails: a broken disk is found here instead, and no
        // reason to distrust what is there.
        let _ = self.flush();
        let Some(db) = self.db.take() else { return };
        if self.failure.get_mut().is_some() {
            // Closing it might hang or panic again. Its memory is the price, once.
            std::mem::forget(db);
        } else if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(db))) {
            self.condemn(&panic_message(&*panic));
        }
    }
}

/// Runs what may panic or never return in a thread of its own.
fn with_deadline<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> sled::Result<T> + Send + 'static,
) -> Result<T, KvError> {
    let damaged = |reason: String| KvError::Damaged {
        path: path.to_path_buf(),
        reason,
    };
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("sled".to_owned())
        .spawn(move || {
            let result = catch_unwind(AssertUnwindSafe(work));
            // Nobody listens after the deadline.
            let _ = sender.send(result);
        })
        .map_err(|source| KvError::Io {
            action: "open",
            path: path.to_path_buf(),
            source,
        })?;
    match receiver.recv_timeout(Duration::from_secs(SLED_SECONDS_MAX)) {
        Ok(Ok(result)) => result.map_err(|error| sled_error(path, error)),
        Ok(Err(panic)) => Err(damaged(panic_message(&*panic))),
        Err(_) => Err(damaged(format!(
            "it did not answer in {SLED_SECONDS_MAX} seconds"
        ))),
    }
}

fn sled_error(path: &Path, error: sled::Error) -> KvError {
    let path = path.to_path_buf();
    match error {
        sled::Error::Io(source) if is_environment(&source) => KvError::Io {
            action: "use",
            path,
            source,
        },
        sled::Error::Io(source) if source.to_string().contains("could not acquire lock") => {
            KvError::InUse { path }
        }
        other => KvError::Damaged {
            path,
            reason: other.to_string(),
        },
    }
}

/// Failures that say nothing about the content.
fn is_environment(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied
            | io::ErrorKind::StorageFull
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::NotADirectory
    )
}

fn sync_files(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let opened = match File::open(entry.path()) {
            // sled renames and removes its snapshots at will.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        if kind.is_file() {
            opened.sync_data()?;
        } else if kind.is_dir() {
            opened.sync_all()?;
        }
    }
    File::open(directory)?.sync_all()
}

pub(crate) fn suspect_path(directory: &Path) -> PathBuf {
    let mut name = directory.as_os_str().to_owned();
    name.push(".suspect");
    PathBuf::from(name)
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    format!("sled panicked: {}", message.unwrap_or("without a message"))
}
