//! What is in the directory of a local network.
//!
//! ```text
//! localnet.json            nodes with their addresses, organisations with their keys
//! genesis.toml             the genesis document
//! passphrase               opens every key file here
//! keys/bank-1.key          one for each organisation
//! validator-1/             one for each node, see `home`; its log is node.log
//! ```

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use libp2p::Multiaddr;
use serde::{Deserialize, Serialize};
use talea_genesis::{
    key_file::{self, Passphrase},
    localnet::{Additions, Localnet as LocalNetwork, LocalnetOptions as NetworkOptions},
};
use talea_types::{ChainId, ParticipantId, PublicKey, SecretKey, Timestamp, state::Role};

use super::{LocalnetError, ports};
use crate::{
    config::{NodeRole, P2pConfig, PeerEntry, PeerKey},
    home::{self, HomeSettings, Listen, PassphraseSource, VotingPast},
};

/// The description of a local network.
pub const LOCALNET_FILE_NAME: &str = "localnet.json";
const GENESIS_FILE_NAME: &str = "genesis.toml";
const PASSPHRASE_FILE_NAME: &str = "passphrase";
/// It protects nothing: the network is a trial, and it lies beside the keys.
const PASSPHRASE: &str = "sandbox-only";

/// What is wanted.
#[derive(Clone, Debug)]
pub struct LocalnetOptions {
    /// Name of the network.
    pub network: String,
    /// Validators, each of an organisation of its own.
    pub validators: usize,
    /// Observers.
    pub observers: usize,
    /// At least so many banks; those beyond the validators run none.
    pub banks: usize,
    /// Further organisations and currencies, and rule packs.
    pub additions: Additions,
    /// Every key of the network follows from it; random when there is none.
    pub seed: Option<[u8; 32]>,
    /// First of the ports; any free ones when there is none.
    pub first_port: Option<u16>,
    /// Settings of every node, `KEY=VALUE` each.
    pub settings: Vec<String>,
}

impl Default for LocalnetOptions {
    fn default() -> Self {
        Self {
            network: "localnet".to_owned(),
            validators: 4,
            observers: 0,
            banks: 0,
            additions: Additions::default(),
            seed: None,
            first_port: None,
            settings: Vec::new(),
        }
    }
}

/// What `localnet.json` says. Paths are relative to its directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalnetFile {
    /// Name of the network.
    pub network: String,
    /// Its id.
    pub chain_id: ChainId,
    /// The genesis document.
    pub genesis: PathBuf,
    /// Opens every key file.
    pub passphrase_file: PathBuf,
    /// Validators, then observers.
    pub nodes: Vec<NodeEntry>,
    /// Organisations.
    pub organisations: Vec<OrganisationEntry>,
    /// Settings of every node.
    pub settings: Vec<String>,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeEntry {
    /// Its name and directory.
    pub name: String,
    /// Whether it votes.
    pub role: NodeRole,
    /// Where clients reach it.
    pub grpc: SocketAddr,
    /// Where its metrics are.
    pub metrics: SocketAddr,
    /// Where its peers reach it.
    pub p2p: SocketAddr,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationEntry {
    /// Short name.
    pub name: String,
    /// What it does.
    pub role: Role,
    /// Its id in the ledger.
    pub id: ParticipantId,
    /// Its invented Legal Entity Identifier.
    pub lei: String,
    /// Its key file.
    pub key: PathBuf,
}

impl LocalnetFile {
    /// Reads the description in a directory.
    ///
    /// # Errors
    /// [`LocalnetError`].
    pub fn load(directory: &Path) -> Result<Self, LocalnetError> {
        let path = directory.join(LOCALNET_FILE_NAME);
        if !path.exists() {
            return Err(LocalnetError::Missing {
                path: directory.to_owned(),
            });
        }
        let text = fs::read_to_string(&path).map_err(LocalnetError::file("read", &path))?;
        serde_json::from_str(&text).map_err(|error| LocalnetError::Damaged {
            path,
            reason: error.to_string(),
        })
    }
}

/// A node to be, with its keys.
struct Planned {
    entry: NodeEntry,
    voting_key: Option<SecretKey>,
    network_key: SecretKey,
}

/// Makes everything.
pub(super) fn create(
    directory: &Path,
    options: &LocalnetOptions,
) -> Result<LocalnetFile, LocalnetError> {
    let keys = directory.join("keys");
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&keys);
    made.map_err(LocalnetError::file("make", &keys))?;
    let network = network(options)?;
    let planned = plan(options, &network)?;
    let passphrase = Passphrase::new(PASSPHRASE.to_owned());
    write(&directory.join(PASSPHRASE_FILE_NAME), PASSPHRASE.as_bytes())?;
    network.document.save(&directory.join(GENESIS_FILE_NAME))?;
    let mut organisations = Vec::new();
    for organisation in &network.organisations {
        let key = PathBuf::from("keys").join(format!("{}.key", organisation.name));
        key_file::store(&directory.join(&key), &organisation.key, &passphrase)?;
        organisations.push(OrganisationEntry {
            name: organisation.name.clone(),
            role: organisation.role,
            id: organisation.id,
            lei: organisation.lei.clone(),
            key,
        });
    }
    for node in &planned {
        create_node(directory, node, &planned, &passphrase)?;
    }
    let file = LocalnetFile {
        network: options.network.clone(),
        chain_id: network.record.chain_id(),
        genesis: GENESIS_FILE_NAME.into(),
        passphrase_file: PASSPHRASE_FILE_NAME.into(),
        nodes: planned.into_iter().map(|node| node.entry).collect(),
        organisations,
        settings: options.settings.clone(),
    };
    let text = serde_json::to_vec_pretty(&file)
        .unwrap_or_else(|error| unreachable!("the description is plain: {error}"));
    // Last: a directory without it is not taken for a network.
    write(&directory.join(LOCALNET_FILE_NAME), &text)?;
    Ok(file)
}

