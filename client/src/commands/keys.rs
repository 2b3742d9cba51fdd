//! `talea keys`: key files, and the keys of accounts and organisations.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Subcommand};
use serde_json::json;
use talea_client::{key_file, operations};
use talea_types::{AccountId, KeyPolicy, Operation, ParticipantId, PublicKey, Subject, Timestamp};

use super::{
    context::Context,
    exit::Code,
    output,
    signing::{PassphraseSource, Signing},
    values,
};

/// Make and show key files; replace the keys of an account or an organisation.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  talea keys new wallet.key\n  talea keys show wallet.key")]
pub(crate) struct Keys {
    #[command(subcommand)]
    command: KeysCommand,
}

#[derive(Debug, Subcommand)]
enum KeysCommand {
    New(New),
    Show(Show),
    Rotate(Rotate),
}

/// Make a new key in an encrypted file that only its owner can read.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  talea keys new wallet.key\n  \
                  talea keys new wallet.key --passphrase-file wallet.pass")]
struct New {
    /// File to write; must not exist.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// Show the public key of a key file. Asks for no passphrase.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea keys show wallet.key")]
struct Show {
    /// Key file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Replace the keys that sign for an account or an organisation.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea keys rotate --account acct1... --new-key 5f2e... --key old.key\n  \
                  talea keys rotate --organisation org1... --new-key 5f2e... --new-key 9a01... \
                  --threshold 2 --overlap 7d --key old.key"
)]
struct Rotate {
    /// The account.
    #[arg(
        long,
        value_name = "ACCOUNT",
        conflicts_with = "organisation",
        required_unless_present = "organisation"
    )]
    account: Option<AccountId>,
    /// The organisation: id or Legal Entity Identifier.
    #[arg(long, value_name = "ORGANISATION", value_parser = values::organisation)]
    organisation: Option<ParticipantId>,
    /// Public key of the new policy; repeat it for several.
    #[arg(long = "new-key", value_name = "PUBLIC_KEY", required = true)]
    new_keys: Vec<PublicKey>,
    /// How many of the new keys must sign.
    #[arg(long, default_value_t = 1)]
    threshold: u32,
    /// How long the old keys suffice too, at most 30d.
    #[arg(long, value_name = "DURATION", value_parser = values::duration)]
    overlap: Option<Duration>,
    #[command(flatten)]
    signing: Signing,
}

impl Keys {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let (file, public) = match self.command {
            KeysCommand::New(New { file, passphrase }) => {
                let passphrase = passphrase.for_new_key(&file)?;
                let public = key_file::generate(&file, &passphrase)?;
                (file, public)
            }
            KeysCommand::Show(Show { file }) => {
                let public = key_file::public_key(&file)?;
                (file, public)
            }
            KeysCommand::Rotate(rotate) => return rotate.run(context).await,
        };
        if context.json() {
            output::line(&json!({ "file": file, "public_key": public }).to_string());
        } else {
            output::line(&public.to_string());
        }
        Ok(Code::Done)
    }
}

impl Rotate {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let subject = match (self.account, self.organisation) {
            (Some(account), _) => Subject::Account(account),
            (None, Some(organisation)) => Subject::Participant(organisation),
            (None, None) => anyhow::bail!("give --account or --organisation"),
        };
        let overlap_until = match self.overlap {
            Some(overlap) => {
                let now = context.client()?.network().await?.ledger_time;
                now.plus_millis(u64::try_from(overlap.as_millis())?)
            }
            None => Timestamp::from_millis(0),
        };
        let policy = KeyPolicy::new(self.threshold, self.new_keys)?;
        let operation = Operation::KeyRotate(operations::rotate(policy, overlap_until));
        self.signing
            .run(context, subject, operation, |_| Vec::new())
            .await
    }
}
