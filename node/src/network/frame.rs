//! Frames on a stream: a length of four bytes, little-endian, and that many bytes of payload.
//!
//! The announced length is the peer's word: it is checked against the priority's maximum before
//! anything else, and memory follows the bytes that arrive, not the announcement.

use std::io;

use futures::{AsyncRead, AsyncReadExt};

use super::{PeerFault, Priority};
use crate::limits::network::READ_STEP_BYTES;

/// Bytes of a frame's length.
const HEADER_BYTES: usize = 4;

/// Why no frame could be read.
#[derive(Debug)]
pub(super) enum FrameError {
    /// The stream ended or failed. The fault is the peer's only if the connection lives on.
    Ended(PeerFault),
    /// The peer broke the framing.
    Broken(PeerFault),
}

/// Reads a frame's header. Returns the length of its payload, between 1 and the maximum.
pub(super) async fn read_header<R: AsyncRead + Unpin>(
    reader: &mut R,
    priority: Priority,
) -> Result<usize, FrameError> {
    let mut header = [0; HEADER_BYTES];
    let (first, rest) = header.split_at_mut(1);
    match reader.read(first).await {
        Ok(0) | Err(_) => return Err(FrameError::Ended(PeerFault::StreamEnded { priority })),
        Ok(_) => {}
    }
    reader
        .read_exact(rest)
        .await
        .map_err(|error| truncated(&error, priority))?;
    let announced_bytes = u32::from_le_bytes(header);
    if announced_bytes == 0 {
        return Err(FrameError::Broken(PeerFault::EmptyFrame { priority }));
    }
    match usize::try_from(announced_bytes) {
        Ok(length) if length <= priority.message_bytes_max() => Ok(length),
        _ => Err(FrameError::Broken(PeerFault::OversizedFrame {
            priority,
            announced_bytes,
        })),
    }
}

/// Reads a payload of `length` bytes. The buffer is never larger than `length` nor than twice
/// what has arrived plus one step.
pub(super) async fn read_payload<R: AsyncRead + Unpin>(
    reader: &mut R,
    length: usize,
    priority: Priority,
) -> Result<Vec<u8>, FrameError> {
    let mut payload = Vec::new();
    while payload.len() < length {
        let filled = payload.len();
        let target = length.min(filled.saturating_add(filled.max(READ_STEP_BYTES)));
        payload.reserve_exact(target.saturating_sub(filled));
        payload.resize(target, 0);
        let unread = payload.get_mut(filled..).unwrap_or_default();
        reader
            .read_exact(unread)
            .await
            .map_err(|error| truncated(&error, priority))?;
    }
    Ok(payload)
}

fn truncated(_: &io::Error, priority: Priority) -> FrameError {
    FrameError::Ended(PeerFault::TruncatedFrame { priority })
}

#[cfg(test)]
mod tests {
    use futures::{executor::block_on, io::Cursor};

    use super::*;

    fn read(bytes: &[u8], priority: Priority) -> Result<Vec<u8>, FrameError> {
        block_on(async {
            let mut reader = Cursor::new(bytes);
            let length = read_header(&mut reader, priority).await?;
            read_payload(&mut reader, length, priority).await
        })
    }

    #[test]
    fn a_frame_of_any_size_up_to_the_maximum_is_read() {
        for length in [
            1,
            63,
            READ_STEP_BYTES,
            READ_STEP_BYTES + 1,
            5 * READ_STEP_BYTES - 1,
        ] {
            let payload: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
            let mut bytes = u32::try_from(length).unwrap().to_le_bytes().to_vec();
            bytes.extend_from_slice(&payload);
            let read = read(&bytes, Priority::Bulk).unwrap();
            assert_eq!(read, payload);
            assert_eq!(read.capacity(), length);
        }
    }

    #[test]
    fn lengths_outside_the_bounds_are_broken_frames() {
        for priority in Priority::ALL {
            let max = u32::try_from(priority.message_bytes_max()).unwrap();
            for announced_bytes in [max + 1, u32::MAX] {
                let error = read(&announced_bytes.to_le_bytes(), priority).unwrap_err();
                let expected = PeerFault::OversizedFrame {
                    priority,
                    announced_bytes,
                };
                assert!(matches!(error, FrameError::Broken(fault) if fault == expected));
            }
            let error = read(&[0; 4], priority).unwrap_err();
            assert!(matches!(
                error,
                FrameError::Broken(PeerFault::EmptyFrame { .. })
            ));
        }
    }

    #[test]
    fn an_end_inside_a_frame_is_not_an_end_between_frames() {
        let whole = [4, 0, 0, 0, 1, 2, 3, 4];
        for length in 0..whole.len() {
            let error = read(&whole[..length], Priority::Vote).unwrap_err();
            match length {
                0 => assert!(matches!(
                    error,
                    FrameError::Ended(PeerFault::StreamEnded { .. })
                )),
                _ => assert!(matches!(
                    error,
                    FrameError::Ended(PeerFault::TruncatedFrame { .. })
                )),
            }
        }
    }
}
