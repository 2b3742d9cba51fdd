//! The `Ledger` service: one line a call.

use std::sync::Arc;

use talea_proto::api::{self, ledger_server::Ledger};
use talea_types::TransactionId;
use tonic::{Request, Response, Status, Streaming};

use super::{connection::client, outbox::OutboxStream, service::Service};

/// Answers `talea.api.v1.Ledger`.
#[derive(Clone, Debug)]
pub(super) struct LedgerService(pub(super) Arc<Service>);

#[tonic::async_trait]
impl Ledger for LedgerService {
    type SubmitStreamStream = OutboxStream<api::SubmitUpdates>;
    type WatchEventsStream = OutboxStream<api::EventBatch>;
    type WatchBlocksStream = OutboxStream<api::BlockNotice>;

    async fn submit(
        &self,
        request: Request<api::SubmitRequest>,
    ) -> Result<Response<api::SubmitResponse>, Status> {
        self.0.submit(request).await
    }

    async fn submit_stream(
        &self,
        request: Request<Streaming<api::SubmitBatch>>,
    ) -> Result<Response<Self::SubmitStreamStream>, Status> {
        Ok(Response::new(self.0.submit_stream(request)?))
    }

    async fn get_transaction(
        &self,
        request: Request<api::GetTransactionRequest>,
    ) -> Result<Response<api::GetTransactionResponse>, Status> {
        Ok(Response::new(
            self.0.transaction(request.into_inner()).await?,
        ))
    }

    async fn get_receipt(
        &self,
        request: Request<api::GetReceiptRequest>,
    ) -> Result<Response<api::GetReceiptResponse>, Status> {
        let id = TransactionId::from_wire("id", &request.into_inner().id);
        let receipt = self
            .0
            .receipt(id.map_err(talea_proto::ApiError::from)?)
            .await?;
        Ok(Response::new(api::GetReceiptResponse {
            receipt: Some(receipt.to_wire()),
        }))
    }

    async fn get_nonces(
        &self,
        request: Request<api::GetNoncesRequest>,
    ) -> Result<Response<api::GetNoncesResponse>, Status> {
        Ok(Response::new(self.0.nonces(request.into_inner())?))
    }

    async fn get_state(
        &self,
        request: Request<api::GetStateRequest>,
    ) -> Result<Response<api::GetStateResponse>, Status> {
        let caller = self.0.caller(request.metadata())?;
        let answer = self.0.state(request.into_inner(), caller).await?;
        Ok(Response::new(answer))
    }

    async fn list_events(
        &self,
        request: Request<api::ListEventsRequest>,
    ) -> Result<Response<api::ListEventsResponse>, Status> {
        let caller = self.0.caller(request.metadata())?;
        let answer = self.0.list_events(request.into_inner(), caller).await?;
        Ok(Response::new(answer))
    }

    async fn watch_events(
        &self,
        request: Request<api::WatchEventsRequest>,
    ) -> Result<Response<Self::WatchEventsStream>, Status> {
        let caller = self.0.caller(request.metadata())?;
        let client = client(&request);
        let stream = self.0.watch_events(request.into_inner(), caller, client)?;
        Ok(Response::new(stream))
    }

    async fn watch_blocks(
        &self,
        request: Request<api::WatchBlocksRequest>,
    ) -> Result<Response<Self::WatchBlocksStream>, Status> {
        let client = client(&request);
        let stream = self.0.watch_blocks(request.get_ref(), client)?;
        Ok(Response::new(stream))
    }

    async fn get_block(
        &self,
        request: Request<api::GetBlockRequest>,
    ) -> Result<Response<api::GetBlockResponse>, Status> {
        let caller = self.0.caller(request.metadata())?;
        let answer = self.0.get_block(request.into_inner(), caller).await?;
        Ok(Response::new(answer))
    }

    async fn get_network(
        &self,
        _request: Request<api::GetNetworkRequest>,
    ) -> Result<Response<api::GetNetworkResponse>, Status> {
        Ok(Response::new(self.0.network().await?))
    }

    async fn get_genesis(
        &self,
        _request: Request<api::GetGenesisRequest>,
    ) -> Result<Response<api::GetGenesisResponse>, Status> {
        let document = self.0.context.genesis_document.clone();
        Ok(Response::new(api::GetGenesisResponse { document }))
    }
}
