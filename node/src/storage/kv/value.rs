//! How a value lies in sled: with a checksum, and cut into chunks when it is long.
//!
//! ```text
//! 'v' | key            0 | checksum 16 | value                          a short value
//! 'v' | key            1 | checksum 16 | chunk set u64 | length u32     a long one
//! 'c' | chunk set u64 | number u32     a piece of it
//! ```
//!
//! A long value gets a new chunk set each time it is written, so that a reader who came with the old head
//! never mixes two values. Integers are big-endian, for their order.

use super::{Key, Value};
use crate::limits::storage::SLED_CHUNK_BYTES;

pub(super) const VALUES: u8 = b'v';
pub(super) const CHUNKS: u8 = b'c';
const SHORT: u8 = 0;
const LONG: u8 = 1;
const CHECKSUM_BYTES: usize = 16;
const CONTEXT: &str = "talea store 2026 value";

/// What is stored under a value's own key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Head<'a> {
    Short {
        checksum: [u8; CHECKSUM_BYTES],
        value: &'a [u8],
    },
    Long {
        checksum: [u8; CHECKSUM_BYTES],
        chunks: ChunkSet,
    },
}

/// The pieces of one long value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChunkSet {
    pub(super) number: u64,
    pub(super) length: u32,
}

impl ChunkSet {
    pub(super) fn keys(self) -> impl Iterator<Item = Vec<u8>> {
        let count = (self.length as usize).div_ceil(SLED_CHUNK_BYTES) as u32;
        (0..count).map(move |at| chunk_key(self.number, at))
    }
}

pub(super) fn value_key(key: &[u8]) -> Vec<u8> {
    [&[VALUES], key].concat()
}

fn chunk_key(set: u64, number: u32) -> Vec<u8> {
    [&[CHUNKS][..], &set.to_be_bytes(), &number.to_be_bytes()].concat()
}

pub(super) fn chunk_set_of(key: &[u8]) -> Option<u64> {
    key.get(1..)
        .and_then(<[u8]>::first_chunk)
        .map(|bytes| u64::from_be_bytes(*bytes))
}

pub(super) fn checksum(key: &[u8], value: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher
        .update(&(key.len() as u64).to_be_bytes())
        .update(key)
        .update(value);
    let mut checksum = [0; CHECKSUM_BYTES];
    checksum.copy_from_slice(&hasher.finalize().as_bytes()[..CHECKSUM_BYTES]);
    checksum
}

/// The head and the chunks of `value`; `set` is asked for a number if chunks are needed.
pub(super) fn encode(
    key: &[u8],
    value: &[u8],
    set: impl FnOnce() -> u64,
) -> (Value, Vec<(Key, Value)>) {
    let checksum = checksum(key, value);
    if value.len() <= SLED_CHUNK_BYTES {
        return ([&[SHORT][..], &checksum, value].concat(), Vec::new());
    }
    let chunks = ChunkSet {
        number: set(),
        length: value.len() as u32,
    };
    let head = [
        &[LONG][..],
        &checksum,
        &chunks.number.to_be_bytes(),
        &chunks.length.to_be_bytes(),
    ];
    let pieces = value.chunks(SLED_CHUNK_BYTES).map(<[u8]>::to_vec);
    (head.concat(), chunks.keys().zip(pieces).collect())
}

pub(super) fn decode(bytes: &[u8]) -> Option<Head<'_>> {
    let (tag, rest) = bytes.split_first()?;
    let (checksum, rest) = rest.split_first_chunk()?;
    match *tag {
        SHORT => Some(Head::Short {
            checksum: *checksum,
            value: rest,
        }),
        LONG => {
            let (number, rest) = rest.split_first_chunk()?;
            let length = rest.first_chunk()?;
            let number = u64::from_be_bytes(*number);
            let length = u32::from_be_bytes(*length);
            Some(Head::Long {
                checksum: *checksum,
                chunks: ChunkSet { number, length },
            })
        }
        _ => None,
    }
}
