//! `approve`: the signature of an organisation that will run the network.

use std::path::PathBuf;

use anyhow::ensure;
use clap::Args;
use serde_json::json;
use talea_genesis::GenesisDocument;
use talea_types::{ChainId, SecretKey};

use super::{Outcome, Report, secret::PassphraseSource};

/// Approve a document with policy keys of an organisation that runs a validator.
#[derive(Args)]
#[command(
    after_help = "Example:\n  talea-genesis approve genesis.toml --chain-id 1891...5969 \\\n    \
                  --key treasurer.key --key auditor.key --out genesis-first-bank.toml"
)]
pub(super) struct Approve {
    /// Genesis document.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The chain id that you reviewed and compared with the other organisations.
    #[arg(long, value_name = "ID")]
    chain_id: ChainId,
    /// Key file of the organisation. Repeat for more.
    #[arg(long = "key", value_name = "FILE", required = true)]
    keys: Vec<PathBuf>,
    /// File to write; the document itself if not given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

impl Approve {
    pub(super) fn run(self) -> Outcome {
        let mut document = GenesisDocument::load(&self.file)?;
        let found = document.record()?.chain_id();
        ensure!(
            found == self.chain_id,
            "the document's chain id is {found}, you asked to approve {}; nothing was signed",
            self.chain_id
        );
        let keys = self.passphrase.open_all(&self.keys)?;
        let keys: Vec<&SecretKey> = keys.iter().collect();
        let chain = document.approve(&keys)?;
        let out = self.out.unwrap_or(self.file);
        document.save(&out)?;
        let complete = document.complete_record().is_ok();
        let state = if complete {
            "the document is complete"
        } else {
            "more approvals are needed: see 'talea-genesis show'"
        };
        Ok(Report::new(
            format!("approved in {}\nchain id {chain}\n{state}", out.display()),
            json!({ "file": out, "chain_id": chain, "complete": complete }),
        ))
    }
}
