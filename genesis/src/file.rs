//! Documents as TOML files: bounded reads, and writes that leave the old or the new file, never half.

use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
};

use serde::{Serialize, de::DeserializeOwned};
use talea_types::limits;

use crate::error::GenesisError;

pub(crate) fn parse<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, GenesisError> {
    if text.len() > limits::GENESIS_BYTES_MAX {
        return Err(GenesisError::TooLarge {
            what: what.to_owned(),
            max: limits::GENESIS_BYTES_MAX,
        });
    }
    toml::from_str(text).map_err(|error| GenesisError::Syntax {
        what: what.to_owned(),
        reason: error.to_string(),
    })
}

pub(crate) fn load<T: DeserializeOwned>(path: &Path) -> Result<T, GenesisError> {
    parse(&path.display().to_string(), &load_text(path)?)
}

/// The text of a file. One that is too large is not read to its end, and is refused where it is parsed.
pub(crate) fn load_text(path: &Path) -> Result<String, GenesisError> {
    let failed = |source| GenesisError::Read {
        path: path.to_owned(),
        source,
    };
    // One byte more than allowed, so that a larger file is noticed without being read.
    let bytes_max = u64::try_from(limits::GENESIS_BYTES_MAX).unwrap_or(u64::MAX);
    let mut text = String::new();
    File::open(path)
        .map_err(failed)?
        .take(bytes_max.saturating_add(1))
        .read_to_string(&mut text)
        .map_err(failed)?;
    Ok(text)
}

pub(crate) fn save(path: &Path, text: &str) -> Result<(), GenesisError> {
    let failed = |source| GenesisError::Write {
        path: path.to_owned(),
        source,
    };
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let mut file = File::create(&temporary).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    std::fs::rename(&temporary, path).map_err(failed)
}

pub(crate) fn to_toml<T: Serialize>(header: &str, document: &T) -> String {
    let body = toml::to_string_pretty(document)
        .unwrap_or_else(|error| unreachable!("texts, numbers and lists are TOML: {error}"));
    format!("{header}\n{body}")
}
