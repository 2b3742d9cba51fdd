//! `init`: the terms that a coordinator starts from.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use talea_genesis::GenesisDocument;

use super::{Outcome, Report, report};

/// Write the terms of a new network, to be edited: assets, limit tiers, genesis time.
#[derive(Args)]
#[command(after_help = "Example:\n  talea-genesis init --network talea-cz --out terms.toml")]
pub(super) struct Init {
    /// Name of the network: lower-case letters, digits and hyphens.
    #[arg(long)]
    network: String,
    /// A network for trials; cannot be changed later.
    #[arg(long)]
    sandbox: bool,
    /// File to write; must not exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Init {
    pub(super) fn run(self) -> Outcome {
        report::refuse_existing(&self.out)?;
        let now = jiff::Timestamp::now();
        let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
        let text = TEMPLATE
            .replace("{network}", &self.network.escape_default().to_string())
            .replace("{sandbox}", &self.sandbox.to_string())
            .replace("{date}", &today.to_string());
        GenesisDocument::parse(&text)?;
        std::fs::write(&self.out, text)?;
        let out = self.out.display();
        Ok(Report::new(
            format!("{out} is written; edit it, then collect contributions"),
            json!({ "file": self.out, "network": self.network, "sandbox": self.sandbox }),
        ))
    }
}

const TEMPLATE: &str = "\
# Terms of a Talea network. Contributions of organisations are added by 'talea-genesis assemble'.

format = 1

[network]
name = \"{network}\"
# A network for trials, shown as such everywhere. Never changes.
sandbox = {sandbox}
# Ledger time before the first block (UTC), and the business date.
time = \"{date}T00:00:00Z\"
business_date = \"{date}\"

# kind: currency (ISO 4217), points or coupon. decimals: of a currency, those of ISO 4217.
[[assets]]
code = \"EUR\"
decimals = 2
kind = \"currency\"

# Accounts name their tier by its position, from 0. Every tier limits every asset.
[[tiers]]
name = \"basic\"

[[tiers.limits]]
asset = \"EUR\"
per_transaction = \"150.00\"
per_day = \"500.00\"
per_month = \"1000.00\"

[[tiers]]
name = \"verified\"

[[tiers.limits]]
asset = \"EUR\"
per_transaction = \"15000.00\"
per_day = \"50000.00\"
per_month = \"500000.00\"
";
