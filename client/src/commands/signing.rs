//! From an operation to its end: keys are opened, the transaction is signed and submitted, and its end
//! reported; or it is written to a file for others to sign.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};
use talea_client::{
    Author, Client, ClientError, Envelope, Finality, ProofFile, Settlement, Trust,
    describe::{self, Field},
    key_file::{self, Passphrase},
    operations::IntoOperation,
};
use talea_types::{
    Operation, PublicKey, SecretKey, SignedTransaction, Subject, Timestamp, TransactionBody,
    TransactionId,
};

use super::{context::Context, exit::Code, output, refusal, values};

/// Where passphrases come from; without either, they are asked for on the terminal.
#[derive(Debug, Args)]
pub(crate) struct PassphraseSource {
    /// File whose first line is the passphrase of every key file that is used.
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_env")]
    passphrase_file: Option<PathBuf>,
    /// Environment variable that holds the passphrase of every key file that is used.
    #[arg(long, value_name = "NAME")]
    passphrase_env: Option<String>,
}

impl PassphraseSource {
    fn stated(&self) -> anyhow::Result<Option<Passphrase>> {
        Ok(match (&self.passphrase_file, &self.passphrase_env) {
            (Some(path), _) => Some(Passphrase::from_file(path)?),
            (None, Some(name)) => Some(Passphrase::from_variable(name)?),
            (None, None) => None,
        })
    }

    pub(crate) fn for_new_key(&self, path: &Path) -> anyhow::Result<Passphrase> {
        match self.stated()? {
            Some(passphrase) => Ok(passphrase),
            None => {
                let question = format!("Passphrase for the new {}: ", path.display());
                Ok(Passphrase::prompt_new(&question)?)
            }
        }
    }

    pub(crate) fn open(&self, path: &Path) -> anyhow::Result<SecretKey> {
        let passphrase = match self.stated()? {
            Some(passphrase) => passphrase,
            None => Passphrase::prompt(&format!("Passphrase of {}: ", path.display()))?,
        };
        Ok(key_file::load(path, &passphrase)?)
    }
}

/// Options of commands that sign.
#[derive(Debug, Args)]
pub(crate) struct Signing {
    /// Key file that signs; repeat it for several. The author's own, and those of whoever must agree.
    #[arg(long = "key", value_name = "FILE")]
    keys: Vec<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// How long the transaction may be applied, at most a day.
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = values::duration)]
    expiry: Duration,
    /// After it is applied, save the verified receipt in this file.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    receipt: Option<PathBuf>,
    /// Do not submit; write the transaction to this file for others to review and sign.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Public key of somebody who will sign the file; repeat it for several.
    #[arg(long = "signer", value_name = "PUBLIC_KEY", requires = "out")]
    signers: Vec<PublicKey>,
    /// Nonce, when the file is written without asking a node.
    #[arg(long, requires_all = ["out", "expires_at"])]
    nonce: Option<u64>,
    /// Expiry as ledger time, when the file is written without asking a node.
    #[arg(long, value_name = "TIME", requires = "nonce", value_parser = values::time)]
    expires_at: Option<Timestamp>,
}

impl Signing {
    /// Whether the transaction goes to a file and not to a node.
    pub(crate) const fn writes_file(&self) -> bool {
        self.out.is_some()
    }

    /// A passphrase is asked for once.
    fn open_keys(&self, context: &Context) -> anyhow::Result<Vec<SecretKey>> {
        if let Some(keys) = context.signers().get() {
            return Ok(keys.clone());
        }
        let keys = self.keys.iter().map(|path| self.passphrase.open(path));
        let keys = keys.collect::<anyhow::Result<Vec<_>>>()?;
        Ok(context.signers().get_or_init(|| keys).clone())
    }

    /// The network as one of the signers sees it: for what a command looks up before it signs.
    pub(crate) fn client(&self, context: &Context) -> anyhow::Result<Client> {
        context.client_signing(&self.open_keys(context)?)
    }

    /// Signs and submits, or writes the file. `also` is reported with the end: what the transaction made.
    pub(crate) async fn run(
        &self,
        context: &Context,
        author: Subject,
        operation: Operation,
        also: impl FnOnce(TransactionId) -> Vec<Field>,
    ) -> anyhow::Result<Code> {
        let trust = context.trust()?;
        if let Some(out) = &self.out {
            let envelope = self.envelope(context, &trust, author, operation).await?;
            return written(context, &trust, &envelope, out);
        }
        if self.keys.is_empty() {
            anyhow::bail!("no key signs; give --key FILE, or --out FILE to let others sign");
        }
        let client = context.client()?;
        let author = Author::open(&client, trust.chain(), author, self.open_keys(context)?)
            .await?
            .with_expiry(self.expiry);
        let transaction = author.sign(operation, &[])?;
        submit(
            context,
            &client,
            &trust,
            &transaction,
            self.receipt.as_deref(),
            also,
        )
        .await
    }

    /// The same; with the end are reported the ids of what the operation made.
    pub(crate) async fn ask(
        &self,
        context: &Context,
        author: Subject,
        operation: impl IntoOperation,
    ) -> anyhow::Result<Code> {
        let operation = operation.into_operation();
        let made = operation.clone();
        self.run(context, author, operation, |id| describe::made(&made, id))
            .await
    }

