//! `talea-audit follow`.

use clap::Args;
use serde_json::json;
use talea_audit::{Index, follow, wait_for_more};

use super::{
    network::{Known, Nodes},
    output,
};

/// Follow a node from where the index ends: verify every certificate, execute every block again, write the
/// index. Stops at the first block that does not verify and says what differs.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea-audit follow --genesis genesis.toml --index network.db \\\n    \
                  --node http://127.0.0.1:4100 --reader org1... --reader-key regulator.key\n  \
                  talea-audit follow --genesis genesis.toml --index network.db \\\n    \
                  --node http://127.0.0.1:4100 --reader org1... --reader-key regulator.key --stay --json\n\n\
                  It can be stopped at any moment and goes on where it was. TALEA_GENESIS, TALEA_INDEX, TALEA_NODES,\n\
                  TALEA_READER and TALEA_READER_KEY stand for the options."
)]
pub(crate) struct Follow {
    #[command(flatten)]
    known: Known,
    #[command(flatten)]
    nodes: Nodes,
    /// Go on with every new block until interrupted; without it, end at the newest block.
    #[arg(long, conflicts_with = "until")]
    stay: bool,
    /// End at this height; it is waited for.
    #[arg(long, value_name = "HEIGHT")]
    until: Option<u64>,
}

impl Follow {
    pub(crate) async fn run(self, json: bool) -> anyhow::Result<()> {
        let record = self.known.record()?;
        let client = self.nodes.client()?;
        let mut index = Index::open_or_create(&self.known.index, &record.chain_id())?;
        let mut chain = index.resume(&record)?;
        loop {
            let bar = output::bar("verified");
            let followed = follow(&client, chain, index, self.until, bar).await;
            (chain, index) = (followed.chain, followed.index);
            followed.end?;
            let tip = chain.tip();
            let (height, root) = (tip.height, chain.ledger().state_root());
            if json {
                let value = json!({
                    "verified": true,
                    "height": height,
                    "block": tip.hash.to_string(),
                    "state_root": root.to_string(),
                });
                output::line(&value.to_string());
            } else {
                output::line(&format!("verified up to block {height}, state root {root}"));
            }
            if !self.stay {
                return Ok(());
            }
            tokio::select! {
                more = wait_for_more(&client, height) => more?,
                _ = tokio::signal::ctrl_c() => return Ok(()),
            }
        }
    }
}
