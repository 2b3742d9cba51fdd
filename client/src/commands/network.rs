//! `talea network`: what a node says of the network, beside the genesis document.

use anyhow::bail;
use clap::Args;
use serde_json::json;
use talea_client::{NetworkInfo, Trust, describe};

use super::{context::Context, exit::Code, output};

/// Show the network: height, time, validators, assets.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea network --node http://127.0.0.1:4100\n  \
                  talea network --genesis genesis.toml --json"
)]
pub(crate) struct Show {}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust_if_named()?;
        let info = context.client()?.network().await?;
        if let Some(trust) = &trust
            && *trust.chain() != info.chain
        {
            bail!(
                "the node is of network {} ({}); the genesis document is of {} ({})",
                info.name,
                info.chain,
                trust.name(),
                trust.chain()
            );
        }
        if context.json() {
            print_json(&info);
        } else {
            print(&info, trust.as_ref());
        }
        Ok(Code::Done)
    }
}

fn print(info: &NetworkInfo, trust: Option<&Trust>) {
    let kind = if info.sandbox {
        "SANDBOX: a trial network, its money is play money"
    } else {
        "production"
    };
    let genesis = match trust {
        Some(_) => "matches the genesis document",
        None => "not compared: no genesis document was named",
    };
    let fields = [
        ("network", info.name.clone()),
        ("kind", kind.to_owned()),
        ("chain id", info.chain.to_string()),
        ("identity", genesis.to_owned()),
        ("height", info.height.to_string()),
        ("ledger time", describe::time(info.ledger_time)),
        ("business date", describe::day(info.business_date)),
        ("state root", info.state_root.to_string()),
        (
            "answered by",
            format!("{} ({})", info.node_name, info.software_version),
        ),
    ];
    output::fields(&fields.map(|(name, value)| (name.to_owned(), value)));
    output::line("");
    output::table(
        &["validator", "power", "organisation", "id"],
        info.validators.iter().map(|validator| {
            [
                validator.name.clone(),
                validator.power.to_string(),
                validator.participant.to_string(),
                validator.id.to_string(),
            ]
        }),
    );
    output::table(
        &["asset", "decimals"],
        info.decimals
            .iter()
            .map(|(asset, decimals)| [asset.to_string(), decimals.to_string()]),
    );
}

fn print_json(info: &NetworkInfo) {
    let validators: Vec<_> = info
        .validators
        .iter()
        .map(|validator| {
            json!({
                "id": validator.id,
                "name": validator.name,
                "participant": validator.participant,
                "power": validator.power,
            })
        })
        .collect();
    let value = json!({
        "name": info.name,
        "chain_id": info.chain,
        "sandbox": info.sandbox,
        "height": info.height,
        "ledger_time_ms": info.ledger_time,
        "business_date": describe::day(info.business_date),
        "state_root": info.state_root,
        "validators": validators,
        "assets": info.decimals,
        "node": info.node_name,
        "software_version": info.software_version,
    });
    output::line(&value.to_string());
}
