//! From a subject to everything that happened to it, in order.

use std::sync::Arc;

use super::entry::{EntryKey, Layout, Location, pad};
use super::sorted_runs::SortedRuns;
use super::{IndexError, IndexOptions};
use crate::limits::storage::INDEX_RANGE_MAX;
use crate::storage::kv::KeyValue;

const LAYOUT: Layout = Layout {
    name: "subject",
    key_bytes: 24,
};

/// One event of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectEntry {
    /// The subject's id.
    pub subject: [u8; 16],
    /// Number of the event in the subject's history.
    pub sequence: u64,
    /// Place in the block of the transaction that caused it.
    pub index: u32,
}

/// The history of each subject.
#[derive(Debug)]
pub struct SubjectIndex {
    runs: SortedRuns,
}

impl SubjectIndex {
    /// Opens or creates the index in `store`.
    ///
    /// # Errors
    /// `Damaged` if it has to be discarded and rebuilt.
    pub fn open(
        store: &Arc<dyn KeyValue>,
        options: IndexOptions,
    ) -> Result<SubjectIndex, IndexError> {
        Ok(SubjectIndex {
            runs: SortedRuns::open(store, LAYOUT, options)?,
        })
    }

    /// Removes the index from `store`; it must be closed.
    ///
    /// # Errors
    /// As the store.
    pub fn discard(store: &Arc<dyn KeyValue>) -> Result<(), IndexError> {
        SortedRuns::discard(store, LAYOUT)
    }

    /// Adds the events of the next block. Waits while the writer is behind. A block that it has already
    /// is passed over.
    ///
    /// # Errors
    /// `NotConsecutive`, or `Stopped` once the store failed.
    pub fn insert_block(&self, height: u64, entries: &[SubjectEntry]) -> Result<(), IndexError> {
        let entries = entries.iter().map(|entry| {
            let location = Location {
                height,
                index: entry.index,
            };
            (key(&entry.subject, entry.sequence), location)
        });
        self.runs.insert_block(height, entries)
    }

    /// Up to `limit` events of `subject` from number `from_sequence` on, at most
    /// [`INDEX_RANGE_MAX`].
    ///
    /// # Errors
    /// `Damaged` if the index has to be rebuilt.
    pub fn range(
        &self,
        subject: &[u8; 16],
        from_sequence: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Location)>, IndexError> {
        let (start, end) = (key(subject, from_sequence), key(subject, u64::MAX));
        let found = self.runs.range(&start, &end, limit.min(INDEX_RANGE_MAX))?;
        Ok(found
            .into_iter()
            .map(|(key, location)| (sequence_of(&key), location))
            .collect())
    }

    /// Height up to which the index is in the store. After opening, the blocks above it have to be
    /// inserted again.
    pub fn complete_to(&self) -> Option<u64> {
        self.runs.complete_to()
    }

    /// Writes everything inserted so far and waits for it: for a clean end of the process.
    ///
    /// # Errors
    /// `Stopped` once the store failed.
    pub fn flush(&self) -> Result<(), IndexError> {
        self.runs.flush()
    }
}

fn key(subject: &[u8; 16], sequence: u64) -> EntryKey {
    let mut key = pad(subject);
    key[16..].copy_from_slice(&sequence.to_be_bytes());
    key
}

fn sequence_of(key: &EntryKey) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&key[16..]);
    u64::from_be_bytes(bytes)
}
