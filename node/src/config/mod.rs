//! What a node is told: defaults, then the file, then the environment, then flags; the later wins.
//!
//! Kept true: a [`NodeConfig`] that [`LoadedConfig::load`] returned has passed every check of
//! [`check`](self::check); a key that no section knows is refused with the place it came from; paths
//! are resolved.

mod check;
mod error;
mod keys;
mod load;
mod origin;
mod peer_key;
mod sections;
#[cfg(test)]
mod tests;

pub use error::ConfigError;
pub use keys::NodeKeys;
pub use load::{CONFIG_FILE_NAME, DEFAULTS, ENVIRONMENT_PREFIX, LoadedConfig, Override};
pub use origin::{Origin, Setting};
pub use peer_key::{ParsePeerKeyError, PeerKey};
pub use sections::{
    AdmissionConfig, ConsensusConfig, GrpcConfig, KeyFiles, LogConfig, LogFormat, MempoolConfig,
    MetricsConfig, NodeConfig, NodeRole, P2pConfig, PeerEntry, StorageConfig, TlsFiles,
};
