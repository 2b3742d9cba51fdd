//! A node of the test network, with the faults that a test gives it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use talea_client::Client;
use talea_client::Options;
use talea_proto::{
    ApiError, LedgerServer,
    api::{self, ledger_server::Ledger},
    convert,
    errors::reason,
};
use talea_types::{
    Outcome, SignedTransaction, TransactionId, TransactionResult, receipt::map_proof_to_wire,
};
use tokio::{net::TcpListener, sync::mpsc};
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status, Streaming, transport::Server};

use crate::chain::{Block, Chain};

/// What a node does wrong.
#[derive(Default)]
pub struct Faults {
    /// So many submissions are committed without an answer.
    pub lost_answers: AtomicUsize,
    /// Accepts and never commits.
    pub stuck: AtomicBool,
    /// So many submissions are refused for a full mempool.
    pub full: AtomicUsize,
    /// Refuses every submission with this outcome.
    pub refuses: std::sync::Mutex<Option<Outcome>>,
    /// A stream breaks after so many messages; 0: never.
    pub stream_messages: AtomicUsize,
    /// A stream ends as idle once a message was answered.
    pub idles: AtomicBool,
    /// Receipts say that the transaction was applied in another block place.
    pub tampers: AtomicBool,
    /// Leaves the second event out.
    pub hides_event: AtomicBool,
    /// Submissions that arrived.
    pub submissions: AtomicUsize,
}

/// A running node.
pub struct FakeNode {
    pub url: String,
    pub faults: Arc<Faults>,
}

impl FakeNode {
    pub async fn start(chain: &Arc<Chain>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let faults = Arc::new(Faults::default());
        let service = Service {
            chain: Arc::clone(chain),
            faults: Arc::clone(&faults),
        };
        tokio::spawn(
            Server::builder()
                .add_service(LedgerServer::new(service))
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        Self { url, faults }
    }

    pub fn client(nodes: &[&Self]) -> Client {
        let mut options = Options::new(nodes.iter().map(|node| node.url.clone()));
        options.call_timeout = Duration::from_secs(2);
        Client::new(&options).unwrap()
    }
}

struct Service {
    chain: Arc<Chain>,
    faults: Arc<Faults>,
}

/// Takes one from a count; false when there is none left.
fn use_one(count: &AtomicUsize) -> bool {
    let taken = count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
        left.checked_sub(1)
    });
    taken.is_ok()
}

type Stream<T> = ReceiverStream<Result<T, Status>>;

impl Service {
    fn status_of(&self, id: &TransactionId) -> api::TransactionStatus {
        self.chain.read(|state| match state.index.get(id) {
            Some((block, index)) => {
                let block = &state.blocks[*block];
                let outcome = block.results[*index as usize].outcome;
                convert::status_in_block(id, outcome, block.header.height, *index)
            }
            None => convert::status(id, api::TransactionState::Unknown),
        })
    }

    fn id_of(&self, bytes: &bytes::Bytes) -> Result<SignedTransaction, Status> {
        let chain = self.chain.localnet().record.chain_id();
        SignedTransaction::decode(&chain, bytes.clone())
            .map_err(|error| ApiError::from(error).into_status())
    }
}

fn notice(block: &Block) -> api::BlockNotice {
    let applied = block.results.iter().filter(|one| one.outcome.is_applied());
    let applied = u32::try_from(applied.count()).unwrap();
    api::BlockNotice {
        header: Some(block.header.to_wire()),
        certificate: Some(block.certificate.to_wire()),
        applied,
        rejected: u32::try_from(block.results.len()).unwrap() - applied,
        void: 0,
    }
}

#[tonic::async_trait]
impl Ledger for Service {
    type SubmitStreamStream = Stream<api::SubmitUpdates>;
    type WatchEventsStream = Stream<api::EventBatch>;
    type WatchBlocksStream = Stream<api::BlockNotice>;

    async fn submit(
        &self,
        request: Request<api::SubmitRequest>,
    ) -> Result<Response<api::SubmitResponse>, Status> {
        self.faults.submissions.fetch_add(1, Ordering::SeqCst);
        let request = request.into_inner();
        let transaction = self.id_of(&request.transaction)?;
        let id = transaction.id();
        let answer = |status| {
            Ok(Response::new(api::SubmitResponse {
                status: Some(status),
            }))
        };
        let known = self.status_of(&id);
        if known.state() != api::TransactionState::Unknown {
            return answer(known);
        }
        if let Some(outcome) = *self.faults.refuses.lock().unwrap() {
            return Err(ApiError::outcome(outcome).into_status());
        }
        if use_one(&self.faults.full) {
            let wait = Duration::from_millis(20);
            return Err(ApiError::exhausted("MEMPOOL_FULL", "full", wait).into_status());
        }
        if self.faults.stuck.load(Ordering::SeqCst) {
            let wait = Duration::from_millis(request.timeout_ms.into());
            tokio::time::sleep(wait.min(Duration::from_millis(100))).await;
            return answer(convert::status(&id, api::TransactionState::Accepted));
        }
        self.chain.commit(&[request.transaction]);
        if use_one(&self.faults.lost_answers) {
            return Err(Status::unavailable("connection reset"));
        }
        answer(self.status_of(&id))
    }

