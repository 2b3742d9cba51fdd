//! What an export holds, in words that can be checked: every file with its hash, the blocks that it covers, totals,
//! what was left out; and a signature over all of it.

use std::{fs, io, path::Path};

use serde_json::{Value as Json, json};
use talea_genesis::{GenesisRecord, standards::date};
use talea_types::{
    DecodeError, Hash, PublicKey, SecretKey, Signature, crypto::KeyCache, hash::tagged,
};

use super::{
    ExportError, Format, Totals, refused,
    retention::Retention,
    signer::{Signer, Strangers},
};
use crate::{Index, IndexError};

/// Name of the file.
const MANIFEST: &str = "manifest.json";
const SIGNATURE: &str = "manifest.signature.json";
const FORMAT: &str = "talea-export/1";

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

/// Why an export is not what it says it is.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file cannot be read.
    #[error("{path}: {reason}")]
    File {
        /// Which.
        path: String,
        /// Why.
        reason: io::Error,
    },
    /// The manifest is no manifest.
    #[error("{MANIFEST} is not the manifest of an export: {reason}")]
    Unreadable {
        /// Why.
        reason: String,
    },
    /// It is of another network.
    #[error("the export is of network {found}; the genesis document is of {expected}")]
    Network {
        /// That of the genesis document.
        expected: String,
        /// That of the export.
        found: String,
    },
    /// The signature does not verify.
    #[error("the manifest was not signed by the key {key} that {SIGNATURE} names")]
    Signature {
        /// The key.
        key: String,
    },
    /// Signed by nobody of the network.
    #[error(
        "the manifest is signed by the key {key}, which {why}; take the export from somebody of the network, or say \
         --allow-strangers where you know whose key it is"
    )]
    Stranger {
        /// The key.
        key: PublicKey,
        /// What is known of it.
        why: String,
    },
    /// A file is another one.
    #[error(
        "{path} is not the file that was exported: its hash is {found}, the manifest says {expected}"
    )]
    Altered {
        /// Which.
        path: String,
        /// In the manifest.
        expected: String,
        /// Of the file.
        found: String,
    },
    /// The index says something else.
    #[error("{what}: the export says {exported}, the index {indexed}")]
    OtherIndex {
        /// What differs.
        what: &'static str,
        /// In the manifest.
        exported: String,
        /// In the index.
        indexed: String,
    },
    /// The index cannot be read.
    #[error("{0}")]
    Index(#[from] IndexError),
    /// An event of the index cannot be read.
    #[error("the index is damaged: {0}; make it again with 'talea-audit reindex'")]
    Damaged(#[from] DecodeError),
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
    let postings: Vec<Json> = totals
        .postings
        .iter()
        .map(|((asset, kind), (sum, count))| {
            json!({
                "asset": asset,
                "kind": kind,
                "postings": count,
                // As text: sums can be larger than what readers of JSON have for numbers.
                "minor_units": sum.to_string(),
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
        "totals": { "outcomes": totals.transactions, "postings": postings },
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

/// Hash and state root, as text.
fn block_of(index: &Index, height: u64) -> Result<(String, String), IndexError> {
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
fn signed_message(text: &str) -> Hash {
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

impl VerifyError {
    /// A name for programs, where the export is not what it says it is; `None` where that is not known.
    #[must_use]
    pub const fn name(&self) -> Option<&'static str> {
        match self {
            Self::Network { .. } => Some("OTHER_NETWORK"),
            Self::Signature { .. } => Some("NOT_SIGNED"),
            Self::Stranger { .. } => Some("SIGNED_BY_STRANGER"),
            Self::Altered { .. } => Some("ALTERED"),
            Self::OtherIndex { .. } => Some("OTHER_INDEX"),
            Self::File { .. } | Self::Unreadable { .. } | Self::Index(_) | Self::Damaged(_) => None,
        }
    }
}

/// What an export was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Who signed it; `None` where nobody did.
    pub signed_by: Option<Signer>,
    /// Files, all of them as they were exported.
    pub files: u64,
    /// First and last block.
    pub blocks: (u64, u64),
    /// Whether an index has the same blocks and totals.
    pub is_in_index: bool,
}

/// Checks every file of an export against its manifest, the manifest against its signature and the network, and,
/// where an index is given, what it covers against that. Whose key signed is looked up in the index, or in the
/// genesis document where there is none.
///
/// # Errors
/// [`VerifyError`]: the first thing that is not so.
pub fn verify_export(
    directory: &Path,
    record: &GenesisRecord,
    index: Option<&Index>,
    strangers: Strangers,
) -> Result<Verified, VerifyError> {
    let text = String::from_utf8(read(&directory.join(MANIFEST))?)
        .map_err(|_| unreadable("it is not text"))?;
    let manifest: Json = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
    if manifest["format"] != FORMAT {
        return Err(unreadable("it is of another format"));
    }
    let found = text_of(&manifest["network"])?;
    let expected = record.chain_id().to_string();
    if found != expected {
        return Err(VerifyError::Network { expected, found });
    }
    let key = verify_signature(directory, &text)?;
    let files = manifest["files"].as_array();
    let files = files.ok_or_else(|| unreadable("it names no files"))?;
    for file in files {
        verify_file(directory, file)?;
    }
    let block = |name: &str| {
        let height = manifest["blocks"][name].as_u64();
        height.ok_or_else(|| unreadable("it names no blocks"))
    };
    let blocks = (block("first")?, block("last")?);
    if let Some(index) = index {
        verify_in_index(&manifest, blocks, index)?;
    }
    let signer = |key| Signer::find(key, record, index, blocks.1, strangers);
    let signed_by = key.map(signer).transpose()?;
    Ok(Verified {
        signed_by,
        files: files.len() as u64,
        blocks,
        is_in_index: index.is_some(),
    })
}

fn verify_signature(directory: &Path, text: &str) -> Result<Option<PublicKey>, VerifyError> {
    let path = directory.join(SIGNATURE);
    if !path.exists() {
        return Ok(None);
    }
    let signed: Json = serde_json::from_slice(&read(&path)?).map_err(|error| unreadable(&error))?;
    let key = text_of(&signed["key"])?;
    let refused = || VerifyError::Signature { key: key.clone() };
    let public: PublicKey = key.parse().map_err(|_| refused())?;
    let signature: Signature = text_of(&signed["signature"])?
        .parse()
        .map_err(|_| refused())?;
    let mut keys = KeyCache::new();
    let verifying = keys.verifying_key(public).map_err(|_| refused())?;
    verifying
        .verify(signed_message(text).as_bytes(), &signature)
        .map_err(|_| refused())?;
    Ok(Some(public))
}

fn verify_file(directory: &Path, file: &Json) -> Result<(), VerifyError> {
    let name = text_of(&file["path"])?;
    let is_inside = Path::new(&name)
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_)));
    if !is_inside {
        return Err(unreadable("it names a file outside of the directory"));
    }
    let path = directory.join(&name);
    let mut hasher = blake3::Hasher::new();
    let hashed = fs::File::open(&path).and_then(|file| io::copy(&mut &file, &mut hasher));
    hashed.map_err(|reason| VerifyError::File {
        path: path.display().to_string(),
        reason,
    })?;
    let (expected, found) = (
        text_of(&file["blake3"])?,
        hasher.finalize().to_hex().to_string(),
    );
    if expected == found {
        return Ok(());
    }
    Err(VerifyError::Altered {
        path: name,
        expected,
        found,
    })
}

fn verify_in_index(
    manifest: &Json,
    (first, last): (u64, u64),
    index: &Index,
) -> Result<(), VerifyError> {
    let same = |what, exported: String, indexed: String| {
        if exported == indexed {
            return Ok(());
        }
        Err(VerifyError::OtherIndex {
            what,
            exported,
            indexed,
        })
    };
    let (hash, root) = block_of(index, last)?;
    let blocks = &manifest["blocks"];
    same(
        "hash of the last block",
        text_of(&blocks["last_hash"])?,
        hash,
    )?;
    same("state root", text_of(&blocks["state_root"])?, root)?;
    let ask = "SELECT outcome, count(*) FROM tx WHERE height >= $1 AND height <= $2 \
               GROUP BY outcome ORDER BY outcome";
    let mut indexed = serde_json::Map::new();
    for row in index.ask(ask, &[first.into(), last.into()])? {
        let number = u32::try_from(row.integer(0)?).ok();
        let outcome = number.and_then(talea_types::Outcome::from_number);
        let name = outcome.map_or("UNKNOWN", talea_types::Outcome::name);
        indexed.insert(name.to_owned(), row.integer(1)?.unsigned_abs().into());
    }
    let exported = manifest["totals"]["outcomes"].to_string();
    same(
        "transactions by outcome",
        exported,
        Json::Object(indexed).to_string(),
    )
}

fn read(path: &Path) -> Result<Vec<u8>, VerifyError> {
    fs::read(path).map_err(|reason| VerifyError::File {
        path: path.display().to_string(),
        reason,
    })
}

fn text_of(value: &Json) -> Result<String, VerifyError> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| unreadable("a field is missing"))
}

fn unreadable(reason: &(impl ToString + ?Sized)) -> VerifyError {
    VerifyError::Unreadable {
        reason: reason.to_string(),
    }
}
