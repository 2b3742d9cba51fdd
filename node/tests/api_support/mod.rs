//! A chain of one validator in memory behind a real API server: blocks are made when a test says so.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod authority;
mod memory_history;

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use futures::FutureExt;
use parking_lot::{Mutex, RwLock};
use talea_ledger::{BlockContext, Genesis, Ledger};
use talea_node::{
    admission::{CommittedState, Submission, VerifierConfig, VerifierPool},
    api::{ApiServer, ApiServerError, NodeContext, NodeStatus, ReadHistory},
    config::{AdmissionConfig, GrpcConfig, NodeRole},
    interface::{AdmissionError, CommittedRecord, SharedLedger, Tip},
    storage::checkpoint::StateObject,
    telemetry::Metrics,
};
use talea_proto::{LedgerClient, OperatorClient, READER_METADATA};
use talea_types::{
    Batch, BlockBody, BlockContent, BlockHash, BlockHeader, Certificate, ChainId, Hash, KeyPolicy,
    Operation, ParticipantId, SecretKey, SignedTransaction, Subject, Timestamp, TransactionBody,
    Validator, ValidatorId, ValidatorSet, VerifiedTransaction, Vote, VoteKind,
    access::{ReaderStatement, ReaderToken},
    crypto::KeyCache,
    operation::{ClockAdvance, KeyRotate},
    state::{Registration, Role},
    transaction::verify_all,
};
use tokio::sync::{broadcast, mpsc, watch};
use tonic::{
    Request,
    metadata::MetadataValue,
    transport::{Channel, Endpoint},
};

use memory_history::MemoryHistory;

/// The node's clock.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

pub fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed([seed; 32])
}

pub fn registration(lei: &str, role: Role, key: &SecretKey) -> Registration {
    Registration {
        lei: lei.to_owned(),
        bic: String::new(),
        name: lei.to_owned(),
        jurisdiction: "CZ".to_owned(),
        roles: vec![role],
        policy: KeyPolicy::single(key.public_key()),
        licence_expires_at: None,
        evaluated_on: None,
    }
}

const OPERATOR_LEI: &str = "OPERATOR000000000000";
const BANK_LEI: &str = "MERCHANT000000000000";

/// The chain.
pub struct TestChain {
    pub chain: ChainId,
    pub genesis: Genesis,
    pub ledger: SharedLedger,
    pub history: Arc<MemoryHistory>,
    pub validators: ValidatorSet,
    pub commits: broadcast::Sender<Arc<CommittedRecord>>,
    voting_key: SecretKey,
    tip: watch::Sender<Tip>,
    mempool: Mutex<Vec<VerifiedTransaction>>,
    /// What the mempool says to everything, if not yes.
    pub refusal: Mutex<Option<AdmissionError>>,
}

impl TestChain {
    /// The objects of the state as it is, in the order of a snapshot.
    pub fn objects(&self) -> Vec<StateObject> {
        let ledger = self.ledger.read();
        let objects = ledger.objects().map(|(key, value)| StateObject {
            path: key.path().0,
            key: key.to_bytes(),
            value,
        });
        let mut objects: Vec<StateObject> = objects.collect();
        objects.sort_unstable();
        objects
    }

    pub fn new() -> Arc<Self> {
        let operator = registration(OPERATOR_LEI, Role::Operator, &key(1));
        let bank = registration(BANK_LEI, Role::Merchant, &key(2));
        let owner = operator.id();
        Self::of(vec![operator, bank], owner)
    }

