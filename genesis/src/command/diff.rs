//! `diff`: what two documents say differently, by name and not by position.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Args;
use serde_json::{Value, json};
use talea_genesis::GenesisDocument;

use super::{Outcome, Report};

/// Show what differs between two documents, except signatures. Neither needs to be valid.
#[derive(Args)]
#[command(after_help = "Example:\n  talea-genesis diff reviewed.toml genesis.toml")]
pub(super) struct Diff {
    /// One document.
    #[arg(value_name = "A")]
    first: PathBuf,
    /// The other.
    #[arg(value_name = "B")]
    second: PathBuf,
}

/// Fields that name an entry of a list, by the name of the list.
const NAMES: [(&str, &[&str]); 7] = [
    ("assets", &["code"]),
    ("tiers", &["name"]),
    ("limits", &["asset"]),
    ("participants", &["lei"]),
    ("reserves", &["participant", "asset"]),
    ("rule_packs", &["id"]),
    ("validators", &["name"]),
];

impl Diff {
    pub(super) fn run(self) -> Outcome {
        let first = facts(&GenesisDocument::load(&self.first)?)?;
        let second = facts(&GenesisDocument::load(&self.second)?)?;
        let mut lines = Vec::new();
        let mut changes = Vec::new();
        let mut paths: Vec<&String> = first.keys().chain(second.keys()).collect();
        paths.sort();
        paths.dedup();
        for path in paths {
            let (old, new) = (first.get(path), second.get(path));
            if old == new {
                continue;
            }
            lines.extend(old.map(|value| format!("- {path} = {value}")));
            lines.extend(new.map(|value| format!("+ {path} = {value}")));
            changes.push(json!({ "field": path, "first": old, "second": new }));
        }
        if lines.is_empty() {
            lines.push("no difference, except perhaps in signatures".to_owned());
        }
        Ok(Report::new(lines.join("\n"), json!({ "changes": changes })))
    }
}

fn facts(document: &GenesisDocument) -> anyhow::Result<BTreeMap<String, Value>> {
    let mut value = serde_json::to_value(document)?;
    if let Some(object) = value.as_object_mut() {
        object.remove("contributions");
        object.remove("approvals");
    }
    let mut facts = BTreeMap::new();
    flatten("", "", &value, &mut facts);
    Ok(facts)
}

fn flatten(path: &str, list: &str, value: &Value, facts: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                flatten(&path, name, value, facts);
            }
        }
        Value::Array(entries) if entries.iter().all(Value::is_object) => {
            for (position, entry) in entries.iter().enumerate() {
                // The position of a tier is its number, so it is part of what is compared.
                let name = match (list, name_of(list, entry)) {
                    ("tiers", Some(name)) => format!("{position} {name}"),
                    (_, Some(name)) => name,
                    (_, None) => position.to_string(),
                };
                flatten(&format!("{path}[{name}]"), "", entry, facts);
            }
        }
        other => {
            facts.insert(path.to_owned(), other.clone());
        }
    }
}

fn name_of(list: &str, entry: &Value) -> Option<String> {
    let (_, fields) = NAMES.iter().find(|(name, _)| *name == list)?;
    let parts = fields.iter().map(|field| entry.get(field)?.as_str());
    Some(parts.collect::<Option<Vec<_>>>()?.join(" "))
}
