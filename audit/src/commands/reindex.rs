//! `talea-audit reindex`.

use clap::Args;
use serde_json::json;
use talea_audit::{Index, IndexPlace, reindex};

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
    /// The new index: a file that does not exist yet, or the URL of an empty database.
    #[arg(value_name = "NEW")]
    new: IndexPlace,
}

/// The old index had other rows than its own blocks give.
#[derive(Debug, thiserror::Error)]
#[error(
    "the index {old} has other rows than its blocks give: it was altered or has rotted; use the new one, {new}"
)]
pub(crate) struct RowsDiffer {
    old: String,
    new: String,
}

impl RowsDiffer {
    /// For programs.
    pub(crate) const NAME: &str = "OTHER_ROWS";
}

impl Reindex {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<()> {
        network::check_new(&self.new)?;
        let record = self.known.record()?;
        let old = Index::open_of_any_version(&self.known.index)?;
        let new = reindex(&old, &record, &self.new, output::bar("executed again"))?;
        let digest = new.digest()?;
        // Rows of another version are other rows.
        let old_digest = old
            .is_of_this_version()?
            .then(|| old.digest())
            .transpose()?;
        let equal = old_digest.map(|old| old == digest);
        if json {
            let value = json!({
                "digest": digest.to_string(),
                "old_digest": old_digest.map(|old| old.to_string()),
                "equal": equal,
            });
            output::line(&value.to_string());
        } else {
            output::line(&format!("{digest} {}", self.new));
            match equal {
                Some(true) => output::line("equal to the old index"),
                None => output::line("the old index was of another version: use the new one"),
                // The error says so.
                Some(false) => {}
            }
        }
        if equal == Some(false) {
            let (old, new) = (self.known.index.to_string(), self.new.to_string());
            return Err(RowsDiffer { old, new }.into());
        }
        Ok(())
    }
}
