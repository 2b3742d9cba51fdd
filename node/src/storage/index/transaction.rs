//! From a transaction's id to its place.

use std::sync::Arc;

use super::entry::{Layout, Location, pad};
use super::sorted_runs::SortedRuns;
use super::{IndexError, IndexOptions};
use crate::storage::kv::KeyValue;

pub(super) const LAYOUT: Layout = Layout {
    name: "transaction",
    key_bytes: 16,
};

/// First occurrence of each transaction, by the first 16 bytes of its id. Two ids that share them are as
/// hard to make as a 64-bit collision; the caller compares the whole id with the transaction it finds.
#[derive(Debug)]
pub struct TransactionIndex {
    runs: SortedRuns,
}

impl TransactionIndex {
    /// Opens or creates the index in `store`.
    ///
    /// # Errors
    /// `Damaged` if it has to be discarded and rebuilt.
    pub fn open(
        store: &Arc<dyn KeyValue>,
        options: IndexOptions,
    ) -> Result<TransactionIndex, IndexError> {
        Ok(TransactionIndex {
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

    /// Adds the ids of the next block in the order of its transactions. An id that occurred before keeps
    /// its first place. Waits while the writer is behind. A
    /// block that it has already is passed over.
    ///
    /// # Errors
    /// `NotConsecutive`, or `Stopped` once the store failed.
    pub fn insert_block(&self, height: u64, ids: &[[u8; 16]]) -> Result<(), IndexError> {
        let entries = (0..)
            .zip(ids)
            .map(|(index, id)| (pad(id), Location { height, index }));
        self.runs.insert_block(height, entries)
    }

    /// Where the transaction is, by the first 16 bytes of its id.
    ///
    /// # Errors
    /// `Damaged` if the index has to be rebuilt.
    pub fn get(&self, id: &[u8; 16]) -> Result<Option<Location>, IndexError> {
        self.runs.get(&pad(id))
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
