//! Opens the block log and appends to it.

use std::path::Path;
use std::sync::Arc;

use super::reader::BlockReader;
use super::record::{self, BODY, BODY_HEADER_BYTES, COMMIT, Key, Record};
use super::{BlockLogError, StoredBlock};
use crate::limits::storage::{
    BLOCK_SEGMENT_BYTES, BODIES_PER_HEIGHT_MAX, SEGMENTS_VERIFIED_AT_OPEN,
};
use crate::storage::by_height::{ByHeight, Known, Milestones};
use crate::storage::disk::Disk;
use crate::storage::framed_log::{
    Frame, FramePosition, FramedLog, History, LogOptions, LogReader, Opened, Visit,
};

/// How a block log is opened.
#[derive(Debug, Clone, Copy)]
pub struct BlockLogOptions {
    /// Height of the first block: 1 after genesis. Blocks below it may be there and are not read.
    pub first_height: u64,
    /// Oldest segment that must be there; older ones were to be dropped.
    pub first_segment: u64,
    /// A segment is closed before it would grow past this, bytes.
    pub segment_bytes: u32,
    /// Newest segments whose every frame is verified at opening.
    pub segments_verified: usize,
    /// Salt of the chain if the log is created now; it must not be predictable.
    pub salt_if_new: [u8; 16],
}

impl BlockLogOptions {
    /// The sizes of `limits`, the first block at height 1.
    pub fn new(salt_if_new: [u8; 16]) -> BlockLogOptions {
        BlockLogOptions {
            first_height: 1,
            first_segment: 0,
            segment_bytes: BLOCK_SEGMENT_BYTES,
            segments_verified: SEGMENTS_VERIFIED_AT_OPEN,
            salt_if_new,
        }
    }
}

/// The block log open for appending.
#[derive(Debug)]
pub struct BlockLog {
    log: FramedLog,
    tail: Tail,
    /// Decisions that were appended and not synced.
    unsynced: Vec<(u64, FramePosition)>,
    decisions: Arc<ByHeight>,
    reader: BlockReader,
}

