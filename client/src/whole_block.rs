//! A whole block: what an auditor reads to execute it again.

use bytes::Bytes;
use talea_proto::api;
use talea_types::{DecodeError, TransactionResult};

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
        let request = api::GetBlockRequest {
            height,
            with_body: true,
            with_results: true,
        };
        let (answer, node) = self
            .read_shown(&format!("block {height}"), |mut ledger| async move {
                ledger.get_block(request).await
            })
            .await?;
        let read = || {
            let notice = answer.notice.as_ref();
            let notice = notice.ok_or(DecodeError::Missing { field: "notice" })?;
            let results = answer.results.iter().map(TransactionResult::from_wire);
            Ok(WholeBlock {
                info: BlockInfo::from_api(notice)?,
                block: answer.block.clone(),
                results: results.collect::<Result<_, _>>()?,
            })
        };
        read().map_err(|error| ClientError::nonsense(&node, &error))
    }
}
