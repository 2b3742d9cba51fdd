//! `talea batch`: several payments that apply together or not at all.

use std::path::PathBuf;

use clap::Args;

use super::{context::Context, exit::Code, legs, signing::Signing};

/// Submit several payments that apply together or not at all, from a file.
///
/// The file is TOML: the author, and a list of payments (pay, issue, redeem, hold, capture, void, refund).
/// Everybody whose consent a payment needs signs: give each key.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  talea batch settlement.toml --key first.key --key second.key\n\n\
                  The file:\n  \
                  author = \"acct1...\"\n\n  \
                  [[payments]]\n  \
                  pay = { from = \"acct1...\", to = \"acct1...\", amount = \"12.50\", asset = \"CZK\", purpose = \"bill\" }\n\n  \
                  [[payments]]\n  \
                  capture = { hold = \"hold1...\", amount = \"280.00\", asset = \"CZK\" }"
)]
pub(crate) struct SubmitBatch {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    signing: Signing,
}

impl SubmitBatch {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let (author, operation) = legs::load(&self.file, &context.trust()?)?;
        self.signing
            .run(context, author, operation, |_| Vec::new())
            .await
    }
}
