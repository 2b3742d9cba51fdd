//! What executing each block gave, in a log of its own: one record for each height, consecutive.
//!
//! In the store of keys a record is several entries, and each of them takes memory for as long as the block is kept; here
//! it takes none, and is written once. It can be made again from the block log, so that whoever finds it damaged
//! discards it.
//!
//! ```text
//! record  kind 1: height u64 | the bytes
//! ```

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::by_height::{self, ByHeight, Known, Milestones};
use super::disk::Disk;
use super::framed_log::{
    self, FramePosition, FramedLog, History, LogError, LogOptions, LogReader, Visit,
};
use crate::limits::storage::{
    RECORD_SEGMENT_BYTES, RECORD_SEGMENTS_VERIFIED, RECORDS_UNSYNCED_MAX,
};

const RECORD: u8 = 1;
const HEIGHT_BYTES: usize = 8;

/// Where a record log is.
#[derive(Clone, Debug)]
pub struct RecordPlace {
    /// The file system.
    pub disk: Arc<dyn Disk>,
    /// Its directory.
    pub directory: PathBuf,
    /// Salt of the chain if the log is created now; it must not be predictable.
    pub salt_if_new: [u8; 16],
    /// A segment is closed before it would grow past this, bytes.
    pub segment_bytes: u32,
}

impl RecordPlace {
    /// A log in `directory` with segments of the size of `limits`.
    pub fn new(disk: &Arc<dyn Disk>, directory: &Path, salt_if_new: [u8; 16]) -> Self {
        Self {
            disk: Arc::clone(disk),
            directory: directory.to_owned(),
            salt_if_new,
            segment_bytes: RECORD_SEGMENT_BYTES,
        }
    }
}

/// A record log, open. It is shared by the one who appends and those who read.
#[derive(Debug)]
pub struct RecordLog {
    reader: LogReader,
    synced: ByHeight,
    writer: Mutex<Writer>,
}

#[derive(Debug)]
struct Writer {
    log: FramedLog,
    /// The height that comes next; any where there is none yet.
    next: Option<u64>,
    /// Where the newest records are, up to the one before `next`.
    unsynced: Vec<FramePosition>,
}

impl Writer {
    fn first_unsynced(&self) -> u64 {
        let next = self.next.unwrap_or(0);
        next.saturating_sub(self.unsynced.len() as u64)
    }

    fn unsynced_at(&self, height: u64) -> Option<FramePosition> {
        let at = height.checked_sub(self.first_unsynced())?;
        self.unsynced.get(usize::try_from(at).ok()?).copied()
    }
}

impl RecordLog {
    /// Opens or creates the log.
    ///
    /// # Errors
    /// `Damaged` if synced bytes are wrong or missing: [discard](RecordLog::discard) it.
    pub fn open(place: &RecordPlace) -> Result<Self, LogError> {
        let options = LogOptions {
            purpose: *b"RECS",
            segment_bytes: place.segment_bytes,
            segments_verified: RECORD_SEGMENTS_VERIFIED,
            history: History::Dropped,
            // What is lost with the last frame is made again.
            echoed: false,
            salt_if_new: place.salt_if_new,
        };
        let mut milestones = Milestones::default();
        let mut next = None;
        let (log, _) = FramedLog::open(&place.disk, &place.directory, options, &mut |frame| {
            let (RECORD, Some(height)) = (frame.kind, height_of(frame.payload)) else {
                return Err("the record log has no such records".to_owned());
            };
            if next.is_some_and(|next| next != height) {
                return Err(format!("height {height} does not follow the one before it"));
            }
            next = Some(height.checked_add(1).ok_or("no height follows the last")?);
            milestones.push(height, frame.position);
            Ok(Visit::Continue)
        })?;
        let reader = log.reader();
        let segments = log.first_segment() as u32..log.current_segment() as u32;
        // Each complete segment has a record, and of those the newest are visited.
        let start = by_height::first_height(&reader, RECORD, segments.start)?;
        let end = next.unwrap_or(0);
        let known = Known {
            milestones,
            heights: start.unwrap_or(end)..end,
            segments,
        };
        Ok(Self {
            synced: ByHeight::new(reader.clone(), RECORD, known),
            reader,
            writer: Mutex::new(Writer {
                log,
                next,
                unsynced: Vec::new(),
            }),
        })
    }

