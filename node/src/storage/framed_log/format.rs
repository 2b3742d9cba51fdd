//! The bytes of segments and frames.
//!
//! ```text
//! segment  magic 8 | version u32 | purpose 4 | number u64 | first sequence u64 | salt 16
//!          | chain value of the previous segment's last frame 16 | checksum 16
//! frame    length u32 | kind u8 | sequence u64 | unsynced u32 | payload | chain value 16
//! ```
//!
//! Integers are little-endian. A frame's chain value covers the 16 bytes before the frame (the chain
//! value of the frame before it, or the checksum of the header), its head and its payload. So a frame
//! can be verified from its position alone.

use crate::limits::storage::FRAME_BYTES_MAX;

/// Bytes of a segment's header.
pub const SEGMENT_HEADER_BYTES: u64 = 80;
/// Bytes that a frame has beside its payload.
pub const FRAME_OVERHEAD_BYTES: u64 = (HEAD_BYTES + CHAIN_BYTES) as u64;

pub(super) const HEAD_BYTES: usize = 17;
pub(super) const CHAIN_BYTES: usize = 16;
const MAGIC: &[u8; 8] = b"TALEALOG";
pub(super) const VERSION: u32 = 2;
const HEADER_CONTEXT: &str = "talea framed log 2026 segment header";
const FRAME_CONTEXT: &str = "talea framed log 2026 frame key";

pub(super) type Chain = [u8; CHAIN_BYTES];

/// Name of a segment's file.
pub fn segment_name(number: u64) -> String {
    format!("{number:010}.segment")
}

pub(super) fn segment_number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".segment")?;
    let number = digits.parse().ok()?;
    (segment_name(number) == name && number <= u64::from(u32::MAX)).then_some(number)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    pub(super) purpose: [u8; 4],
    pub(super) number: u64,
    pub(super) first_sequence: u64,
    pub(super) salt: [u8; 16],
    pub(super) previous: Chain,
}

impl SegmentHeader {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SEGMENT_HEADER_BYTES as usize);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&self.purpose);
        bytes.extend_from_slice(&self.number.to_le_bytes());
        bytes.extend_from_slice(&self.first_sequence.to_le_bytes());
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(&self.previous);
        let checksum = header_checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    /// The format of an intact header that this software does not read.
    pub(super) fn other_version(bytes: &[u8]) -> Option<u32> {
        let header = bytes.get(..SEGMENT_HEADER_BYTES as usize)?;
        let (covered, checksum) = header.split_at(SEGMENT_HEADER_BYTES as usize - 16);
        let found = u32_at(covered, 8);
        let intact = header_checksum(covered) == checksum && covered.starts_with(MAGIC);
        (intact && found != VERSION).then_some(found)
    }

    /// Reads a header; the error says what is wrong with it.
    pub(super) fn decode(bytes: &[u8]) -> Result<SegmentHeader, &'static str> {
        if bytes.len() < SEGMENT_HEADER_BYTES as usize {
            return Err("the segment header is incomplete");
        }
        let (covered, checksum) =
            bytes[..SEGMENT_HEADER_BYTES as usize].split_at(SEGMENT_HEADER_BYTES as usize - 16);
        if header_checksum(covered) != checksum {
            return Err("the checksum of the segment header is wrong");
        }
        if &covered[..8] != MAGIC {
            return Err("the segment is of another format");
        }
        if u32_at(covered, 8) != VERSION {
            return Err("the segment is of another version");
        }
        Ok(SegmentHeader {
            purpose: array_at(covered, 12),
            number: u64_at(covered, 16),
            first_sequence: u64_at(covered, 24),
            salt: array_at(covered, 32),
            previous: array_at(covered, 48),
        })
    }

    /// What the first frame of the segment is chained to.
    pub(super) fn chain(&self) -> Chain {
        array_at(&self.encode(), SEGMENT_HEADER_BYTES as usize - CHAIN_BYTES)
    }

    pub(super) fn chain_key(&self) -> ChainKey {
        let mut hasher = blake3::Hasher::new_derive_key(FRAME_CONTEXT);
        hasher.update(&self.purpose).update(&self.salt);
        ChainKey(*hasher.finalize().as_bytes())
    }
}

fn header_checksum(bytes: &[u8]) -> Chain {
    let hash = *blake3::Hasher::new_derive_key(HEADER_CONTEXT)
        .update(bytes)
        .finalize()
        .as_bytes();
    array_at(&hash, 0)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHead {
    pub(super) length: u32,
    pub(super) kind: u8,
    pub(super) sequence: u64,
    /// Frames directly before this one that were not known to be synced when it was appended.
    pub(super) unsynced: u32,
}

impl FrameHead {
    pub(super) fn encode(&self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        bytes[..4].copy_from_slice(&self.length.to_le_bytes());
        bytes[4] = self.kind;
        bytes[5..13].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[13..].copy_from_slice(&self.unsynced.to_le_bytes());
        bytes
    }

    /// Reads a head from at least [`HEAD_BYTES`] bytes; `None` if no frame can have it.
    pub(super) fn decode(bytes: &[u8]) -> Option<FrameHead> {
        let head = FrameHead {
            length: u32_at(bytes, 0),
            kind: bytes[4],
            sequence: u64_at(bytes, 5),
            unsynced: u32_at(bytes, 13),
        };
        (head.kind != 0 && head.length <= FRAME_BYTES_MAX).then_some(head)
    }

    /// Every frame before this sequence was synced when this one was appended.
    pub(super) fn synced_before(&self) -> u64 {
        self.sequence.saturating_sub(u64::from(self.unsynced))
    }
}

/// Key of a log's chain.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChainKey([u8; 32]);

impl ChainKey {
    pub(super) fn chain(
        &self,
        previous: &[u8],
        head: &[u8; HEAD_BYTES],
        payload: &[&[u8]],
    ) -> Chain {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(previous).update(head);
        for part in payload {
            hasher.update(part);
        }
        array_at(hasher.finalize().as_bytes(), 0)
    }

    /// The head of the frame at `at` in `bytes` if it is complete and its chain value is right. The 16
    /// bytes before `at` are what it is chained to.
    pub(super) fn verify_frame(&self, bytes: &[u8], at: usize) -> Option<FrameHead> {
        let previous = bytes.get(at.checked_sub(CHAIN_BYTES)?..at)?;
        let head_bytes: [u8; HEAD_BYTES] = bytes.get(at..at + HEAD_BYTES)?.try_into().ok()?;
        let head = FrameHead::decode(&head_bytes)?;
        let payload_end = at + HEAD_BYTES + head.length as usize;
        let chain = bytes.get(payload_end..payload_end + CHAIN_BYTES)?;
        let payload = &bytes[at + HEAD_BYTES..payload_end];
        (self.chain(previous, &head_bytes, &[payload]) == chain).then_some(head)
    }
}

pub(super) fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, at))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array_at(bytes, at))
}
