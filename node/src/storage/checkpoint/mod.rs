//! Checkpoints: the whole state at one height, in pages of which only the changed ones are rewritten.
//!
//! Objects lie in 65,536 possible pages, by the first 16 bits of their path. A page is stored under its
//! bucket *and* the height that wrote it; the checkpoint record names the height, the state root and,
//! for every bucket, which version of the page belongs to it. So a checkpoint is replaced in one write:
//!
//! 1. the intent: which pages will be written, which versions they supersede;
//! 2. the new pages, in batches; flush;
//! 3. the record, flush. From here on the new checkpoint is the one that loads;
//! 4. the superseded pages and the intent go.
//!
//! A crash anywhere leaves the old checkpoint or the new one, whole, and the intent says what to sweep:
//! rebuilding from the block log is needed only when the store itself was damaged. The alternative, a
//! height inside each page written in place, is simpler by one value but makes every crash in step 2 a
//! full replay.
//!
//! Nothing here is believed: the caller recomputes the state root over all objects, and calls
//! [`CheckpointStore::discard`] if it differs.

mod page;
mod publish;
mod record;
mod store;
mod writer;

pub(crate) use page::{decode_objects, encode as encode_objects};
pub use store::{Checkpoint, CheckpointStore};
pub use writer::{CheckpointOptions, CheckpointWriter, Groundwork, Observer};

use super::kv::KvError;

/// Reads a page, a record and an intent from the same bytes; the first two say which bucket.
pub(crate) fn reads_value(bytes: &[u8]) -> bool {
    let bucket = bytes
        .first_chunk()
        .map_or(0, |two| u16::from_be_bytes(*two));
    page::decode(bucket, bytes).is_ok()
        | record::Record::decode(bytes).is_ok()
        | record::Intent::decode(bytes).is_ok()
}

/// One object of the state, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateObject {
    /// Its place in the state tree.
    pub path: [u8; 32],
    /// Its key.
    pub key: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
}

/// What a block did to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateChange {
    /// The object's place in the state tree.
    pub path: [u8; 32],
    /// The object's key.
    pub key: Vec<u8>,
    /// Its value after the block; `None` if it is gone.
    pub value: Option<Vec<u8>>,
}

/// What a block did to the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateDelta {
    /// Height of the block; the state after genesis is the delta of its height.
    pub height: u64,
    /// State root after the block.
    pub root: [u8; 32],
    /// Changed objects, each at most once.
    pub changes: Vec<StateChange>,
}

/// A failure of a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The store underneath failed.
    #[error(transparent)]
    Store(#[from] KvError),
    /// The pages do not fit the record.
    #[error("the checkpoint is damaged: {reason}; it is discarded and the blocks are replayed")]
    Damaged {
        /// What was found.
        reason: String,
    },
    /// A delta whose height does not follow the one before.
    #[error("the delta of height {height} cannot follow height {last}")]
    NotConsecutive {
        /// Height of the delta.
        height: u64,
        /// Height of the last one.
        last: u64,
    },
    /// The background writer stopped.
    #[error("checkpoints are no longer written: {reason}")]
    Stopped {
        /// Why.
        reason: String,
    },
}

impl CheckpointError {
    fn damaged(reason: impl Into<String>) -> CheckpointError {
        CheckpointError::Damaged {
            reason: reason.into(),
        }
    }
}
