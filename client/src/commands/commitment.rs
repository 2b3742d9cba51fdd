//! `talea commitment`: say now what can be shown later, and can be forgotten.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use talea_client::{describe, operations::assurance, privacy::Opening};
use talea_types::{
    AccountId, Subject,
    state::{StateKey, Tombstone},
};

use super::{context::Context, envelope, exit::Code, lookup, output, signing::Signing, values};

/// Commit to a value without telling it; show later what it was; erase it.
///
/// A commitment is blake3 of 256 random bits of salt and the value. The salt is in the opening, a file
/// that only you have: who has it can show what was committed to, and when it is deleted nobody can.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea commitment new --text '+420 601 000 001' --out phone.opening\n  \
                  talea commitment new --file letter.pdf --out letter.opening\n  \
                  talea commitment check letter.opening --file letter.pdf\n  \
                  talea commitment erase phone.opening --account acct1... --key wallet.key"
)]
pub(super) struct CommitmentCommand {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    New(New),
    Check(Check),
    Erase(Erase),
    Show(Show),
}

/// Commit to a text or a file. Shows the commitment; the opening goes to a file of its own.
///
/// For one number or address use one opening: contacts with it are counted by its commitment.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea commitment new --text '+420 601 000 001' --out phone.opening\n  \
                  talea commitment new --file letter.pdf --out letter.opening"
)]
struct New {
    /// The value; it is kept in the opening.
    #[arg(long, conflicts_with = "file", required_unless_present = "file")]
    text: Option<String>,
    /// The file; it is not kept in the opening.
    #[arg(long)]
    file: Option<PathBuf>,
    /// The opening to write; must not exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Check what was committed to. Needs no network.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  talea commitment check phone.opening\n  \
                  talea commitment check letter.opening --file letter.pdf")]
struct Check {
    /// The opening.
    #[arg(value_name = "OPENING")]
    opening: PathBuf,
    /// The file, when the opening does not hold the value.
    #[arg(long)]
    file: Option<PathBuf>,
}

/// Say on the ledger that the salt is deleted, then delete the opening.
///
/// The ledger first: a legal hold forbids it, and then nothing is deleted. The account signs, or its
/// sponsor.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea commitment erase phone.opening --account acct1... --key wallet.key"
)]
struct Erase {
    /// The opening.
    #[arg(value_name = "OPENING")]
    opening: PathBuf,
    /// Whom it was about.
    #[arg(long)]
    account: AccountId,
    /// The sponsor, when it signs: id or Legal Entity Identifier.
    #[arg(long = "as", value_name = "ORGANISATION", value_parser = values::author)]
    by: Option<Subject>,
    #[command(flatten)]
    signing: Signing,
}

/// Show whether what a commitment stood for was erased.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea commitment show 77ab... --account acct1...")]
struct Show {
    /// The commitment.
    #[arg(value_parser = values::commitment)]
    commitment: talea_types::Hash,
    /// Whom it is about.
    #[arg(long)]
    account: AccountId,
}

impl CommitmentCommand {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::New(new) => new.run(context),
            Which::Check(check) => check.run(context),
            Which::Erase(erase) => erase.run(context).await,
            Which::Show(show) => show.run(context).await,
        }
    }
}

fn read(path: &PathBuf) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

impl New {
    fn run(self, context: &Context) -> anyhow::Result<Code> {
        let opening = match (&self.text, &self.file) {
            (Some(text), _) => Opening::of_text(text)?,
            (None, Some(file)) => Opening::of_bytes(&read(file)?)?,
            (None, None) => bail!("give --text or --file"),
        };
        opening.save(&self.out)?;
        if context.json() {
            let fields = [
                output::field("commitment", opening.commitment()),
                output::field("opening", self.out.display()),
            ];
            output::record(true, &fields, Vec::new());
        } else {
            output::line(&opening.commitment().to_string());
        }
        Ok(Code::Done)
    }
}

impl Check {
    fn run(self, context: &Context) -> anyhow::Result<Code> {
        let opening = Opening::load(&self.opening)?;
        match (&self.file, opening.text()) {
            (Some(file), _) => opening.verify(&read(file)?)?,
            (None, Some(text)) => opening.verify(text.as_bytes())?,
            (None, None) => bail!("the opening does not hold the value; give --file"),
        }
        let mut fields = vec![output::field("commitment", opening.commitment())];
        fields.extend(opening.text().map(|text| output::field("value", text)));
        if !context.json() {
            output::verdict(true, "this is what was committed to");
        }
        output::record(context.json(), &fields, Vec::new());
        Ok(Code::Done)
    }
}

impl Erase {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let opening = Opening::load(&self.opening)?;
        let author = self.by.unwrap_or(Subject::Account(self.account));
        let erase = assurance::erase_commitment(self.account, opening.commitment());
        let code = self.signing.ask(context, author, erase).await?;
        envelope::delete_after(code, &self.signing, &self.opening)?;
        Ok(code)
    }
}

impl Show {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let key = StateKey::Tombstone(self.account, self.commitment);
        let found = lookup::find(context, key, Tombstone::decode).await?;
        let mut fields = vec![output::field("commitment", self.commitment)];
        match &found {
            Some(found) => fields.extend([
                output::field("erased", describe::time(found.object.erased_at)),
                output::field("erased by", found.object.erased_by),
                found.verified(),
            ]),
            None => fields.push(output::field("erased", "no")),
        }
        output::record(context.json(), &fields, Vec::new());
        Ok(Code::Done)
    }
}
