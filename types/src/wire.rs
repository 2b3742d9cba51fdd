//! Protobuf structs, generated from `proto/talea/ledger/v1` and checked in (a test in `proto` keeps
//! them equal), and the one rule for reading them.

use bytes::Bytes;
use prost::Message;

use crate::decode::DecodeError;

#[allow(missing_docs, clippy::all, unused_qualifications)]
#[rustfmt::skip]
#[path = "wire/talea.ledger.v1.rs"]
mod generated;

pub use generated::*;

pub mod shape;

/// The shape of each message, generated from the contract and checked in.
#[allow(missing_docs)]
#[rustfmt::skip]
#[path = "wire/shapes.rs"]
pub mod shapes;

use shape::Shaped;

/// Decodes a message and refuses every encoding but the canonical one.
///
/// Canonical is what encoding the decoded message gives: fields in ascending order, minimal varints,
/// no default values, no unknown fields, no trailing bytes. So two byte strings never mean the same
/// message, and a hash of the bytes is a hash of the meaning.
///
/// # Errors
/// [`DecodeError::TooLarge`], [`DecodeError::Range`] for lists that would take more memory than their bytes
/// justify, [`DecodeError::Malformed`] or [`DecodeError::NotCanonical`], naming `what`.
pub fn decode_canonical<M: Message + Default + Shaped>(
    what: &'static str,
    bytes: &Bytes,
    max: usize,
) -> Result<M, DecodeError> {
    if bytes.len() > max {
        return Err(DecodeError::TooLarge {
            what,
            bytes: bytes.len(),
            max,
        });
    }
    if !M::shape().permits(bytes) {
        return Err(DecodeError::Range {
            field: what,
            reason: "its lists have more entries than its length justifies",
        });
    }
    let message = M::decode(bytes.clone()).map_err(|_| DecodeError::Malformed { what })?;
    if message.encoded_len() != bytes.len() || message.encode_to_vec() != bytes.as_ref() {
        return Err(DecodeError::NotCanonical { what });
    }
    Ok(message)
}
