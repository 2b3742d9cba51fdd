//! An append-only log of framed records in segment files.
//!
//! What it keeps true:
//!
//! - After [`FramedLog::sync`] returned, every frame appended before it is there at the next opening, or
//!   the opening says [`LogError::Damaged`] with the position. Nothing in between.
//! - Frames that were not synced are there completely or not at all, and always as a prefix.
//! - A write or sync that failed poisons the log: the state of the file is unknown then, a second
//!   `fdatasync` could report success for bytes that were dropped, and the process has to end.
//!
//! # A torn tail or damage?
//!
//! A power cut may leave any part of the bytes that were not synced: half a frame, zeros, or a later
//! frame without the one before it. Rot may hit any byte. Both end the valid chain. It is damage, and
//! refused, if any of these says that the first broken frame had been synced:
//!
//! - it is not in the last segment (a segment is synced before the next one is created);
//! - the *watermark* file says so: it is written, not synced, after each sync, so it never claims too
//!   much and after anything but a power cut it claims everything;
//! - a valid frame after it says so: each frame carries how many frames before it were not yet known to
//!   be synced.
//!
//! Otherwise it is a torn tail: cut off, and reported in [`Opened::recovered_bytes`]. One case cannot be
//! told apart: after a power cut that also lost the newest watermark, rot in the last frame synced. A log that
//! may not forget even then is [`LogOptions::echoed`]: of each frame it has two, and one mends the other.
//!
//! The chain is keyed with a salt of the log, so that nobody who chooses a payload can put something
//! into it that looks like a later frame.

mod cursor;
mod echo;
mod error;
mod format;
mod later_frame;
mod open;
mod reader;
mod repair;
mod watermark;
mod writer;

pub use error::LogError;
pub use format::{FRAME_OVERHEAD_BYTES, SEGMENT_HEADER_BYTES, segment_name};
pub use open::Opened;
pub use reader::LogReader;
pub use repair::{SetAside, discard, set_damage_aside};
pub use watermark::watermark_of;
pub use writer::FramedLog;

/// What kind of log it is, and its sizes.
#[derive(Debug, Clone, Copy)]
pub struct LogOptions {
    /// Four bytes that tell one kind of log from another.
    pub purpose: [u8; 4],
    /// A segment is closed before it would grow past this, bytes.
    pub segment_bytes: u32,
    /// Newest segments verified frame by frame at opening; of older ones the header and the link to the
    /// next one are verified.
    pub segments_verified: usize,
    /// Which segments must be there.
    pub history: History,
    /// Whether each frame is written twice, in the same sync, so that rot in its last frame costs it nothing.
    pub echoed: bool,
    /// Salt of the chain if the log is created now; it must not be predictable.
    pub salt_if_new: [u8; 16],
}

/// Whether a log forgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// Every segment from this number on. Older ones were to be dropped and are removed.
    From(u64),
    /// Old segments may have been dropped.
    Dropped,
}

/// Where a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FramePosition {
    /// Number of the segment.
    pub segment: u32,
    /// First byte of the frame's head in the segment.
    pub offset: u32,
    /// Payload bytes.
    pub length: u32,
}

impl FramePosition {
    /// The first byte after the frame.
    pub(in crate::storage) fn end(&self) -> u64 {
        u64::from(self.offset) + FRAME_OVERHEAD_BYTES + u64::from(self.length)
    }
}

/// A frame that was read and whose chain value was verified.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Where it is.
    pub position: FramePosition,
    /// What the payload is, as the log's owner numbers it; never 0.
    pub kind: u8,
    /// Number of the frame in the log, from 0.
    pub sequence: u64,
    /// The bytes that were appended.
    pub payload: &'a [u8],
}

/// What a visitor of frames wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// The next frame.
    Continue,
    /// No more frames.
    Stop,
}

/// Sees each verified frame in order. An error says why the frame cannot be what it claims to be; it is
/// reported as damage at the frame's position.
pub type Visitor<'a> = dyn FnMut(&Frame<'_>) -> Result<Visit, String> + 'a;
