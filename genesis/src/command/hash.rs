//! `hash`: the chain id.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use talea_genesis::GenesisDocument;

use super::{Outcome, Report};

/// Show the chain id: the hash of what a document says, without its signatures.
#[derive(Args)]
#[command(after_help = "Example:\n  talea-genesis hash genesis.toml")]
pub(super) struct HashOf {
    /// Genesis document.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl HashOf {
    pub(super) fn run(self) -> Outcome {
        let chain = GenesisDocument::load(&self.file)?.record()?.chain_id();
        Ok(Report::new(chain.to_string(), json!({ "chain_id": chain })))
    }
}