fn network(options: &LocalnetOptions) -> Result<LocalNetwork, LocalnetError> {
    let seed = match options.seed {
        Some(seed) => seed,
        None => random()?,
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    // Whole seconds: that is what the document can say.
    let time = Timestamp::from_millis(now.as_secs().saturating_mul(1_000));
    let network = options.network.clone();
    let validators = options.validators;
    let network = NetworkOptions {
        network,
        validators,
        seed,
        time,
    };
    Ok(LocalNetwork::with_additions(
        &network,
        options.banks,
        &options.additions,
    )?)
}

fn plan(options: &LocalnetOptions, network: &LocalNetwork) -> Result<Vec<Planned>, LocalnetError> {
    let count = network.validators.len().saturating_add(options.observers);
    let ports = ports::free_ports(count.saturating_mul(3), options.first_port)
        .map_err(|source| LocalnetError::Ports { source })?;
    let mut ports = ports.chunks_exact(3);
    let mut entry = |name: String, role| {
        let Some([p2p, grpc, metrics]) = ports.next() else {
            unreachable!("three ports for each node")
        };
        NodeEntry {
            name,
            role,
            p2p: *p2p,
            grpc: *grpc,
            metrics: *metrics,
        }
    };
    let mut planned = Vec::with_capacity(count);
    for validator in &network.validators {
        planned.push(Planned {
            entry: entry(validator.name.clone(), NodeRole::Validator),
            voting_key: Some(validator.voting_key.clone()),
            network_key: validator.network_key.clone(),
        });
    }
    for number in 1..=options.observers {
        planned.push(Planned {
            entry: entry(format!("observer-{number}"), NodeRole::Observer),
            voting_key: None,
            network_key: SecretKey::from_seed(random()?),
        });
    }
    Ok(planned)
}

fn create_node(
    directory: &Path,
    node: &Planned,
    all: &[Planned],
    passphrase: &Passphrase,
) -> Result<(), LocalnetError> {
    let home = directory.join(&node.entry.name);
    let others = all
        .iter()
        .filter(|other| other.entry.name != node.entry.name);
    let settings = HomeSettings {
        name: node.entry.name.clone(),
        role: node.entry.role,
        genesis: Path::new("..").join(GENESIS_FILE_NAME),
        keys: PassphraseSource {
            passphrase_file: Some(Path::new("..").join(PASSPHRASE_FILE_NAME)),
            passphrase_env: None,
        },
        p2p: P2pConfig {
            listen: vec![multiaddr(node.entry.p2p)],
            peers: others.map(peer).collect(),
        },
        grpc: Some(Listen {
            listen: node.entry.grpc,
        }),
        metrics: Some(Listen {
            listen: node.entry.metrics,
        }),
    };
    home::create(&home, &settings, VotingPast::None)?;
    key_file::store(
        &home.join("keys/network.key"),
        &node.network_key,
        passphrase,
    )?;
    if let Some(key) = &node.voting_key {
        key_file::store(&home.join("keys/voting.key"), key, passphrase)?;
    }
    Ok(())
}

fn peer(node: &Planned) -> PeerEntry {
    let key: PublicKey = node.network_key.public_key();
    PeerEntry {
        name: node.entry.name.clone(),
        key: PeerKey::try_from(key)
            .unwrap_or_else(|_| unreachable!("the key of a secret key is a key")),
        addresses: vec![multiaddr(node.entry.p2p)],
    }
}

fn multiaddr(address: SocketAddr) -> Multiaddr {
    Multiaddr::from(address.ip()).with(libp2p::multiaddr::Protocol::Tcp(address.port()))
}

fn write(path: &Path, content: &[u8]) -> Result<(), LocalnetError> {
    home::write_new(path, content).map_err(LocalnetError::file("make", path))
}

fn random() -> Result<[u8; 32], LocalnetError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| LocalnetError::Random {
        reason: error.to_string(),
    })?;
    Ok(bytes)
}
