//! The block log: every block body this node voted for or fetched, and every decision with its
//! certificate. The source of truth; all else can be rebuilt from it.
//!
//! What it keeps true:
//!
//! - Decisions are consecutive in height, and the body of a decided block comes before its decision.
//! - A body is kept before the node votes for it, a decision before anyone is told: both are the
//!   caller's, who calls [`BlockLog::sync`] in between.
//! - A height reads as the same block for ever, or as an error, or is below where the log begins.

mod reader;
mod record;
mod writer;

pub use reader::{BlockReader, StoredBlock};
pub use writer::{BlockLog, BlockLogOptions};

use super::framed_log::LogError;

/// A failure of the block log.
#[derive(Debug, thiserror::Error)]
pub enum BlockLogError {
    /// The file underneath failed or is damaged.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A record for a height that is not the next one.
    #[error("a record for height {height} cannot follow height {last_committed}")]
    NotConsecutive {
        /// Height of the record.
        height: u64,
        /// Height of the newest decision.
        last_committed: u64,
    },
    /// A decision on a block whose body is not in the log.
    #[error("the body of the block decided at height {height} was not appended before")]
    UnknownBody {
        /// Height of the decision.
        height: u64,
    },
    /// The log ends before the height after which it is said to begin.
    #[error(
        "the block log in {directory} ends at height {end}, before height {base} after which it begins; run \
         `talea-node doctor DIR --set-damage-aside`: the node then goes on from its snapshot of height {base}"
    )]
    EndsBeforeBase {
        /// Directory of the log.
        directory: std::path::PathBuf,
        /// Its newest decision.
        end: u64,
        /// Height of the base.
        base: u64,
    },
    /// More bodies for one height than rounds can plausibly bring.
    #[error("height {height} has {bodies} bodies and no decision; no more are accepted")]
    TooManyBodies {
        /// The undecided height.
        height: u64,
        /// Bodies it has.
        bodies: usize,
    },
}
