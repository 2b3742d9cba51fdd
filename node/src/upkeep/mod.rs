//! What a node does now and then for its disk: snapshots of the state, and dropping blocks that it is told not to
//! keep.
//!
//! Blocks are dropped only up to a snapshot that was read back and verified against genesis, and that snapshot
//! stays: it stands in the place of genesis from then on ([`Base`](crate::storage::base::Base)). So whatever a
//! setting says, the state and every block above the base can be made again, and what is below it is answered with
//! PRUNED, never with less than there was (docs/adr/0051).

mod prune;
mod restore;
mod retention;
mod snapshots;
mod stopped;
mod surplus;
mod worker;

pub use prune::{PruneError, Pruned};
pub use restore::{begin_after, check_vacant, restore};
pub use retention::Retention;
pub use snapshots::{head_at, write_snapshot};
pub use stopped::{StoppedNode, UpkeepError};
pub use worker::{Upkeep, UpkeepParts};
