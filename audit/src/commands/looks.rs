//! `talea-audit looks`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;
use talea_audit::{IndexPlace, LookHead, Looks};
use talea_client::describe;
use talea_types::{AccountId, Timestamp};

use super::{output, serve};

/// Show who looked at debtors' files through a desk, and whether the log was altered.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  talea-audit looks --index network.db\n  \
                  talea-audit looks --index network.db --debtor acct1... --json\n  \
                  talea-audit looks --looks network.db.looks --holds 12:HASH\n\n\
                  A desk answers each look with its number and hash. Whoever kept one asks with --holds whether the\n\
                  log still holds it: a log that was cut off, or written anew, does not.")]
pub(crate) struct LooksCommand {
    /// The index of the desk.
    #[arg(
        long,
        value_name = "PLACE",
        env = "TALEA_INDEX",
        required_unless_present = "looks"
    )]
    index: Option<IndexPlace>,
    /// The log, where it is not beside the index.
    #[arg(long, value_name = "FILE", env = "TALEA_LOOKS")]
    looks: Option<PathBuf>,
    /// Only the looks at the file of this debtor.
    #[arg(long, value_name = "ACCOUNT")]
    debtor: Option<AccountId>,
    /// Check that the log holds this look, as the desk answered it.
    #[arg(long, value_name = "NUMBER:HASH")]
    holds: Option<LookHead>,
}

impl LooksCommand {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<()> {
        let path = match (&self.looks, &self.index) {
            (Some(path), _) => path.clone(),
            (None, index) => index
                .as_ref()
                .and_then(serve::beside)
                .context(
                    "an index on a server has no log of looks beside it; name the file that the desk was given, with \
                     --looks FILE",
                )?,
        };
        if let Some(wanted) = self.holds {
            Looks::check_holds(&path, wanted)?;
        }
        let mut shown = 0_u64;
        let head = Looks::read(&path, |look| {
            if self.debtor.is_some_and(|debtor| debtor != look.debtor) {
                return;
            }
            shown += 1;
            if json {
                output::line(&look.to_json().to_string());
            } else {
                output::line(&format!(
                    "{} {} {} looked at {} of {} ({})",
                    look.number,
                    describe::time(Timestamp::from_millis(look.time_ms)),
                    look.reader,
                    look.subject,
                    look.debtor,
                    look.shown,
                ));
            }
        })?;
        if json {
            let value = json!({ "looks": head.number, "shown": shown, "head": head.to_string() });
            output::line(&value.to_string());
        } else {
            output::line(&format!(
                "{shown} of {} looks; the log is whole up to {head}",
                head.number
            ));
        }
        Ok(())
    }
}
