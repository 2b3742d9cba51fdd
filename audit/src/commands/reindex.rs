//! `talea-audit reindex`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use talea_audit::{Index, reindex};

use super::{
    network::{self, Known},
    output,
};

/// Make an index again from the blocks that it keeps: every one is verified and executed once more.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea-audit reindex --genesis genesis.toml --index network.db again.db\n  \
                        talea-audit reindex --genesis genesis.toml --index network.db again.db --json"
)]
pub(crate) struct Reindex {
    #[command(flatten)]
    known: Known,
    /// The new index: a file that does not exist yet.
    #[arg(value_name = "FILE")]
    new: PathBuf,
}

impl Reindex {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<()> {
        network::check_new(&self.new)?;
        let record = self.known.record()?;
        let old = Index::open(&self.known.index)?;
        let new = reindex(&old, &record, &self.new, output::bar("executed again"))?;
        let (old, new) = (old.digest()?, new.digest()?);
        let equal = old == new;
        if json {
            let value = json!({
                "digest": new.to_string(),
                "old_digest": old.to_string(),
                "equal": equal,
            });
            output::line(&value.to_string());
        } else {
            output::line(&format!("{new} {}", self.new.display()));
            output::line(if equal {
                "equal to the old index"
            } else {
                "the old index had other rows: use the new one"
            });
        }
        Ok(())
    }
}
