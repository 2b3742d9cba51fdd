//! `talea tx`: transactions in files, for review and for signers who sit apart.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;
use talea_client::{Envelope, Settlement, Standing, Trust, describe};
use talea_types::{ChainId, SignedTransaction, TransactionId};

use super::{
    context::Context,
    exit::Code,
    legs, output, refusal,
    signing::{self, PassphraseSource, Signing},
};

/// Build, review, sign, assemble and submit transactions in files; ask what became of one.
#[derive(Debug, Args)]
#[command(
    after_help = "Two people sign for one account, each on a machine of their own:\n  \
                  talea tx build payment.toml --signer 5f2e... --signer 9a01... --out pay.tx.json\n  \
                  talea tx show pay.tx.json\n  \
                  talea tx sign pay.tx.json --key first.key --out first.tx.json\n  \
                  talea tx sign pay.tx.json --key second.key --out second.tx.json\n  \
                  talea tx assemble first.tx.json second.tx.json --out signed.tx.json\n  \
                  talea tx submit signed.tx.json"
)]
pub(crate) struct Tx {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Build(Build),
    Show(Show),
    Sign(Sign),
    Assemble(Assemble),
    Submit(Submit),
    Status(Status),
}

/// Build a transaction from a file of payments (see 'talea batch --help') without submitting it.
///
/// With --nonce and --expires-at no node is asked. Every other command that submits can write such a file
/// too: give it --out.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea tx build payment.toml --signer 5f2e... --out pay.tx.json\n  \
                  talea tx build payment.toml --signer 5f2e... --nonce 7 \
                  --expires-at 2026-11-22T18:00:00Z --out pay.tx.json"
)]
struct Build {
    /// The payments.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    signing: Signing,
}

/// Show all that a transaction file says, before signing it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea tx show pay.tx.json")]
struct Show {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Add a signature to a transaction file. Needs no network.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea tx sign pay.tx.json --key first.key\n  \
                  talea tx sign pay.tx.json --key first.key --out first.tx.json"
)]
struct Sign {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Key file; repeat it for several.
    #[arg(long = "key", value_name = "FILE", required = true)]
    keys: Vec<PathBuf>,
    /// Write here; without it, the file itself is replaced.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// Bring the signatures of several copies together.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea tx assemble first.tx.json second.tx.json --out signed.tx.json"
)]
struct Assemble {
    /// Copies of one transaction.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Write here.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Submit a transaction that everybody has signed. May be repeated: it never applies twice.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea tx submit signed.tx.json --receipt paid.proof")]
struct Submit {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// After it is applied, save the verified receipt in this file.
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
}

/// Ask what became of a transaction.
///
/// A node that does not know it cannot say whether another node has it. Give the transaction's file with
/// --file: then it is known when it expires, and an unknown one past its expiry has expired for ever.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea tx status 3f9c...\n  talea tx status 3f9c... --file signed.tx.json"
)]
struct Status {
    /// The transaction.
    id: TransactionId,
    /// Its file.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Tx {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Build(build) => build.run(context).await,
            Which::Show(show) => show.run(context),
            Which::Sign(sign) => sign.run(context),
            Which::Assemble(assemble) => assemble.run(context),
            Which::Submit(submit) => submit.run(context).await,
            Which::Status(status) => status.run(context).await,
        }
    }
}

/// Reads a file and checks that it is of this network.
fn load(path: &std::path::Path, chain: &ChainId) -> anyhow::Result<Envelope> {
    let envelope = Envelope::load(path)?;
    if envelope.chain() != chain {
        anyhow::bail!(
            "{} is for network {}, the genesis document is of {chain}",
            path.display(),
            envelope.chain()
        );
    }
    Ok(envelope)
}

impl Build {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        if !self.signing.writes_file() {
            anyhow::bail!("give --out FILE; to submit at once use 'talea batch' or 'talea pay'");
        }
        let (author, operation) = legs::load(&self.file, &context.trust()?)?;
        self.signing
            .run(context, author, operation, |_| Vec::new())
            .await
    }
}