    /// Of these organisations; one of them runs the validator.
    pub fn of(participants: Vec<Registration>, owner: ParticipantId) -> Arc<Self> {
        let chain = ChainId::new(Hash([7; 32]));
        let validator = Validator {
            participant: owner,
            voting_key: key(3).public_key(),
            power: 1,
            network_key: key(4).public_key(),
            name: "validator-1".to_owned(),
        };
        let genesis = Genesis {
            chain,
            sandbox: true,
            time: Timestamp::from_millis(now_ms() - 60_000),
            business_date: 20_000,
            assets: Vec::new(),
            tiers: Vec::new(),
            participants,
            reserves: Vec::new(),
            rule_packs: Vec::new(),
            validators: vec![validator.clone()],
        };
        let ledger = Ledger::genesis(&genesis).unwrap();
        let hash = BlockHash::new(chain.hash());
        let (tip, _) = watch::channel(Tip {
            height: 0,
            hash,
            time: genesis.time,
        });
        Arc::new(Self {
            chain,
            genesis,
            ledger: Arc::new(RwLock::new(ledger)),
            history: Arc::default(),
            validators: ValidatorSet::new([validator]).unwrap(),
            commits: broadcast::channel(4).0,
            voting_key: key(3),
            tip,
            mempool: Mutex::default(),
            refusal: Mutex::default(),
        })
    }

    /// The operator's transaction that moves the clock by nothing much.
    pub fn transaction(&self, nonce: u64) -> SignedTransaction {
        self.transaction_by(OPERATOR_LEI, 1, nonce, now_ms() + 3_600_000)
    }

    /// One that a block rejects: its author may not move the clock.
    pub fn rejected(&self, nonce: u64) -> SignedTransaction {
        self.transaction_by(BANK_LEI, 2, nonce, now_ms() + 3_600_000)
    }

    pub fn transaction_by(
        &self,
        lei: &str,
        seed: u8,
        nonce: u64,
        expires_at_ms: u64,
    ) -> SignedTransaction {
        let body = TransactionBody {
            signers: vec![key(seed).public_key()],
            author: Subject::Participant(ParticipantId::from_lei(lei)),
            nonce,
            expires_at: Timestamp::from_millis(expires_at_ms),
            operation: Operation::ClockAdvance(ClockAdvance { by_ms: 1 }),
        };
        SignedTransaction::sign(&self.chain, &body, &[&key(seed)]).unwrap()
    }

    /// From the next block on the operator has another key, and the one before it is worth nothing.
    pub fn rotate_operator_key(&self, to: &SecretKey) {
        let body = TransactionBody {
            signers: {
                let mut signers = vec![key(1).public_key(), to.public_key()];
                signers.sort_unstable();
                signers
            },
            author: self.operator(),
            nonce: 0,
            expires_at: Timestamp::from_millis(now_ms() + 3_600_000),
            operation: Operation::KeyRotate(KeyRotate {
                policy: KeyPolicy::single(to.public_key()),
                overlap_until: Timestamp::default(),
            }),
        };
        let signed = SignedTransaction::sign(&self.chain, &body, &[&key(1), to]).unwrap();
        let mut verified = verify_all(&mut KeyCache::new(), vec![signed]);
        self.mempool.lock().push(verified.remove(0).unwrap());
    }

    pub fn operator(&self) -> Subject {
        Subject::Participant(ParticipantId::from_lei(OPERATOR_LEI))
    }

    pub fn operator_transaction_expiring(&self, nonce: u64, at_ms: u64) -> SignedTransaction {
        self.transaction_by(OPERATOR_LEI, 1, nonce, at_ms)
    }

    pub fn waiting(&self) -> usize {
        self.mempool.lock().len()
    }

    /// Makes a block of what waits.
    pub fn commit(&self) -> Arc<CommittedRecord> {
        self.commit_at(now_ms())
    }

    /// The same at a time, or just after the block before.
    pub fn commit_at(&self, time_ms: u64) -> Arc<CommittedRecord> {
        let transactions = std::mem::take(&mut *self.mempool.lock());
        let record = Arc::new(self.execute(&transactions, time_ms));
        self.history.insert(&record);
        let header = &record.body.content.header;
        let tip = Tip {
            height: header.height,
            hash: record.hash,
            time: header.time,
        };
        self.tip.send_replace(tip);
        let _ = self.commits.send(Arc::clone(&record));
        record
    }

