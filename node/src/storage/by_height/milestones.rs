//! Where some of the frames are: in each known segment the first height and the offset of each 16th.

use std::collections::BTreeMap;

use crate::limits::storage::{HEIGHTS_BETWEEN_MILESTONES, HEIGHTS_CACHED};
use crate::storage::framed_log::FramePosition;

/// The frame of a height, from which those after it are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Milestone {
    pub(super) height: u64,
    pub(super) segment: u32,
    pub(super) offset: u32,
}

/// The heights of one segment; they are consecutive.
#[derive(Debug, Clone, Default)]
pub(super) struct SegmentHeights {
    first: u64,
    count: u64,
    /// Of each [`HEIGHTS_BETWEEN_MILESTONES`]th, from the first on.
    offsets: Vec<u32>,
}

impl SegmentHeights {
    /// Whether a height comes next; any does if there is none.
    pub(super) fn may_be_followed_by(&self, height: u64) -> bool {
        self.count == 0 || height.checked_sub(self.first) == Some(self.count)
    }

    pub(super) fn push(&mut self, height: u64, offset: u32) {
        if self.count == 0 {
            self.first = height;
        }
        if self.count.is_multiple_of(HEIGHTS_BETWEEN_MILESTONES) {
            self.offsets.push(offset);
        }
        self.count += 1;
    }

    fn find(&self, segment: u32, height: u64) -> Option<Milestone> {
        let at = height
            .checked_sub(self.first)
            .filter(|at| *at < self.count)?;
        let before = at / HEIGHTS_BETWEEN_MILESTONES;
        Some(Milestone {
            height: self.first + before * HEIGHTS_BETWEEN_MILESTONES,
            segment,
            offset: *self.offsets.get(usize::try_from(before).ok()?)?,
        })
    }
}

/// Milestones by segment. Segments that are not known are looked into when needed.
#[derive(Debug, Default)]
pub(in crate::storage) struct Milestones {
    segments: BTreeMap<u32, SegmentHeights>,
    heights: u64,
}

impl Milestones {
    pub(in crate::storage) fn push(&mut self, height: u64, position: FramePosition) {
        self.segments
            .entry(position.segment)
            .or_default()
            .push(height, position.offset);
        self.heights += 1;
        self.forget_beyond_bound(position.segment);
    }

    /// Adds all heights of a segment.
    pub(super) fn insert(&mut self, segment: u32, heights: SegmentHeights) {
        self.heights += heights.count;
        if let Some(replaced) = self.segments.insert(segment, heights) {
            self.heights -= replaced.count;
        }
        self.forget_beyond_bound(segment);
    }

    pub(super) fn find(&self, height: u64) -> Option<Milestone> {
        self.segments
            .iter()
            .rev()
            .find_map(|(segment, heights)| heights.find(*segment, height))
    }

    /// Forgets the segments before `first`.
    pub(super) fn forget_before(&mut self, first: u32) {
        let kept = self.segments.split_off(&first);
        for gone in self.segments.values() {
            self.heights -= gone.count;
        }
        self.segments = kept;
    }

    /// Forgets the oldest segments while there are too many heights; `kept` and the newest stay.
    fn forget_beyond_bound(&mut self, kept: u32) {
        while self.heights > HEIGHTS_CACHED {
            let newest = self.segments.keys().next_back().copied();
            let Some(oldest) = self
                .segments
                .keys()
                .copied()
                .find(|&at| at != kept && Some(at) != newest)
            else {
                return;
            };
            if let Some(forgotten) = self.segments.remove(&oldest) {
                self.heights -= forgotten.count;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_segments_are_forgotten_beyond_the_bound() {
        let mut milestones = Milestones::default();
        let each = HEIGHTS_CACHED / 4;
        for height in 0..6 * each {
            let position = FramePosition {
                segment: (height / each) as u32,
                offset: (height % each) as u32,
                length: 0,
            };
            milestones.push(height, position);
            assert!(milestones.heights <= HEIGHTS_CACHED);
        }
        assert_eq!(milestones.find(2 * each - 1), None);
        assert!(milestones.find(2 * each).is_some());
        // One that is looked for again takes the place of the next oldest.
        let mut old = SegmentHeights::default();
        (0..each).for_each(|height| old.push(height, height as u32));
        milestones.insert(0, old);
        assert!(milestones.find(each - 1).is_some());
        assert!(milestones.find(2 * each).is_none());
        assert!(milestones.find(6 * each - 1).is_some());
        assert!(milestones.heights <= HEIGHTS_CACHED);
    }

    #[test]
    fn a_milestone_is_at_most_fifteen_heights_before() {
        let mut milestones = Milestones::default();
        for height in 100..200_u32 {
            let position = FramePosition {
                segment: height / 50,
                offset: 10 * height,
                length: 1,
            };
            milestones.push(u64::from(height), position);
        }
        for (height, found) in [(100, 100), (115, 100), (116, 116), (149, 148), (199, 198)] {
            let milestone = milestones.find(height).expect("it is known");
            assert_eq!(milestone.height, found, "of height {height}");
            assert_eq!(milestone.offset, 10 * found as u32);
            assert_eq!(u64::from(milestone.segment), height / 50);
        }
        assert_eq!(milestones.find(99), None);
        assert_eq!(milestones.find(200), None);
        milestones.forget_before(3);
        assert_eq!(milestones.find(149), None);
        assert_eq!(milestones.heights, 50);
    }
}
