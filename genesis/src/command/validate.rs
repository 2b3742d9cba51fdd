//! `validate`: everything that is wrong with a document, at once.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use talea_genesis::{GenesisDocument, ceremony::Contribution};

use super::{Outcome, Report, sign};

/// Check a document and every signature in it. Lists all problems at once.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  talea-genesis validate genesis.toml --complete\n  \
                  talea-genesis validate first-bank.toml --contribution"
)]
pub(super) struct Validate {
    /// Genesis document, or a contribution.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Refuse a document that lacks a signature, as a node does.
    #[arg(long, conflicts_with = "contribution")]
    complete: bool,
    /// The file is a contribution.
    #[arg(long)]
    contribution: bool,
}

impl Validate {
    pub(super) fn run(self) -> Outcome {
        if self.contribution {
            let progress = Contribution::load(&self.file)?.check()?;
            return Ok(Report::new(
                format!("valid\n{}", sign::progress_text(&progress)),
                json!({ "valid": true, "signed": progress }),
            ));
        }
        let document = GenesisDocument::load(&self.file)?;
        let record = document.record()?;
        let progress = document.progress()?;
        let is_complete = document.complete_record();
        if self.complete {
            is_complete?;
            return Ok(Report::new(
                format!("valid and complete\nchain id {}", record.chain_id()),
                json!({ "valid": true, "complete": true, "chain_id": record.chain_id() }),
            ));
        }
        let state = match &is_complete {
            Ok(_) => "complete".to_owned(),
            Err(missing) => missing.to_string(),
        };
        Ok(Report::new(
            format!("valid\nchain id {}\n{state}", record.chain_id()),
            json!({
                "valid": true,
                "complete": is_complete.is_ok(),
                "chain_id": record.chain_id(),
                "organisations": progress,
            }),
        ))
    }
}
