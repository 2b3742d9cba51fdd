//! `talea-audit status`.

use clap::Args;
use serde_json::json;
use talea_audit::{Index, IndexPlace};
use talea_client::describe;
use talea_types::Timestamp;

use super::output;

/// Show what is in an index.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  talea-audit status --index network.db\n  \
                        talea-audit status --index network.db --json")]
pub(crate) struct Status {
    /// The index: a file, or postgresql://USER@HOST/DATABASE.
    #[arg(long, value_name = "INDEX", env = "TALEA_INDEX")]
    index: IndexPlace,
}

impl Status {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<()> {
        let index = Index::open(&self.index)?;
        let chain = index.chain()?;
        let totals = index.totals()?;
        let root = totals.state_root.map(|root| root.to_string());
        if json {
            let outcomes: serde_json::Map<_, _> = totals
                .outcomes
                .iter()
                .map(|one| (one.outcome.name().to_owned(), json!(one.count)))
                .collect();
            let value = json!({
                "chain": chain.to_string(),
                "height": totals.blocks,
                "time_ms": totals.time_ms,
                "state_root": root,
                "transactions": totals.transactions,
                "events": totals.events,
                "outcomes": outcomes,
            });
            output::line(&value.to_string());
            return Ok(());
        }
        let mut fields = vec![
            ("network", chain.to_string()),
            ("blocks", totals.blocks.to_string()),
            ("transactions", totals.transactions.to_string()),
            ("events", totals.events.to_string()),
        ];
        if let Some(root) = root {
            let time = Timestamp::from_millis(totals.time_ms);
            fields.push(("ledger time", describe::time(time)));
            fields.push(("state root", root));
        }
        for one in &totals.outcomes {
            fields.push((one.outcome.name(), one.count.to_string()));
        }
        output::fields(&fields);
        Ok(())
    }
}
