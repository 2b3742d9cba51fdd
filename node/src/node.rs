//! A running node: every part made and connected, and how it is stopped.

use std::sync::Arc;
use std::thread;

use parking_lot::RwLock;
use talea_consensus::EngineError;
use talea_genesis::GenesisRecord;
use talea_types::{PublicKey, ValidatorId};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

use crate::admission::{AdmissionHandle, CommittedState, VerifierConfig, VerifierPool};
use crate::api::ReadHistory;
use crate::bootstrap::SnapshotServer;
use crate::config::{NodeConfig, NodeKeys, NodeRole};
use crate::driver::{Driver, DriverParts, PeerBook, Publisher, Readers, Request};
use crate::history::History;
use crate::host::{Host, HostError};
use crate::interface::{CommittedRecord, SharedLedger, Tip};
use crate::kept_evidence::EvidenceFiles;
use crate::limits::{MempoolLimits, replica as limits};
use crate::network::{self, NetworkConfig, NetworkError, NetworkHandle};
use crate::recovery::{self, EngineSetup, EngineStartError, RecoveryError, Stores};
use crate::register::{NamedValidators, Register};
use crate::replica::{Recovered, Replica, ReplicaConfig, ReplicaStatus};
use crate::signed_record::VotingKey;
use crate::storage::checkpoint::CheckpointOptions;
use crate::storage::disk::{Disk, StdDisk};
use crate::telemetry::Metrics;
use crate::upkeep::{Retention, Upkeep, UpkeepParts};

/// Why a node could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// From its data directory.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// From its network.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// From its consensus log or its keys.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// From the genesis document.
    #[error("the genesis document: {reason}")]
    Genesis {
        /// Why.
        reason: String,
    },
    /// The system refused.
    #[error("{what}: {source}")]
    System {
        /// What was asked of it.
        what: &'static str,
        /// Its answer.
        #[source]
        source: std::io::Error,
    },
}

impl From<EngineStartError> for StartError {
    fn from(error: EngineStartError) -> Self {
        match error {
            EngineStartError::Recovery(error) => Self::Recovery(error),
            EngineStartError::Engine(error) => Self::Engine(error),
        }
    }
}

/// A running node as the API and the commands see it.
pub struct Node {
    /// The committed state.
    pub ledger: SharedLedger,
    /// Committed blocks and their index.
    pub history: Arc<History>,
    /// Where the chain stands.
    pub tip: watch::Receiver<Tip>,
    /// Live blocks.
    pub commits: broadcast::Sender<Arc<CommittedRecord>>,
    /// Takes transactions.
    pub admission: AdmissionHandle,
    /// The network.
    pub network: NetworkHandle,
    /// Who may connect.
    pub register: Arc<Register>,
    /// Asks the driver.
    pub requests: mpsc::Sender<Request>,
    /// Proofs against validators.
    pub evidence: EvidenceFiles,
    /// Figures.
    pub metrics: Arc<Metrics>,
    /// Who votes here.
    pub identity: Option<ValidatorId>,
    /// Key of the network identity.
    pub network_key: PublicKey,
    ended: oneshot::Receiver<Result<(), HostError>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Node {
    /// Recovers from the data directory, connects the parts and starts them.
    ///
    /// # Errors
    /// [`StartError`] saying what to do.
    pub async fn start(
        config: &NodeConfig,
        genesis: &GenesisRecord,
        keys: NodeKeys,
        metrics: Arc<Metrics>,
    ) -> Result<Self, StartError> {
        let chain = genesis.chain_id();
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|error| StartError::System {
            what: "reading randomness",
            source: error.into(),
        })?;
        let mut stores = Stores::open(&config.data_dir, salt, config.role == NodeRole::Validator)?;
        let genesis_set = genesis.validator_set().clone();
        let genesis = genesis.to_ledger();
        let options = CheckpointOptions {
            delta_bytes: config.storage.checkpoint_delta_bytes,
            blocks: config.storage.checkpoint_blocks,
            ..CheckpointOptions::default()
        };
        let state = recovery::recover(&genesis, &mut stores, options)?;
        let tip = state.tip;
        tracing::info!(height = tip.height, hash = %tip.hash, "recovered the state");

        let disk: Arc<dyn Disk> = Arc::new(StdDisk);
        let voting_key = keys.voting.clone();
        let voting_key = voting_key.map(|key| VotingKey::kept(&disk, &config.keys.voting, key));
        let setup = EngineSetup::configured(&config.consensus, chain, voting_key);
        let (identity, engine, signed_record) = setup.start(&mut stores, &state)?;
        let ledger: SharedLedger = Arc::new(RwLock::new(state.ledger));
        let history = state.history;
        let replica = Replica::new(
            &ReplicaConfig {
                chain,
                identity,
                mempool: mempool(config),
                block_interval_ms: config.consensus.block_interval_ms,
                rejoin: stores.rejoin,
            },
            Recovered {
                ledger: Arc::clone(&ledger),
                tip,
                tip_certificate: state.tip_certificate,
                tip_validators: state.tip_validators,
                bodies: state.bodies,
            },
            engine,
        );

        let own = keys.network.public_key();
        let register = Arc::new(Register::new(own, config.p2p.peers.clone()));
        let peers = register.peers(&NamedValidators::of(&ledger.read()));
        let book = PeerBook::new(&peers);
        let network_config = NetworkConfig {
            identity_seed: zeroize::Zeroizing::new(keys.network.as_signing_key().to_bytes()),
            chain: chain.to_string(),
            listen: config.p2p.listen.clone(),
            peers: peers.into_iter().map(|peer| peer.config).collect(),
        };
        let (network, receiver) = network::spawn(network_config).await?;
        let (tip_sender, tip) = watch::channel(tip);
        let (commits, _) = broadcast::channel(limits::COMMITS_BUFFERED);
        let (submission_sender, submissions) = mpsc::channel(limits::SUBMISSIONS_MAX);
        let (requests, request_receiver) = mpsc::channel(16);
        let verifier = VerifierPool::start(VerifierConfig {
            chain,
            admission: config.admission.clone(),
            state: Arc::new(CommittedState {
                ledger: Arc::clone(&ledger),
                history: Arc::clone(&history) as Arc<dyn ReadHistory>,
            }),
            driver: submission_sender,
            metrics: Arc::clone(&metrics),
        });
        let verifier = verifier.map_err(|source| StartError::System {
            what: "starting verifiers",
            source,
        })?;
        let admission = verifier.admission();
        let readers = Readers {
            history: Arc::clone(&history),
            checkpoints: state.checkpoints,
            tip: tip_sender,
            commits: commits.clone(),
        };
        let parts = UpkeepParts {
            disk: Arc::clone(&disk),
            data: config.data_dir.clone(),
            chain,
            genesis_set,
            blocks: stores.block_log.reader(),
            history: Arc::clone(&history),
            snapshot_blocks: config.storage.snapshot_blocks,
            retention: Retention::of(&config.storage),
            requests: requests.clone(),
        };
        let upkeep = Upkeep::start(parts.clone()).map_err(|source| StartError::System {
            what: "starting the upkeep",
            source,
        })?;
        readers.checkpoints.observe(upkeep.observer(parts));
        let evidence = EvidenceFiles::open(&disk, &config.data_dir, chain);
        let publisher = Publisher::start(readers, evidence.clone(), Arc::clone(&metrics));
        let publisher = publisher.map_err(|source| StartError::System {
            what: "starting the publisher",
            source,
        })?;
        let snapshots = SnapshotServer::start(&disk, &config.data_dir, network.clone());
        let snapshots = snapshots.map_err(|source| StartError::System {
            what: "starting the server of snapshots",
            source,
        })?;
        let driver = Driver::new(DriverParts {
            host: Host::new(
                replica,
                stores.block_log,
                stores.consensus_log,
                stores.voting_record,
                signed_record,
            ),
            network: network.clone(),
            receiver,
            register: Arc::clone(&register),
            peers: book,
            verifier,
            publisher,
            snapshots,
            submissions,
            requests: request_receiver,
        });
        let (thread, ended) = start_driver(driver).map_err(|source| StartError::System {
            what: "starting the driver",
            source,
        })?;
        Ok(Self {
            ledger,
            history,
            tip,
            commits,
            admission,
            network,
            register,
            requests,
            evidence,
            metrics,
            identity,
            network_key: own,
            ended,
            thread: Some(thread),
        })
    }