    async fn envelope(
        &self,
        context: &Context,
        trust: &Trust,
        author: Subject,
        operation: Operation,
    ) -> anyhow::Result<Envelope> {
        let keys = self.open_keys(context)?;
        let own = keys.iter().map(SecretKey::public_key);
        let mut signers: Vec<PublicKey> = own.chain(self.signers.iter().copied()).collect();
        signers.sort_unstable();
        signers.dedup();
        let (nonce, expires_at) = match (self.nonce, self.expires_at) {
            (Some(nonce), Some(expires_at)) => (nonce, expires_at),
            _ => {
                let range = context.client()?.nonces(&author).await?;
                let expiry = u64::try_from(self.expiry.as_millis()).unwrap_or(u64::MAX);
                (range.next, range.ledger_time.plus_millis(expiry))
            }
        };
        let body = TransactionBody {
            signers,
            author,
            nonce,
            expires_at,
            operation,
        };
        let mut envelope = Envelope::new(*trust.chain(), &body)?;
        for key in &keys {
            envelope.sign(key)?;
        }
        Ok(envelope)
    }
}

/// Saves an envelope and says who must still sign.
pub(crate) fn written(
    context: &Context,
    trust: &Trust,
    envelope: &Envelope,
    out: &Path,
) -> anyhow::Result<Code> {
    envelope.save(out)?;
    let missing = envelope.missing();
    if context.json() {
        output::line(&json!({ "file": out, "id": envelope.id(), "missing": missing }).to_string());
        return Ok(Code::Done);
    }
    output::fields(&describe::body(envelope.body(), trust.decimals()));
    output::line(&format!("\nwritten to {}", out.display()));
    if missing.is_empty() {
        output::line("everybody has signed; submit it with 'talea tx submit'");
    } else {
        for key in missing {
            output::line(&format!("not signed yet: {key}"));
        }
    }
    Ok(Code::Done)
}

/// Submits a signed transaction and reports its end.
pub(crate) async fn submit(
    context: &Context,
    client: &Client,
    trust: &Trust,
    transaction: &SignedTransaction,
    receipt: Option<&Path>,
    also: impl FnOnce(TransactionId) -> Vec<Field>,
) -> anyhow::Result<Code> {
    let spinner = output::spinner("waiting until it is final");
    let submitted = client.submit(transaction, context.timeout()).await;
    spinner.finish_and_clear();
    let settlement = submitted?;
    let refused_by = refusal::rules(client, trust, &settlement).await?;
    report(context, &settlement, &refused_by, also);
    if let Some(path) = receipt.filter(|_| settlement.finality != Finality::Expired) {
        let proof = wait_for_receipt(client, trust, &settlement.id)
            .await
            .context("the transaction is final, but its receipt could not be saved")?;
        ProofFile::Receipt(proof).save(path)?;
        if !context.json() {
            output::line(&format!("receipt verified and saved in {}", path.display()));
        }
    }
    Ok(Code::of(&settlement.finality))
}

/// The node that answered may be a moment ahead of the one that is asked for the receipt.
pub(crate) async fn wait_for_receipt(
    client: &Client,
    trust: &Trust,
    id: &TransactionId,
) -> Result<talea_client::ReceiptProof, ClientError> {
    let mut attempts = 0;
    loop {
        match client.receipt(id, trust).await {
            Err(ClientError::NotFound { .. }) if attempts < 20 => {
                attempts += 1;
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
            other => return other,
        }
    }
}

/// Reports how a transaction ended, with the rules that refused it.
pub(crate) fn report(
    context: &Context,
    settlement: &Settlement,
    refused_by: &[refusal::Cited],
    also: impl FnOnce(TransactionId) -> Vec<Field>,
) {
    let made = if settlement.is_committed() {
        also(settlement.id)
    } else {
        Vec::new()
    };
    if context.json() {
        let mut value = as_json(settlement, &made);
        if !refused_by.is_empty() {
            value["rules"] = refusal::as_json(refused_by);
        }
        output::line(&value.to_string());
        return;
    }
    match &settlement.finality {
        Finality::Committed { height, index } => {
            output::verdict(true, &format!("applied at height {height}, index {index}"));
        }
        Finality::Rejected {
            rejection, height, ..
        } => {
            output::verdict(
                false,
                &format!("rejected at height {height}: {}", rejection.name),
            );
            output::line(&rejection.help);
        }
        Finality::Expired => {
            output::verdict(false, "expired");
            output::line("its time passed before it was applied; it never will be");
        }
    }
    let mut fields = vec![("transaction".to_owned(), settlement.id.to_string())];
    fields.extend(made);
    output::fields(&fields);
    refusal::print(refused_by);
}

fn as_json(settlement: &Settlement, made: &[Field]) -> Value {
    let mut value = output::object(made);
    value["transaction"] = json!(settlement.id);
    match &settlement.finality {
        Finality::Committed { height, index } => {
            value["state"] = json!("COMMITTED");
            value["height"] = json!(height);
            value["index"] = json!(index);
        }
        Finality::Rejected {
            rejection,
            height,
            index,
        } => {
            value["state"] = json!("REJECTED");
            value["height"] = json!(height);
            value["index"] = json!(index);
            value["outcome"] = json!({
                "number": rejection.number, "name": rejection.name, "help": rejection.help
            });
        }
        Finality::Expired => value["state"] = json!("EXPIRED"),
    }
    value
}
