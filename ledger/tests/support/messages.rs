//! The first message of each kind that a network made.

use std::collections::BTreeMap;

use bytes::Bytes;
use talea_types::{SignedTransaction, StateKey};

/// Bytes by kind.
#[derive(Default)]
pub struct Messages {
    /// Transactions, by the name of the operation.
    pub operations: BTreeMap<String, SignedTransaction>,
    /// Events, by the field number of what happened.
    pub events: BTreeMap<u64, Vec<u8>>,
    /// Objects, by the first byte of their keys and their name.
    pub objects: BTreeMap<(u8, String), Vec<u8>>,
}

impl Messages {
    pub fn add_event(&mut self, event: &Bytes) {
        self.events
            .entry(last_field(event))
            .or_insert(event.to_vec());
    }

    pub fn add_object(&mut self, key: &StateKey, value: Option<&Bytes>) {
        let Some(value) = value else { return };
        let name: String = format!("{key:?}")
            .chars()
            .take_while(|letter| letter.is_alphanumeric())
            .collect();
        let kind = (key.to_bytes()[0], name);
        self.objects.entry(kind).or_insert(value.to_vec());
    }
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = bytes[0];
        *bytes = &bytes[1..];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}

/// The number of the last field of a protobuf message of varints and length-delimited fields.
fn last_field(message: &[u8]) -> u64 {
    let (mut rest, mut last) = (message, 0);
    while !rest.is_empty() {
        let tag = varint(&mut rest);
        last = tag >> 3;
        let value = varint(&mut rest);
        match tag & 7 {
            0 => {}
            2 => rest = &rest[usize::try_from(value).unwrap()..],
            other => panic!("wire type {other}"),
        }
    }
    last
}
