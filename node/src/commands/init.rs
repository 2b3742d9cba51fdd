//! `talea-node init`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use libp2p::Multiaddr;
use talea_genesis::{
    GenesisDocument, GenesisRecord,
    key_file::{self, Passphrase},
};
use talea_node::{
    config::{NodeRole, P2pConfig, PeerEntry, PeerKey},
    exit_code::EXIT_CONFIG,
    home::{self, HomeSettings, PassphraseSource, VotingPast},
    signed_record::path_beside,
};
use talea_types::PublicKey;

use super::{failure::Failure, keys::PublicKeys};

const GENESIS_FILE_NAME: &str = "genesis.toml";

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Role {
    Validator,
    Observer,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  Before the ceremony, to have keys to contribute (copy the genesis document there later):
    talea-node init /var/lib/talea --name bank-a --passphrase-env TALEA_PASSPHRASE
  After it, with the keys that were contributed and have never been used:
    talea-node init /var/lib/talea --name bank-a --genesis genesis.toml \\
      --voting-key voting.key --network-key network.key --never-voted \\
      --peer operator=/dns4/talea.operator.example/tcp/7700
  An observer:
    talea-node init /var/lib/talea --name archive --role observer --genesis genesis.toml")]
pub(super) struct Init {
    /// The directory to make.
    directory: PathBuf,
    /// Name of the node; a validator's is that of the genesis document.
    #[arg(long)]
    name: String,
    /// Whether it votes.
    #[arg(long, value_enum, default_value = "validator")]
    role: Role,
    /// The network's genesis document. Its validators become the registered peers.
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
    /// A voting key that exists; otherwise a new one is made.
    #[arg(long, value_name = "FILE")]
    voting_key: Option<PathBuf>,
    /// A network key that exists; otherwise a new one is made.
    #[arg(long, value_name = "FILE")]
    network_key: Option<PathBuf>,
    /// The given voting key has never voted, on any machine. Without this the node hears from the
    /// others before it votes.
    #[arg(long, requires = "voting_key")]
    never_voted: bool,
    /// File whose first line is the passphrase of the keys.
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_env")]
    passphrase_file: Option<PathBuf>,
    /// Environment variable that holds the passphrase of the keys.
    #[arg(long, value_name = "NAME")]
    passphrase_env: Option<String>,
    /// Address of a peer of the genesis document: NAME=MULTIADDRESS.
    #[arg(long = "peer", value_name = "NAME=ADDRESS")]
    peers: Vec<String>,
}

impl Init {
    pub(super) fn execute(self, json: bool) -> Result<(), Failure> {
        let genesis = self.genesis.as_deref().map(load_genesis).transpose()?;
        let addresses = self.addresses()?;
        let passphrase = self.passphrase()?;
        let role = match self.role {
            Role::Validator => NodeRole::Validator,
            Role::Observer => NodeRole::Observer,
        };
        let settings = HomeSettings {
            name: self.name.clone(),
            role,
            genesis: GENESIS_FILE_NAME.into(),
            keys: PassphraseSource {
                passphrase_file: self.passphrase_file.as_deref().map(absolute).transpose()?,
                passphrase_env: self.passphrase_env.clone(),
            },
            p2p: P2pConfig {
                listen: vec![any_address()],
                peers: peers(genesis.as_ref(), &self.name, &addresses)?,
            },
            grpc: None,
            metrics: None,
        };
        let past = match self.voting_key.is_none() || self.never_voted {
            true => VotingPast::None,
            false => VotingPast::Unknown,
        };
        home::create(&self.directory, &settings, past)?;
        let network_key = self.key(
            "network.key",
            self.network_key.as_deref(),
            passphrase.as_ref(),
        )?;
        let voting_key = match role {
            NodeRole::Validator => Some(self.key(
                "voting.key",
                self.voting_key.as_deref(),
                passphrase.as_ref(),
            )?),
            NodeRole::Observer => None,
        };
        if let Some(genesis) = &self.genesis {
            copy(genesis, &self.directory.join(GENESIS_FILE_NAME))?;
        }
        PublicKeys::new(self.name, voting_key, network_key).print(json);
        if !json {
            println!(
                "\nsettings are in {}",
                self.directory.join("node.toml").display()
            );
            match genesis {
                Some(_) => println!("run it:  talea-node run {}", self.directory.display()),
                None => println!(
                    "contribute these keys, then put the genesis document at {}",
                    self.directory.join(GENESIS_FILE_NAME).display()
                ),
            }
        }
        Ok(())
    }

    /// Asks for a passphrase only when a key is made.
    fn passphrase(&self) -> Result<Option<Passphrase>, Failure> {
        let makes_voting = self.voting_key.is_none() && matches!(self.role, Role::Validator);
        if self.network_key.is_some() && !makes_voting {
            return Ok(None);
        }
        let passphrase = match (&self.passphrase_file, &self.passphrase_env) {
            (Some(file), _) => Passphrase::from_file(file),
            (None, Some(name)) => Passphrase::from_variable(name),
            (None, None) => Passphrase::prompt_new("Passphrase for the node's new keys: "),
        };
        passphrase
            .map(Some)
            .map_err(|error| Failure::new(EXIT_CONFIG, error))
    }

    fn key(
        &self,
        name: &str,
        given: Option<&Path>,
        passphrase: Option<&Passphrase>,
    ) -> Result<PublicKey, Failure> {
        let path = self.directory.join("keys").join(name);
        match (given, passphrase) {
            (Some(given), _) => {
                copy(given, &path)?;
                // It belongs to the key.
                let signed = path_beside(given);
                if signed.exists() {
                    copy(&signed, &path_beside(&path))?;
                }
                Ok(key_file::public_key(&path)?)
            }
            (None, Some(passphrase)) => Ok(key_file::generate(&path, passphrase)?),
            (None, None) => unreachable!("the passphrase is there whenever a key is made"),
        }
    }

    fn addresses(&self) -> Result<Vec<(String, Multiaddr)>, Failure> {
        let parse = |text: &String| {
            let wrong = || {
                Failure::new(
                    EXIT_CONFIG,
                    format!(
                        "--peer {text:?} is not NAME=ADDRESS; for example \
                         bank-b=/dns4/talea.bank-b.example/tcp/7700"
                    ),
                )
            };
            let (name, address) = text.split_once('=').ok_or_else(wrong)?;
            Ok((name.to_owned(), address.parse().map_err(|_| wrong())?))
        };
        self.peers.iter().map(parse).collect()
    }
}

fn load_genesis(path: &Path) -> Result<GenesisRecord, Failure> {
    GenesisDocument::load_complete(path)
        .map_err(|error| Failure::new(EXIT_CONFIG, format!("{}: {error}", path.display())))
}

/// The other validators of the genesis document.
fn peers(
    genesis: Option<&GenesisRecord>,
    own_name: &str,
    addresses: &[(String, Multiaddr)],
) -> Result<Vec<PeerEntry>, Failure> {
    let validators = genesis
        .into_iter()
        .flat_map(|genesis| genesis.validator_set().iter());
    let mut peers = Vec::new();
    for (_, validator) in validators.filter(|(_, validator)| validator.name != own_name) {
        let key = PeerKey::try_from(validator.network_key);
        let of_it = addresses.iter().filter(|(name, _)| *name == validator.name);
        peers.push(PeerEntry {
            name: validator.name.clone(),
            key: key.map_err(|error| Failure::new(EXIT_CONFIG, error))?,
            addresses: of_it.map(|(_, address)| address.clone()).collect(),
        });
    }
    let unknown = addresses
        .iter()
        .find(|(name, _)| peers.iter().all(|peer| peer.name != *name));
    match unknown {
        None => Ok(peers),
        Some((name, _)) => Err(Failure::new(
            EXIT_CONFIG,
            format!("--peer {name}: the genesis document has no other validator of this name"),
        )),
    }
}

fn any_address() -> Multiaddr {
    use libp2p::multiaddr::Protocol;
    Multiaddr::from(Protocol::Ip4(std::net::Ipv4Addr::UNSPECIFIED)).with(Protocol::Tcp(7700))
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path)
        .map_err(|error| Failure::other(format!("{}: {error}", path.display())))
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let content = std::fs::read(from).map(zeroize::Zeroizing::new);
    let copied = content.and_then(|content| home::write_new(to, &content));
    copied.map_err(|error| {
        Failure::other(format!(
            "cannot copy {} to {}: {error}",
            from.display(),
            to.display()
        ))
    })
}
