//! `talea-audit export` and `talea-audit verify-export`.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;
use talea_audit::{
    Index, IndexPlace,
    export::{Format, LeftOut, Signer, Strangers, Unsigned, export, sign_manifest, verify_export},
};
use talea_client::key_file::{self, Passphrase};

use super::{network::Genesis, output, statement::day};

/// Write what is in an index between two business dates as files that other programs read, with a manifest.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  talea-audit export parquet --index network.db --from 2026-09-01 --until 2026-09-30 \\\n    \
                  --out september --key regulator.key\n  \
                  talea-audit export csv --index network.db --from 2026-09-21 --until 2026-09-21 --out day"
)]
pub(crate) struct Export {
    /// Of which kind the files are.
    #[arg(value_enum, value_name = "FORMAT")]
    format: Files,
    /// The index: a file, or postgresql://USER@HOST/DATABASE.
    #[arg(long, value_name = "INDEX", env = "TALEA_INDEX")]
    index: IndexPlace,
    /// First business date.
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: u32,
    /// Last business date; it is included.
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: u32,
    /// The directory to make.
    #[arg(long, value_name = "DIRECTORY")]
    out: PathBuf,
    /// Key file with which the manifest is signed; without it, it is not signed.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// File whose first line is the passphrase of the key file.
    #[arg(long, value_name = "FILE", requires = "key")]
    passphrase_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Files {
    /// Apache Parquet.
    Parquet,
    /// Comma-separated values.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl Export {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<()> {
        let format = match self.format {
            Files::Parquet => Format::Parquet,
            Files::Csv => Format::Csv,
            Files::Jsonl => Format::JsonLines,
        };
        // Asked for before the work, not after it.
        let key = match &self.key {
            Some(path) => {
                let passphrase = match &self.passphrase_file {
                    Some(file) => Passphrase::from_file(file)?,
                    None => Passphrase::prompt(&format!("Passphrase of {}: ", path.display()))?,
                };
                Some(key_file::load(path, &passphrase)?)
            }
            None => None,
        };
        let index = Index::open(&self.index)?;
        let manifest = export(&index, format, (self.from, self.until), &self.out)?;
        if let Some(key) = &key {
            sign_manifest(&manifest, key, &self.out)?;
        }
        let directory = self.out.display();
        if json {
            output::line(&manifest.text);
        } else {
            let signed = key.map_or("not signed", |_| "signed");
            output::line(&format!("{directory}: manifest.json, {signed}"));
        }
        Ok(())
    }
}

/// Check the files of an export against its manifest, its signature and the network; with an index, against that too.
#[derive(Debug, Args)]
#[command(
    name = "verify-export",
    after_help = "Examples:\n  talea-audit verify-export september --genesis genesis.toml\n  \
                  talea-audit verify-export september --genesis genesis.toml --index network.db --json"
)]
pub(crate) struct VerifyExport {
    /// The directory of the export.
    #[arg(value_name = "DIRECTORY")]
    directory: PathBuf,
    #[command(flatten)]
    genesis: Genesis,
    /// The index to hold it against. It also tells of keys that organisations have had since genesis.
    #[arg(long, value_name = "INDEX")]
    index: Option<IndexPlace>,
    /// Take a signature by a key that no organisation of the network has.
    #[arg(long)]
    allow_strangers: bool,
    /// Take an export that nobody signed.
    #[arg(long)]
    allow_unsigned: bool,
}

impl VerifyExport {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<()> {
        let record = self.genesis.record()?;
        let index = self.index.as_ref().map(Index::open).transpose()?;
        let strangers = if self.allow_strangers {
            Strangers::Allowed
        } else {
            Strangers::Refused
        };
        let unsigned = if self.allow_unsigned {
            Unsigned::Allowed
        } else {
            Unsigned::Refused
        };
        let index = index.as_ref();
        let verified = verify_export(&self.directory, &record, index, strangers, unsigned)?;
        let (first, last) = verified.blocks;
        if json {
            let signed_by = verified.signed_by.map(|signer| {
                let of = signer.of.as_ref();
                json!({
                    "key": signer.key.to_string(),
                    "organisation": of.map(|(id, ..)| id.to_string()),
                    "name": of.map(|(_, name, _)| name),
                    "since_height": of.map(|(_, _, height)| height),
                })
            });
            let value = json!({
                "files": verified.files,
                "first": first,
                "last": last,
                "signed_by": signed_by,
                "in_index": verified.is_in_index,
                "left_out": verified.left_out.rows,
                "redacted": verified.left_out.redacted,
                "retention_years": verified.left_out.years,
            });
            output::line(&value.to_string());
            return Ok(());
        }
        output::line(&format!(
            "{} files of blocks {first} to {last} are those of the manifest",
            verified.files
        ));
        output::line(&match verified.signed_by {
            Some(Signer { key, of: None }) => {
                format!(
                    "signed by the key {key} of nobody on the ledger: compare it with that of whom you had it from"
                )
            }
            Some(Signer {
                key,
                of: Some((id, name, height)),
            }) => {
                format!(
                    "signed by {name} ({id}) with the key {key}, which is its since block {height}"
                )
            }
            None => "not signed: whoever can write the files can have changed them".to_owned(),
        });
        output::line(&left_out(&verified.left_out));
        if verified.is_in_index {
            output::line("the index has the same blocks, outcomes, postings and numbers of rows");
        }
        Ok(())
    }
}

/// What is not in the files, by the manifest.
fn left_out(left_out: &LeftOut) -> String {
    let Some(years) = left_out.years else {
        return "no row was left out: no pack says how long records are kept".to_owned();
    };
    let count = |rows: &BTreeMap<String, u64>| -> u64 { rows.values().sum() };
    let each = left_out.rows.iter().chain(&left_out.redacted);
    let each: Vec<String> = each
        .map(|(sheet, rows)| format!("{sheet} {rows}"))
        .collect();
    format!(
        "{} rows are left out and {} do not say whose they are, as records of more than {years} years ago, by the \
         manifest alone{}{}",
        count(&left_out.rows),
        count(&left_out.redacted),
        if each.is_empty() { "" } else { ": " },
        each.join(", ")
    )
}
