//! Where the decisions are: per segment the first height and the offsets of the commits.

use std::collections::BTreeMap;

use crate::limits::storage::BLOCK_POSITIONS_CACHED;
use crate::storage::framed_log::FramePosition;

/// The commits of one segment; their heights are consecutive.
#[derive(Debug, Clone, Default)]
pub(super) struct SegmentCommits {
    pub(super) first_height: u64,
    /// Offset and payload length of each commit.
    pub(super) commits: Vec<(u32, u32)>,
}

impl SegmentCommits {
    pub(super) fn push(&mut self, height: u64, position: FramePosition) {
        if self.commits.is_empty() {
            self.first_height = height;
        }
        self.commits.push((position.offset, position.length));
    }

    fn find(&self, segment: u32, height: u64) -> Option<FramePosition> {
        let at = usize::try_from(height.checked_sub(self.first_height)?).ok()?;
        let (offset, length) = *self.commits.get(at)?;
        Some(FramePosition {
            segment,
            offset,
            length,
        })
    }
}

/// Known positions by segment. Segments that are not known are looked into when needed.
#[derive(Debug, Default)]
pub(super) struct Positions {
    segments: BTreeMap<u32, SegmentCommits>,
    commits: usize,
}

impl Positions {
    pub(super) fn push(&mut self, height: u64, position: FramePosition) {
        self.segments
            .entry(position.segment)
            .or_default()
            .push(height, position);
        self.commits += 1;
        self.forget_beyond_bound(position.segment);
    }

    /// Adds the complete commits of a segment.
    pub(super) fn insert(&mut self, segment: u32, commits: SegmentCommits) {
        self.commits += commits.commits.len();
        if let Some(replaced) = self.segments.insert(segment, commits) {
            self.commits -= replaced.commits.len();
        }
        self.forget_beyond_bound(segment);
    }

    pub(super) fn find(&self, height: u64) -> Option<FramePosition> {
        self.segments
            .iter()
            .rev()
            .find_map(|(segment, commits)| commits.find(*segment, height))
    }

    /// Forgets the segments before `first`.
    pub(super) fn forget_before(&mut self, first: u32) {
        let kept = self.segments.split_off(&first);
        for gone in self.segments.values() {
            self.commits -= gone.commits.len();
        }
        self.segments = kept;
    }

    /// Forgets the oldest segments while there are too many positions; `kept` and the newest stay.
    fn forget_beyond_bound(&mut self, kept: u32) {
        while self.commits > BLOCK_POSITIONS_CACHED {
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
                self.commits -= forgotten.commits.len();
            }
        }
    }
}
