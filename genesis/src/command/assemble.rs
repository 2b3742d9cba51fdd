//! `assemble`: from terms and contributions to a document.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use talea_genesis::{
    GenesisDocument,
    ceremony::{self, Contribution},
};

use super::{Outcome, Report};

/// Join the network's terms and contributions into a genesis document. An organisation's new
/// contribution replaces its old one; approvals are dropped, as what they approved has changed.
#[derive(Args)]
#[command(
    after_help = "Example:\n  talea-genesis assemble --terms terms.toml --contribution operator.toml \\\n    \
                  --contribution first-bank.toml --contribution second-bank.toml --out genesis.toml"
)]
pub(super) struct Assemble {
    /// Terms, or an earlier draft.
    #[arg(long, value_name = "FILE")]
    terms: PathBuf,
    /// Contribution. Repeat for more.
    #[arg(long = "contribution", value_name = "FILE", required = true)]
    contributions: Vec<PathBuf>,
    /// Document to write; replaced if it exists.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Assemble {
    pub(super) fn run(self) -> Outcome {
        let terms = GenesisDocument::load(&self.terms)?;
        let contributions = self
            .contributions
            .iter()
            .map(|path| Contribution::load(path))
            .collect::<Result<Vec<_>, _>>()?;
        let document = ceremony::assemble(terms, &contributions)?;
        document.save(&self.out)?;
        let chain = document.record()?.chain_id();
        Ok(Report::new(
            format!("{} is written\nchain id {chain}", self.out.display()),
            json!({ "file": self.out, "chain_id": chain }),
        ))
    }
}
