//! Salted commitments: `blake3(salt || value)` with 256 random bits of salt.
//!
//! The salt has a fixed length, so salt and value cannot be shifted against each other, and 256 bits of
//! it keep a short value (a telephone number, a date of birth) from being guessed. Whoever has the salt
//! and the value proves what was committed to; when the salt is deleted nobody can, not even the one who
//! has the value and the commitment.

use std::path::Path;

use serde::{Deserialize, Serialize};
use talea_types::Hash;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{PrivacyError, file};

const FORMAT: u32 = 1;
/// Largest file with an opening that is read.
pub const OPENING_BYTES_MAX: usize = 64 * 1024;

/// 256 random bits. Erased from memory when dropped, and not printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Salt([u8; 32]);

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Salt(..)")
    }
}

impl Salt {
    /// New random bits.
    ///
    /// # Errors
    /// [`PrivacyError::Random`].
    pub fn random() -> Result<Self, PrivacyError> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| PrivacyError::Random {
            reason: error.to_string(),
        })?;
        Ok(Self(bytes))
    }

    /// The salt with these bits, which must come from a cryptographic random source.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The commitment to a value.
    #[must_use]
    pub fn commit(&self, value: &[u8]) -> Hash {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.0).update(value);
        Hash(*hasher.finalize().as_bytes())
    }
}

/// What shows what was committed to: keep it secret, and delete it to erase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    commitment: Hash,
    salt: Salt,
    text: Option<String>,
}

/// The file. It is JSON, so that other programs can read it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpeningFile {
    format: u32,
    commitment: Hash,
    salt: Hash,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl Opening {
    /// Commits to a text, which is kept with the salt.
    ///
    /// # Errors
    /// [`PrivacyError::Random`].
    pub fn of_text(text: &str) -> Result<Self, PrivacyError> {
        let opening = Self::of_bytes(text.as_bytes())?;
        Ok(Self {
            text: Some(text.to_owned()),
            ..opening
        })
    }

    /// Commits to bytes that are kept elsewhere: a recording, a letter.
    ///
    /// # Errors
    /// [`PrivacyError::Random`].
    pub fn of_bytes(bytes: &[u8]) -> Result<Self, PrivacyError> {
        let salt = Salt::random()?;
        Ok(Self {
            commitment: salt.commit(bytes),
            salt,
            text: None,
        })
    }

    /// What goes to the ledger.
    #[must_use]
    pub const fn commitment(&self) -> Hash {
        self.commitment
    }

    /// The text, if it is kept with the salt.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Verifies that these bytes are what was committed to.
    ///
    /// # Errors
    /// [`PrivacyError::OtherValue`].
    pub fn verify(&self, bytes: &[u8]) -> Result<(), PrivacyError> {
        let found = self.salt.commit(bytes);
        if found != self.commitment {
            return Err(PrivacyError::OtherValue {
                expected: self.commitment,
                found,
            });
        }
        Ok(())
    }

    /// Writes a new file that only its owner can read.
    ///
    /// # Errors
    /// [`PrivacyError::File`], also when the file exists.
    pub fn save(&self, path: &Path) -> Result<(), PrivacyError> {
        let content = OpeningFile {
            format: FORMAT,
            commitment: self.commitment,
            salt: Hash(self.salt.0),
            text: self.text.clone(),
        };
        let text = serde_json::to_string_pretty(&content)
            .unwrap_or_else(|error| unreachable!("hashes and text are JSON: {error}"));
        file::write_new(path, Zeroizing::new(text + "\n").as_bytes())
    }

    /// Reads a file. A text in it is verified.
    ///
    /// # Errors
    /// [`PrivacyError`].
    pub fn load(path: &Path) -> Result<Self, PrivacyError> {
        let bytes = Zeroizing::new(file::read(path, OPENING_BYTES_MAX)?);
        let form = |reason| PrivacyError::Form {
            what: "an opening of a commitment",
            reason,
        };
        let content: OpeningFile =
            serde_json::from_slice(&bytes).map_err(|error| form(error.to_string()))?;
        if content.format != FORMAT {
            return Err(form(format!("format {} is not known", content.format)));
        }
        let opening = Self {
            commitment: content.commitment,
            salt: Salt::from_bytes(content.salt.0),
            text: content.text,
        };
        if let Some(text) = &opening.text {
            opening.verify(text.as_bytes())?;
        }
        Ok(opening)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_commitment_is_blake3_of_salt_and_value() {
        let salt = Salt::from_bytes([7; 32]);
        let expected = blake3::hash(&[&[7; 32][..], b"+420 601 000 001"].concat());
        assert_eq!(salt.commit(b"+420 601 000 001"), Hash(*expected.as_bytes()));
        assert_ne!(salt.commit(b""), salt.commit(b"\0"));
    }

    #[test]
    fn salts_differ_so_equal_values_do_not_show() {
        let one = Opening::of_text("the same").unwrap();
        let other = Opening::of_text("the same").unwrap();
        assert_ne!(one.commitment(), other.commitment());
        assert!(one.verify(b"the same").is_ok());
        let refused = one.verify(b"another").unwrap_err();
        assert!(matches!(refused, PrivacyError::OtherValue { .. }));
    }

    #[test]
    fn an_opening_reads_back_and_tampering_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("phone.opening");
        let opening = Opening::of_text("+420 601 000 001").unwrap();
        opening.save(&path).unwrap();
        assert_eq!(Opening::load(&path).unwrap(), opening);
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
        assert!(opening.save(&path).is_err(), "a file is never replaced");
        let text = std::fs::read_to_string(&path).unwrap();
        for wrong in [
            text.replace("000 001", "000 002"),
            text.replace("\"format\": 1", "\"format\": 2"),
            text.replace("salt", "sugar"),
            String::new(),
        ] {
            std::fs::write(&path, wrong).unwrap();
            assert!(Opening::load(&path).is_err());
        }
        assert!(!format!("{opening:?}").contains("salt: Salt(7"));
    }
}
