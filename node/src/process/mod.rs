//! A whole node process: the node, its gRPC API, its metrics and health, from start to a clean stop.

mod monitor;
mod status;
mod stop;

use std::{future::Future, net::SocketAddr, path::PathBuf, sync::Arc};

use bytes::Bytes;
use futures::FutureExt;
use talea_genesis::{GenesisDocument, GenesisError, GenesisRecord, key_file::KeyFileError};

use crate::{
    api::{ApiServer, ApiServerError, NodeContext, ReadHistory},
    config::{NodeConfig, NodeKeys},
    exit_code::{EXIT_CONFIG, EXIT_FAILURE, EXIT_HALTED, EXIT_STORAGE},
    host::HostError,
    node::{Node, StartError},
    recovery::RecoveryError,
    telemetry::{self, Metrics},
};

use monitor::Monitor;
use status::StatusSources;

pub use stop::{parent_gone, stop_signal};

/// Why a node process ended.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The genesis document cannot be read or is refused.
    #[error("the genesis document {}: {source}", path.display())]
    Genesis {
        /// The file.
        path: PathBuf,
        /// Why.
        source: GenesisError,
    },
    /// The genesis document cannot be read.
    #[error("cannot read {}: {source}; set `genesis` to the network's genesis document", path.display())]
    GenesisFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key cannot be read.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The node did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The gRPC server did not start.
    #[error(transparent)]
    Api(#[from] ApiServerError),
    /// The metrics server did not start.
    #[error("cannot listen on metrics.listen = {address}: {source}; choose a free port")]
    Metrics {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The node ended by itself.
    #[error(transparent)]
    Ended(#[from] HostError),
}

impl ProcessError {
    /// The exit code of the process.
    #[must_use]
    pub const fn exit_code(&self) -> i32 {
        match self {
            Self::Genesis { .. }
            | Self::GenesisFile { .. }
            | Self::Key(_)
            | Self::Start(
                StartError::Genesis { .. } | StartError::Recovery(RecoveryError::Genesis { .. }),
            ) => EXIT_CONFIG,
            Self::Start(StartError::Recovery(_))
            | Self::Ended(
                HostError::BlockLog(_)
                | HostError::ConsensusLog(_)
                | HostError::VotingRecord(_)
                | HostError::SignedRecord(_),
            ) => EXIT_STORAGE,
            Self::Start(StartError::Engine(_)) | Self::Ended(HostError::Halted(_)) => EXIT_HALTED,
            Self::Start(_) | Self::Api(_) | Self::Metrics { .. } => EXIT_FAILURE,
        }
    }
}

/// Reads the genesis document: its bytes, and what it says.
///
/// # Errors
/// [`ProcessError`] naming the file.
pub fn load_genesis(config: &NodeConfig) -> Result<(Bytes, GenesisRecord), ProcessError> {
    let path = config.genesis.clone();
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => Bytes::from(bytes),
        Err(source) => return Err(ProcessError::GenesisFile { path, source }),
    };
    match GenesisDocument::load_complete(&path) {
        Ok(record) => Ok((bytes, record)),
        Err(source) => Err(ProcessError::Genesis { path, source }),
    }
}

/// Runs a node until `stop`, or until it ends by itself.
///
/// # Errors
/// [`ProcessError`] saying what to do.
pub async fn run(config: NodeConfig, stop: impl Future<Output = ()>) -> Result<(), ProcessError> {
    let (genesis_document, genesis) = load_genesis(&config)?;
    let keys = NodeKeys::load(&config)?;
    let metrics = Arc::new(Metrics::new());
    let monitor = Monitor::new();
    let address = config.metrics.listen;
    let metrics_server = telemetry::serve(address, Arc::clone(&metrics), monitor.health_source())
        .await
        .map_err(|source| ProcessError::Metrics { address, source })?;
    let mut node = Node::start(&config, &genesis, keys, Arc::clone(&metrics)).await?;
    let sources = Arc::new(StatusSources::new(&config, &node));
    let context = NodeContext {
        chain: genesis.chain_id(),
        genesis_document,
        network_name: genesis.network().to_owned(),
        node_name: config.name.clone(),
        network_key: node.network_key,
        role: config.role,
        sandbox: genesis.is_sandbox(),
        ledger: Arc::clone(&node.ledger),
        tip: node.tip.clone(),
        history: Arc::clone(&node.history) as Arc<dyn ReadHistory>,
        commits: node.commits.clone(),
        admission: node.admission.clone(),
        status: {
            let sources = Arc::clone(&sources);
            Arc::new(move || Arc::clone(&sources).status().boxed())
        },
        metrics,
    };
    let api = ApiServer::start(config.grpc.clone(), context).await?;
    tracing::info!(
        network = genesis.network(),
        chain = %genesis.chain_id(),
        sandbox = genesis.is_sandbox(),
        grpc = %api.address,
        metrics = %metrics_server.address,
        p2p = ?node.network.local_addresses(),
        "the node runs"
    );
    let watching = tokio::spawn(monitor.run(sources, api.serving_switch()));
    let ended = tokio::select! {
        ended = node.ended() => Some(ended),
        () = stop => None,
    };
    tracing::info!("the node stops");
    watching.abort();
    api.stop().await;
    let result = match ended {
        Some(ended) => ended,
        None => node.stop().await,
    };
    metrics_server.stop().await;
    Ok(result?)
}
