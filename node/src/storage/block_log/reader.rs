//! Reads decided blocks, from any thread, while the log grows.

use std::ops::Range;
use std::sync::Arc;

use parking_lot::RwLock;

use super::BlockLogError;
use super::positions::{Positions, SegmentCommits};
use super::record::{self, BODY_HEADER_BYTES, COMMIT_HEADER_BYTES, Key, Record};
use crate::storage::framed_log::{FramePosition, LogError, LogReader, Visit};

/// A decided block as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlock {
    /// Its height.
    pub height: u64,
    /// Hash of its header.
    pub header_hash: [u8; 32],
    /// The body as it was appended.
    pub body: Vec<u8>,
    /// The certificate as it was appended.
    pub certificate: Vec<u8>,
}

/// Reads decided blocks. Clones share their cache; a block is visible once its decision was synced.
#[derive(Debug, Clone)]
pub struct BlockReader {
    log: LogReader,
    shared: Arc<RwLock<Shared>>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) positions: Positions,
    /// Decided and synced heights.
    pub(super) heights: Range<u64>,
    /// Complete segments; of the one after them every position is known.
    pub(super) segments: Range<u32>,
}

impl BlockReader {
    pub(super) fn new(log: LogReader, shared: Arc<RwLock<Shared>>) -> BlockReader {
        BlockReader { log, shared }
    }

    /// The heights that can be read.
    pub fn heights(&self) -> Range<u64> {
        self.shared.read().heights.clone()
    }

    /// The block decided at `height`; `None` if there is no such decision.
    ///
    /// # Errors
    /// `Damaged` if its bytes are not what was appended.
    pub fn block(&self, height: u64) -> Result<Option<StoredBlock>, BlockLogError> {
        let Some(commit_at) = self.locate(height)? else {
            return Ok(None);
        };
        let (key, body_at, certificate) = self.commit(commit_at)?;
        let (kind, mut body) = self.log.read(body_at)?;
        match record::decode(kind, &body) {
            Ok(Record::Body(body_key)) if body_key == key && key.height == height => {}
            _ => {
                let reason = format!("this is not the body of height {height}");
                return Err(self.damaged(body_at, reason).into());
            }
        }
        body.drain(..BODY_HEADER_BYTES);
        Ok(Some(StoredBlock {
            height,
            header_hash: key.hash,
            body,
            certificate,
        }))
    }

    /// The decided blocks from `height` on, until the newest at the time of asking for it.
    pub fn blocks_from(
        &self,
        height: u64,
    ) -> impl Iterator<Item = Result<StoredBlock, BlockLogError>> + use<> {
        let reader = self.clone();
        let first = height.max(reader.heights().start);
        (first..).map_while(move |height| reader.block(height).transpose())
    }

    /// Where the body of the block decided at `height` is.
    pub(super) fn body_position(
        &self,
        height: u64,
    ) -> Result<Option<FramePosition>, BlockLogError> {
        match self.locate(height)? {
            Some(at) => Ok(Some(self.commit(at)?.1)),
            None => Ok(None),
        }
    }

    fn commit(
        &self,
        position: FramePosition,
    ) -> Result<(Key, FramePosition, Vec<u8>), BlockLogError> {
        let (kind, mut payload) = self.log.read(position)?;
        match record::decode(kind, &payload) {
            Ok(Record::Commit(key, body)) => {
                payload.drain(..COMMIT_HEADER_BYTES);
                Ok((key, body, payload))
            }
            _ => Err(self
                .damaged(position, "this is not a decision".to_owned())
                .into()),
        }
    }

    fn locate(&self, height: u64) -> Result<Option<FramePosition>, BlockLogError> {
        let segments = {
            let shared = self.shared.read();
            if !shared.heights.contains(&height) {
                return Ok(None);
            }
            if let Some(position) = shared.positions.find(height) {
                return Ok(Some(position));
            }
            shared.segments.clone()
        };
        let segment = self.find_segment(height, segments)?;
        let commits = self.commits_of(segment)?;
        let mut shared = self.shared.write();
        shared.positions.insert(segment, commits);
        let found = shared.positions.find(height);
        found.map(Some).ok_or_else(|| {
            let at = FramePosition {
                segment,
                offset: 0,
                length: 0,
            };
            self.damaged(at, format!("the decision of height {height} is missing"))
                .into()
        })
    }

    /// The last of `segments` whose first decision is not above `height`.
    fn find_segment(&self, height: u64, segments: Range<u32>) -> Result<u32, BlockLogError> {
        let (mut low, mut high) = (segments.start, segments.end);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            // A segment may hold bodies only: look on until one has a decision.
            let mut probe = middle;
            let mut first = None;
            while probe < high && first.is_none() {
                first = self.first_height(probe)?;
                probe += 1;
            }
            match first {
                Some(first) if first <= height => low = probe - 1,
                _ => high = middle,
            }
        }
        Ok(low)
    }

    fn first_height(&self, segment: u32) -> Result<Option<u64>, BlockLogError> {
        let mut first = None;
        self.log.visit(u64::from(segment), &mut |frame| {
            Ok(match record::decode_frame(frame)? {
                Record::Commit(key, _) => {
                    first = Some(key.height);
                    Visit::Stop
                }
                Record::Body(_) => Visit::Continue,
            })
        })?;
        Ok(first)
    }

    fn commits_of(&self, segment: u32) -> Result<SegmentCommits, BlockLogError> {
        let mut commits = SegmentCommits::default();
        self.log.visit(u64::from(segment), &mut |frame| {
            if let Record::Commit(key, _) = record::decode_frame(frame)? {
                let next = commits.first_height + commits.commits.len() as u64;
                if !commits.commits.is_empty() && key.height != next {
                    return Err(format!("height {} does not follow {next}", key.height));
                }
                commits.push(key.height, frame.position);
            }
            Ok(Visit::Continue)
        })?;
        Ok(commits)
    }

    fn damaged(&self, at: FramePosition, reason: String) -> LogError {
        self.log
            .damaged(u64::from(at.segment), u64::from(at.offset), reason)
    }
}
