//! The regulator's side of Talea: a program that follows any node or observer, verifies every certificate and
//! executes every block again, and keeps an index that can be asked.
//!
//! It holds no validator's key and believes nobody: with nothing but the genesis document it comes to the
//! state that the headers commit to, or stops at the first block that says otherwise.
//!
//! | to find | look in |
//! | --- | --- |
//! | what is verified, in which order | [`CheckedBlock`], [`Chain`] |
//! | what can be wrong, by name | [`Difference`] |
//! | fetching ahead, executing, writing | [`follow()`] |
//! | the tables, and exactly-once | [`Index`] |
//! | making an index again | [`reindex()`] |

mod chain;
mod checked;
mod difference;
mod follow;
mod index;
mod reindex;

pub use chain::{Audited, Chain, ResumeError, SharedLedger, Tip};
pub use checked::{CheckedBlock, Counts};
pub use difference::Difference;
pub use follow::{FollowError, Followed, Progress, Source, follow, wait_for_more};
pub use index::{BlockRow, Digest, Index, IndexError, OutcomeTotal, Totals};
pub use reindex::{ReindexError, reindex};
