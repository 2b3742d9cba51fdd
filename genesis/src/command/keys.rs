//! `keys`: new key files, and the public keys of those there are.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;
use talea_genesis::key_file;

use super::{Outcome, Report, secret::PassphraseSource};

/// Make encrypted key files, or show their public keys.
#[derive(Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Subcommand)]
enum KeysCommand {
    New(New),
    Public(Public),
}

/// Make a new key. Use one of its own for each purpose: a key of the organisation for each person who
/// signs for it, a voting key and a network key for each validator.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  talea-genesis keys new --out bank-treasurer.key\n  \
                  talea-genesis keys new --out voting.key --passphrase-file voting.pass"
)]
struct New {
    /// File to write; must not exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// Show the public key of a file. Asks for no passphrase.
#[derive(Args)]
#[command(after_help = "Example:\n  talea-genesis keys public bank-treasurer.key")]
struct Public {
    /// Key file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Keys {
    pub(super) fn run(self) -> Outcome {
        let (file, public) = match self.command {
            KeysCommand::New(New { out, passphrase }) => {
                let passphrase = passphrase.for_new_key(&out)?;
                let public = key_file::generate(&out, &passphrase)?;
                (out, public)
            }
            KeysCommand::Public(Public { file }) => {
                let public = key_file::public_key(&file)?;
                (file, public)
            }
        };
        Ok(Report::new(
            public.to_string(),
            json!({ "file": file, "public_key": public }),
        ))
    }
}
