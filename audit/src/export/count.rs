//! What there is to export, counted: of an index as an export counts it, and in a file.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead as _, BufReader},
    path::Path,
};

use parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::{
    ExportError, Totals,
    retention::Retention,
    sheet::{SHEETS, Taken},
};
use crate::Index;

/// Everything that an index has of some blocks, whether or not it may still be kept.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) totals: Totals,
    /// By sheet.
    pub(super) rows: BTreeMap<&'static str, u64>,
}

impl Counted {
    /// Of the blocks `first` to `last`.
    pub(super) fn of(index: &Index, (first, last): (u64, u64)) -> Result<Self, ExportError> {
        let keeps_all = Retention::default();
        let mut counted = Self::default();
        for sheet in &SHEETS {
            let rows = counted.rows.entry(sheet.name).or_default();
            index.each(sheet.sql, &[first.into(), last.into()], |row| {
                *rows += 1;
                if let Taken::Row(values) = (sheet.take)(&row, &keeps_all)? {
                    counted.totals.count(sheet, &values);
                }
                Ok::<_, ExportError>(())
            })?;
        }
        Ok(counted)
    }
}

/// The rows of a file of an export, of the kind that its name says.
pub(super) fn count_rows(path: &Path) -> io::Result<u64> {
    let file = File::open(path)?;
    let kind = path.extension().and_then(|kind| kind.to_str());
    match kind {
        Some("parquet") => {
            let reader = SerializedFileReader::new(file).map_err(io::Error::other)?;
            Ok(reader.metadata().file_metadata().num_rows().unsigned_abs())
        }
        Some("csv") => {
            let mut reader = csv::Reader::from_reader(BufReader::new(file));
            let mut record = csv::ByteRecord::new();
            let mut rows = 0;
            while reader.read_byte_record(&mut record)? {
                rows += 1;
            }
            Ok(rows)
        }
        Some("jsonl") => {
            let mut reader = BufReader::new(file);
            let mut rows = 0;
            while reader.skip_until(b'\n')? > 0 {
                rows += 1;
            }
            Ok(rows)
        }
        _ => Err(io::Error::other(
            "exports have files of .parquet, .csv and .jsonl alone",
        )),
    }
}
