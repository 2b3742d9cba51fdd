//! Why bytes or fields from outside were refused, and small helpers that read typed fields.

use bytes::Bytes;

use crate::limits;

/// Bytes or fields that are not a valid value. Every variant names what was wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// More bytes than the limit allows.
    #[error("{what} has {bytes} bytes; at most {max} are allowed")]
    TooLarge {
        /// The message.
        what: &'static str,
        /// Its size in bytes.
        bytes: usize,
        /// The limit in bytes.
        max: usize,
    },
    /// Not protobuf, or cut short.
    #[error("{what} is not a well-formed message")]
    Malformed {
        /// The message.
        what: &'static str,
    },
    /// Well formed, but not the one canonical encoding.
    #[error(
        "{what} is not in canonical encoding (unknown field, field order, default value or non-minimal number)"
    )]
    NotCanonical {
        /// The message.
        what: &'static str,
    },
    /// A field that must be present is absent.
    #[error("{field} is missing")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A field of fixed size has another size.
    #[error("{field} has {found} bytes; {expected} are required")]
    Length {
        /// The field.
        field: &'static str,
        /// Required size in bytes.
        expected: usize,
        /// Size found.
        found: usize,
    },
    /// A value outside its range.
    #[error("{field} is out of range: {reason}")]
    Range {
        /// The field.
        field: &'static str,
        /// The rule it breaks.
        reason: &'static str,
    },
    /// Entries that must be strictly ascending are not.
    #[error("{field} must be strictly ascending without repeats")]
    Order {
        /// The field.
        field: &'static str,
    },
    /// Text that is not in its allowed form.
    #[error("{field} is not valid: {reason}")]
    Text {
        /// The field.
        field: &'static str,
        /// The rule it breaks.
        reason: &'static str,
    },
}

/// Reads a field of exactly `N` bytes.
pub(crate) fn array<const N: usize>(
    field: &'static str,
    bytes: &[u8],
) -> Result<[u8; N], DecodeError> {
    <[u8; N]>::try_from(bytes).map_err(|_| DecodeError::Length {
        field,
        expected: N,
        found: bytes.len(),
    })
}

/// Reads a field of exactly `N` bytes that may be empty.
pub(crate) fn optional_array<const N: usize>(
    field: &'static str,
    bytes: &[u8],
) -> Result<Option<[u8; N]>, DecodeError> {
    if bytes.is_empty() {
        Ok(None)
    } else {
        array(field, bytes).map(Some)
    }
}

/// Reads a list whose entries must be strictly ascending and at most `max` many.
pub(crate) fn ascending<W, T: Ord>(
    field: &'static str,
    entries: &[W],
    max: usize,
    read: impl Fn(&W) -> Result<T, DecodeError>,
) -> Result<Vec<T>, DecodeError> {
    if entries.len() > max {
        return Err(DecodeError::Range {
            field,
            reason: "too many entries",
        });
    }
    let mut list: Vec<T> = Vec::with_capacity(entries.len());
    for entry in entries {
        let value = read(entry)?;
        if list.last().is_some_and(|last| *last >= value) {
            return Err(DecodeError::Order { field });
        }
        list.push(value);
    }
    Ok(list)
}

/// Reads a reference of the parties: printable ASCII, at most 35 characters (ISO 20022 `Max35Text`).
pub(crate) fn reference(field: &'static str, text: &str) -> Result<String, DecodeError> {
    if text.len() > limits::REFERENCE_BYTES_MAX {
        return Err(DecodeError::Text {
            field,
            reason: "longer than 35 characters",
        });
    }
    if !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Err(DecodeError::Text {
            field,
            reason: "only printable ASCII is allowed",
        });
    }
    Ok(text.to_owned())
}

/// An optional 32-byte or 16-byte field as wire bytes.
pub(crate) fn optional_bytes<const N: usize>(value: Option<&[u8; N]>) -> Bytes {
    value
        .map(|bytes| Bytes::copy_from_slice(bytes))
        .unwrap_or_default()
}
