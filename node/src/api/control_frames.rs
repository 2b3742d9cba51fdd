//! Frames of HTTP/2 that carry no request: pings, settings, priorities, empty data. Each asks for work, and a
//! client can send millions (CVE-2019-9512, -9515, -9518). They are counted in the bytes as they arrive, before
//! the HTTP/2 layer sees them; a connection with too many is read more slowly, and no other is.

use std::time::{Duration, Instant};

use crate::{
    allowance::Allowance,
    limits::api::{CONTROL_FRAME_COST, CONTROL_FRAMES},
};

/// What a client says first (RFC 9113, section 3.4).
const PREFACE_BYTES: usize = 24;
/// Length, type, flags, stream (RFC 9113, section 4.1).
const HEADER_BYTES: usize = 9;
/// Types of frames (RFC 9113, section 6).
const DATA: u8 = 0x0;
const HEADERS: u8 = 0x1;
const RST_STREAM: u8 = 0x3;
const WINDOW_UPDATE: u8 = 0x8;
const CONTINUATION: u8 = 0x9;
/// Flag of data that are the last of their stream.
const END_STREAM: u8 = 0x1;
/// Flag of data with padding, of which all may be. No client of gRPC pads.
const PADDED: u8 = 0x8;

/// Follows the frames of one connection.
#[derive(Debug)]
pub(super) struct ControlFrames {
    /// Bytes until the next header: the rest of the preface or of a payload.
    skip: usize,
    /// Of a header that has not come whole.
    header: [u8; HEADER_BYTES],
    filled: usize,
    allowance: Allowance,
}

impl ControlFrames {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            skip: PREFACE_BYTES,
            header: [0; HEADER_BYTES],
            filled: 0,
            allowance: Allowance::full(CONTROL_FRAMES, now),
        }
    }

    /// Counts what was read; how long to wait before more is read. Bytes that are no HTTP/2 are for the layer
    /// above to refuse.
    pub(super) fn on_bytes(&mut self, mut bytes: &[u8], now: Instant) -> Duration {
        let mut cost: i64 = 0;
        while !bytes.is_empty() {
            if self.skip > 0 {
                let (skipped, rest) = bytes.split_at(self.skip.min(bytes.len()));
                self.skip = self.skip.saturating_sub(skipped.len());
                bytes = rest;
                continue;
            }
            let missing = HEADER_BYTES.saturating_sub(self.filled);
            let (part, rest) = bytes.split_at(missing.min(bytes.len()));
            let filled = self.filled.saturating_add(part.len());
            self.header[self.filled..filled].copy_from_slice(part);
            self.filled = filled;
            bytes = rest;
            if self.filled == HEADER_BYTES {
                cost = cost.saturating_add(self.on_header());
            }
        }
        if cost > 0 {
            self.allowance.take(cost, now);
            return self.allowance.owes_for(now);
        }
        Duration::ZERO
    }

    /// What a frame costs.
    fn on_header(&mut self) -> i64 {
        self.filled = 0;
        let [a, b, c, kind, flags, ..] = self.header;
        self.skip = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        let is_empty = self.skip == 0;
        match kind {
            // Resets are counted by the layer above.
            HEADERS | RST_STREAM => 0,
            DATA if flags & PADDED == 0 && (!is_empty || flags & END_STREAM != 0) => 0,
            CONTINUATION if !is_empty => 0,
            WINDOW_UPDATE => 1,
            _ => CONTROL_FRAME_COST,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: u8 = 0x6;

    fn frame(kind: u8, flags: u8, payload: usize) -> Vec<u8> {
        let length = u32::try_from(payload).unwrap().to_be_bytes();
        let mut bytes = length[1..].to_vec();
        bytes.extend([kind, flags, 0, 0, 0, 1]);
        bytes.resize(HEADER_BYTES + payload, 7);
        bytes
    }

    /// The wait after all bytes came at once, in parts of this size.
    fn wait(frames: &[Vec<u8>], part: usize) -> Duration {
        let now = Instant::now();
        let mut counted = ControlFrames::new(now);
        let bytes = [vec![0; PREFACE_BYTES], frames.concat()].concat();
        let waits = bytes.chunks(part).map(|bytes| counted.on_bytes(bytes, now));
        waits.max().unwrap()
    }

    fn most(cost: i64) -> usize {
        usize::try_from(CONTROL_FRAMES.burst / cost).unwrap()
    }

    #[test]
    fn frames_are_found_however_they_are_cut() {
        let requests = vec![
            frame(HEADERS, 0, 20),
            frame(DATA, 0, 300),
            frame(DATA, END_STREAM, 0),
        ];
        for part in [1, 7, 8, 9, 10, 4_096] {
            let mut frames = vec![frame(PING, 0, 8); most(CONTROL_FRAME_COST)];
            frames.extend(requests.clone());
            assert_eq!(wait(&frames, part), Duration::ZERO, "in parts of {part}");
            frames.push(frame(PING, 0, 8));
            assert!(wait(&frames, part) > Duration::ZERO, "in parts of {part}");
        }
    }

    #[test]
    fn what_carries_nothing_costs_and_what_carries_something_does_not() {
        for (kind, flags, payload, cost) in [
            (PING, 0, 8, CONTROL_FRAME_COST),
            (0x4, 0, 0, CONTROL_FRAME_COST),
            (0x2, 0, 5, CONTROL_FRAME_COST),
            (0xfa, 0, 0, CONTROL_FRAME_COST),
            (DATA, 0, 0, CONTROL_FRAME_COST),
            (DATA, PADDED, 256, CONTROL_FRAME_COST),
            (CONTINUATION, 0, 0, CONTROL_FRAME_COST),
            (WINDOW_UPDATE, 0, 4, 1),
        ] {
            let frames = |count| vec![frame(kind, flags, payload); count];
            assert_eq!(wait(&frames(most(cost)), 1_000), Duration::ZERO, "{kind}");
            assert!(
                wait(&frames(most(cost) + 1), 1_000) > Duration::ZERO,
                "{kind}"
            );
        }
        for (kind, flags, payload) in [
            (HEADERS, 0x4, 10),
            (CONTINUATION, 0x4, 10),
            (RST_STREAM, 0, 4),
            (DATA, END_STREAM, 0),
            (DATA, 0, 1),
        ] {
            let frames = vec![frame(kind, flags, payload); most(1) + 1];
            assert_eq!(wait(&frames, 4_096), Duration::ZERO, "{kind}");
        }
    }
}
