//! `talea receipt`: what happened to a transaction, with proof.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use talea_client::ProofFile;
use talea_types::TransactionId;

use super::{context::Context, exit::Code, verify};

/// Fetch and verify receipts: proof of what happened to a transaction.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea receipt get 3f9c... --out payment.proof\n  \
                  talea receipt verify payment.proof --genesis genesis.toml"
)]
pub(crate) struct ReceiptCommand {
    #[command(subcommand)]
    command: Which,
}

#[derive(Debug, Subcommand)]
enum Which {
    Get(Get),
    Verify(verify::Verify),
}

/// Fetch the receipt of a transaction, verify it, and save it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  talea receipt get 3f9c... --out payment.proof")]
struct Get {
    /// The transaction.
    id: TransactionId,
    /// Save it in this file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl ReceiptCommand {
    pub(crate) async fn run(self, context: &Context) -> anyhow::Result<Code> {
        match self.command {
            Which::Get(get) => get.run(context).await,
            Which::Verify(verify) => verify.run(context),
        }
    }
}

impl Get {
    async fn run(self, context: &Context) -> anyhow::Result<Code> {
        let trust = context.trust()?;
        let proof = context.client()?.receipt(&self.id, &trust).await?;
        let file = ProofFile::Receipt(proof);
        if let Some(path) = &self.out {
            file.save(path)?;
        }
        verify::print(context, &file, &trust)?;
        Ok(Code::Done)
    }
}
