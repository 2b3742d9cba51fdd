//! Transactions, blocks, the network.

use talea_ledger::access::Record;
use talea_proto::{ApiError, api};
use talea_types::{CommittedBlock, DecodeError, TransactionId, TransactionResult};

use super::{reader::Caller, resolution::accepted, service::Service};
use crate::{config::NodeRole, interface::CommittedRecord};

/// What `GetNetwork` and `GetStatus` call this software.
pub(super) const SOFTWARE_VERSION: &str = concat!("talea-node ", env!("CARGO_PKG_VERSION"));

impl Service {
    /// `GetTransaction`.
    pub(super) async fn transaction(
        &self,
        request: api::GetTransactionRequest,
    ) -> Result<api::GetTransactionResponse, ApiError> {
        let id = TransactionId::from_wire("id", &request.id)?;
        // Asked before the history: what is final after this is no longer pending.
        let is_pending = self.pending.contains(&id);
        let tip = self.tip();
        let mut answer = api::GetTransactionResponse {
            height: tip.height,
            ledger_time_ms: tip.time.millis(),
            ..Default::default()
        };
        let located = self.locate(id).await?;
        answer.kept_since_ms = self.kept_since_ms().await?;
        let status = match located {
            Some(resolution) => {
                if request.with_bytes {
                    answer.transaction = self.transaction_bytes(id).await?;
                }
                resolution.to_wire(&id)
            }
            None if is_pending => accepted(&id),
            None => api::TransactionStatus {
                id: id.to_wire(),
                ..Default::default()
            },
        };
        answer.status = Some(status);
        Ok(answer)
    }

    /// Ledger time of the oldest block that is kept; 0 when all are.
    async fn kept_since_ms(&self) -> Result<u64, ApiError> {
        match self.context.history.first_height() {
            0 | 1 => Ok(0),
            first if first > self.tip().height => Ok(self.tip().time.millis()),
            first => Ok(self.block(first).await?.body.content.header.time.millis()),
        }
    }

    async fn transaction_bytes(&self, id: TransactionId) -> Result<bytes::Bytes, ApiError> {
        let found = self.read(move |history| {
            let (height, index) = history.locate(&id)?;
            transaction_at(&*history.block(height)?, index)
        });
        Ok(found.await?.unwrap_or_default())
    }

    /// `GetBlock`.
    pub(super) async fn get_block(
        &self,
        request: api::GetBlockRequest,
        caller: Option<Caller>,
    ) -> Result<api::GetBlockResponse, ApiError> {
        // Header, certificate and counts are for everybody.
        if request.with_body || request.with_results {
            self.check_read(caller.as_ref(), &Record::Body)?;
        }
        let height = if request.height == 0 {
            self.tip().height
        } else {
            request.height
        };
        let record = self.block(height).await?;
        let mut answer = api::GetBlockResponse {
            notice: Some(notice(&record)),
            ..Default::default()
        };
        if request.with_results {
            answer.results = record
                .results
                .iter()
                .map(TransactionResult::to_wire)
                .collect();
        }
        if request.with_body {
            let block = CommittedBlock {
                body: record.body.clone(),
                certificate: record.certificate.clone(),
            };
            answer.block = block.encode();
        }
        Ok(answer)
    }

    /// `GetNetwork`.
    pub(super) async fn network(&self) -> Result<api::GetNetworkResponse, ApiError> {
        let context = &self.context;
        let tip = self.tip();
        let header = match tip.height {
            // Of the block that a node began after it has only the state.
            height if height < self.context.history.first_height() => None,
            height => Some(self.block(height).await?.body.content.header.clone()),
        };
        let state = self.network_state();
        Ok(api::GetNetworkResponse {
            chain_id: context.chain.to_wire(),
            name: context.network_name.clone(),
            sandbox: context.sandbox,
            height: tip.height,
            block_hash: tip.hash.to_wire(),
            state_root: header
                .map_or(state.root, |header| header.state_root)
                .as_bytes()
                .to_vec()
                .into(),
            ledger_time_ms: tip.time.millis(),
            business_date: state.business_date,
            validators: state.validators,
            assets: state.assets,
            software_version: SOFTWARE_VERSION.to_owned(),
            node_role: self.role().into(),
            node_name: context.node_name.clone(),
            network_key: bytes::Bytes::copy_from_slice(context.network_key.as_bytes()),
        })
    }

    /// What the node is.
    pub(super) fn role(&self) -> api::NodeRole {
        match self.context.role {
            NodeRole::Validator => api::NodeRole::Validator,
            NodeRole::Observer => api::NodeRole::Observer,
        }
    }
}

/// A block in short.
pub(super) fn notice(record: &CommittedRecord) -> api::BlockNotice {
    let count = |test: fn(&TransactionResult) -> bool| {
        let count = record.results.iter().filter(|result| test(result)).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    api::BlockNotice {
        header: Some(record.body.content.header.to_wire()),
        certificate: Some(record.certificate.to_wire()),
        applied: count(|result| result.outcome.is_applied()),
        rejected: count(|result| !result.outcome.is_applied() && !result.outcome.is_void()),
        void: count(|result| result.outcome.is_void()),
    }
}

/// The signed bytes of the transaction whose result is at `index`.
fn transaction_at(record: &CommittedRecord, index: u32) -> Option<bytes::Bytes> {
    let index = usize::try_from(index).ok()?;
    let mut transactions = record
        .body
        .batches
        .iter()
        .flat_map(|batch| batch.transactions());
    transactions.nth(index).cloned()
}

/// Reads a subject of a request.
#[allow(
    clippy::needless_pass_by_value,
    reason = "requests are taken apart where they are answered"
)]
pub(super) fn subject(
    field: &'static str,
    subject: Option<api::Subject>,
) -> Result<talea_types::Subject, ApiError> {
    if subject.is_none() {
        return Err(DecodeError::Missing { field }.into());
    }
    Ok(talea_proto::convert::subject_from_api(subject.as_ref())?)
}
