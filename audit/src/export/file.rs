//! Files of text: comma-separated values, and one JSON object a line.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
    sync::Arc,
};

use parking_lot::Mutex;
use serde_json::{Map, Value as Json};

use super::{Rows, sheet::Sheet};
use crate::Value;

/// Length and hash of what was written.
#[derive(Default)]
pub(super) struct Sum {
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Sum {
    pub(super) fn end(&self) -> (u64, String) {
        (self.bytes, self.hasher.finalize().to_hex().to_string())
    }
}

/// A file whose bytes are hashed while they are written.
pub(super) struct Hashed {
    file: BufWriter<File>,
    pub(super) sum: Arc<Mutex<Sum>>,
}

impl Hashed {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::new(File::create_new(path)?),
            sum: Arc::default(),
        })
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        let mut sum = self.sum.lock();
        sum.hasher.update(bytes.get(..written).unwrap_or_default());
        sum.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

pub(super) struct CsvRows(csv::Writer<Hashed>);

impl CsvRows {
    pub(super) fn new(file: Hashed, sheet: &Sheet) -> io::Result<Self> {
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(sheet.columns.iter().map(|(name, _)| *name))?;
        Ok(Self(writer))
    }
}

impl Rows for CsvRows {
    fn add(&mut self, row: &[Value]) -> io::Result<()> {
        for value in row {
            match value {
                Value::Null | Value::Bytes(_) => self.0.write_field("")?,
                Value::Integer(number) => self.0.write_field(number.to_string())?,
                Value::Text(text) => self.0.write_field(text)?,
            }
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.0.flush()
    }
}

pub(super) struct JsonRows {
    file: Hashed,
    sheet: &'static Sheet,
}

impl JsonRows {
    pub(super) const fn new(file: Hashed, sheet: &'static Sheet) -> Self {
        Self { file, sheet }
    }
}

impl Rows for JsonRows {
    fn add(&mut self, row: &[Value]) -> io::Result<()> {
        let named = self.sheet.columns.iter().zip(row);
        let object: Map<String, Json> = named
            .map(|((name, _), value)| {
                let value = match value {
                    Value::Null | Value::Bytes(_) => Json::Null,
                    Value::Integer(number) => Json::from(*number),
                    Value::Text(text) => Json::from(text.as_str()),
                };
                ((*name).to_owned(), value)
            })
            .collect();
        writeln!(self.file, "{}", Json::Object(object))
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.file.flush()
    }
}
