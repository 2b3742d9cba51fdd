//! Finds the frame of a height in a log of which one kind of frame has a height each, consecutive, in its first eight
//! bytes. Other frames may lie between them.
//!
//! Memory: 4 bytes for 16 heights of the newest segments, for at most
//! [`HEIGHTS_CACHED`](crate::limits::storage::HEIGHTS_CACHED) of them. From there the frames are walked by their heads;
//! in a segment that is not known they are found again, by a binary search over the segments, and cached.

mod milestones;

use std::ops::Range;

use parking_lot::RwLock;

use super::framed_log::{Frame, FramePosition, LogError, LogReader, Visit};
use milestones::{Milestone, SegmentHeights};

pub(super) use milestones::Milestones;

/// See the module.
#[derive(Debug)]
pub(super) struct ByHeight {
    log: LogReader,
    /// Of the frames that have a height.
    kind: u8,
    known: RwLock<Known>,
}

/// What can be found.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) milestones: Milestones,
    /// Heights whose frames were synced.
    pub(super) heights: Range<u64>,
    /// Complete segments; of the one after them every milestone is known.
    pub(super) segments: Range<u32>,
}

impl ByHeight {
    pub(super) fn new(log: LogReader, kind: u8, known: Known) -> Self {
        let known = RwLock::new(known);
        Self { log, kind, known }
    }

    pub(super) fn heights(&self) -> Range<u64> {
        self.known.read().heights.clone()
    }

    /// Adds frames that were synced. `segment` is the one that is written.
    pub(super) fn add(&self, frames: impl Iterator<Item = (u64, FramePosition)>, segment: u64) {
        let mut known = self.known.write();
        for (height, position) in frames {
            if known.heights.is_empty() {
                known.heights = height..height;
            }
            known.heights.end = height.saturating_add(1);
            known.milestones.push(height, position);
        }
        known.segments.end = segment as u32;
    }

    /// Nothing below `first_height` and before `first_segment` is there any more.
    pub(super) fn forget_before(&self, first_height: u64, first_segment: u64) {
        let mut known = self.known.write();
        let end = known.heights.end;
        known.heights.start = known.heights.start.max(first_height).min(end);
        let first = (first_segment as u32).min(known.segments.end);
        known.segments.start = known.segments.start.max(first);
        known.milestones.forget_before(first);
    }

    /// Where the frame of a height is; `None` if the log has none.
    ///
    /// # Errors
    /// `Damaged` if a frame on the way is not what was appended.
    pub(super) fn locate(&self, height: u64) -> Result<Option<FramePosition>, LogError> {
        self.milestone(height)?
            .map(|milestone| self.walk(milestone, height))
            .transpose()
    }

    /// In which segment the frame of a height is; `None` if the log has none.
    ///
    /// # Errors
    /// As [`ByHeight::locate`].
    pub(super) fn segment_of(&self, height: u64) -> Result<Option<u32>, LogError> {
        let milestone = self.milestone(height)?;
        Ok(milestone.map(|milestone| milestone.segment))
    }

    /// The milestone before a height, looked for in its segment if it is not known.
    fn milestone(&self, height: u64) -> Result<Option<Milestone>, LogError> {
        let segments = {
            let known = self.known.read();
            if !known.heights.contains(&height) {
                return Ok(None);
            }
            if let Some(milestone) = known.milestones.find(height) {
                return Ok(Some(milestone));
            }
            known.segments.clone()
        };
        let segment = self.find_segment(height, segments)?;
        let heights = heights_of(&self.log, self.kind, segment)?;
        let mut known = self.known.write();
        known.milestones.insert(segment, heights);
        let found = known.milestones.find(height);
        found.map(Some).ok_or_else(|| {
            let reason = format!("the frame of height {height} is missing");
            self.log.damaged(u64::from(segment), 0, reason)
        })
    }

    /// Goes from frame to frame of the segment. The heads are believed: whoever reads what is found verifies it, and
    /// that it is of this height.
    fn walk(&self, from: Milestone, height: u64) -> Result<FramePosition, LogError> {
        let mut reached = from.height;
        let (_, mut position) = self.log.look(from.segment, u64::from(from.offset))?;
        while reached < height {
            let (kind, next) = self.log.look(from.segment, position.end())?;
            position = next;
            if kind == self.kind {
                reached += 1;
            }
        }
        Ok(position)
    }

    /// The last of `segments` whose first height is not above `height`.
    fn find_segment(&self, height: u64, segments: Range<u32>) -> Result<u32, LogError> {
        let (mut low, mut high) = (segments.start, segments.end);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            // A segment may have frames of other kinds only: look on until one has a height.
            let mut probe = middle;
            let mut first = None;
            while probe < high && first.is_none() {
                first = first_height(&self.log, self.kind, probe)?;
                probe += 1;
            }
            match first {
                Some(first) if first <= height => low = probe - 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }
}

/// The height of a frame, if it is of the kind that has one.
///
/// # Errors
/// What is wrong with it.
fn height_in(frame: &Frame<'_>, kind: u8) -> Result<Option<u64>, String> {
    if frame.kind != kind {
        return Ok(None);
    }
    let height = frame.payload.first_chunk().copied().map(u64::from_le_bytes);
    height
        .ok_or_else(|| format!("a record of kind {kind} is too short"))
        .map(Some)
}

/// The first height in a segment.
pub(super) fn first_height(
    log: &LogReader,
    kind: u8,
    segment: u32,
) -> Result<Option<u64>, LogError> {
    let mut first = None;
    log.visit(u64::from(segment), &mut |frame| {
        first = height_in(frame, kind)?;
        Ok(match first {
            Some(_) => Visit::Stop,
            None => Visit::Continue,
        })
    })?;
    Ok(first)
}

fn heights_of(log: &LogReader, kind: u8, segment: u32) -> Result<SegmentHeights, LogError> {
    let mut heights = SegmentHeights::default();
    log.visit(u64::from(segment), &mut |frame| {
        if let Some(height) = height_in(frame, kind)? {
            if !heights.may_be_followed_by(height) {
                return Err(format!("height {height} does not follow the one before it"));
            }
            heights.push(height, frame.position.offset);
        }
        Ok(Visit::Continue)
    })?;
    Ok(heights)
}
