//! Whether an export is what its manifest says, whose key says so, and whether an index agrees.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde_json::{Value as Json, json};
use talea_genesis::GenesisRecord;
use talea_types::{DecodeError, PublicKey, Signature, crypto::KeyCache};

use super::{
    ExportError,
    count::{Counted, count_rows},
    left_out::LeftOut,
    manifest::{FORMAT, MANIFEST, SIGNATURE, block_of, postings_of, signed_message},
    signer::{Signer, Strangers},
};
use crate::{Index, IndexError};

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
    /// Nobody signed it.
    #[error(
        "the manifest is not signed: there is no {SIGNATURE}, so that whoever could write the files can have changed \
         them; take the export from who signs it ('talea-audit export --key'), or say --allow-unsigned"
    )]
    Unsigned,
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
    /// A file holds another number of rows.
    #[error(
        "{path} is not the file that was exported: it has {found} rows, the manifest says {expected}"
    )]
    Rows {
        /// Which.
        path: String,
        /// In the manifest.
        expected: u64,
        /// In the file.
        found: u64,
    },
    /// Rows are said to be left out that no export leaves out.
    #[error("the manifest says that {rows} rows of {sheet} were left out or redacted: {reason}")]
    LeftOut {
        /// Of which kind.
        sheet: String,
        /// How many.
        rows: u64,
        /// Why that cannot be.
        reason: &'static str,
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

impl VerifyError {
    /// A name for programs, where the export is not what it says it is; `None` where that is not known.
    #[must_use]
    pub const fn name(&self) -> Option<&'static str> {
        match self {
            Self::Network { .. } => Some("OTHER_NETWORK"),
            Self::Unsigned => Some("UNSIGNED"),
            Self::Signature { .. } => Some("NOT_SIGNED"),
            Self::Stranger { .. } => Some("SIGNED_BY_STRANGER"),
            Self::Altered { .. } | Self::Rows { .. } => Some("ALTERED"),
            Self::LeftOut { .. } => Some("LEFT_OUT"),
            Self::OtherIndex { .. } => Some("OTHER_INDEX"),
            Self::File { .. } | Self::Unreadable { .. } | Self::Index(_) | Self::Damaged(_) => None,
        }
    }
}

impl From<ExportError> for VerifyError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Index(error) => Self::Index(error),
            ExportError::Damaged(error) => Self::Damaged(error),
            ExportError::File { path, reason } => Self::File { path, reason },
            ExportError::NotEmpty { .. } | ExportError::Nothing => unreadable(&error),
        }
    }
}

/// What becomes of an export that nobody signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsigned {
    /// It does not verify.
    Refused,
    /// It does, and has no signer.
    Allowed,
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
    /// What the manifest says was left out.
    pub left_out: LeftOut,
    /// Whether an index has the same blocks, totals and numbers of rows.
    pub is_in_index: bool,
}

/// Checks every file of an export against its manifest, the manifest against its signature and the network, and,
/// where an index is given, what it covers against that: blocks, totals of outcomes and postings, and how many rows each
/// sheet has with those that were left out, which is refused where nothing can have been. What stands in a row is held by the signature alone, for an outcome that
/// came later changes the row of a contact. Whose key signed is looked up in the index, or in the genesis document where
/// there is none.
///
/// # Errors
/// [`VerifyError`]: the first thing that is not so.
pub fn verify_export(
    directory: &Path,
    record: &GenesisRecord,
    index: Option<&Index>,
    strangers: Strangers,
    unsigned: Unsigned,
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
    if key.is_none() && unsigned == Unsigned::Refused {
        return Err(VerifyError::Unsigned);
    }
    let files = manifest["files"].as_array();
    let files = files.ok_or_else(|| unreadable("it names no files"))?;
    for file in files {
        verify_file(directory, file)?;
    }
    let left_out = LeftOut::of(&manifest)?;
    let block = |name: &str| {
        let height = manifest["blocks"][name].as_u64();
        height.ok_or_else(|| unreadable("it names no blocks"))
    };
    let blocks = (block("first")?, block("last")?);
    if let Some(index) = index {
        index.at_once(|index| verify_in_index(&manifest, &left_out, blocks, index))?;
    }
    let signer = |key| Signer::find(key, record, index, blocks.1, strangers);
    let signed_by = key.map(signer).transpose()?;
    Ok(Verified {
        signed_by,
        files: files.len() as u64,
        blocks,
        left_out,
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
    if expected != found {
        return Err(VerifyError::Altered {
            path: name,
            expected,
            found,
        });
    }
    verify_rows(&path, name, rows_of(file)?)
}

/// The rows of a file, by the manifest.
fn rows_of(file: &Json) -> Result<u64, VerifyError> {
    let rows = file["rows"].as_u64();
    rows.ok_or_else(|| unreadable("it does not say how many rows a file has"))
}

/// The file has as many rows as the manifest says: totals are held against an index by the manifest alone.
fn verify_rows(path: &Path, name: String, expected: u64) -> Result<(), VerifyError> {
    let found = count_rows(path).map_err(|reason| VerifyError::File {
        path: path.display().to_string(),
        reason,
    })?;
    if expected == found {
        return Ok(());
    }
    Err(VerifyError::Rows {
        path: name,
        expected,
        found,
    })
}

fn verify_in_index(
    manifest: &Json,
    left_out: &LeftOut,
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
    let counted = Counted::of(index, (first, last))?;
    let totals = &manifest["totals"];
    same(
        "transactions by outcome",
        totals["outcomes"].to_string(),
        json!(counted.totals.transactions).to_string(),
    )?;
    same(
        "postings by asset and kind",
        totals["postings"].to_string(),
        postings_of(&counted.totals).to_string(),
    )?;
    same(
        "rows of each sheet, with those that were left out",
        json!(rows_by_sheet(manifest, left_out)?).to_string(),
        json!(counted.rows).to_string(),
    )
}

/// What the manifest says of each sheet: rows in files, and rows that were left out.
fn rows_by_sheet(
    manifest: &Json,
    left_out: &LeftOut,
) -> Result<BTreeMap<String, u64>, VerifyError> {
    let mut rows: BTreeMap<String, u64> = BTreeMap::new();
    let mut add = |sheet: String, more: u64| {
        let sum = rows.entry(sheet).or_default();
        *sum = sum.saturating_add(more);
    };
    for file in manifest["files"].as_array().into_iter().flatten() {
        add(text_of(&file["sheet"])?, rows_of(file)?);
    }
    for (sheet, more) in &left_out.rows {
        add(sheet.clone(), *more);
    }
    Ok(rows)
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

pub(super) fn unreadable(reason: &(impl ToString + ?Sized)) -> VerifyError {
    VerifyError::Unreadable {
        reason: reason.to_string(),
    }
}