impl Show {
    fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust_if_named()?;
        let envelope = match &trust {
            Some(trust) => load(&self.file, trust.chain())?,
            None => Envelope::load(&self.file)?,
        };
        let decimals = trust.as_ref().map(Trust::decimals);
        let fields = describe::body(envelope.body(), decimals.unwrap_or(&<_>::default()));
        let missing = envelope.missing();
        if context.json() {
            let value = json!({
                "id": envelope.id(),
                "chain_id": envelope.chain(),
                "body": output::object(&fields),
                "missing": missing,
            });
            output::line(&value.to_string());
            return Ok(Code::Done);
        }
        let network = trust
            .as_ref()
            .map_or("not compared: no genesis document was named", Trust::name);
        let head = [
            ("transaction".to_owned(), envelope.id().to_string()),
            ("network".to_owned(), network.to_owned()),
        ];
        output::fields(&[&head[..], &fields[..]].concat());
        for key in &envelope.body().signers {
            let signed = if missing.contains(key) {
                "not signed yet"
            } else {
                "signed"
            };
            output::line(&format!("{key}: {signed}"));
        }
        Ok(Code::Done)
    }
}

impl Sign {
    fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust()?;
        let mut envelope = load(&self.file, trust.chain())?;
        for path in &self.keys {
            envelope.sign(&self.passphrase.open(path)?)?;
        }
        let out = self.out.as_ref().unwrap_or(&self.file);
        signing::written(context, &trust, &envelope, out)
    }
}

impl Assemble {
    fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust()?;
        let mut files = self.files.iter();
        let first = files.next().context("no file is named")?;
        let mut envelope = load(first, trust.chain())?;
        for path in files {
            envelope.merge(&load(path, trust.chain())?)?;
        }
        envelope.assemble()?;
        signing::written(context, &trust, &envelope, &self.out)
    }
}

impl Submit {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust()?;
        let transaction = load(&self.file, trust.chain())?.assemble()?;
        let client = context.client()?;
        let receipt = self.receipt.as_deref();
        let operation = &transaction.body().operation;
        let made = |id| describe::made(operation, id);
        signing::submit(context, &client, &trust, &transaction, receipt, made).await
    }
}

impl Status {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let found = context.client()?.lookup(&self.id, true).await?;
        let expires_at = match &self.file {
            Some(path) => {
                let envelope = Envelope::load(path)?;
                if envelope.id() != self.id {
                    anyhow::bail!("{} holds transaction {}", path.display(), envelope.id());
                }
                Some(envelope.body().expires_at)
            }
            // The node may have the bytes, and with them the expiry.
            None => expiry_of(context, found.transaction.as_ref())?,
        };
        // Without a known expiry, one at the end of time: then only what is said to be final is.
        let never = talea_types::Timestamp::from_millis(u64::MAX);
        if let Some(finality) = found.finality(expires_at.unwrap_or(never)) {
            let settlement = Settlement {
                id: self.id,
                finality,
            };
            let refused_by = match context.trust_if_named()? {
                Some(trust) => refusal::rules(&context.client()?, &trust, &settlement).await?,
                None => Vec::new(),
            };
            signing::report(context, &settlement, &refused_by, |_| Vec::new());
            return Ok(Code::of(&settlement.finality));
        }
        let (state, words) = match &found.standing {
            Standing::Accepted => ("ACCEPTED", "waiting; it is not final yet".to_owned()),
            Standing::Refused(error) => ("REFUSED", format!("the node did not take it: {error}")),
            Standing::Unknown | Standing::Final(_) => (
                "UNKNOWN",
                format!(
                    "the node does not know it as of height {}, ledger time {}",
                    found.height,
                    describe::time(found.ledger_time)
                ),
            ),
        };
        if context.json() {
            let value = json!({
                "transaction": self.id,
                "state": state,
                "height": found.height,
                "ledger_time_ms": found.ledger_time,
            });
            output::line(&value.to_string());
        } else {
            output::line(&words);
        }
        Ok(Code::Uncertain)
    }
}

fn expiry_of(
    context: &Context,
    bytes: Option<&bytes::Bytes>,
) -> anyhow::Result<Option<talea_types::Timestamp>> {
    let (Some(trust), Some(bytes)) = (context.trust_if_named()?, bytes) else {
        return Ok(None);
    };
    let transaction = SignedTransaction::decode(trust.chain(), bytes.clone())?;
    Ok(Some(transaction.body().expires_at))
}
