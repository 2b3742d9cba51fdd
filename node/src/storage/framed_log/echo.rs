//! Echoes: a second copy of each frame, right behind it and in the same sync.
//!
//! After a power cut that also lost the newest watermark, a frame that rotted cannot be told from one that was
//! never synced, and would be cut off. A log that may forget nothing therefore says everything twice: whichever copy is
//! intact mends the other. An echo is a frame of its own in the chain, with the kind's highest bit set; what it
//! repeats needs no sync of its own before the log's owner speaks.

use super::format::{CHAIN_BYTES, Chain, ChainKey, FRAME_OVERHEAD_BYTES, FrameHead, HEAD_BYTES};

/// Set in the kind of an echo; kinds of the log's owner are below.
pub(super) const ECHO: u8 = 0x80;

impl FrameHead {
    pub(super) const fn is_echo(&self) -> bool {
        self.kind & ECHO != 0
    }

    /// The head of this frame's echo.
    const fn echo(&self) -> FrameHead {
        FrameHead {
            length: self.length,
            kind: self.kind | ECHO,
            sequence: self.sequence + 1,
            unsynced: self.unsynced.saturating_add(1),
        }
    }

    /// The head of what an echo repeats; `None` if no frame can have it.
    fn original(&self) -> Option<FrameHead> {
        let original = FrameHead {
            length: self.length,
            kind: self.kind & !ECHO,
            sequence: self.sequence.checked_sub(1)?,
            unsynced: self.unsynced.checked_sub(1)?,
        };
        (self.is_echo() && original.kind != 0).then_some(original)
    }
}

/// The bytes of the echo of an intact frame that ends the chain at `chain`.
pub(super) fn echo_of(key: &ChainKey, chain: &Chain, frame: &[u8]) -> Option<Vec<u8>> {
    let payload = frame.get(HEAD_BYTES..frame.len().checked_sub(CHAIN_BYTES)?)?;
    let head = FrameHead::decode(frame.get(..HEAD_BYTES)?)?;
    Some(encode(key, chain, head.echo(), payload).0)
}

/// The bytes of the frame `sequence`, which is to be at the start of `bytes` after `chain` and is not, as its echo
/// has them; `None` where there is no intact echo.
pub(super) fn frame_of_its_echo(
    key: &ChainKey,
    chain: &Chain,
    bytes: &[u8],
    sequence: u64,
) -> Option<Vec<u8>> {
    let last = bytes.len().checked_sub(HEAD_BYTES)?;
    (FRAME_OVERHEAD_BYTES as usize..=last).find_map(|at| {
        let echo = FrameHead::decode(&bytes[at..at + HEAD_BYTES])?;
        let length = echo.length as usize;
        // Right behind a frame as long as itself.
        if at != FRAME_OVERHEAD_BYTES as usize + length {
            return None;
        }
        let original = echo.original().filter(|one| one.sequence == sequence)?;
        let stored = bytes.get(at..at + FRAME_OVERHEAD_BYTES as usize + length)?;
        let payload = &stored[HEAD_BYTES..HEAD_BYTES + length];
        let (frame, end) = encode(key, chain, original, payload);
        // Its chain value covers the frame that it repeats, and all before.
        (encode(key, &end, echo, payload).0 == stored).then_some(frame)
    })
}

/// A frame, and the chain value that it ends with.
fn encode(key: &ChainKey, chain: &Chain, head: FrameHead, payload: &[u8]) -> (Vec<u8>, Chain) {
    let head = head.encode();
    let end = key.chain(chain, &head, &[payload]);
    ([&head[..], payload, &end].concat(), end)
}
