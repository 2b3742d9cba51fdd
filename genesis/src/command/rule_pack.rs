//! `rule-pack`: adds rule packs to the terms of a network.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use talea_genesis::{GenesisDocument, RulePackTerms};

use super::{Outcome, Report};

/// Add rule packs, written as TOML, to terms or a draft, each in place of its version before. Approvals
/// are dropped: what they approved has changed.
#[derive(Args)]
#[command(
    after_help = "Example:\n  talea-genesis rule-pack terms.toml us-reg-f.toml uk-conc7.toml"
)]
pub(super) struct RulePack {
    /// Genesis document; it is changed.
    document: PathBuf,
    /// Rule packs.
    #[arg(required = true, value_name = "PACK")]
    packs: Vec<PathBuf>,
}

impl RulePack {
    pub(super) fn run(self) -> Outcome {
        let mut document = GenesisDocument::load(&self.document)?;
        let mut added = Vec::new();
        for path in &self.packs {
            let terms = RulePackTerms::load(path)?;
            added.push(format!("{} version {}", terms.id, terms.version));
            document.rule_packs.retain(|one| one.id != terms.id);
            document.rule_packs.push(terms);
        }
        document.rule_packs.sort_by(|a, b| a.id.cmp(&b.id));
        document.approvals.clear();
        document.save(&self.document)?;
        Ok(Report::new(
            format!("{} carries {}", self.document.display(), added.join(", ")),
            json!({ "file": self.document, "added": added }),
        ))
    }
}
