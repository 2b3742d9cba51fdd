//! Key files on the command line, and where their passphrases come from.

use std::path::{Path, PathBuf};

use clap::Args;
use talea_genesis::key_file::{self, KeyFileError, Passphrase, PassphraseError};
use talea_types::SecretKey;

/// Where passphrases come from; without either, they are asked for on the terminal.
#[derive(Args)]
pub(super) struct PassphraseSource {
    /// File whose first line is the passphrase of every key file that is used.
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_env")]
    passphrase_file: Option<PathBuf>,
    /// Environment variable that holds the passphrase of every key file that is used.
    #[arg(long, value_name = "NAME")]
    passphrase_env: Option<String>,
}

impl PassphraseSource {
    fn stated(&self) -> Option<Result<Passphrase, PassphraseError>> {
        match (&self.passphrase_file, &self.passphrase_env) {
            (Some(path), _) => Some(Passphrase::from_file(path)),
            (None, Some(name)) => Some(Passphrase::from_variable(name)),
            (None, None) => None,
        }
    }

    pub(super) fn for_new_key(&self, path: &Path) -> Result<Passphrase, PassphraseError> {
        self.stated().unwrap_or_else(|| {
            Passphrase::prompt_new(&format!("Passphrase for the new {}: ", path.display()))
        })
    }

    pub(super) fn open(&self, path: &Path) -> Result<SecretKey, KeyFileError> {
        let passphrase = self.stated().unwrap_or_else(|| {
            Passphrase::prompt(&format!("Passphrase of {}: ", path.display()))
        })?;
        key_file::load(path, &passphrase)
    }

    pub(super) fn open_all(&self, paths: &[PathBuf]) -> Result<Vec<SecretKey>, KeyFileError> {
        paths.iter().map(|path| self.open(path)).collect()
    }
}
