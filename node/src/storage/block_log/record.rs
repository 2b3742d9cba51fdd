//! The records of the block log.
//!
//! ```text
//! body    kind 1: height u64 | header hash 32 | body bytes
//! commit  kind 2: height u64 | header hash 32 | segment u32 | offset u32 | length u32 | certificate bytes
//! ```
//!
//! A commit names the position of the body's frame, so that an index by height needs only commits.

use crate::storage::framed_log::{Frame, FramePosition};

pub(super) const BODY: u8 = 1;
pub(super) const COMMIT: u8 = 2;
pub(super) const BODY_HEADER_BYTES: usize = 40;
pub(super) const COMMIT_HEADER_BYTES: usize = 52;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) height: u64,
    pub(super) hash: [u8; 32],
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Record {
    Body(Key),
    Commit(Key, FramePosition),
}

pub(super) fn encode_key(key: &Key) -> [u8; BODY_HEADER_BYTES] {
    let mut bytes = [0; BODY_HEADER_BYTES];
    bytes[..8].copy_from_slice(&key.height.to_le_bytes());
    bytes[8..].copy_from_slice(&key.hash);
    bytes
}

pub(super) fn encode_commit(key: &Key, body: FramePosition) -> [u8; COMMIT_HEADER_BYTES] {
    let mut bytes = [0; COMMIT_HEADER_BYTES];
    bytes[..BODY_HEADER_BYTES].copy_from_slice(&encode_key(key));
    bytes[40..44].copy_from_slice(&body.segment.to_le_bytes());
    bytes[44..48].copy_from_slice(&body.offset.to_le_bytes());
    bytes[48..52].copy_from_slice(&body.length.to_le_bytes());
    bytes
}

pub(super) fn decode(kind: u8, payload: &[u8]) -> Result<Record, String> {
    let short = || format!("a record of kind {kind} is too short");
    let u32_at = |at: usize| {
        payload
            .get(at..)
            .and_then(<[u8]>::first_chunk)
            .map(|bytes| u32::from_le_bytes(*bytes))
    };
    let height = payload
        .first_chunk()
        .map(|bytes| u64::from_le_bytes(*bytes))
        .ok_or_else(short)?;
    let hash = *payload
        .get(8..)
        .and_then(<[u8]>::first_chunk)
        .ok_or_else(short)?;
    let key = Key { height, hash };
    match kind {
        BODY => Ok(Record::Body(key)),
        COMMIT => {
            let segment = u32_at(40).ok_or_else(short)?;
            let offset = u32_at(44).ok_or_else(short)?;
            let length = u32_at(48).ok_or_else(short)?;
            Ok(Record::Commit(
                key,
                FramePosition {
                    segment,
                    offset,
                    length,
                },
            ))
        }
        other => Err(format!("the block log has no records of kind {other}")),
    }
}

pub(super) fn decode_frame(frame: &Frame<'_>) -> Result<Record, String> {
    decode(frame.kind, frame.payload)
}
