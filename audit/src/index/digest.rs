//! One hash over every row, by which two indexes are compared.

use std::fmt;

use rusqlite::types::ValueRef;

use super::{Index, IndexError};

/// Every table, in the order of its key.
const TABLES: [&str; 5] = [
    "SELECT * FROM meta ORDER BY name",
    "SELECT * FROM block ORDER BY height",
    "SELECT * FROM tx ORDER BY height, position",
    "SELECT * FROM event ORDER BY height, position",
    "SELECT * FROM state ORDER BY key",
];

/// BLAKE3 over every row of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        blake3::Hash::from_bytes(self.0).to_hex().fmt(f)
    }
}

impl Index {
    /// Hashes every row. Two indexes of the same blocks have the same digest, whenever and with whatever
    /// interruptions they were made.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn digest(&self) -> Result<Digest, IndexError> {
        let hashed = (|| {
            let mut hasher = blake3::Hasher::new();
            for table in TABLES {
                hasher.update(table.as_bytes());
                let mut all = self.connection.prepare(table)?;
                let columns = all.column_count();
                let mut rows = all.query([])?;
                while let Some(row) = rows.next()? {
                    for column in 0..columns {
                        hash_value(&mut hasher, row.get_ref(column)?);
                    }
                }
            }
            Ok(Digest(*hasher.finalize().as_bytes()))
        })();
        self.done(hashed)
    }
}

/// Kind, length and bytes: no two values hash the same.
fn hash_value(hasher: &mut blake3::Hasher, value: ValueRef<'_>) {
    let mut put = |kind: u8, bytes: &[u8]| {
        hasher.update(&[kind]);
        hasher.update(&(bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    match value {
        ValueRef::Null => put(0, &[]),
        ValueRef::Integer(number) => put(1, &number.to_be_bytes()),
        ValueRef::Real(number) => put(2, &number.to_be_bytes()),
        ValueRef::Text(text) => put(3, text),
        ValueRef::Blob(bytes) => put(4, bytes),
    }
}
