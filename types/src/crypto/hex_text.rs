//! Lowercase hexadecimal as the text of fixed-size byte types, the same in logs, JSON, arguments
//! and configuration. Parsing accepts exactly what is printed, so that a value has one text.

/// Implements `Debug`, `Display`, `FromStr`, `TryFrom<&[u8]>` and serde (text in formats for
/// people, bytes elsewhere) for a `struct Name([u8; LENGTH])`.
macro_rules! hex_text {
    ($name:ident, $length:literal) => {
        impl ::core::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let mut text = [0u8; $length * 2];
                hex::encode_to_slice(self.0, &mut text).map_err(|_| ::core::fmt::Error)?;
                formatter.pad(::core::str::from_utf8(&text).map_err(|_| ::core::fmt::Error)?)
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                write!(formatter, "{}({self})", stringify!($name))
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::crypto::HexError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::crypto::parse_hex::<$length>(text).map(Self)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_bytes(&self.0)
                }
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Self, D::Error> {
                $crate::crypto::deserialize_fixed::<$length, D>(deserializer).map(Self)
            }
        }
    };
}
pub(crate) use hex_text;

use std::fmt;

use serde::de::{Deserializer, Visitor};
use thiserror::Error;

/// A text that is not the lowercase hexadecimal form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HexError {
    /// Too short or too long.
    #[error("expected {expected} hexadecimal digits, found {found} bytes of text")]
    Length {
        /// Digits that a value has.
        expected: usize,
        /// Bytes of text that came.
        found: usize,
    },
    /// A character other than `0-9` and `a-f`.
    #[error("expected only the digits 0-9 and a-f (lowercase)")]
    Digit,
}

/// Reads `LENGTH` bytes from their lowercase hexadecimal form.
///
/// # Errors
/// If the text is of another length or holds anything but lowercase digits.
pub(crate) fn parse_hex<const LENGTH: usize>(text: &str) -> Result<[u8; LENGTH], HexError> {
    let digits = text.as_bytes();
    if digits.len() != LENGTH.saturating_mul(2) {
        return Err(HexError::Length {
            expected: LENGTH.saturating_mul(2),
            found: digits.len(),
        });
    }
    if !digits
        .iter()
        .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    {
        return Err(HexError::Digit);
    }
    let mut bytes = [0u8; LENGTH];
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| HexError::Digit)?;
    Ok(bytes)
}

/// Deserialises a fixed-size value: text where people read the format, else bytes.
pub(crate) fn deserialize_fixed<'de, const LENGTH: usize, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<[u8; LENGTH], D::Error> {
    if deserializer.is_human_readable() {
        deserializer.deserialize_str(FixedVisitor::<LENGTH>)
    } else {
        deserializer.deserialize_bytes(FixedVisitor::<LENGTH>)
    }
}

struct FixedVisitor<const LENGTH: usize>;

impl<const LENGTH: usize> Visitor<'_> for FixedVisitor<LENGTH> {
    type Value = [u8; LENGTH];

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{LENGTH} bytes, as lowercase hexadecimal in a text format"
        )
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        parse_hex(text).map_err(E::custom)
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        bytes
            .try_into()
            .map_err(|_| E::invalid_length(bytes.len(), &self))
    }
}
