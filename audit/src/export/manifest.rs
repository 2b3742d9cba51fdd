//! What an export holds, in words that can be checked: every file with its hash, the blocks that it covers, totals,
//! what was left out; and a signature over all of it.

use std::{fs, path::Path};

use serde_json::{Value as Json, json};
use talea_genesis::standards::date;
use talea_types::{Hash, SecretKey, hash::tagged};

use super::{ExportError, Format, Totals, refused, retention::Retention};
use crate::{Index, IndexError};

/// Name of the file.
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SIGNATURE: &str = "manifest.signature.json";
pub(super) const FORMAT: &str = "talea-export/1";

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedFile {
    /// In the directory.
    pub path: String,
    /// What kind of rows.
    pub sheet: String,
    /// How many.
    pub rows: u64,
    /// How long.
    pub bytes: u64,
    /// Its hash, hexadecimal.
    pub blake3: String,
}

/// A manifest: canonical text, which is what is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The text of the file.
    pub text: String,
}

#[allow(clippy::too_many_arguments, reason = "what a manifest says, once")]
pub(super) fn of(
    index: &Index,
    format: Format,
    (from, until): (u32, u32),
    (first, last): (u64, u64),
    files: Vec<ExportedFile>,
    totals: &Totals,
    retention: &Retention,
    directory: &Path,
) -> Result<Manifest, ExportError> {
    let (hash, root) = block_of(index, last)?;
    let files: Vec<Json> = files
        .into_iter()
        .map(|file| {
            json!({
                "path": file.path,
                "sheet": file.sheet,
                "rows": file.rows,
                "bytes": file.bytes,
                "blake3": file.blake3,
            })
        })
        .collect();
    let value = json!({
        "format": FORMAT,
        "network": index.chain()?.to_string(),
        "files_are": format.extension(),
        "from": date::days_to_text(from),
        "until": date::days_to_text(until),
        "blocks": { "first": first, "last": last, "last_hash": hash, "state_root": root },
        "files": files,
        "totals": { "outcomes": totals.transactions, "postings": postings_of(totals) },
        "left_out": {
            "retention_years": retention.years,
            "older_than_ms": retention.before_ms,
            "rows": totals.left_out,
            "redacted": totals.redacted,
        },
    });
    let text = format!("{value:#}\n");
    let path = directory.join(MANIFEST);
    fs::write(&path, &text).map_err(|reason| refused(&path, reason))?;
    Ok(Manifest { text })
}

/// Sums of movements, by asset and kind.
pub(super) fn postings_of(totals: &Totals) -> Json {
    let each = totals.postings.iter().map(|((asset, kind), (sum, count))| {
        json!({
            "asset": asset,
            "kind": kind,
            "postings": count,
            // As text: sums can be larger than what readers of JSON have for numbers.
            "minor_units": sum.to_string(),
        })
    });
    each.collect()
}

/// Hash and state root, as text.
pub(super) fn block_of(index: &Index, height: u64) -> Result<(String, String), IndexError> {
    let ask = "SELECT hash, state_root FROM block WHERE height = $1";
    let rows = index.ask(ask, &[height.into()])?;
    let hex = |column| {
        let bytes = rows.first().map(|row| row.bytes(column)).transpose()?;
        let bytes = bytes.unwrap_or_default();
        Ok::<_, IndexError>(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    };
    Ok((hex(0)?, hex(1)?))
}

/// What is signed: no other kind of message of the system begins so.
pub(super) fn signed_message(text: &str) -> Hash {
    tagged("talea/export-manifest/v1", &[text.as_bytes()])
}

/// Signs the manifest of an export, in a file beside it.
///
/// # Errors
/// [`ExportError::File`].
pub fn sign_manifest(
    manifest: &Manifest,
    key: &SecretKey,
    directory: &Path,
) -> Result<(), ExportError> {
    let signature = key.sign(signed_message(&manifest.text).as_bytes());
    let value = json!({
        "key": key.public_key().to_string(),
        "signature": signature.to_string(),
    });
    let path = directory.join(SIGNATURE);
    fs::write(&path, format!("{value:#}\n")).map_err(|reason| refused(&path, reason))
}
