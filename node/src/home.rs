//! The directory of a node: its configuration, keys and data.
//!
//! ```text
//! node.toml          settings that differ from the defaults
//! genesis.toml       the network's genesis document
//! keys/voting.key    signs votes (a validator's)
//! keys/voting.key.signed
//!                    how far that key has signed; moves with it, is in no backup
//! keys/network.key   the node's identity among its peers
//! data/              logs and index; nothing in it is edited by hand
//! ```

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Serialize;

use crate::{
    config::{CONFIG_FILE_NAME, NodeRole, P2pConfig},
    storage::disk::{Disk, StdDisk},
    voting_record::{VotingRecord, VotingRecordError},
};

/// The settings that a new node is given; all others have their defaults.
#[derive(Clone, Debug, Serialize)]
pub struct HomeSettings {
    /// Name of the node.
    pub name: String,
    /// Whether it votes.
    pub role: NodeRole,
    /// The genesis document, relative to the directory.
    pub genesis: PathBuf,
    /// Where the passphrase is.
    pub keys: PassphraseSource,
    /// Peers.
    pub p2p: P2pConfig,
    /// Clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc: Option<Listen>,
    /// Metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Listen>,
}

/// Where the passphrase of the key files is; the node asks on its terminal when it is nowhere.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PassphraseSource {
    /// A file, relative to the directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passphrase_file: Option<PathBuf>,
    /// An environment variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passphrase_env: Option<String>,
}

/// Where a server listens.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Listen {
    /// The address.
    pub listen: SocketAddr,
}

/// Whether a validator's key may have voted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VotingPast {
    /// It never has, anywhere: it may vote at once.
    None,
    /// It may have: the node hears from the others before it votes.
    Unknown,
}

/// Why a directory was not made.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// There is a node in it.
    #[error("{} exists; a node is set up only once: choose another directory", path.display())]
    Exists {
        /// The file that is there.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot make {}: {source}", path.display())]
    Make {
        /// What.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The voting record could not be written.
    #[error(transparent)]
    VotingRecord(#[from] VotingRecordError),
}

/// Makes the directory with its `keys` and `data`, for the owner only. Key files come after this.
///
/// # Errors
/// [`HomeError`].
pub fn create(
    directory: &Path,
    settings: &HomeSettings,
    past: VotingPast,
) -> Result<(), HomeError> {
    let config = directory.join(CONFIG_FILE_NAME);
    if config.exists() {
        return Err(HomeError::Exists { path: config });
    }
    let data = directory.join("data");
    for path in [directory, &directory.join("keys"), &data] {
        let made = fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path);
        made.map_err(|source| HomeError::Make {
            path: path.to_owned(),
            source,
        })?;
    }
    if settings.role == NodeRole::Validator && past == VotingPast::None {
        let disk: Arc<dyn Disk> = Arc::new(StdDisk);
        VotingRecord::new(&disk, &data).record_fresh()?;
    }
    let text = toml::to_string(settings)
        .unwrap_or_else(|error| unreachable!("settings are plain tables: {error}"));
    let text =
        format!("# Settings of this node. `talea-node config show` lists all of them.\n\n{text}");
    write_new(&config, text.as_bytes()).map_err(|source| HomeError::Make {
        path: config,
        source,
    })
}

/// Writes a new file that only the owner reads, durably.
///
/// # Errors
/// What the system says, also when the file exists.
pub fn write_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