impl BlockLog {
    /// Opens or creates the block log in `directory`.
    ///
    /// # Errors
    /// `Damaged` if synced bytes are wrong or missing, or if the records do not fit each other.
    pub fn open(
        disk: &Arc<dyn Disk>,
        directory: &Path,
        options: BlockLogOptions,
    ) -> Result<(BlockLog, Opened), BlockLogError> {
        let log_options = LogOptions {
            purpose: *b"BLKS",
            segment_bytes: options.segment_bytes,
            segments_verified: options.segments_verified,
            history: History::From(options.first_segment),
            // A block that is lost with the last frame is fetched again.
            echoed: false,
            salt_if_new: options.salt_if_new,
        };
        let mut milestones = Milestones::default();
        let mut tail = Tail::new(options.first_height);
        let mut visitor = |frame: &Frame<'_>| {
            if let Some(height) = tail.on_frame(frame)? {
                milestones.push(height, frame.position);
            }
            Ok(Visit::Continue)
        };
        let (log, opened) = FramedLog::open(disk, directory, log_options, &mut visitor)?;
        let verified = options.segments_verified.max(1) as u64;
        let first_visited = (log.current_segment() + 1).saturating_sub(verified);
        let reader = log.reader();
        tail.complete_from_older(&reader, log.first_segment(), first_visited)?;
        if tail.next_height() < options.first_height {
            return Err(BlockLogError::EndsBeforeBase {
                directory: directory.to_path_buf(),
                end: tail.next_height().saturating_sub(1),
                base: options.first_height.saturating_sub(1),
            });
        }
        let known = Known {
            milestones,
            heights: options.first_height..tail.next_height(),
            segments: log.first_segment() as u32..log.current_segment() as u32,
        };
        let decisions = Arc::new(ByHeight::new(reader.clone(), COMMIT, known));
        let reader = BlockReader::new(reader, Arc::clone(&decisions));
        Ok((
            BlockLog {
                log,
                tail,
                unsynced: Vec::new(),
                decisions,
                reader,
            },
            opened,
        ))
    }

    /// Appends a body of the next height, unless it is there already. Sync before voting for it.
    ///
    /// # Errors
    /// `NotConsecutive` for another height; a `Log` error ends the process.
    pub fn append_body(
        &mut self,
        height: u64,
        header_hash: [u8; 32],
        body: &[u8],
    ) -> Result<(), BlockLogError> {
        self.check_next(height)?;
        if self.tail.body(&header_hash).is_some() {
            return Ok(());
        }
        let bodies = self.tail.bodies.len();
        if bodies >= BODIES_PER_HEIGHT_MAX {
            return Err(BlockLogError::TooManyBodies { height, bodies });
        }
        let key = Key {
            height,
            hash: header_hash,
        };
        let position = self.log.append(BODY, &[&record::encode_key(&key), body])?;
        self.tail.bodies.push((key, position));
        Ok(())
    }

    /// Appends the decision of the next height, whose body was appended before. Sync before telling
    /// anyone.
    ///
    /// # Errors
    /// `NotConsecutive` or `UnknownBody` leave the log as it was; a `Log` error ends the process.
    pub fn append_commit(
        &mut self,
        height: u64,
        header_hash: [u8; 32],
        certificate: &[u8],
    ) -> Result<(), BlockLogError> {
        self.check_next(height)?;
        let body = self
            .tail
            .body(&header_hash)
            .ok_or(BlockLogError::UnknownBody { height })?;
        let key = Key {
            height,
            hash: header_hash,
        };
        let position = self
            .log
            .append(COMMIT, &[&record::encode_commit(&key, body), certificate])?;
        self.tail.last = Some(key);
        self.tail.bodies.clear();
        self.unsynced.push((height, position));
        Ok(())
    }

    /// Makes everything appended durable, and the decisions among it readable.
    ///
    /// # Errors
    /// Every error ends the process.
    pub fn sync(&mut self) -> Result<(), BlockLogError> {
        self.log.sync()?;
        if self.unsynced.is_empty() {
            return Ok(());
        }
        let segment = self.log.current_segment();
        self.decisions.add(self.unsynced.drain(..), segment);
        Ok(())
    }

    /// Height and header hash of the newest decision, synced or not.
    pub fn last_committed(&self) -> Option<(u64, [u8; 32])> {
        self.tail.last.map(|key| (key.height, key.hash))
    }

    /// The newest height decided, synced or not; the one before the first block if there is none.
    pub fn height(&self) -> u64 {
        self.tail.next_height().saturating_sub(1)
    }

    /// The oldest segment that the blocks from `height` on are in, their bodies included. `height` is at most one
    /// above the newest decision, and everything is synced.
    ///
    /// # Errors
    /// `Damaged` if the decision there is not what was appended.
    pub fn segment_of(&self, height: u64) -> Result<u64, BlockLogError> {
        if let Some(body) = self.reader.body_position(height)? {
            return Ok(u64::from(body.segment));
        }
        let bodies = self.tail.bodies.iter();
        let oldest = bodies
            .map(|(_, position)| u64::from(position.segment))
            .min();
        Ok(oldest.unwrap_or(self.log.current_segment()))
    }

    /// Lets the log begin at `first_height` and removes the segments before `first_segment`, which
    /// [`BlockLog::segment_of`] gave. What is to open the log again must have been recorded before.
    ///
    /// # Errors
    /// Every error ends the process.
    pub fn drop_before(
        &mut self,
        first_height: u64,
        first_segment: u64,
    ) -> Result<(), BlockLogError> {
        self.decisions.forget_before(first_height, first_segment);
        self.tail.first_height = self.tail.first_height.max(first_height);
        Ok(self.log.drop_segments_before(first_segment)?)
    }

    /// Header hashes of the bodies kept for the undecided height, oldest first.
    pub fn uncommitted_bodies(&self) -> Vec<[u8; 32]> {
        self.tail.bodies.iter().map(|(key, _)| key.hash).collect()
    }

    /// One of the bodies of the undecided height.
    ///
    /// # Errors
    /// `Damaged` if its bytes are not what was appended.
    pub fn uncommitted_body(
        &mut self,
        header_hash: &[u8; 32],
    ) -> Result<Option<Vec<u8>>, BlockLogError> {
        let Some(position) = self.tail.body(header_hash) else {
            return Ok(None);
        };
        let (_, mut body) = self.log.read(position)?;
        body.drain(..BODY_HEADER_BYTES);
        Ok(Some(body))
    }

    /// The block decided and synced at `height`.
    ///
    /// # Errors
    /// `Damaged` if its bytes are not what was appended.
    pub fn block(&self, height: u64) -> Result<Option<StoredBlock>, BlockLogError> {
        self.reader.block(height)
    }

    /// Reads decided blocks from other threads.
    pub fn reader(&self) -> BlockReader {
        self.reader.clone()
    }

    /// Verifies every byte of the log; `progress` hears the segments done and the segments in all.
    /// Returns the number of records.
    ///
    /// # Errors
    /// `Damaged` at the first byte that is wrong.
    pub fn verify_all(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<u64, BlockLogError> {
        Ok(self.log.verify_all(progress)?)
    }

    fn check_next(&self, height: u64) -> Result<(), BlockLogError> {
        let next = self.tail.next_height();
        if height != next {
            let last_committed = next.saturating_sub(1);
            return Err(BlockLogError::NotConsecutive {
                height,
                last_committed,
            });
        }
        Ok(())
    }
}

