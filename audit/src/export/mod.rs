//! Exports: what is in an index between two business dates as files that other programs read, with a manifest
//! that says what they hold and is signed.
//!
//! Kept true: the same index and days give the same bytes; every file is named in the manifest with its hash;
//! what is left out is counted there.

mod count;
mod file;
mod left_out;
mod manifest;
mod parquet;
mod retention;
mod sheet;
mod signer;
mod verify;

pub use left_out::LeftOut;
pub use manifest::{ExportedFile, Manifest, sign_manifest};
pub use signer::{Signer, Strangers};
pub use verify::{Unsigned, Verified, VerifyError, verify_export};

use std::{collections::BTreeMap, fs, io, path::Path};

use talea_genesis::standards::date;
use talea_types::DecodeError;

use self::{
    file::{CsvRows, Hashed, JsonRows},
    parquet::ParquetRows,
    retention::Retention,
    sheet::{SHEETS, Sheet, Taken},
};
use crate::{Index, IndexError, Value};

/// Of which kind the files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Apache Parquet.
    Parquet,
    /// Comma-separated values, with a line of names.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

impl Format {
    /// What names of files end with.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The index cannot be read.
    #[error("{0}")]
    Index(#[from] IndexError),
    /// A row of the index cannot be read.
    #[error("the index is damaged: {0}; make it again with 'talea-audit reindex'")]
    Damaged(#[from] DecodeError),
    /// A file cannot be written.
    #[error("{path}: {reason}")]
    File {
        /// Which.
        path: String,
        /// Why.
        reason: io::Error,
    },
    /// The directory holds something.
    #[error("{path} is not empty; give the name of a new directory")]
    NotEmpty {
        /// Which.
        path: String,
    },
    /// There is no block between the days.
    #[error(
        "no block of the index is between the two days: --from is the first day, --until the last"
    )]
    Nothing,
}

/// A row of a file in the making.
trait Rows {
    fn add(&mut self, row: &[Value]) -> io::Result<()>;
    /// Ends the file.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// Writes what is in the index between two business dates, both included, into a new directory: a folder a
/// day, a file a sheet.
///
/// # Errors
/// [`ExportError`].
pub fn export(
    index: &Index,
    format: Format,
    (from, until): (u32, u32),
    directory: &Path,
) -> Result<Manifest, ExportError> {
    make_directory(directory)?;
    index.at_once(|index| {
        let days = days(index, (from, until))?;
        let (Some(first), Some(last)) = (days.first(), days.last()) else {
            return Err(ExportError::Nothing);
        };
        let heights = (first.first, last.last);
        let retention = Retention::of(index)?;
        let mut totals = Totals::default();
        let mut files = Vec::new();
        for day in &days {
            for sheet in &SHEETS {
                let file = write_sheet(
                    index,
                    sheet,
                    day,
                    format,
                    &retention,
                    directory,
                    &mut totals,
                )?;
                files.push(file);
            }
        }
        manifest::of(
            index,
            format,
            (from, until),
            heights,
            files,
            &totals,
            &retention,
            directory,
        )
    })
}

/// What is counted while files are written.
#[derive(Debug, Default)]
struct Totals {
    /// By the name of their outcome.
    transactions: BTreeMap<String, u64>,
    /// Minor units and number of postings, by asset and kind.
    postings: BTreeMap<(String, String), (u128, u64)>,
    /// Rows, by sheet.
    left_out: BTreeMap<&'static str, u64>,
    /// Rows that are there without what may no longer be kept, by sheet.
    redacted: BTreeMap<&'static str, u64>,
}

impl Totals {
    fn count(&mut self, sheet: &Sheet, row: &[Value]) {
        let text = |name: &str| match sheet.value(row, name) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        };
        if let Some(outcome) = text("outcome_name") {
            *self.transactions.entry(outcome).or_default() += 1;
        }
        if let (Some(asset), Some(kind), Some(Value::Integer(amount))) =
            (text("asset"), text("kind"), sheet.value(row, "amount"))
        {
            let (sum, count) = self.postings.entry((asset, kind)).or_default();
            *sum = sum.saturating_add(u128::from(amount.unsigned_abs()));
            *count += 1;
        }
    }
}

/// A business date with its blocks.
struct Day {
    date: u32,
    first: u64,
    last: u64,
}

fn days(index: &Index, (from, until): (u32, u32)) -> Result<Vec<Day>, ExportError> {
    let ask = "SELECT business_date, min(height), max(height) FROM block \
               WHERE business_date >= $1 AND business_date <= $2 \
               GROUP BY business_date ORDER BY business_date";
    let rows = index.ask(ask, &[u64::from(from).into(), u64::from(until).into()])?;
    let days = rows.iter().map(|row| {
        Ok(Day {
            date: u32::try_from(row.integer(0)?).unwrap_or(u32::MAX),
            first: row.integer(1)?.unsigned_abs(),
            last: row.integer(2)?.unsigned_abs(),
        })
    });
    days.collect()
}

fn make_directory(directory: &Path) -> Result<(), ExportError> {
    let made =
        fs::create_dir_all(directory).and_then(|()| fs::read_dir(directory)?.next().transpose());
    match made {
        Ok(None) => Ok(()),
        Ok(Some(_)) => Err(ExportError::NotEmpty {
            path: directory.display().to_string(),
        }),
        Err(reason) => Err(refused(directory, reason)),
    }
}

fn refused(path: &Path, reason: io::Error) -> ExportError {
    ExportError::File {
        path: path.display().to_string(),
        reason,
    }
}

fn write_sheet(
    index: &Index,
    sheet: &'static Sheet,
    day: &Day,
    format: Format,
    retention: &Retention,
    directory: &Path,
    totals: &mut Totals,
) -> Result<ExportedFile, ExportError> {
    let name = format!(
        "{}/{}.{}",
        date::days_to_text(day.date),
        sheet.name,
        format.extension()
    );
    let path = directory.join(&name);
    let failed = |reason| refused(&path, reason);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let hashed = Hashed::create(&path).map_err(failed)?;
    let sum = hashed.sum.clone();
    let mut rows: Box<dyn Rows> = match format {
        Format::Csv => Box::new(CsvRows::new(hashed, sheet).map_err(failed)?),
        Format::JsonLines => Box::new(JsonRows::new(hashed, sheet)),
        Format::Parquet => Box::new(ParquetRows::new(hashed, sheet).map_err(failed)?),
    };
    let mut count = 0_u64;
    index.each(sheet.sql, &[day.first.into(), day.last.into()], |row| {
        let values = match (sheet.take)(&row, retention)? {
            Taken::Row(values) => values,
            Taken::Redacted(values) => {
                *totals.redacted.entry(sheet.name).or_default() += 1;
                values
            }
            Taken::LeftOut => {
                *totals.left_out.entry(sheet.name).or_default() += 1;
                return Ok(());
            }
        };
        count += 1;
        totals.count(sheet, &values);
        rows.add(&values).map_err(failed)
    })?;
    rows.finish().map_err(failed)?;
    let (bytes, hash) = sum.lock().end();
    Ok(ExportedFile {
        path: name,
        sheet: sheet.name.to_owned(),
        rows: count,
        bytes,
        blake3: hash,
    })
}
