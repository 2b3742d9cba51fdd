//! `talea watch`: blocks and events as they are committed.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use serde_json::json;
use talea_client::{BlockInfo, Trust, describe};
use talea_types::Subject;

use super::{account::events, context::Context, exit::Code, output};

/// Follow blocks or the events of a subject as they are committed.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea watch blocks\n  talea watch events acct1... --from 0 --json"
)]
pub(crate) struct Watch {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Blocks(Blocks),
    Events(Events),
}

/// Follow blocks. With a genesis document, each is verified.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea watch blocks\n  talea watch blocks --from 1 --count 100 --json"
)]
struct Blocks {
    /// First height; 0 is the next block.
    #[arg(long, value_name = "HEIGHT", default_value_t = 0)]
    from: u64,
    /// End after so many.
    #[arg(long, value_name = "COUNT")]
    count: Option<u64>,
}

/// Follow the events of an account or an organisation.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  talea watch events acct1...\n  \
                  talea watch events org1... --from 0 --count 10")]
struct Events {
    /// The account or organisation.
    subject: Subject,
    /// Number of the first event, from 0; without it, the next one.
    #[arg(long, value_name = "NUMBER")]
    from: Option<u64>,
    /// End after so many.
    #[arg(long, value_name = "COUNT")]
    count: Option<u64>,
}

impl Watch {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Blocks(blocks) => blocks.run(context).await,
            Which::Events(events) => events.run(context).await,
        }
    }
}

impl Blocks {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust_if_named()?;
        let client = context.client()?;
        let mut watch = client.watch_blocks(self.from, trust.as_ref());
        let mut left = self.count.unwrap_or(u64::MAX);
        while left > 0 {
            print_block(context, &watch.next().await?, trust.is_some());
            left -= 1;
        }
        Ok(Code::Done)
    }
}

fn print_block(context: &Context, block: &BlockInfo, verified: bool) {
    let header = &block.header;
    if context.json() {
        let value = json!({
            "height": header.height,
            "hash": header.hash(),
            "time_ms": header.time,
            "proposer": header.proposer,
            "round": block.certificate.round,
            "signatures": block.certificate.signatures.len(),
            "applied": block.applied,
            "rejected": block.rejected,
            "void": block.void,
            "state_root": header.state_root,
            "verified": verified,
        });
        output::line(&value.to_string());
        return;
    }
    output::line(&format!(
        "{} {} round {} by {}: {} applied, {} rejected, {} void, {} signatures{}",
        header.height,
        describe::time(header.time),
        block.certificate.round,
        header.proposer,
        block.applied,
        block.rejected,
        block.void,
        block.certificate.signatures.len(),
        if verified { ", verified" } else { "" },
    ));
}

impl Events {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let client = context.reading(Some(self.subject))?;
        let decimals: BTreeMap<_, _> = match context.trust_if_named()? {
            Some(trust) => Trust::decimals(&trust).clone(),
            None => client.network().await?.decimals,
        };
        let from = match self.from {
            Some(from) => from,
            None => client.events(&self.subject, 0, 1).await?.1,
        };
        let mut watch = client.watch_events(self.subject, from);
        let mut left = self.count.unwrap_or(u64::MAX);
        while left > 0 {
            let event = watch.next().await?;
            if context.json() {
                output::line(&events::as_json(&event, &decimals).to_string());
            } else {
                output::line(&format!(
                    "{} {} {}",
                    event.sequence,
                    describe::time(event.time),
                    describe::event(&event, &decimals)
                ));
            }
            left -= 1;
        }
        Ok(Code::Done)
    }
}
