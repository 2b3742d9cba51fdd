//! What readers ask of the committed blocks.

use std::sync::Arc;

use talea_types::{Subject, TransactionId, event::Event, receipt::SetChange};

use crate::interface::CommittedRecord;

/// Committed blocks and their index. Every answer covers all blocks up to the newest published one, and
/// may wait for the disk.
pub trait ReadHistory: Send + Sync {
    /// The oldest height that is kept.
    fn first_height(&self) -> u64;

    /// The block at a height, if it is kept.
    fn block(&self, height: u64) -> Option<Arc<CommittedRecord>>;

    /// Height and index of the result of a transaction that is not void.
    fn locate(&self, id: &TransactionId) -> Option<(u64, u32)>;

    /// A subject's events from a sequence on (counted from 0), in order, at most `limit`.
    fn events(&self, subject: &Subject, from: u64, limit: usize) -> Vec<Event>;

    /// How many answers so far lacked something because what is behind them is damaged.
    fn failures(&self) -> u64 {
        0
    }

    /// Every change of the validator set that was decided below a height, ascending.
    fn set_changes_before(&self, height: u64) -> Vec<SetChange>;
}
