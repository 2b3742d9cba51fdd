//! What falls due when, in a document.

use std::path::Path;

use serde::Deserialize;
use talea_client::describe::Decimals;
use talea_types::{Asset, credit::Instalment};

use crate::commands::{document, values};

/// How such a document looks, for `--help`.
pub(in crate::commands) const EXAMPLE: &str = "\
The file of instalments, TOML or JSON (*.json):
  [[instalments]]
  due = \"2026-12-22\"
  amount = \"1000.00\"";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    instalments: Vec<Due>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Due {
    due: String,
    amount: String,
}

/// Reads instalments, ascending by due date.
pub(in crate::commands) fn read(
    path: &Path,
    asset: Asset,
    decimals: &Decimals,
) -> anyhow::Result<Vec<Instalment>> {
    let document: Document = document::read(path)?;
    let mut instalments = Vec::with_capacity(document.instalments.len());
    for one in &document.instalments {
        instalments.push(Instalment {
            due: values::day(&one.due).map_err(anyhow::Error::msg)?,
            amount: values::amount(&one.amount, asset, decimals)?,
        });
    }
    instalments.sort_unstable();
    Ok(instalments)
}