    async fn submit_stream(
        &self,
        request: Request<Streaming<api::SubmitBatch>>,
    ) -> Result<Response<Self::SubmitStreamStream>, Status> {
        let mut incoming = request.into_inner();
        let (updates, stream) = mpsc::channel(16);
        let service = Self {
            chain: Arc::clone(&self.chain),
            faults: Arc::clone(&self.faults),
        };
        let mut left = self.faults.stream_messages.load(Ordering::SeqCst);
        let breaks = left > 0;
        tokio::spawn(async move {
            while let Ok(Some(batch)) = incoming.message().await {
                let ids: Vec<TransactionId> = batch
                    .transactions
                    .iter()
                    .map(|bytes| service.id_of(bytes).unwrap().id())
                    .collect();
                service
                    .faults
                    .submissions
                    .fetch_add(ids.len(), Ordering::SeqCst);
                let accepted = ids
                    .iter()
                    .map(|id| convert::status(id, api::TransactionState::Accepted))
                    .collect();
                let _ = updates
                    .send(Ok(api::SubmitUpdates { statuses: accepted }))
                    .await;
                service.chain.commit(&batch.transactions);
                if breaks {
                    left -= 1;
                    if left == 0 {
                        // Committed, and nobody is told.
                        let _ = updates
                            .send(Err(Status::unavailable("connection reset")))
                            .await;
                        return;
                    }
                }
                let statuses = ids.iter().map(|id| service.status_of(id)).collect();
                if updates
                    .send(Ok(api::SubmitUpdates { statuses }))
                    .await
                    .is_err()
                {
                    return;
                }
                if service.faults.idles.load(Ordering::SeqCst) {
                    let again = Duration::from_millis(250);
                    let idle = ApiError::unavailable(reason::STREAM_IDLE, "nothing came", again);
                    let _ = updates.send(Err(idle.into_status())).await;
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn get_transaction(
        &self,
        request: Request<api::GetTransactionRequest>,
    ) -> Result<Response<api::GetTransactionResponse>, Status> {
        let request = request.into_inner();
        let id = TransactionId::from_wire("id", &request.id)
            .map_err(|error| ApiError::from(error).into_status())?;
        let bytes = self.chain.read(|state| state.bytes.get(&id).cloned());
        Ok(Response::new(api::GetTransactionResponse {
            status: Some(self.status_of(&id)),
            transaction: bytes.filter(|_| request.with_bytes).unwrap_or_default(),
            height: self.chain.read(|state| state.blocks.len() as u64),
            ledger_time_ms: self.chain.read(|state| state.time_ms),
            kept_since_ms: self.chain.read(|state| state.kept_since_ms),
        }))
    }

    async fn get_receipt(
        &self,
        request: Request<api::GetReceiptRequest>,
    ) -> Result<Response<api::GetReceiptResponse>, Status> {
        let id = TransactionId::from_wire("id", &request.into_inner().id)
            .map_err(|error| ApiError::from(error).into_status())?;
        let mut receipt = self
            .chain
            .receipt(&id)
            .ok_or_else(|| ApiError::not_found("not final").into_status())?;
        if self.faults.tampers.load(Ordering::SeqCst) {
            receipt.result = TransactionResult {
                outcome: Outcome::InsufficientFunds,
                ..receipt.result
            };
        }
        Ok(Response::new(api::GetReceiptResponse {
            receipt: Some(receipt.to_wire()),
        }))
    }

    async fn get_nonces(
        &self,
        _: Request<api::GetNoncesRequest>,
    ) -> Result<Response<api::GetNoncesResponse>, Status> {
        Ok(Response::new(api::GetNoncesResponse {
            window_start: 0,
            next: self.chain.read(|state| state.index.len() as u64),
            ledger_time_ms: self.chain.read(|state| state.time_ms),
        }))
    }

    async fn get_state(
        &self,
        request: Request<api::GetStateRequest>,
    ) -> Result<Response<api::GetStateResponse>, Status> {
        let request = request.into_inner();
        let key = convert::state_key_from_api(request.key.as_ref())
            .map_err(|error| ApiError::from(error).into_status())?;
        let (value, map, finality) = self.chain.proven(&key);
        Ok(Response::new(api::GetStateResponse {
            value: value.into(),
            height: finality.header.height,
            proof: request.prove.then(|| api::StateProof {
                map: Some(map_proof_to_wire(&map)),
                finality: Some(finality.to_wire()),
            }),
        }))
    }

    async fn list_events(
        &self,
        request: Request<api::ListEventsRequest>,
    ) -> Result<Response<api::ListEventsResponse>, Status> {
        let request = request.into_inner();
        let hides = self.faults.hides_event.load(Ordering::SeqCst);
        let (events, length) = self.chain.read(|state| {
            let events = state.events.iter();
            let from = events.filter(|event| event.sequence >= request.from_sequence);
            let shown = from.filter(|event| !hides || event.sequence != 1);
            // Pages of three, whatever was asked for.
            let records = shown.take(3).map(record).collect::<Vec<_>>();
            (records, state.events.len() as u64)
        });
        Ok(Response::new(api::ListEventsResponse {
            events,
            length,
            height: 1,
        }))
    }

    async fn watch_events(
        &self,
        request: Request<api::WatchEventsRequest>,
    ) -> Result<Response<Self::WatchEventsStream>, Status> {
        let mut next = request.into_inner().from_sequence;
        let chain = Arc::clone(&self.chain);
        let mut left = self.faults.stream_messages.load(Ordering::SeqCst);
        let breaks = left > 0;
        let mut height = chain.height.subscribe();
        let (sender, stream) = mpsc::channel(1);
        tokio::spawn(async move {
            loop {
                let due = chain
                    .read(|state| state.events.get(usize::try_from(next).unwrap()).map(record));
                match due {
                    Some(event) => {
                        let batch = api::EventBatch {
                            events: vec![event],
                        };
                        if sender.send(Ok(batch)).await.is_err() {
                            return;
                        }
                        next += 1;
                        left = left.saturating_sub(1);
                        if breaks && left == 0 {
                            let _ = sender.send(Err(Status::unavailable("reset"))).await;
                            return;
                        }
                    }
                    None if height.changed().await.is_err() => return,
                    None => {}
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn watch_blocks(
        &self,
        request: Request<api::WatchBlocksRequest>,
    ) -> Result<Response<Self::WatchBlocksStream>, Status> {
        let chain = Arc::clone(&self.chain);
        let mut next = match request.into_inner().from_height {
            0 => chain.read(|state| state.blocks.len() as u64) + 1,
            height => height,
        };
        let tampers = self.faults.tampers.load(Ordering::SeqCst);
        let mut left = self.faults.stream_messages.load(Ordering::SeqCst);
        let breaks = left > 0;
        let mut height = chain.height.subscribe();
        let (sender, stream) = mpsc::channel(1);
        tokio::spawn(async move {
            loop {
                let due = chain.read(|state| {
                    let position = usize::try_from(next - 1).unwrap();
                    state.blocks.get(position).map(notice)
                });
                match due {
                    Some(mut notice) => {
                        if tampers {
                            notice.header.as_mut().unwrap().business_date += 1;
                        }
                        if sender.send(Ok(notice)).await.is_err() {
                            return;
                        }
                        next += 1;
                        left = left.saturating_sub(1);
                        if breaks && left == 0 {
                            return;
                        }
                    }
                    None if height.changed().await.is_err() => return,
                    None => {}
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn get_block(
        &self,
        _: Request<api::GetBlockRequest>,
    ) -> Result<Response<api::GetBlockResponse>, Status> {
        Err(Status::unimplemented("not needed"))
    }

    async fn get_network(
        &self,
        _: Request<api::GetNetworkRequest>,
    ) -> Result<Response<api::GetNetworkResponse>, Status> {
        let record = &self.chain.localnet().record;
        Ok(Response::new(api::GetNetworkResponse {
            chain_id: record.chain_id().to_wire(),
            name: record.network().to_owned(),
            sandbox: record.is_sandbox(),
            height: self.chain.read(|state| state.blocks.len() as u64),
            block_hash: vec![0; 32].into(),
            state_root: vec![0; 32].into(),
            ledger_time_ms: self.chain.read(|state| state.time_ms),
            business_date: 20_779,
            validators: Vec::new(),
            assets: vec![api::AssetInfo {
                code: "CZK".to_owned(),
                decimals: 2,
            }],
            software_version: "0".to_owned(),
            node_role: api::NodeRole::Validator.into(),
            node_name: "fake".to_owned(),
            network_key: vec![9; 32].into(),
        }))
    }

    async fn get_genesis(
        &self,
        _: Request<api::GetGenesisRequest>,
    ) -> Result<Response<api::GetGenesisResponse>, Status> {
        Err(Status::unimplemented("not needed"))
    }
}

fn record(event: &talea_types::event::Event) -> api::EventRecord {
    api::EventRecord {
        sequence: event.sequence,
        height: event.height,
        event: event.encode().into(),
    }
}
