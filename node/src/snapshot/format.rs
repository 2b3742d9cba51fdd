//! The bytes of a snapshot.
//!
//! ```text
//! file   magic 8 | version u32 | frame...
//! frame  kind u8 | length u32 | payload | checksum 16
//!
//! kinds, in this order
//!   1  a change of the validator set, ascending: a FinalityProof with it as its only change
//!   2  what decided the height: a FinalityProof without changes
//!   3  a header below the height, ascending
//!   4  objects of the state, ascending by path: path 32 | key length u32 | value length u32 | key | value
//!   5  the end: number of objects u64
//! ```
//!
//! Integers are little-endian, but those within objects, which are a checkpoint's. A frame's checksum covers the
//! checksum before it, the kind, the length and the payload; the first one covers magic and version.

/// First bytes of a snapshot.
pub(super) const MAGIC: &[u8; 8] = b"TALEASNP";
/// The format that this software writes and reads.
pub(super) const VERSION: u32 = 1;
/// Bytes before the first frame.
pub(super) const FILE_HEADER_BYTES: usize = 12;
/// Bytes of a frame before its payload.
pub(super) const FRAME_HEAD_BYTES: usize = 5;
/// Bytes of a frame after its payload.
pub(super) const CHECKSUM_BYTES: usize = 16;
const CONTEXT: &str = "talea snapshot 2026 frame";

/// A chained checksum.
pub(super) type Checksum = [u8; CHECKSUM_BYTES];

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    SetChange = 1,
    Decided = 2,
    Header = 3,
    Objects = 4,
    End = 5,
}

impl Kind {
    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        [
            Self::SetChange,
            Self::Decided,
            Self::Header,
            Self::Objects,
            Self::End,
        ]
        .into_iter()
        .find(|kind| *kind as u8 == byte)
    }
}

/// Magic and version.
pub(super) fn file_header() -> [u8; FILE_HEADER_BYTES] {
    let mut bytes = [0; FILE_HEADER_BYTES];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..].copy_from_slice(&VERSION.to_le_bytes());
    bytes
}

pub(super) fn frame_head(kind: u8, length: u32) -> [u8; FRAME_HEAD_BYTES] {
    let mut bytes = [0; FRAME_HEAD_BYTES];
    bytes[0] = kind;
    bytes[1..].copy_from_slice(&length.to_le_bytes());
    bytes
}

/// The checksum after the parts that follow `previous`.
pub(super) fn checksum(previous: &Checksum, parts: &[&[u8]]) -> Checksum {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    hasher.update(previous);
    for part in parts {
        hasher.update(part);
    }
    let mut checksum = [0; CHECKSUM_BYTES];
    checksum.copy_from_slice(&hasher.finalize().as_bytes()[..CHECKSUM_BYTES]);
    checksum
}

/// What the first frame is chained to.
pub(super) fn first_checksum() -> Checksum {
    checksum(&[0; CHECKSUM_BYTES], &[&file_header()])
}

/// The bytes of a snapshot of these frames, kind and payload, whatever they hold: with the checksums of an intact file.
#[must_use]
pub fn chained<'a>(frames: impl IntoIterator<Item = (u8, &'a [u8])>) -> Vec<u8> {
    let mut bytes = file_header().to_vec();
    let mut chain = first_checksum();
    for (kind, payload) in frames {
        let head = frame_head(kind, payload.len() as u32);
        chain = checksum(&chain, &[&head, payload]);
        bytes.extend_from_slice(&head);
        bytes.extend_from_slice(payload);
        bytes.extend_from_slice(&chain);
    }
    bytes
}
