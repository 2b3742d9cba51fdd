//! `talea-audit token`.

use anyhow::Context as _;
use clap::Args;
use serde_json::json;
use talea_audit::serve::token;
use talea_types::PublicKey;

use super::{network::Reading, output};

/// Make a token that shows a desk who reads; the desk's page takes it.
///
/// It is worth something at that desk alone, for some minutes of ledger time.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea-audit token --node http://127.0.0.1:4100 --desk-key KEY \\\n    \
                  --reader acct1... --reader-key wallet.key\n  \
                  talea-audit token --node http://127.0.0.1:4100 --desk-key KEY \\\n    \
                  --reader org1... --reader-key bank.key --json\n\n\
                  The page of the desk shows its key; so does /api/network."
)]
pub(crate) struct Token {
    /// Address of a node, whose time is taken; repeat it to name several.
    #[arg(
        long = "node",
        value_name = "URL",
        env = "TALEA_NODES",
        value_delimiter = ',',
        required = true
    )]
    nodes: Vec<String>,
    /// Key of the desk, as its page shows it.
    #[arg(long, value_name = "KEY", value_parser = desk_key)]
    desk_key: PublicKey,
    #[command(flatten)]
    reading: Reading,
}

impl Token {
    pub(crate) async fn run(self, json: bool) -> anyhow::Result<()> {
        let key = self.reading.key()?;
        let (reader, key) =
            key.context("a token says who reads: give --reader and --reader-key")?;
        let network = self
            .reading
            .client_as_nobody(&self.nodes)?
            .network()
            .await?;
        let token = token(&network, self.desk_key, reader, &key)?;
        if json {
            output::line(&json!({ "token": token }).to_string());
        } else {
            output::line(&token);
        }
        Ok(())
    }
}

fn desk_key(text: &str) -> Result<PublicKey, String> {
    talea_audit::serve::desk_key(text).ok_or_else(|| "it is not the key of a desk".to_owned())
}