    /// Where agreement stands; `None` when the driver has ended.
    pub async fn status(requests: &mpsc::Sender<Request>) -> Option<ReplicaStatus> {
        let (reply, answer) = oneshot::channel();
        requests.send(Request::Status(reply)).await.ok()?;
        answer.await.ok()
    }

    /// Waits until the driver ends by itself: an error, always.
    pub async fn ended(&mut self) -> Result<(), HostError> {
        (&mut self.ended).await.unwrap_or(Ok(()))
    }

    /// Stops: what is under way is finished and flushed.
    ///
    /// # Errors
    /// Why the driver ended, if it was not because of this.
    pub async fn stop(mut self) -> Result<(), HostError> {
        // A driver that has ended takes no request.
        let _ = self.requests.send(Request::Stop).await;
        let result = (&mut self.ended).await.unwrap_or(Ok(()));
        if let Some(thread) = self.thread.take() {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        self.network.shutdown();
        result
    }
}

type Ended = oneshot::Receiver<Result<(), HostError>>;

fn start_driver(driver: Driver) -> std::io::Result<(thread::JoinHandle<()>, Ended)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    let (sender, ended) = oneshot::channel();
    let thread = thread::Builder::new()
        .name("driver".to_owned())
        .spawn(move || {
            let _stop = StopOnBug;
            // Whoever waits for it may be gone.
            let _ = sender.send(runtime.block_on(driver.run()));
        })?;
    Ok((thread, ended))
}

/// Ends the process when the thread panics: a broken invariant in the driver must not leave a node that
/// answers reads as if nothing had happened.
struct StopOnBug;

impl Drop for StopOnBug {
    fn drop(&mut self) {
        if thread::panicking() {
            std::process::exit(crate::EXIT_BUG);
        }
    }
}

fn mempool(config: &NodeConfig) -> MempoolLimits {
    MempoolLimits {
        bytes_max: config.mempool.bytes_max,
        author_transactions_max: config.mempool.author_transactions_max,
        batch_bytes: config
            .mempool
            .batch_bytes
            .min(MempoolLimits::DEFAULT.batch_bytes),
        seal_delay_ms: config.mempool.batch_delay_ms,
        ..MempoolLimits::DEFAULT
    }
}
