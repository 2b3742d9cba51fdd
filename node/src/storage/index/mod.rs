//! Look-ups by transaction id and by subject, as sorted runs.
//!
//! A key per transaction in sled costs ten times the signature, so entries are gathered in memory, and
//! written as a sorted *run* of chunks once there are many. Runs of one level are merged into one run of
//! the next, so their number grows with the logarithm of the entries; the first key of each chunk (its
//! *fence*) is held in memory, so that a look-up reads one chunk of each run.
//!
//! Memory: the entries of up to `INDEX_RUNS_WAITING + 1` unwritten runs, and one key for about 500
//! entries (16 bytes: 32 MiB for a thousand million transactions).
//!
//! Nothing here is a source of truth. [`TransactionIndex::complete_to`] says up to which height the index
//! is complete; the caller inserts the blocks after it, and rebuilds it from the block log when it
//! reports damage ([`TransactionIndex::discard`]).

mod chunk;
mod entry;
mod manifest;
mod merge;
mod queue;
mod run;
mod sorted_runs;
mod subject;
mod transaction;
mod worker;

pub use entry::Location;
pub use subject::{SubjectEntry, SubjectIndex};
pub use transaction::TransactionIndex;

use super::kv::KvError;

/// Reads a manifest, and a chunk with each of its entries, from the same bytes.
pub(crate) fn reads_value(bytes: &[u8]) -> bool {
    let layout = transaction::LAYOUT;
    let entries = chunk::Chunk::decode(layout, bytes.to_vec()).map(|chunk| {
        let all = (0..=chunk.len()).filter_map(|at| chunk.get(at));
        all.map(|(key, _)| chunk.lower_bound(&key)).max()
    });
    manifest::Manifest::decode(layout, bytes).is_ok() | entries.is_ok()
}
use crate::limits::storage::{INDEX_RUN_ENTRIES, INDEX_RUNS_PER_LEVEL};

/// Sizes of an index.
#[derive(Debug, Clone, Copy)]
pub struct IndexOptions {
    /// Entries gathered in memory before a run is written.
    pub run_entries: usize,
    /// Runs of one level that are merged into one of the next.
    pub runs_per_level: usize,
}

impl Default for IndexOptions {
    fn default() -> IndexOptions {
        IndexOptions {
            run_entries: INDEX_RUN_ENTRIES,
            runs_per_level: INDEX_RUNS_PER_LEVEL,
        }
    }
}

/// A failure of an index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The store underneath failed.
    #[error(transparent)]
    Store(#[from] KvError),
    /// What is stored contradicts itself.
    #[error("the {index} index is damaged: {reason}; discard it and rebuild it from the block log")]
    Damaged {
        /// Name of the index.
        index: &'static str,
        /// What was found.
        reason: String,
    },
    /// Blocks are missing before this one.
    #[error("block {height} cannot follow block {last} in the {index} index")]
    NotConsecutive {
        /// Name of the index.
        index: &'static str,
        /// Height of the block.
        height: u64,
        /// Height of the last one.
        last: u64,
    },
    /// The background writer stopped.
    #[error("the {index} index is no longer written: {reason}")]
    Stopped {
        /// Name of the index.
        index: &'static str,
        /// Why.
        reason: String,
    },
}
