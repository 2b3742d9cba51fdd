//! A whole block: what an auditor reads to execute it again.

use bytes::Bytes;
use talea_types::TransactionResult;

use crate::{BlockInfo, Client, ClientError};

/// A block as a node tells it. Nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WholeBlock {
    /// Header, certificate and counts, as the node gives them beside the block.
    pub info: BlockInfo,
    /// Canonical bytes of the [`talea_types::CommittedBlock`]: header, certificate, every transaction.
    pub block: Bytes,
    /// What became of each transaction, as the node tells it.
    pub results: Vec<TransactionResult>,
}

impl Client {
    /// A block with all its transactions and their results, without proof: for authorities and regulators.
    ///
    /// # Errors
    /// [`ClientError`]; [`ClientError::NotFound`] when there is none of this height, or it is kept no longer.
    pub async fn whole_block(&self, height: u64) -> Result<WholeBlock, ClientError> {
        self.get_block(height, true, true).await
    }
}
