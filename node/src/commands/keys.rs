//! `talea-node keys`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use talea_node::config::{LoadedConfig, PeerKey};
use talea_types::{PublicKey, ValidatorId};

use super::{failure::Failure, output};

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  talea-node keys /var/lib/talea")]
pub(super) struct Keys {
    /// The node's directory.
    directory: PathBuf,
}

/// What others know a node by.
#[derive(Debug, Serialize)]
pub(super) struct PublicKeys {
    pub(super) name: String,
    pub(super) voting_key: Option<PublicKey>,
    pub(super) validator_id: Option<ValidatorId>,
    pub(super) network_key: PublicKey,
    pub(super) peer_id: Option<String>,
}

impl PublicKeys {
    pub(super) fn new(name: String, voting_key: Option<PublicKey>, network_key: PublicKey) -> Self {
        Self {
            name,
            voting_key,
            validator_id: voting_key.as_ref().map(ValidatorId::from_voting_key),
            network_key,
            peer_id: PeerKey::try_from(network_key)
                .ok()
                .map(|key| key.peer_id().to_string()),
        }
    }

    pub(super) fn print(&self, json: bool) {
        if json {
            println!("{}", output::to_json(self));
            return;
        }
        let text = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
        println!("node          {}", self.name);
        println!(
            "voting key    {}",
            text(self.voting_key.map(|key| key.to_string()))
        );
        println!(
            "validator id  {}",
            text(self.validator_id.map(|id| id.to_string()))
        );
        println!("network key   {}", self.network_key);
        println!("peer id       {}", text(self.peer_id.clone()));
    }
}

impl Keys {
    pub(super) fn execute(self, json: bool) -> Result<(), Failure> {
        let config = LoadedConfig::load(&self.directory, &[])?.config;
        let (voting_key, network_key) = config.keys.public_keys(config.role)?;
        PublicKeys::new(config.name, voting_key, network_key).print(json);
        Ok(())
    }
}
