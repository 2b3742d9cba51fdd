//! Ordered keys and values: what is looked up and can be rebuilt from the block log.
//!
//! What it keeps true for its callers:
//!
//! - A batch is applied as a whole while the process lives. After a crash a store may have lost any
//!   batch that was not flushed, and a damaged one may open with less than was flushed: what is in it is
//!   compared with the block log before it is believed.
//! - A value reads as it was written, or as an error: each carries a checksum.
//! - A store that failed once keeps failing. It is rebuilt, not repaired.

mod memory;
mod quarantine;
mod sled_store;
mod value;

pub use memory::MemoryStore;
pub use quarantine::{StoreOpened, open_or_quarantine, quarantine};
pub use sled_store::SledStore;
pub(crate) use sled_store::suspect_path;

use std::fmt::Debug;
use std::io;
use std::path::PathBuf;

/// Reads the head of a value and names the chunks that it announces.
pub(crate) fn reads_value(bytes: &[u8]) -> bool {
    match value::decode(bytes) {
        None => false,
        Some(value::Head::Short { checksum, value }) => checksum == value::checksum(b"", value),
        Some(value::Head::Long { chunks, .. }) => {
            chunks
                .keys()
                .next()
                .as_deref()
                .and_then(value::chunk_set_of)
                == Some(chunks.number)
        }
    }
}

/// A key.
pub type Key = Vec<u8>;
/// A value.
pub type Value = Vec<u8>;
/// Changes by key; `None` removes. A later change of a key wins.
pub type Batch = Vec<(Key, Option<Value>)>;

/// An ordered map that outlives the process, mostly.
pub trait KeyValue: Debug + Send + Sync {
    /// The value of `key`.
    ///
    /// # Errors
    /// `Damaged` if it is not what was written.
    fn get(&self, key: &[u8]) -> Result<Option<Value>, KvError>;

    /// Applies all changes at once. Durable after the next [`KeyValue::flush`].
    ///
    /// # Errors
    /// `TooLarge` leaves the store as it was; every other error is final.
    fn apply(&self, batch: Batch) -> Result<(), KvError>;

    /// Up to `limit` entries whose key starts with `prefix` and is greater than `after`, in order.
    ///
    /// # Errors
    /// `Damaged` if one of them is not what was written.
    fn scan_prefix(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Key, Value)>, KvError>;

    /// Makes what was applied as durable as this store can.
    ///
    /// # Errors
    /// Every error is final.
    fn flush(&self) -> Result<(), KvError>;

    /// Closes the store for good, because its content contradicts the block log or itself; the next opening sets
    /// it aside. A store in memory goes with the process anyway.
    fn condemn(&self, _reason: &str) {}

    /// Bytes the store takes, roughly.
    ///
    /// # Errors
    /// When they cannot be found out.
    fn size_bytes(&self) -> Result<u64, KvError>;
}

/// Removes every entry whose key starts with `prefix`, a bounded batch at a time.
///
/// # Errors
/// As [`KeyValue::apply`]; some of the entries may be gone then.
pub fn remove_prefix(store: &dyn KeyValue, prefix: &[u8]) -> Result<(), KvError> {
    loop {
        let found = store.scan_prefix(prefix, None, 64)?;
        if found.is_empty() {
            return Ok(());
        }
        store.apply(found.into_iter().map(|(key, _)| (key, None)).collect())?;
    }
}

/// A failure of a store.
#[derive(Debug, thiserror::Error)]
pub enum KvError {
    /// The store contradicts itself or panicked. It has to be quarantined and rebuilt.
    #[error("the store {path} is damaged ({reason}); restart: it is set aside and rebuilt")]
    Damaged {
        /// Directory of the store.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// Another process has it open.
    #[error("the store {path} is in use; stop the other process first")]
    InUse {
        /// Directory of the store.
        path: PathBuf,
    },
    /// A value is larger than a store accepts.
    #[error("a value of {bytes} bytes exceeds {bytes_max}")]
    TooLarge {
        /// Bytes of the value.
        bytes: usize,
        /// Largest value.
        bytes_max: usize,
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
