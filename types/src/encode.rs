//! Writes canonical protobuf without building wire structs first.
//!
//! State objects and events are encoded for every transaction; through wire structs each would cost a
//! dozen allocations. What is written here is exactly what `prost` would write: fields in the order of
//! the calls (ascending, by their writer), minimal varints, nothing for a default value. Every decoder
//! checks that (see [`crate::wire::decode_canonical`]), so a test that reads back is a test of this.

use crate::{
    decode::DecodeError, hash::Hash, key_policy::KeyPolicy, time::Timestamp,
    validator::ValidatorSet,
};
use prost::Message;

/// Wire type of varints.
const VARINT: u32 = 0;
/// Wire type of bytes, text and messages.
const LENGTH_DELIMITED: u32 = 2;

/// Appends fields to a buffer.
pub(crate) struct FieldWriter<'a>(&'a mut Vec<u8>);

impl<'a> FieldWriter<'a> {
    /// Appends to `buffer`.
    pub(crate) fn new(buffer: &'a mut Vec<u8>) -> Self {
        Self(buffer)
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }

    fn tag(&mut self, field: u32, wire_type: u32) {
        self.varint(u64::from((field << 3) | wire_type));
    }

    /// A number; nothing when it is zero.
    pub(crate) fn number(&mut self, field: u32, value: impl Into<u64>) {
        let value = value.into();
        if value != 0 {
            self.tag(field, VARINT);
            self.varint(value);
        }
    }

    /// A point in time; nothing when it is zero.
    pub(crate) fn time(&mut self, field: u32, value: Timestamp) {
        self.number(field, value.millis());
    }

    /// A value of a wire enum; nothing when it is unspecified.
    pub(crate) fn enumeration(&mut self, field: u32, value: i32) {
        self.number(field, u32::try_from(value).unwrap_or_default());
    }

    /// Bytes or text; nothing when empty.
    pub(crate) fn bytes(&mut self, field: u32, value: impl AsRef<[u8]>) {
        if !value.as_ref().is_empty() {
            self.element(field, value);
        }
    }

    /// A hash; nothing when absent.
    pub(crate) fn hash(&mut self, field: u32, value: Option<&Hash>) {
        if let Some(hash) = value {
            self.element(field, hash.as_bytes());
        }
    }

    /// Bytes that stand even when empty: an element of a list or a member of a `oneof`.
    pub(crate) fn element(&mut self, field: u32, value: impl AsRef<[u8]>) {
        let value = value.as_ref();
        self.tag(field, LENGTH_DELIMITED);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
    }

    /// A list of numbers, packed; nothing when empty.
    pub(crate) fn packed(&mut self, field: u32, values: impl Iterator<Item = u64>) {
        let mut values = values.peekable();
        if values.peek().is_some() {
            self.message(field, |w| values.for_each(|value| w.varint(value)));
        }
    }

    /// A message that `write` fills.
    pub(crate) fn message(&mut self, field: u32, write: impl FnOnce(&mut FieldWriter<'_>)) {
        self.tag(field, LENGTH_DELIMITED);
        // Most are shorter than 128 bytes: one byte of length is reserved and, if need be, widened.
        let at = self.0.len();
        self.0.push(0);
        let start = self.0.len();
        write(&mut FieldWriter(self.0));
        let end = self.0.len();
        let mut length = end.saturating_sub(start);
        let more = length.max(1).ilog2() / 7;
        if let Ok(more @ 1..) = usize::try_from(more) {
            self.0.resize(end.saturating_add(more), 0);
            self.0.copy_within(start..end, start.saturating_add(more));
        }
        for slot in self.0.iter_mut().skip(at) {
            let rest = length >> 7;
            let low = length.to_le_bytes()[0] & 0x7f;
            *slot = if rest == 0 { low } else { low | 0x80 };
            if rest == 0 {
                break;
            }
            length = rest;
        }
    }

    /// All fields of a message, through its wire form.
    pub(crate) fn whole(&mut self, message: &impl Message) {
        self.0.extend_from_slice(&message.encode_to_vec());
    }

    /// A key policy.
    pub(crate) fn policy(&mut self, field: u32, policy: &KeyPolicy) {
        self.message(field, |w| {
            w.number(1, policy.threshold());
            for key in policy.keys() {
                w.element(2, key.as_bytes());
            }
        });
    }

    /// A validator set. Rarely written: through its wire form.
    pub(crate) fn validators(&mut self, field: u32, set: &ValidatorSet) {
        self.element(field, set.to_wire().encode_to_vec());
    }
}

/// Reads a message that must be there.
pub(crate) fn required<'a, T>(
    field: &'static str,
    message: Option<&'a T>,
) -> Result<&'a T, DecodeError> {
    message.ok_or(DecodeError::Missing { field })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_any_length_has_its_length_before_it() {
        for length in [0, 1, 127, 128, 300, 16_383, 16_384, 70_000, 2_097_152] {
            let mut buffer = vec![9];
            FieldWriter::new(&mut buffer).message(1, |w| w.0.resize(w.0.len() + length, 7));
            let mut expected = vec![9, 0x0a];
            prost::encoding::encode_varint(length as u64, &mut expected);
            expected.resize(expected.len() + length, 7);
            assert!(buffer == expected, "{length}");
        }
    }
}