/// The newest decision and the bodies after it.
#[derive(Debug)]
struct Tail {
    first_height: u64,
    /// The height of the first frame of the log, if it was seen: every height is accounted for then.
    opened: Option<u64>,
    last: Option<Key>,
    bodies: Vec<(Key, FramePosition)>,
}

impl Tail {
    fn new(first_height: u64) -> Tail {
        Tail {
            first_height,
            opened: None,
            last: None,
            bodies: Vec::new(),
        }
    }

    fn next_height(&self) -> u64 {
        self.last.map_or(self.first_height, |key| key.height + 1)
    }

    fn body(&self, hash: &[u8; 32]) -> Option<FramePosition> {
        self.bodies
            .iter()
            .find(|(key, _)| key.hash == *hash)
            .map(|(_, position)| *position)
    }

    /// Takes a frame read back; returns the height if it is a decision.
    fn on_frame(&mut self, frame: &Frame<'_>) -> Result<Option<u64>, String> {
        let record = record::decode_frame(frame)?;
        let (Record::Body(key) | Record::Commit(key, _)) = record;
        let fits = match (self.last, self.opened) {
            (Some(last), _) => last.height.checked_add(1) == Some(key.height),
            // Bodies before the first decision are of its height.
            (None, Some(opened)) => key.height == opened,
            // The first record ever is of the first block, or of an older one that is not read any more.
            (None, None) if frame.sequence == 0 => (1..=self.first_height).contains(&key.height),
            (None, None) => key.height > 0,
        };
        if frame.sequence == 0 {
            self.opened = Some(key.height);
        }
        // No height follows the last one there is.
        if !fits || key.height == u64::MAX {
            return Err(format!(
                "a record for height {} where height {} was expected",
                key.height,
                self.next_height()
            ));
        }
        match record {
            Record::Body(key) => {
                self.bodies.push((key, frame.position));
                Ok(None)
            }
            Record::Commit(key, _) => {
                self.last = Some(key);
                self.bodies.clear();
                Ok(Some(key.height))
            }
        }
    }

    /// Looks further back while no decision was seen.
    fn complete_from_older(
        &mut self,
        log: &LogReader,
        first_segment: u64,
        first_visited: u64,
    ) -> Result<(), BlockLogError> {
        for segment in (first_segment..first_visited).rev() {
            if self.last.is_some() {
                break;
            }
            let mut older = Tail::new(self.first_height);
            log.visit(segment, &mut |frame| {
                older.on_frame(frame).map(|_| Visit::Continue)
            })?;
            older.bodies.append(&mut self.bodies);
            *self = older;
        }
        Ok(())
    }
}
