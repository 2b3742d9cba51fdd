//! Documents that are too long for a command line: TOML, or JSON when the name of the file ends so.

use std::path::Path;

use anyhow::Context as _;
use serde::de::DeserializeOwned;

/// Reads a document.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let is_json = path
        .extension()
        .is_some_and(|extension| extension == "json");
    let read = if is_json {
        serde_json::from_str(&text).map_err(anyhow::Error::from)
    } else {
        toml::from_str(&text).map_err(anyhow::Error::from)
    };
    read.with_context(|| format!("in {}", path.display()))
}
