//! What is asked and what is answered: values and rows, the same for every store.

use std::borrow::Cow;

use super::IndexError;

/// A value of a question, or of an answer. Every store has these four kinds and no others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Nothing.
    Null,
    /// A number: heights, times, counts, minor units.
    Integer(i64),
    /// Text.
    Text(String),
    /// Bytes: ids, hashes, canonical objects.
    Bytes(Vec<u8>),
}

impl From<u64> for Value {
    /// Numbers of the protocol fit; one from outside that does not is beyond all of them.
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

/// A row of an answer, its values in the order of the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(Vec<Value>);

impl Row {
    pub(super) const fn new(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// All its values.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        &self.0
    }

    /// The number in column `column`, from 0.
    ///
    /// # Errors
    /// [`IndexError::Column`] when there is no number.
    pub fn integer(&self, column: usize) -> Result<i64, IndexError> {
        let value = self.optional_integer(column)?;
        value.ok_or_else(|| self.other(column, "a number"))
    }

    /// The text in a column.
    ///
    /// # Errors
    /// [`IndexError::Column`] when there is no text.
    pub fn text(&self, column: usize) -> Result<&str, IndexError> {
        let value = self.optional_text(column)?;
        value.ok_or_else(|| self.other(column, "text"))
    }

    /// The bytes in a column.
    ///
    /// # Errors
    /// [`IndexError::Column`] when there are no bytes.
    pub fn bytes(&self, column: usize) -> Result<&[u8], IndexError> {
        let value = self.optional_bytes(column)?;
        value.ok_or_else(|| self.other(column, "bytes"))
    }

    /// The number in a column; `None` where there is nothing.
    ///
    /// # Errors
    /// [`IndexError::Column`] when there is something else.
    pub fn optional_integer(&self, column: usize) -> Result<Option<i64>, IndexError> {
        match self.0.get(column) {
            Some(Value::Integer(number)) => Ok(Some(*number)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.other(column, "a number")),
        }
    }

    /// The text in a column; `None` where there is nothing.
    ///
    /// # Errors
    /// [`IndexError::Column`] when there is something else.
    pub fn optional_text(&self, column: usize) -> Result<Option<&str>, IndexError> {
        match self.0.get(column) {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.other(column, "text")),
        }
    }

    /// The bytes in a column; `None` where there is nothing.
    ///
    /// # Errors
    /// [`IndexError::Column`] when there is something else.
    pub fn optional_bytes(&self, column: usize) -> Result<Option<&[u8]>, IndexError> {
        match self.0.get(column) {
            Some(Value::Bytes(bytes)) => Ok(Some(bytes)),
            Some(Value::Null) => Ok(None),
            _ => Err(self.other(column, "bytes")),
        }
    }

    pub(crate) fn other(&self, column: usize, expected: &'static str) -> IndexError {
        IndexError::Column {
            column,
            expected,
            found: match self.0.get(column) {
                None => "no such column",
                Some(Value::Null) => "nothing",
                Some(Value::Integer(_)) => "a number",
                Some(Value::Text(_)) => "text",
                Some(Value::Bytes(_)) => "bytes",
            },
        }
    }
}

/// A value that is written, borrowed from where it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    /// Nothing.
    Null,
    /// A number.
    Integer(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl Cell<'_> {
    /// Numbers of the protocol fit: heights, times and counts are far below 2^63.
    pub(super) fn number(value: u64) -> Self {
        let number = i64::try_from(value);
        Self::Integer(
            number.unwrap_or_else(|_| unreachable!("{value} is no number of the protocol")),
        )
    }

    pub(super) fn optional_number(value: Option<u64>) -> Self {
        value.map_or(Self::Null, Self::number)
    }
}

impl<'a> Cell<'a> {
    pub(super) fn optional_bytes(bytes: Option<&'a [u8]>) -> Self {
        bytes.map_or(Self::Null, Self::Bytes)
    }

    pub(super) fn optional_text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::Text)
    }
}

/// Text as every store keeps it, so that each has the same rows: a PostgreSQL server takes no U+0000, which a rule pack
/// may hold, and keeps U+FFFD in its place.
pub(super) fn kept_text(text: &str) -> Cow<'_, str> {
    if text.contains('\0') {
        Cow::Owned(text.replace('\0', "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gives_what_is_there_and_says_what_is_not() {
        let row = Row::new(vec![
            Value::Null,
            Value::from(7_u64),
            Value::from("seven"),
            Value::from(&[7_u8][..]),
        ]);
        assert_eq!(row.integer(1).unwrap(), 7);
        assert_eq!(row.text(2).unwrap(), "seven");
        assert_eq!(row.bytes(3).unwrap(), [7]);
        assert_eq!(row.optional_integer(0).unwrap(), None);
        assert_eq!(row.optional_text(0).unwrap(), None);
        assert_eq!(row.optional_bytes(0).unwrap(), None);
        for refused in [row.integer(0), row.integer(2), row.integer(4)] {
            assert!(matches!(refused, Err(IndexError::Column { .. })));
        }
        assert_eq!(
            row.text(3).unwrap_err().to_string(),
            "column 3 of an answer holds bytes, not text; make the index again with \
             'talea-audit reindex'"
        );
        assert_eq!(Value::from(u64::MAX), Value::Integer(i64::MAX));
    }

    #[test]
    fn text_is_kept_as_every_store_takes_it() {
        assert_eq!(kept_text("a\0b\0"), "a\u{fffd}b\u{fffd}");
        assert!(matches!(kept_text("债 a\n"), Cow::Borrowed("债 a\n")));
    }
}