    /// Removes the log; it must be closed.
    ///
    /// # Errors
    /// `Io` when the file system refuses; the call can be repeated.
    pub fn discard(place: &RecordPlace) -> Result<(), LogError> {
        framed_log::discard(&*place.disk, &place.directory)
    }

    /// The oldest height that has a record that was synced.
    pub fn first(&self) -> Option<u64> {
        let heights = self.synced.heights();
        (!heights.is_empty()).then_some(heights.start)
    }

    /// The newest height that has a record, synced or not.
    pub fn complete_to(&self) -> Option<u64> {
        let next = self.writer.lock().next;
        next.map(|next| next.saturating_sub(1))
    }

    /// Appends the record of the next height; the first one may be of any. A height that has one is passed over.
    /// Readable at once, durable after the next [`RecordLog::sync`].
    ///
    /// # Errors
    /// `TooLarge` leaves the log as it was; every other error is final.
    ///
    /// # Panics
    /// When a height is left out, or is the last that there can be.
    pub fn append(&self, height: u64, record: &[u8]) -> Result<(), LogError> {
        let mut writer = self.writer.lock();
        if let Some(next) = writer.next {
            if height < next {
                return Ok(());
            }
            assert!(height == next, "the record of height {next} comes next");
        }
        let parts = [&height.to_le_bytes()[..], record];
        let position = writer.log.append(RECORD, &parts)?;
        writer.unsynced.push(position);
        writer.next = Some(height.checked_add(1).expect("no height is the last"));
        if writer.unsynced.len() >= RECORDS_UNSYNCED_MAX {
            self.sync_writer(&mut writer)?;
        }
        Ok(())
    }

    /// Makes everything appended durable.
    ///
    /// # Errors
    /// Every error is final.
    pub fn sync(&self) -> Result<(), LogError> {
        self.sync_writer(&mut self.writer.lock())
    }

    fn sync_writer(&self, writer: &mut Writer) -> Result<(), LogError> {
        writer.log.sync()?;
        let first = writer.first_unsynced();
        let positions = writer.unsynced.drain(..);
        let frames = positions
            .zip(first..)
            .map(|(position, height)| (height, position));
        let segment = writer.log.current_segment();
        self.synced.add(frames, segment);
        Ok(())
    }

    /// The record of a height, if it has one.
    ///
    /// # Errors
    /// `Damaged` if it is not what was appended.
    pub fn get(&self, height: u64) -> Result<Option<Vec<u8>>, LogError> {
        let position = match self.unsynced_at(height)? {
            Some(position) => Some(position),
            None => self.synced.locate(height)?,
        };
        position
            .map(|position| self.record_at(position, height))
            .transpose()
    }

    /// Where a record is that was not synced; a reader finds it there.
    fn unsynced_at(&self, height: u64) -> Result<Option<FramePosition>, LogError> {
        if self.synced.heights().contains(&height) {
            return Ok(None);
        }
        let mut writer = self.writer.lock();
        let position = writer.unsynced_at(height);
        if let Some(position) = position {
            writer.log.make_readable(position)?;
        }
        Ok(position)
    }

    fn record_at(&self, at: FramePosition, height: u64) -> Result<Vec<u8>, LogError> {
        let (_, mut payload) = self.reader.read(at)?;
        if height_of(&payload) != Some(height) {
            let reason = format!("this is not the record of height {height}");
            let (segment, offset) = (u64::from(at.segment), u64::from(at.offset));
            return Err(self.reader.damaged(segment, offset, reason));
        }
        payload.drain(..HEIGHT_BYTES);
        Ok(payload)
    }

    /// Forgets the records below a height, as far as whole segments have only such.
    ///
    /// # Errors
    /// Every error is final; some of them may be left, which does no harm.
    pub fn forget_below(&self, height: u64) -> Result<(), LogError> {
        // It may have to read a segment, which is known then; who appends need not wait for it.
        self.synced.segment_of(height)?;
        let mut writer = self.writer.lock();
        self.sync_writer(&mut writer)?;
        let heights = self.synced.heights();
        if heights.is_empty() || height <= heights.start {
            return Ok(());
        }
        let segment = self.synced.segment_of(height)?;
        let first_segment = segment.map_or(writer.log.current_segment(), u64::from);
        self.synced.forget_before(height, first_segment);
        writer.log.drop_segments_before(first_segment)
    }
}

fn height_of(payload: &[u8]) -> Option<u64> {
    payload.first_chunk().copied().map(u64::from_le_bytes)
}
