//! The consensus log: what consensus must remember across a crash before it speaks.
//!
//! Records are opaque bytes at a height. Those of heights below the current one are of no use any more:
//! [`ConsensusLog::start_height`] lets their segments go, so the log stays as small as one segment and
//! what the current height needs. Every record is there twice: no power cut with any one rotted bit makes a validator
//! forget what it said.

use std::path::Path;
use std::sync::Arc;

use super::disk::Disk;
use super::framed_log::{
    Frame, FramePosition, FramedLog, History, LogError, LogOptions, Opened, Visit,
};
use crate::limits::storage::CONSENSUS_SEGMENT_BYTES;

const RECORD: u8 = 1;
const START: u8 = 2;

/// The consensus log open for appending.
#[derive(Debug)]
pub struct ConsensusLog {
    log: FramedLog,
    rotate_bytes: u64,
    height: u64,
    /// The height that it had reached when it was opened.
    opened_at: u64,
    /// Records of the current height and above.
    records: Vec<(u64, FramePosition)>,
}

impl ConsensusLog {
    /// Opens or creates the log in `directory`.
    ///
    /// # Errors
    /// `Damaged` if synced bytes are wrong or missing. The node must not vote then before it is past
    /// every height it may have voted at.
    pub fn open(
        disk: &Arc<dyn Disk>,
        directory: &Path,
        salt_if_new: [u8; 16],
    ) -> Result<(ConsensusLog, Opened), LogError> {
        ConsensusLog::open_sized(disk, directory, salt_if_new, CONSENSUS_SEGMENT_BYTES)
    }

    /// Like [`ConsensusLog::open`], with segments of `segment_bytes`.
    ///
    /// # Errors
    /// As `open`.
    pub fn open_sized(
        disk: &Arc<dyn Disk>,
        directory: &Path,
        salt_if_new: [u8; 16],
        segment_bytes: u32,
    ) -> Result<(ConsensusLog, Opened), LogError> {
        let options = LogOptions {
            purpose: *b"CONS",
            segment_bytes,
            segments_verified: usize::MAX,
            history: History::Dropped,
            // A vote that is forgotten may be contradicted.
            echoed: true,
            salt_if_new,
        };
        let (mut height, mut records) = (0, Vec::new());
        let mut visitor = |frame: &Frame<'_>| {
            let bytes = frame
                .payload
                .first_chunk()
                .ok_or("the record is too short")?;
            let of_height = u64::from_le_bytes(*bytes);
            match frame.kind {
                RECORD => records.push((of_height, frame.position)),
                START => height = height.max(of_height),
                other => return Err(format!("the consensus log has no records of kind {other}")),
            }
            Ok(Visit::Continue)
        };
        let (log, opened) = FramedLog::open(disk, directory, options, &mut visitor)?;
        records.retain(|(of_height, _)| *of_height >= height);
        let rotate_bytes = u64::from(segment_bytes) / 2;
        Ok((
            ConsensusLog {
                log,
                rotate_bytes,
                height,
                opened_at: height,
                records,
            },
            opened,
        ))
    }

    /// Appends a record of the current height or a later one. Sync before anything that depends on it
    /// leaves.
    ///
    /// Where the log was ahead when it was opened, because the block log lost its last blocks, these are decided
    /// again: what is said below that height is not kept, and nobody may sign anything there.
    ///
    /// # Errors
    /// Every error but `TooLarge` ends the process.
    pub fn append(&mut self, height: u64, record: &[u8]) -> Result<(), LogError> {
        if height < self.opened_at {
            return Ok(());
        }
        assert!(
            height >= self.height,
            "records of a finished height are not kept"
        );
        let position = self.log.append(RECORD, &[&height.to_le_bytes(), record])?;
        self.records.push((height, position));
        Ok(())
    }

    /// Makes everything appended durable.
    ///
    /// # Errors
    /// Every error ends the process.
    pub fn sync(&mut self) -> Result<(), LogError> {
        self.log.sync()
    }

    /// The records of `height` in the order they were appended; none below the current height.
    ///
    /// # Errors
    /// `Damaged` if their bytes are not what was appended.
    pub fn records_for(&mut self, height: u64) -> Result<Vec<Vec<u8>>, LogError> {
        let mut found = Vec::new();
        for (_, position) in self
            .records
            .iter()
            .filter(|(of_height, _)| *of_height == height)
        {
            let (_, mut payload) = self.log.read(*position)?;
            payload.drain(..8);
            found.push(payload);
        }
        Ok(found)
    }

    /// Makes `height` the current one: records below it may go. Durable with the next sync; until then a
    /// crash may bring older records back, which does no harm.
    ///
    /// # Errors
    /// Every error ends the process.
    pub fn start_height(&mut self, height: u64) -> Result<(), LogError> {
        if height <= self.height {
            return Ok(());
        }
        self.height = height;
        self.records.retain(|(of_height, _)| *of_height >= height);
        if self.log.segment_bytes() > self.rotate_bytes {
            self.log.rotate()?;
        }
        self.log.append(START, &[&height.to_le_bytes()])?;
        let oldest = self
            .records
            .iter()
            .map(|(_, position)| u64::from(position.segment))
            .min();
        let needed = oldest.unwrap_or(self.log.current_segment());
        if needed > self.log.first_segment() {
            // What replaces the dropped segments must be durable before they go.
            self.log.sync()?;
            self.log.drop_segments_before(needed)?;
        }
        Ok(())
    }

    /// The current height; 0 before the first [`ConsensusLog::start_height`].
    pub fn height(&self) -> u64 {
        self.height
    }
}
