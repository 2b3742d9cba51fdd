//! Proofs of what is final, from the history.

use talea_proto::ApiError;
use talea_types::{
    Hash,
    merkle::list,
    receipt::{FinalityProof, Receipt, SetChange},
};

use super::service::Service;
use crate::interface::CommittedRecord;

/// Shows that a block is final.
pub(super) fn finality(record: &CommittedRecord, set_changes: Vec<SetChange>) -> FinalityProof {
    FinalityProof {
        set_changes,
        header: record.body.content.header.clone(),
        certificate: record.certificate.clone(),
    }
}

/// The receipt of the result at `index`; `None` when the block has none there.
fn receipt(record: &CommittedRecord, index: u32, set_changes: Vec<SetChange>) -> Option<Receipt> {
    let index = usize::try_from(index).ok()?;
    let result = record.results.get(index)?.clone();
    let leaves: Vec<Hash> = record.results.iter().map(|result| result.hash()).collect();
    let inclusion = list::prove(&leaves, index)?;
    Some(Receipt {
        result,
        inclusion,
        finality: finality(record, set_changes),
    })
}

impl Service {
    /// The receipt of a transaction that is final.
    pub(super) async fn receipt(
        &self,
        id: talea_types::TransactionId,
    ) -> Result<Receipt, ApiError> {
        let found = self.read(move |history| {
            let (height, index) = history.locate(&id)?;
            let Some(record) = history.block(height) else {
                return Some(Err((height, history.first_height())));
            };
            receipt(&record, index, history.set_changes_before(height)).map(Ok)
        });
        let first = self.context.history.first_height();
        match found.await? {
            Some(Ok(receipt)) => Ok(receipt),
            Some(Err((height, first))) => Err(super::service::not_kept(height, first)),
            None if first > 1 => Err(ApiError::pruned(format!(
                "transaction {id} is not final in blocks from {first} on, and this node has no others; ask a node \
                 that keeps all blocks"
            ))),
            None => {
                let tip = self.tip();
                Err(ApiError::not_found(format!(
                    "transaction {id} is not final at height {}",
                    tip.height
                )))
            }
        }
    }
}
