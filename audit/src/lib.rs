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
//! | what a node answers about a subject, held against what was executed | [`mod@compare`] |
//! | fetching ahead, executing, writing | [`follow()`] |
//! | how debtors were treated, as it is kept | [`conduct`] |
//! | where loans stand when a month ends | [`MonthEnd`] |
//! | the tables, exactly-once, and the one door for questions | [`Index`] |
//! | what was booked on an account, and its ISO 20022 messages | [`statement`] |
//! | files for other programs, and their manifest | [`export`] |
//! | what is bounded | [`limits`] |
//! | making an index again | [`reindex()`] |
//! | pages and the interface for programs | [`serve`] |
//! | who looked at a debtor's file | [`Looks`] |

mod chain;
mod checked;
pub mod compare;
pub mod conduct;
mod difference;
pub mod export;
mod follow;
mod index;
pub mod limits;
mod looks;
mod month_end;
mod reindex;
pub mod serve;
pub mod statement;
mod tls;

pub use chain::{Audited, Chain, ResumeError, SharedLedger, Tip};
pub use checked::{CheckedBlock, Counts};
pub use conduct::Conduct;
pub use difference::Difference;
pub use follow::{FollowError, Followed, Progress, Source, follow, wait_for_more};
pub use index::{
    BlockRow, Digest, Index, IndexError, IndexPlace, OutcomeTotal, Row, ServerUrl, StoreError,
    Totals, Value,
};
pub use looks::{Look, LookHead, LookPlace, Looks, LooksError, LooksOfDebtor};
pub use month_end::{LoanStanding, MonthEnd, Standing};
pub use reindex::{ReindexError, reindex};
pub use tls::TlsError;
