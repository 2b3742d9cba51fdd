//! `talea account events`.

use clap::Args;
use serde_json::json;
use talea_client::{
    ProofFile,
    describe::{self, Decimals},
};
use talea_types::{Subject, event::Event};

use super::SaveProof;
use crate::commands::{context::Context, exit::Code, output};

/// Show the history of an account or an organisation.
///
/// With --complete every event is fetched and it is verified that these are all there are.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea account events acct1... --limit 20\n  \
                  talea account events acct1... --complete --proof history.proof"
)]
pub(super) struct Events {
    /// The account or organisation.
    subject: Subject,
    /// Number of the first event shown, from 0.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    from: u64,
    /// How many events are shown at most.
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    limit: u32,
    /// Fetch the whole history and verify that it is complete.
    #[arg(long, conflicts_with_all = ["from", "limit"])]
    complete: bool,
    #[command(flatten)]
    save: SaveProof,
}

impl Events {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let client = context.reading(Some(self.subject))?;
        if !self.complete && self.save.proof.is_none() {
            let decimals = client.network().await?.decimals;
            let (events, length) = client.events(&self.subject, self.from, self.limit).await?;
            print(context, &events, &decimals);
            if !context.json() {
                output::line(&format!(
                    "{} of {length} events, as the node tells them; verify with --complete",
                    events.len()
                ));
            }
            return Ok(Code::Done);
        }
        let trust = context.trust()?;
        let bar = output::bar("events");
        let history = client
            .history(&self.subject, &trust, |have, length| {
                bar.set_length(length);
                bar.set_position(have);
            })
            .await;
        bar.finish_and_clear();
        let history = history?;
        print(context, &history.events, trust.decimals());
        let header = history.subject.header();
        let summary = format!(
            "complete: exactly these {} events up to height {}, verified against genesis",
            history.events.len(),
            header.height
        );
        if !context.json() {
            output::verdict(true, &summary);
        }
        if let Some(path) = &self.save.proof {
            ProofFile::History(history).save(path)?;
        }
        Ok(Code::Done)
    }
}

/// One JSON object a line, or a table.
pub(crate) fn print(context: &Context, events: &[Event], decimals: &Decimals) {
    if context.json() {
        for event in events {
            output::line(&as_json(event, decimals).to_string());
        }
        return;
    }
    output::table(
        &["number", "time", "height", "what", "transaction"],
        events.iter().map(|event| {
            [
                event.sequence.to_string(),
                describe::time(event.time),
                event.height.to_string(),
                describe::event(event, decimals),
                event
                    .cause
                    .map_or_else(String::new, |cause| cause.transaction.to_string()),
            ]
        }),
    );
}

/// An event as JSON.
pub(crate) fn as_json(event: &Event, decimals: &Decimals) -> serde_json::Value {
    json!({
        "subject": event.subject.to_string(),
        "sequence": event.sequence,
        "height": event.height,
        "time_ms": event.time,
        "transaction": event.cause.map(|cause| cause.transaction),
        "leg": event.cause.map(|cause| cause.leg),
        "what": describe::event(event, decimals),
    })
}
