//! Reads decided blocks, from any thread, while the log grows.

use std::ops::Range;
use std::sync::Arc;

use super::BlockLogError;
use super::record::{self, BODY_HEADER_BYTES, COMMIT_HEADER_BYTES, Key, Record};
use crate::storage::by_height::ByHeight;
use crate::storage::framed_log::{FramePosition, LogError, LogReader};

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
    decisions: Arc<ByHeight>,
}

impl BlockReader {
    pub(super) fn new(log: LogReader, decisions: Arc<ByHeight>) -> BlockReader {
        BlockReader { log, decisions }
    }

    /// The heights that can be read.
    pub fn heights(&self) -> Range<u64> {
        self.decisions.heights()
    }

    /// The block decided at `height`; `None` if there is no such decision.
    ///
    /// # Errors
    /// `Damaged` if its bytes are not what was appended.
    pub fn block(&self, height: u64) -> Result<Option<StoredBlock>, BlockLogError> {
        let Some(commit_at) = self.decisions.locate(height)? else {
            return Ok(None);
        };
        let (key, body_at, certificate) = self.commit(commit_at, height)?;
        let (kind, mut body) = self.log.read(body_at)?;
        match record::decode(kind, &body) {
            Ok(Record::Body(body_key)) if body_key == key => {}
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
        match self.decisions.locate(height)? {
            Some(at) => Ok(Some(self.commit(at, height)?.1)),
            None => Ok(None),
        }
    }

    fn commit(
        &self,
        position: FramePosition,
        height: u64,
    ) -> Result<(Key, FramePosition, Vec<u8>), BlockLogError> {
        let (kind, mut payload) = self.log.read(position)?;
        match record::decode(kind, &payload) {
            Ok(Record::Commit(key, body)) if key.height == height => {
                payload.drain(..COMMIT_HEADER_BYTES);
                Ok((key, body, payload))
            }
            _ => Err(self
                .damaged(
                    position,
                    format!("this is not the decision of height {height}"),
                )
                .into()),
        }
    }

    fn damaged(&self, at: FramePosition, reason: String) -> LogError {
        self.log
            .damaged(u64::from(at.segment), u64::from(at.offset), reason)
    }
}
