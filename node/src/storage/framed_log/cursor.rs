//! Walks the frames of one segment, verifying each, in bounded memory.

use std::io;

use super::format::{
    CHAIN_BYTES, Chain, ChainKey, FRAME_OVERHEAD_BYTES, FrameHead, HEAD_BYTES,
    SEGMENT_HEADER_BYTES, array_at,
};
use super::{Frame, FramePosition};
use crate::storage::disk::DiskFile;

const WINDOW_BYTES: usize = 256 << 10;

/// What is at the cursor.
#[derive(Debug)]
pub(super) enum Step<'a> {
    Frame(Frame<'a>),
    /// The end of the segment.
    End,
    /// No valid frame with the next sequence.
    Broken,
}

#[derive(Debug)]
pub(super) struct Cursor<'a> {
    file: &'a dyn DiskFile,
    key: ChainKey,
    segment: u32,
    /// Bytes of the segment that are looked at.
    end: u64,
    /// First byte of the next frame.
    pub(super) offset: u64,
    pub(super) sequence: u64,
    /// Chain value before the next frame.
    pub(super) chain: Chain,
    window: Vec<u8>,
    window_start: u64,
}

impl<'a> Cursor<'a> {
    /// A cursor at the first frame, chained to the header's `chain`.
    pub(super) fn new(
        file: &'a dyn DiskFile,
        key: ChainKey,
        segment: u32,
        end: u64,
        first_sequence: u64,
        chain: Chain,
    ) -> Cursor<'a> {
        Cursor {
            file,
            key,
            segment,
            end,
            offset: SEGMENT_HEADER_BYTES,
            sequence: first_sequence,
            chain,
            window: Vec::new(),
            window_start: 0,
        }
    }

    /// Verifies the next frame and steps over it.
    pub(super) fn step(&mut self) -> io::Result<Step<'_>> {
        if self.offset >= self.end {
            return Ok(Step::End);
        }
        if self.end - self.offset < FRAME_OVERHEAD_BYTES {
            return Ok(Step::Broken);
        }
        self.load(CHAIN_BYTES + HEAD_BYTES)?;
        let at = self.at();
        let Some(head) = self
            .window
            .get(at..at + HEAD_BYTES)
            .and_then(FrameHead::decode)
        else {
            return Ok(Step::Broken);
        };
        let frame_bytes = FRAME_OVERHEAD_BYTES + u64::from(head.length);
        if head.sequence != self.sequence || self.end - self.offset < frame_bytes {
            return Ok(Step::Broken);
        }
        self.load(CHAIN_BYTES + frame_bytes as usize)?;
        let at = self.at();
        if self.window[at - CHAIN_BYTES..at] != self.chain
            || self.key.verify_frame(&self.window, at) != Some(head)
        {
            return Ok(Step::Broken);
        }
        let payload_end = at + HEAD_BYTES + head.length as usize;
        let position = FramePosition {
            segment: self.segment,
            offset: self.offset as u32,
            length: head.length,
        };
        self.chain = array_at(&self.window, payload_end);
        self.offset += frame_bytes;
        self.sequence += 1;
        Ok(Step::Frame(Frame {
            position,
            kind: head.kind,
            sequence: head.sequence,
            payload: &self.window[at + HEAD_BYTES..payload_end],
        }))
    }

    /// Place of the next frame in the window.
    fn at(&self) -> usize {
        (self.offset - self.window_start) as usize
    }

    /// Makes `bytes` from 16 bytes before the next frame on available, as far as the file has them.
    fn load(&mut self, bytes: usize) -> io::Result<()> {
        let start = self.offset - CHAIN_BYTES as u64;
        let window_end = self.window_start + self.window.len() as u64;
        if start >= self.window_start && start + bytes as u64 <= window_end {
            return Ok(());
        }
        let wanted = bytes.max(WINDOW_BYTES).min((self.end - start) as usize);
        self.window.resize(wanted, 0);
        self.window_start = start;
        let read = self.file.read_at(start, &mut self.window)?;
        if read < wanted {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}
