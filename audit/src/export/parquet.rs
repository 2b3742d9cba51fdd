//! Parquet: one row group for so many rows, so that memory does not depend on how many there are.

use std::{
    io::{self, Write as _},
    sync::Arc,
};

use parquet::{
    basic::{Compression, LogicalType, Repetition, Type as Physical},
    column::writer::ColumnWriter,
    data_type::ByteArray,
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::types::Type,
};

use super::{
    Rows,
    file::Hashed,
    sheet::{Kind, Sheet},
};
use crate::{Value, limits::EXPORT_GROUP_ROWS};

pub(super) struct ParquetRows {
    writer: SerializedFileWriter<Hashed>,
    /// Of the next row group.
    rows: Vec<Vec<Value>>,
}

impl ParquetRows {
    pub(super) fn new(file: Hashed, sheet: &Sheet) -> io::Result<Self> {
        let schema = Arc::new(schema(sheet).map_err(io::Error::other)?);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("talea-audit".to_owned())
            .build();
        let writer = SerializedFileWriter::new(file, schema, Arc::new(properties));
        Ok(Self {
            writer: writer.map_err(io::Error::other)?,
            rows: Vec::new(),
        })
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let rows = std::mem::take(&mut self.rows);
        let mut group = self.writer.next_row_group()?;
        let mut column = 0;
        while let Some(mut writer) = group.next_column()? {
            let values = rows.iter().map(|row| row.get(column));
            let levels: Vec<i16> = values
                .clone()
                .map(|value| i16::from(!matches!(value, None | Some(Value::Null))))
                .collect();
            match writer.untyped() {
                ColumnWriter::Int64ColumnWriter(writer) => {
                    let numbers: Vec<i64> = values
                        .filter_map(|value| match value {
                            Some(Value::Integer(number)) => Some(*number),
                            _ => None,
                        })
                        .collect();
                    writer.write_batch(&numbers, Some(&levels), None)?;
                }
                ColumnWriter::ByteArrayColumnWriter(writer) => {
                    let texts: Vec<ByteArray> = values
                        .filter_map(|value| match value {
                            Some(Value::Text(text)) => Some(text.as_str().into()),
                            _ => None,
                        })
                        .collect();
                    writer.write_batch(&texts, Some(&levels), None)?;
                }
                _ => unreachable!("a sheet has numbers and text"),
            }
            writer.close()?;
            column += 1;
        }
        group.close()?;
        Ok(())
    }
}

fn schema(sheet: &Sheet) -> Result<Type, ParquetError> {
    let columns = sheet.columns.iter().map(|(name, kind)| {
        let column = match kind {
            Kind::Integer => Type::primitive_type_builder(name, Physical::INT64),
            Kind::Text => Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
                .with_logical_type(Some(LogicalType::String)),
        };
        column
            .with_repetition(Repetition::OPTIONAL)
            .build()
            .map(Arc::new)
    });
    let columns: Vec<_> = columns.collect::<Result<_, _>>()?;
    Type::group_type_builder(sheet.name)
        .with_fields(columns)
        .build()
}

impl Rows for ParquetRows {
    fn add(&mut self, row: &[Value]) -> io::Result<()> {
        self.rows.push(row.to_vec());
        if self.rows.len() == EXPORT_GROUP_ROWS {
            self.write_group().map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        if !self.rows.is_empty() {
            self.write_group().map_err(io::Error::other)?;
        }
        self.writer.finish().map_err(io::Error::other)?;
        self.writer.inner_mut().flush()
    }
}
