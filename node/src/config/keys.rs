//! Opens the key files that the configuration names.

use talea_genesis::key_file::{self, KeyFileError, Passphrase, PassphraseError};
use talea_types::{PublicKey, SecretKey};

use super::{KeyFiles, NodeConfig, NodeRole};

/// The keys of a running node.
#[derive(Debug)]
pub struct NodeKeys {
    /// Signs votes; an observer has none.
    pub voting: Option<SecretKey>,
    /// Proves the node's identity to peers.
    pub network: SecretKey,
}

impl NodeKeys {
    /// Opens the key files.
    ///
    /// # Errors
    /// [`KeyFileError`] naming the file and what to do.
    pub fn load(config: &NodeConfig) -> Result<Self, KeyFileError> {
        let passphrase = config.keys.passphrase()?;
        let voting = match config.role {
            NodeRole::Validator => Some(key_file::load(&config.keys.voting, &passphrase)?),
            NodeRole::Observer => None,
        };
        Ok(Self {
            voting,
            network: key_file::load(&config.keys.network, &passphrase)?,
        })
    }
}

impl KeyFiles {
    /// The passphrase, from where the configuration says; asked for when it says nothing.
    ///
    /// # Errors
    /// [`PassphraseError`] saying where it was looked for.
    pub fn passphrase(&self) -> Result<Passphrase, PassphraseError> {
        match (&self.passphrase_file, &self.passphrase_env) {
            (Some(file), _) => Passphrase::from_file(file),
            (None, Some(name)) => Passphrase::from_variable(name),
            (None, None) => Passphrase::prompt("Passphrase of the node's keys: "),
        }
    }

    /// The public halves, which need no passphrase: of the voting key (a validator's) and of the
    /// network key.
    ///
    /// # Errors
    /// [`KeyFileError`] naming the file and what to do.
    pub fn public_keys(
        &self,
        role: NodeRole,
    ) -> Result<(Option<PublicKey>, PublicKey), KeyFileError> {
        let voting = match role {
            NodeRole::Validator => Some(key_file::public_key(&self.voting)?),
            NodeRole::Observer => None,
        };
        Ok((voting, key_file::public_key(&self.network)?))
    }
}
