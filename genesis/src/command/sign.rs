//! `sign`: more signatures on a contribution.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use talea_genesis::ceremony::{Contribution, ContributionProgress};
use talea_types::SecretKey;

use super::{Outcome, Report, secret::PassphraseSource};

/// Add signatures to a contribution, by holders of keys that are kept elsewhere.
#[derive(Args)]
#[command(after_help = "Example:\n  talea-genesis sign first-bank.toml --key auditor.key")]
pub(super) struct Sign {
    /// Contribution; replaced by the signed one.
    #[arg(value_name = "CONTRIBUTION")]
    file: PathBuf,
    /// Key file that signs. Repeat for more.
    #[arg(long = "key", value_name = "FILE", required = true)]
    keys: Vec<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

impl Sign {
    pub(super) fn run(self) -> Outcome {
        let mut contribution = Contribution::load(&self.file)?;
        contribution.check()?;
        let keys = self.passphrase.open_all(&self.keys)?;
        let keys: Vec<&SecretKey> = keys.iter().collect();
        contribution.sign(&keys)?;
        contribution.save(&self.file)?;
        let progress = contribution.check()?;
        let json = json!({ "file": self.file, "signed": progress });
        Ok(Report::new(progress_text(&progress), json))
    }
}

pub(super) fn progress_text(signed: &ContributionProgress) -> String {
    let there = signed.progress;
    if there.is_complete() {
        "every needed signature is there".to_owned()
    } else {
        format!(
            "{} of {} needed signatures are there\n{}",
            there.signed, there.needed, signed.missing
        )
    }
}
