//! `talea-audit digest`.

use clap::Args;
use serde_json::json;
use talea_audit::{Index, IndexPlace};

use super::output;

/// Hash every row of an index: two of the same blocks have the same digest.
#[derive(Debug, Args)]
#[command(
    name = "digest",
    after_help = "Examples:\n  talea-audit digest --index network.db\n  \
                  talea-audit digest --index again.db --json"
)]
pub(crate) struct DigestCommand {
    /// The index: a file, or postgresql://USER@HOST/DATABASE.
    #[arg(long, value_name = "INDEX", env = "TALEA_INDEX")]
    index: IndexPlace,
}

impl DigestCommand {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<()> {
        let index = Index::open(&self.index)?;
        let (height, digest) = (index.height()?, index.digest()?.to_string());
        if json {
            output::line(&json!({ "height": height, "digest": digest }).to_string());
        } else {
            output::line(&format!("{digest} of {height} blocks"));
        }
        Ok(())
    }
}
