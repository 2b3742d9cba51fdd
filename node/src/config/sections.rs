//! The settings, section by section. `defaults.toml` explains each and gives its default.

use std::{net::SocketAddr, path::PathBuf};

use libp2p::Multiaddr;
use serde::{Deserialize, Serialize};

use super::PeerKey;

/// Whether a node votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeRole {
    /// Votes, proposes and takes transactions.
    Validator,
    /// Follows, verifies and serves reads.
    Observer,
}

/// Everything that a node is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// Where logs, checkpoints and indexes are.
    pub data_dir: PathBuf,
    /// The genesis document.
    pub genesis: PathBuf,
    /// For people.
    pub name: String,
    /// Whether it votes.
    pub role: NodeRole,
    /// Key files.
    pub keys: KeyFiles,
    /// Peers.
    pub p2p: P2pConfig,
    /// Clients.
    pub grpc: GrpcConfig,
    /// Metrics.
    pub metrics: MetricsConfig,
    /// Logs.
    pub log: LogConfig,
    /// Timing of consensus.
    pub consensus: ConsensusConfig,
    /// Transactions waiting to be final.
    pub mempool: MempoolConfig,
    /// Verifying what comes in.
    pub admission: AdmissionConfig,
    /// Storage.
    pub storage: StorageConfig,
}

/// Where the keys are. A passphrase is never a setting itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFiles {
    /// Signs votes; not read by an observer.
    pub voting: PathBuf,
    /// Proves the node's identity to peers.
    pub network: PathBuf,
    /// File whose first line is the passphrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase_file: Option<PathBuf>,
    /// Environment variable that holds the passphrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase_env: Option<String>,
}

/// The network of peers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct P2pConfig {
    /// Where to listen.
    pub listen: Vec<Multiaddr>,
    /// The register.
    pub peers: Vec<PeerEntry>,
}

/// A registered peer. Who of them votes is in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerEntry {
    /// For people.
    pub name: String,
    /// The network key that it must prove.
    pub key: PeerKey,
    /// Where it can be dialled; empty when it always dials us.
    #[serde(default)]
    pub addresses: Vec<Multiaddr>,
}

/// The gRPC server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrpcConfig {
    /// Where to listen.
    pub listen: SocketAddr,
    /// TLS, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFiles>,
    /// Connections at once.
    pub connections_max: usize,
    /// Requests and streams of one connection at once.
    pub streams_per_connection_max: u32,
    /// Transactions of one stream waiting for an answer.
    pub stream_in_flight_max: usize,
    /// Longest silence on a stream of submissions on which nothing waits, milliseconds.
    pub stream_idle_ms_max: u64,
    /// Watchers at once.
    pub watchers_max: usize,
    /// Longest unary request, milliseconds.
    pub deadline_ms_max: u64,
}

/// PEM files of a TLS server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The server's certificate chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Authority whose certificate every client must show; none asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_ca: Option<PathBuf>,
    /// Lets clients without a certificate call what anybody may. One that is shown is verified all the same.
    #[serde(default)]
    pub clients_without_certificate: bool,
}

/// The metrics server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// Where to listen.
    pub listen: SocketAddr,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// How lines look.
    pub format: LogFormat,
    /// Level or directives.
    pub level: String,
}

/// Timing of consensus, milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsensusConfig {
    /// Shortest time from one block to this node's next proposal.
    pub block_interval_ms: u64,
    /// Between blocks when there is nothing to do.
    pub heartbeat_ms: u64,
    /// First wait for a proposal.
    pub propose_timeout_ms_initial: u64,
    /// Shortest wait for a proposal.
    pub propose_timeout_ms_min: u64,
    /// First wait for votes.
    pub vote_timeout_ms_initial: u64,
    /// Shortest wait for votes.
    pub vote_timeout_ms_min: u64,
    /// Longest wait.
    pub timeout_ms_max: u64,
}

/// Transactions waiting to be final.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MempoolConfig {
    /// Bytes in all.
    pub bytes_max: usize,
    /// Transactions of one author.
    pub author_transactions_max: usize,
    /// A batch is sealed at this size, bytes.
    pub batch_bytes: usize,
    /// A batch is sealed at this age, milliseconds.
    pub batch_delay_ms: u64,
}

/// Verifying what comes in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdmissionConfig {
    /// Threads; 0 takes one for each core but one.
    pub verifier_threads: usize,
    /// Bytes waiting.
    pub queue_bytes_max: usize,
    /// Signatures in one check.
    pub batch_signatures: usize,
    /// Longest gathering, microseconds.
    pub batch_delay_us: u64,
}

/// Storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageConfig {
    /// Changed bytes between checkpoints.
    pub checkpoint_delta_bytes: usize,
    /// Blocks between checkpoints at most.
    pub checkpoint_blocks: u64,
    /// Blocks between snapshots at least; 0 for none.
    pub snapshot_blocks: u64,
    /// Newest blocks that are kept.
    pub retention_blocks: u64,
    /// Blocks of so many last days are kept; with `retention_blocks` 0 as well, all are.
    pub retention_days: u64,
    /// Page cache, bytes.
    pub index_cache_bytes: u64,
}
