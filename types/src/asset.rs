//! Assets: currencies by their ISO 4217 code, points and coupons by a code of their own.

use std::{fmt, str::FromStr};

use crate::decode::DecodeError;

/// The code of an asset: 3 to 12 characters, capital letters and digits, a letter first (`CZK`, `PTS2026`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asset {
    length: u8,
    bytes: [u8; 12],
}

impl Asset {
    /// Reads a code.
    ///
    /// # Errors
    /// [`DecodeError::Text`] when it is not of the form above.
    pub fn new(code: &str) -> Result<Self, DecodeError> {
        let refuse = DecodeError::Text {
            field: "asset",
            reason: "3 to 12 capital letters and digits, a letter first",
        };
        let allowed = code
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !(3..=12).contains(&code.len())
            || !allowed
            || !code.starts_with(|c: char| c.is_ascii_uppercase())
        {
            return Err(refuse);
        }
        let mut bytes = [0; 12];
        for (slot, byte) in bytes.iter_mut().zip(code.bytes()) {
            *slot = byte;
        }
        let length = u8::try_from(code.len()).map_err(|_| refuse)?;
        Ok(Self { length, bytes })
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let code = self
            .bytes
            .get(..usize::from(self.length))
            .unwrap_or_default();
        std::str::from_utf8(code).unwrap_or_default()
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Asset {
    type Err = DecodeError;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::new(code)
    }
}

impl serde::Serialize for Asset {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Asset {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::new(&code).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        for code in ["CZK", "USD", "PTS2026", "ABCDEFGHIJKL"] {
            assert_eq!(Asset::new(code).unwrap().as_str(), code);
        }
        for refused in ["", "CZ", "czk", "1AB", "ABCDEFGHIJKLM", "A B", "ČZK"] {
            assert!(Asset::new(refused).is_err(), "{refused}");
        }
    }
}
