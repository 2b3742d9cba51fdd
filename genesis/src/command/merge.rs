//! `merge`: one document from copies that were approved apart.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use talea_genesis::{GenesisDocument, ceremony};

use super::{Outcome, Report};

/// Join the signatures of copies of one document.
#[derive(Args)]
#[command(
    after_help = "Example:\n  talea-genesis merge genesis-operator.toml genesis-first-bank.toml --out genesis.toml"
)]
pub(super) struct Merge {
    /// Copies of the document.
    #[arg(value_name = "FILE", required = true, num_args = 1..)]
    files: Vec<PathBuf>,
    /// Document to write; replaced if it exists.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Merge {
    pub(super) fn run(self) -> Outcome {
        let mut documents = self
            .files
            .iter()
            .map(|path| GenesisDocument::load(path))
            .collect::<Result<Vec<_>, _>>()?;
        let others = documents.split_off(1);
        let first = documents.remove(0);
        let merged = ceremony::merge(first, &others)?;
        merged.save(&self.out)?;
        let chain = merged.record()?.chain_id();
        let complete = merged.complete_record();
        let state = match &complete {
            Ok(_) => "the document is complete".to_owned(),
            Err(missing) => missing.to_string(),
        };
        Ok(Report::new(
            format!(
                "{} is written\nchain id {chain}\n{state}",
                self.out.display()
            ),
            json!({ "file": self.out, "chain_id": chain, "complete": complete.is_ok() }),
        ))
    }
}
