//! Looks behind a broken frame for a witness that it had been synced.

use super::format::{CHAIN_BYTES, ChainKey, FRAME_OVERHEAD_BYTES, FrameHead, HEAD_BYTES};

/// Position of a valid frame in `bytes` that says the frame `broken` was synced before it was appended.
/// `bytes` starts at the broken frame.
///
/// Every byte is tried as the start of a frame. The sequence must be one that fits behind the broken
/// frame, which spares nearly all of the hashing.
pub(super) fn find_witness(key: &ChainKey, bytes: &[u8], broken: u64) -> Option<usize> {
    let last = bytes.len().checked_sub(FRAME_OVERHEAD_BYTES as usize)?;
    let sequence_max = broken + bytes.len() as u64 / FRAME_OVERHEAD_BYTES;
    (CHAIN_BYTES..=last).find(|&at| {
        FrameHead::decode(&bytes[at..at + HEAD_BYTES]).is_some_and(|head| {
            head.sequence > broken
                && head.sequence <= sequence_max
                && head.synced_before() > broken
                && key.verify_frame(bytes, at).is_some()
        })
    })
}