    /// Brings the state a block ahead of what the node tells of.
    pub fn run_ahead_to(&self, time_ms: u64) {
        self.execute(&[], time_ms);
    }

    fn execute(&self, transactions: &[VerifiedTransaction], time_ms: u64) -> CommittedRecord {
        let mut ledger = self.ledger.write();
        let tip = *self.tip.borrow();
        let height = tip.height + 1;
        let time = Timestamp::from_millis(time_ms).max(tip.time.plus_millis(1));
        let execution = ledger
            .execute(&BlockContext { height, time }, transactions)
            .unwrap();
        let author = ValidatorId::from_voting_key(&self.voting_key.public_key());
        let bytes: Vec<Bytes> = transactions
            .iter()
            .map(|one| one.encoded().clone())
            .collect();
        let batches: Vec<Batch> = match bytes.is_empty() {
            true => Vec::new(),
            false => vec![Batch::seal(author, height, bytes).unwrap()],
        };
        let digests: Vec<_> = batches.iter().map(Batch::digest).collect();
        let parent = self
            .history
            .block(tip.height)
            .map(|record| record.certificate.clone());
        let header = BlockHeader {
            chain: self.chain,
            height,
            parent: tip.hash,
            time,
            proposer: author,
            parent_round: 0,
            parent_certificate: parent.as_ref().map(Certificate::hash),
            batches_root: BlockContent::batches_root(&digests),
            results_root: execution.results_root,
            result_count: u32::try_from(execution.results.len()).unwrap(),
            state_root: execution.state_root,
            validators_hash: self.validators.hash(),
            next_validators_hash: execution.next_validators_hash,
            rule_packs_hash: execution.rule_packs_hash,
            business_date: execution.business_date,
        };
        let hash = header.hash();
        let content = BlockContent {
            header,
            parent_certificate: parent,
            batch_digests: digests,
        };
        let record = CommittedRecord {
            hash,
            body: BlockBody { content, batches },
            certificate: self.certify(height, hash),
            results: execution.results.clone(),
            events: execution.events.clone(),
            next_validators: None,
        };
        ledger.commit(execution);
        record
    }

    fn certify(&self, height: u64, block: BlockHash) -> Certificate {
        let validator = ValidatorId::from_voting_key(&self.voting_key.public_key());
        let vote = Vote {
            kind: VoteKind::Precommit,
            height,
            round: 0,
            block: Some(block),
            validator,
        };
        let signature = self.voting_key.sign(&vote.signed_message(&self.chain));
        Certificate {
            height,
            round: 0,
            block,
            signatures: vec![(validator, signature)],
        }
    }

    /// Puts a transaction where the next block takes it from.
    pub fn enqueue(&self, transaction: SignedTransaction) {
        let mut verified = verify_all(&mut KeyCache::new(), vec![transaction]);
        self.mempool.lock().push(verified.remove(0).unwrap());
    }

    fn on_submission(&self, submission: Submission) {
        let mut answers = Vec::new();
        for transaction in submission.transactions {
            let id = transaction.id();
            let refusal = *self.refusal.lock();
            answers.push((id, refusal.map_or(Ok(()), Err)));
            let mut mempool = self.mempool.lock();
            if refusal.is_none() && mempool.iter().all(|one| one.id() != id) {
                mempool.push(transaction);
            }
        }
        (submission.reply)(answers);
    }
}

/// The chain behind a server.
pub struct TestNode {
    pub chain: Arc<TestChain>,
    pub server: ApiServer,
    pub metrics: Arc<Metrics>,
    _pool: VerifierPool,
}

