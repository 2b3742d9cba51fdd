//! One hash over every row, by which two indexes are compared, wherever they are.

use std::fmt;

use super::{Index, IndexError, Value, tables::TABLES};

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
    /// interruptions they were made, in whatever store.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn digest(&self) -> Result<Digest, IndexError> {
        self.at_once(|index| {
            let mut hasher = blake3::Hasher::new();
            for table in TABLES {
                hash_part(&mut hasher, TABLE, table.name.as_bytes());
                for column in table.columns {
                    hash_part(&mut hasher, TABLE, column.as_bytes());
                }
                index.each(&table.all(), &[], |row| {
                    for value in row.values() {
                        hash_value(&mut hasher, value);
                    }
                    Ok::<_, IndexError>(())
                })?;
            }
            Ok(Digest(*hasher.finalize().as_bytes()))
        })
    }
}

/// Marks names of tables and columns; values have smaller numbers.
const TABLE: u8 = 9;

fn hash_value(hasher: &mut blake3::Hasher, value: &Value) {
    match value {
        Value::Null => hash_part(hasher, 0, &[]),
        Value::Integer(number) => hash_part(hasher, 1, &number.to_be_bytes()),
        Value::Text(text) => hash_part(hasher, 3, text.as_bytes()),
        Value::Bytes(bytes) => hash_part(hasher, 4, bytes),
    }
}

/// Kind, length and bytes: no two values hash the same.
fn hash_part(hasher: &mut blake3::Hasher, kind: u8, bytes: &[u8]) {
    hasher.update(&[kind]);
    hasher.update(&(bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}
