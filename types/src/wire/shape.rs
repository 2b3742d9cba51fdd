//! What the lists of a message cost once decoded, before anything is decoded.
//!
//! An entry of a list takes two bytes on the wire and hundreds in memory. So the entries are counted first,
//! by the shape of the message, and a message whose lists would take much more than its bytes is refused.
//! Sizes are nominal: they follow from the contract alone, so that every machine refuses the same; a check
//! at compile time keeps them at least as large as the structs.

/// What of a message takes memory of its own.
#[derive(Debug)]
pub struct Shape {
    /// Nominal size of one decoded message, bytes.
    pub bytes: usize,
    /// Fields that are lists or lead to one, ascending by number.
    pub fields: &'static [(u32, Field)],
}

/// A field that is a list or leads to one.
#[derive(Clone, Copy, Debug)]
pub enum Field {
    /// One message.
    Message(&'static Shape),
    /// A list of messages.
    Messages(&'static Shape),
    /// A list of byte strings or texts of this nominal size.
    Strings(usize),
    /// A list of numbers of this size, packed or not.
    Numbers(usize),
}

/// A message of known shape.
pub trait Shaped {
    /// Whether nodes answer with it. Small entries are what an answer has many of (a state of each of thousands
    /// of transactions), and whoever asked chose the node.
    const IS_ANSWER: bool = false;

    /// Its shape.
    fn shape() -> &'static Shape;
}

impl Shape {
    /// Of a message without lists.
    pub const FLAT: Self = Self {
        bytes: 0,
        fields: &[],
    };

    /// Whether the lists of an encoded message take at most twice its length and so much more. Bytes that
    /// are no message are left to the decoder.
    #[must_use]
    pub fn permits(&self, encoded: &[u8]) -> bool {
        self.fields.is_empty() || self.list_bytes(encoded, DEPTH_MAX) <= bound(encoded.len())
    }

    /// What the lists of a message take at most, bytes.
    fn list_bytes(&self, mut rest: &[u8], depth: usize) -> usize {
        let Some(depth) = depth.checked_sub(1) else {
            return usize::MAX;
        };
        let mut total: usize = 0;
        // Entries of one list stand together in canonical bytes. Where they do not, each run is charged as a
        // list of its own, which is more.
        let mut run: (u32, usize, usize) = (0, 0, 0);
        while let Some((number, payload, after)) = next_field(rest) {
            rest = after;
            let Some(field) = self.field(number) else {
                continue;
            };
            let (size, count) = match field {
                Field::Message(shape) => {
                    total = total.saturating_add(shape.list_bytes(payload, depth));
                    continue;
                }
                Field::Messages(shape) => {
                    if !shape.fields.is_empty() {
                        total = total.saturating_add(shape.list_bytes(payload, depth));
                    }
                    (shape.bytes, 1)
                }
                Field::Strings(bytes) => (bytes, 1),
                // A number ends with a byte whose high bit is not set.
                Field::Numbers(bytes) => {
                    let ends = payload.iter().filter(|byte| **byte < 0x80);
                    (bytes, ends.count().max(1))
                }
            };
            if run.0 != number {
                total = total.saturating_add(grown(run.1, run.2));
                run = (number, size, 0);
            }
            run.2 = run.2.saturating_add(count);
        }
        total.saturating_add(grown(run.1, run.2))
    }

    fn field(&self, number: u32) -> Option<Field> {
        let found = self.fields.iter().find(|(own, _)| *own == number);
        found.map(|(_, field)| *field)
    }
}

/// Messages in messages at most: the decoder's own limit.
const DEPTH_MAX: usize = 100;
/// What lists may take beside twice the message's length, bytes.
const LIST_BYTES: usize = 40 << 10;

const fn bound(length: usize) -> usize {
    length.saturating_mul(2).saturating_add(LIST_BYTES)
}

/// What a list of `count` entries holds at most while it grows: capacity is a power of two, and the half of
/// it that is copied is still there.
fn grown(size: usize, count: usize) -> usize {
    if count == 0 {
        return 0;
    }
    let capacity = count
        .checked_next_power_of_two()
        .unwrap_or(usize::MAX)
        .max(4);
    let entries = capacity.saturating_add(capacity.wrapping_shr(1));
    entries.saturating_mul(size)
}

/// Number and payload of the first field, and what is after it; `None` at the end or where no field is.
/// The payload of a number is empty.
fn next_field(bytes: &[u8]) -> Option<(u32, &[u8], &[u8])> {
    let (key, rest) = varint(bytes)?;
    let number = u32::try_from(key >> 3).ok()?;
    match key & 7 {
        0 => varint(rest).map(|(_, rest)| (number, &[][..], rest)),
        1 => rest
            .split_at_checked(8)
            .map(|(_, rest)| (number, &[][..], rest)),
        2 => {
            let (length, rest) = varint(rest)?;
            let (payload, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
            Some((number, payload, rest))
        }
        5 => rest
            .split_at_checked(4)
            .map(|(_, rest)| (number, &[][..], rest)),
        _ => None,
    }
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (place, byte) in bytes.iter().enumerate().take(10) {
        let shift = u32::try_from(place).ok()?.checked_mul(7)?;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(place.checked_add(1)?..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{AtomicBatch, SignedTransaction, TransactionBody};
    use prost::Message as _;

    #[test]
    fn entries_are_charged_at_every_depth() {
        let shape = TransactionBody::shape();
        let legs = |count| AtomicBatch {
            legs: vec![Default::default(); count],
        };
        let body = |count| {
            use crate::wire::{Operation, operation::Kind};
            let operation = Operation {
                kind: Some(Kind::AtomicBatch(legs(count))),
            };
            let body = TransactionBody {
                operation: Some(operation),
                ..Default::default()
            };
            body.encode_to_vec()
        };
        assert!(shape.permits(&body(crate::limits::BATCH_LEGS_MAX)));
        assert!(!shape.permits(&body(8_000)), "8,000 legs of two bytes each");
    }

    #[test]
    fn runs_of_a_list_cost_no_less_than_the_list() {
        let shape = SignedTransaction::shape();
        let whole = [0x12, 0].repeat(4_000);
        let torn = [0x12, 0, 0x0a, 0].repeat(4_000);
        assert!(shape.list_bytes(&torn, 2) >= shape.list_bytes(&whole, 2));
        assert!(!shape.permits(&whole) && !shape.permits(&torn));
    }

    #[test]
    fn what_is_no_message_is_left_to_the_decoder() {
        for bytes in [&[][..], &[0xff; 40], &[0x12, 0x7f, 1], &[0x0b]] {
            assert!(SignedTransaction::shape().permits(bytes));
        }
    }

    #[test]
    fn numbers_count_where_they_end() {
        static LIST: Shape = Shape {
            bytes: 24,
            fields: &[(1, Field::Numbers(8))],
        };
        let packed = |count: usize| [&[0x0a, 0xff, 0x7f][..], &vec![1; count]].concat();
        assert_eq!(LIST.list_bytes(&packed(16_383), 2), 16_384 * 8 * 3 / 2);
        assert!(!LIST.permits(&packed(16_383)));
    }
}
