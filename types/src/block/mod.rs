//! Blocks: batches of transactions, the header that consensus decides on, results.

mod batch;
mod body;
mod header;
mod result;

pub use batch::Batch;
pub use body::{BlockBody, BlockContent, CommittedBlock};
pub use header::BlockHeader;
pub use result::{TransactionResult, results_root};