pub const GRPC: GrpcConfig = GrpcConfig {
    listen: SocketAddr::V4(std::net::SocketAddrV4::new(
        std::net::Ipv4Addr::LOCALHOST,
        0,
    )),
    tls: None,
    connections_max: 16,
    streams_per_connection_max: 64,
    stream_in_flight_max: 2_000,
    stream_idle_ms_max: 60_000,
    watchers_max: 3,
    deadline_ms_max: 20_000,
};

pub async fn start() -> TestNode {
    start_with(GRPC).await
}

pub async fn start_with(config: GrpcConfig) -> TestNode {
    start_server(TestChain::new(), config).await.unwrap()
}

pub async fn start_server(
    chain: Arc<TestChain>,
    config: GrpcConfig,
) -> Result<TestNode, ApiServerError> {
    let metrics = Arc::new(Metrics::new());
    let history = Arc::clone(&chain.history) as Arc<dyn ReadHistory>;
    let (sender, mut submissions) = mpsc::channel(64);
    let pool = VerifierPool::start(VerifierConfig {
        chain: chain.chain,
        admission: AdmissionConfig {
            verifier_threads: 1,
            queue_bytes_max: 8 << 20,
            batch_signatures: 256,
            batch_delay_us: 500,
        },
        state: Arc::new(CommittedState {
            ledger: Arc::clone(&chain.ledger),
            history: Arc::clone(&history),
        }),
        driver: sender,
        metrics: Arc::clone(&metrics),
    })
    .unwrap();
    let driver = Arc::clone(&chain);
    tokio::spawn(async move {
        while let Some(submission) = submissions.recv().await {
            driver.on_submission(submission);
        }
    });
    let context = NodeContext {
        chain: chain.chain,
        genesis_document: Bytes::from_static(b"genesis"),
        network_name: "test".to_owned(),
        node_name: "node-1".to_owned(),
        network_key: key(4).public_key(),
        role: NodeRole::Validator,
        sandbox: true,
        ledger: Arc::clone(&chain.ledger),
        tip: chain.tip.subscribe(),
        history,
        commits: chain.commits.clone(),
        admission: pool.admission(),
        status: Arc::new(|| {
            async {
                NodeStatus {
                    round: 3,
                    ..NodeStatus::default()
                }
            }
            .boxed()
        }),
        metrics: Arc::clone(&metrics),
    };
    let server = ApiServer::start(config, context).await?;
    Ok(TestNode {
        chain,
        server,
        metrics,
        _pool: pool,
    })
}

impl TestNode {
    pub async fn channel(&self) -> Channel {
        self.endpoint().connect().await.unwrap()
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint::from_shared(format!("http://{}", self.server.address)).unwrap()
    }

    /// A connection of the client with this number: each calls from an address of its own.
    pub async fn channel_of(&self, client: u8) -> Channel {
        let address = std::net::Ipv4Addr::new(127, 0, 0, client);
        let endpoint = self.endpoint().local_address(Some(address.into()));
        endpoint.connect().await.unwrap()
    }

    pub async fn ledger(&self) -> LedgerClient<Channel> {
        LedgerClient::new(self.channel().await)
    }

    pub async fn operator(&self) -> OperatorClient<Channel> {
        OperatorClient::new(self.channel().await)
    }

    /// A request in the operator's name.
    pub fn as_operator<T>(&self, message: T) -> Request<T> {
        let statement = ReaderStatement {
            chain: self.chain.chain,
            reader: self.chain.operator(),
            audience: key(4).public_key(),
            expires_at: self.chain.ledger.read().time().plus_millis(60_000),
            key: key(1).public_key(),
        };
        let token = ReaderToken::sign(statement, &key(1)).unwrap();
        let token = MetadataValue::from_bytes(token.encoded());
        let mut request = Request::new(message);
        request.metadata_mut().insert_bin(READER_METADATA, token);
        request
    }

    /// Waits until so many transactions are in the mempool.
    pub async fn until_waiting(&self, count: usize) {
        while self.chain.waiting() < count {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    }
}
