//! `talea envelope`: personal data for named recipients, of which the ledger knows the hash alone.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use talea_client::{
    describe,
    operations::assurance,
    privacy::{EnvelopeKey, RecipientKey, SealedEnvelope},
};
use talea_types::{
    AccountId, Hash, Subject,
    state::{Envelope, StateKey},
};

use super::{
    context::Context,
    exit::Code,
    lookup, output,
    signing::{PassphraseSource, Signing},
    values,
};

/// Seal personal data to named recipients, open it, commit to it on the ledger, erase it.
///
/// The file is kept off the ledger, by you and by the recipients; the ledger knows its hash, its size and
/// whom it is for. Deleting every copy is erasure; all proofs stay valid.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  talea envelope key bank.key\n  \
                  talea envelope seal identity.pdf --account acct1... --recipient x25519:5f2e... --out identity.envelope\n  \
                  talea envelope put identity.envelope --as org1... --key bank.key\n  \
                  talea envelope open identity.envelope --key bank.key --out identity.pdf\n  \
                  talea envelope erase identity.envelope --as org1... --key bank.key")]
pub(super) struct EnvelopeCommand {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Key(Key),
    Seal(Seal),
    Open(Open),
    Put(Put),
    Show(Show),
    Erase(Erase),
}

/// Show the envelope key of a key file: give it to those who shall seal to you. It is not secret.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea keys new envelopes.key && talea envelope key envelopes.key"
)]
struct Key {
    /// Key file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// Encrypt a file about the holder of an account to recipients. Needs no network.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea envelope seal identity.pdf --account acct1... \
                  --recipient x25519:5f2e... --recipient x25519:9a01... --out identity.envelope"
)]
struct Seal {
    /// What to encrypt.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Whom it is about.
    #[arg(long)]
    account: AccountId,
    /// Envelope key of a recipient; repeat it for several, at most 16.
    #[arg(long = "recipient", value_name = "ENVELOPE_KEY", required = true)]
    recipients: Vec<RecipientKey>,
    /// The envelope to write; must not exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Decrypt an envelope. Needs no network.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea envelope open identity.envelope --key bank.key --out identity.pdf"
)]
struct Open {
    /// The envelope.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Key file of a recipient.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// The file to write; must not exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Commit to an envelope on the ledger. The account signs, its sponsor, or who has a grant of it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea envelope put identity.envelope --key wallet.key\n  \
                  talea envelope put identity.envelope --as org1... --key bank.key"
)]
struct Put {
    /// The envelope.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Who signs, when it is not the account: an organisation's id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::author)]
    by: Option<Subject>,
    #[command(flatten)]
    signing: Signing,
}

/// Show what the ledger knows of an envelope.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea envelope show identity.envelope\n  talea envelope show 3f9c..."
)]
struct Show {
    /// The envelope, or its hash.
    envelope: String,
}

/// Say on the ledger that an envelope is deleted, then delete the file.
///
/// The ledger first: a legal hold forbids it, and then nothing is deleted. Every other copy has to be
/// deleted too; the recipients see in the account's history that they must. The account signs, or its
/// sponsor.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea envelope erase identity.envelope --as org1... --key bank.key"
)]
struct Erase {
    /// The envelope.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The sponsor, when it signs: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::author)]
    by: Option<Subject>,
    #[command(flatten)]
    signing: Signing,
}

impl EnvelopeCommand {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Key(key) => key.run(context),
            Which::Seal(seal) => seal.run(context),
            Which::Open(open) => open.run(context),
            Which::Put(put) => put.run(context).await,
            Which::Show(show) => show.run(context).await,
            Which::Erase(erase) => erase.run(context).await,
        }
    }
}

impl Key {
    fn run(self, context: &Context) -> anyhow::Result<Code> {
        let key = EnvelopeKey::of(&self.passphrase.open(&self.file)?).public();
        if context.json() {
            let value = json!({ "envelope_key": key.to_string(), "id": key.id() });
            output::line(&value.to_string());
        } else {
            output::line(&key.to_string());
        }
        Ok(Code::Done)
    }
}

impl Seal {
    fn run(self, context: &Context) -> anyhow::Result<Code> {
        let content = std::fs::read(&self.file)
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        let envelope = SealedEnvelope::seal(self.account, &content, &self.recipients)?;
        envelope.save(&self.out)?;
        let fields = [
            output::field("envelope", envelope.hash()),
            output::field("account", self.account),
            output::field("bytes", envelope.encoded().len()),
            output::field("recipients", self.recipients.len()),
            output::field("file", self.out.display()),
        ];
        output::record(context.json(), &fields, Vec::new());
        Ok(Code::Done)
    }
}

impl Open {
    fn run(self, context: &Context) -> anyhow::Result<Code> {
        let envelope = SealedEnvelope::load(&self.file)?;
        let key = EnvelopeKey::of(&self.passphrase.open(&self.key)?);
        let content = envelope.open(&key)?;
        talea_client::privacy::write_new(&self.out, &content)?;
        let fields = [
            output::field("envelope", envelope.hash()),
            output::field("account", envelope.account()),
            output::field("file", self.out.display()),
        ];
        output::record(context.json(), &fields, Vec::new());
        Ok(Code::Done)
    }
}

impl Put {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let envelope = SealedEnvelope::load(&self.file)?;
        let author = self.by.unwrap_or(Subject::Account(envelope.account()));
        self.signing.ask(context, author, envelope.put()).await
    }
}

impl Show {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let hash: Hash = match self.envelope.parse() {
            Ok(hash) => hash,
            Err(_) => SealedEnvelope::load(Path::new(&self.envelope))?.hash(),
        };
        let what = format!("an envelope with hash {hash}");
        let key = StateKey::Envelope(hash);
        let found = lookup::object(context, &what, key, Envelope::decode).await?;
        let envelope = &found.object;
        let erased = envelope.erased_at;
        let fields = [
            output::field("envelope", hash),
            output::field("account", envelope.account),
            output::field("bytes", envelope.size),
            output::field("put by", envelope.put_by),
            output::field(
                "erased",
                erased.map_or_else(|| "no".to_owned(), describe::time),
            ),
            found.verified(),
        ];
        let recipients = envelope.recipients.iter().map(|id| vec![id.to_string()]);
        let recipients = output::List {
            name: "recipients",
            header: &["key id"],
            rows: recipients.collect(),
        };
        output::record(context.json(), &fields, vec![recipients]);
        Ok(Code::Done)
    }
}

impl Erase {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let envelope = SealedEnvelope::load(&self.file)?;
        let author = self.by.unwrap_or(Subject::Account(envelope.account()));
        let erase = assurance::erase_envelope(envelope.account(), envelope.hash());
        let code = self.signing.ask(context, author, erase).await?;
        delete_after(code, &self.signing, &self.file)?;
        Ok(code)
    }
}

/// Deletes a file once the ledger has the tombstone; keeps it when nothing was applied, or not yet.
pub(super) fn delete_after(code: Code, signing: &Signing, path: &Path) -> anyhow::Result<()> {
    if code != Code::Done || signing.writes_file() {
        return Ok(());
    }
    std::fs::remove_file(path).with_context(|| {
        format!(
            "the ledger says that it is erased, but {} could not be deleted; delete it by hand",
            path.display()
        )
    })
}
