//! The end of a log: appending, syncing, closing a segment.

use std::path::Path;
use std::sync::Arc;

use super::echo::ECHO;
use super::format::{
    CHAIN_BYTES, Chain, FRAME_OVERHEAD_BYTES, FrameHead, SEGMENT_HEADER_BYTES, SegmentHeader,
};
use super::reader::{Ending, LogReader, Walked};
use super::watermark::{Synced, Watermark};
use super::{FramePosition, LogError, LogOptions};
use crate::limits::storage::{APPEND_BUFFER_BYTES, FRAME_BYTES_MAX};
use crate::storage::disk::{DiskFile, DiskLock};

/// A log open for appending. One at a time: it holds the directory's lock.
#[derive(Debug)]
pub struct FramedLog {
    reader: LogReader,
    options: LogOptions,
    salt: [u8; 16],
    first_segment: u64,
    segment: u64,
    file: Arc<dyn DiskFile>,
    /// Bytes of the segment that were handed to the file.
    written: u64,
    /// Frames that were not.
    buffer: Vec<u8>,
    chain: Chain,
    next_sequence: u64,
    /// Frames before this one are synced.
    synced_sequence: u64,
    watermark: Watermark,
    poisoned: Option<String>,
    _lock: Box<dyn DiskLock>,
}

impl FramedLog {
    pub(super) fn resume(
        reader: LogReader,
        options: LogOptions,
        first_segment: u64,
        end: Synced,
        walked: Walked,
        watermark: Watermark,
        lock: Box<dyn DiskLock>,
    ) -> Result<FramedLog, LogError> {
        let file = reader.file(end.segment)?;
        let salt = reader.header(end.segment)?.salt;
        Ok(FramedLog {
            reader,
            options,
            salt,
            first_segment,
            segment: end.segment,
            file,
            written: end.offset,
            buffer: Vec::new(),
            chain: walked.chain,
            next_sequence: walked.sequence,
            synced_sequence: walked.sequence,
            watermark,
            poisoned: None,
            _lock: lock,
        })
    }

    /// Appends a frame whose payload is the concatenation of `parts`. It is durable after the next
    /// [`FramedLog::sync`].
    ///
    /// # Errors
    /// `TooLarge` leaves the log as it was. Every other failure poisons it.
    pub fn append(&mut self, kind: u8, parts: &[&[u8]]) -> Result<FramePosition, LogError> {
        assert!(kind != 0, "kind 0 is what a file of zeros would read as");
        assert!(kind & ECHO == 0, "kinds from 128 on are echoes");
        self.check_healthy()?;
        let bytes = parts.iter().map(|part| part.len()).sum();
        let bytes_max = FRAME_BYTES_MAX as usize;
        if bytes > bytes_max {
            return Err(LogError::TooLarge { bytes, bytes_max });
        }
        let copies = if self.options.echoed { 2 } else { 1 };
        let frame_bytes = copies * (bytes as u64 + FRAME_OVERHEAD_BYTES);
        if self.end() + frame_bytes > u64::from(self.options.segment_bytes)
            && self.end() > SEGMENT_HEADER_BYTES
        {
            self.rotate()?;
        }
        let position = self.append_frame(kind, bytes as u32, parts);
        if self.options.echoed {
            self.append_frame(kind | ECHO, bytes as u32, parts);
        }
        if self.buffer.len() >= APPEND_BUFFER_BYTES {
            self.write_out()?;
        }
        Ok(position)
    }

    fn append_frame(&mut self, kind: u8, length: u32, parts: &[&[u8]]) -> FramePosition {
        let unsynced = self.next_sequence - self.synced_sequence;
        let head = FrameHead {
            length,
            kind,
            sequence: self.next_sequence,
            unsynced: u32::try_from(unsynced).unwrap_or(u32::MAX),
        };
        let position = FramePosition {
            segment: self.segment as u32,
            offset: self.end() as u32,
            length: head.length,
        };
        let head_bytes = head.encode();
        self.chain = self.reader.key().chain(&self.chain, &head_bytes, parts);
        self.buffer.extend_from_slice(&head_bytes);
        for part in parts {
            self.buffer.extend_from_slice(part);
        }
        self.buffer.extend_from_slice(&self.chain);
        self.next_sequence += 1;
        position
    }

    /// Makes everything appended so far durable.
    ///
    /// # Errors
    /// Every failure poisons the log.
    pub fn sync(&mut self) -> Result<(), LogError> {
        self.check_healthy()?;
        self.write_out()?;
        if self.synced_sequence == self.next_sequence {
            return Ok(());
        }
        let synced = self.file.sync();
        self.or_poison(synced, "sync")?;
        self.synced_sequence = self.next_sequence;
        let noted = self.watermark.write(Synced {
            segment: self.segment,
            offset: self.written,
        });
        self.or_poison(noted, "note the watermark of")
    }

    /// Syncs and closes the current segment and starts the next one.
    ///
    /// # Errors
    /// Every failure poisons the log.
    pub fn rotate(&mut self) -> Result<(), LogError> {
        self.sync()?;
        let header = SegmentHeader {
            purpose: self.options.purpose,
            number: self.segment + 1,
            first_sequence: self.next_sequence,
            salt: self.salt,
            previous: self.chain,
        };
        assert!(
            header.number <= u64::from(u32::MAX),
            "segment numbers fit 32 bits"
        );
        let created = create_segment(&self.reader, &header);
        self.file = self.or_poison(created, "continue")?;
        self.segment = header.number;
        self.written = SEGMENT_HEADER_BYTES;
        self.chain = header.chain();
        let synced = Synced {
            segment: self.segment,
            offset: self.written,
        };
        let noted = self
            .watermark
            .write(synced)
            .and_then(|()| self.watermark.sync());
        self.or_poison(noted, "note the watermark of")
    }

    /// Removes the segments before `segment`, never the current one.
    ///
    /// # Errors
    /// Every failure poisons the log.
    pub fn drop_segments_before(&mut self, segment: u64) -> Result<(), LogError> {
        self.check_healthy()?;
        let segment = segment.min(self.segment);
        if segment <= self.first_segment {
            return Ok(());
        }
        // In ascending order: a crash in between leaves no gap.
        for number in self.first_segment..segment {
            self.reader.forget(number);
            let removed = self.reader.disk().remove(&self.reader.path(number));
            self.or_poison(removed, "drop a segment of")?;
            self.first_segment = number + 1;
        }
        let synced = self.reader.disk().sync_directory(self.reader.directory());
        self.or_poison(synced, "drop a segment of")
    }

    /// Reads the frames of this log by position, from any thread. It sees what was synced; what was only
    /// appended may still read as damage.
    pub fn reader(&self) -> LogReader {
        self.reader.clone()
    }

    /// Kind and payload of a frame, synced or not.
    ///
    /// # Errors
    /// `Damaged` if the bytes there are not the frame that was written.
    pub fn read(&mut self, position: FramePosition) -> Result<(u8, Vec<u8>), LogError> {
        self.make_readable(position)?;
        self.reader.read(position)
    }

    /// Sees to it that a reader finds a frame that was appended, synced or not.
    ///
    /// # Errors
    /// Every failure poisons the log.
    pub(in crate::storage) fn make_readable(
        &mut self,
        position: FramePosition,
    ) -> Result<(), LogError> {
        self.check_healthy()?;
        if u64::from(position.segment) == self.segment && position.end() > self.written {
            self.write_out()?;
        }
        Ok(())
    }

    /// Verifies every frame of every segment. `progress` hears the segments done and the segments in
    /// all.
    ///
    /// # Errors
    /// `Damaged` at the first frame that is wrong.
    pub fn verify_all(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<u64, LogError> {
        let segments = self.segment - self.first_segment + 1;
        let mut frames = 0;
        let mut link: Option<(Chain, u64)> = None;
        for (done, segment) in (1..).zip(self.first_segment..=self.segment) {
            let header = self.reader.header(segment)?;
            if link.is_some_and(|link| link != (header.previous, header.first_sequence)) {
                let reason = "the segment does not continue the one before it";
                return Err(self.reader.damaged(segment, 0, reason));
            }
            let end = (segment == self.segment).then_some(self.written);
            let mut count = |_: &super::Frame<'_>| {
                frames += 1;
                Ok(super::Visit::Continue)
            };
            let walked = self.reader.visit_segment(segment, end, &mut count)?;
            if walked.ending == Ending::Broken {
                return Err(self
                    .reader
                    .damaged(segment, walked.offset, "the frame is wrong"));
            }
            link = Some((walked.chain, walked.sequence));
            progress(done, segments);
        }
        Ok(frames)
    }

    /// Number of the oldest segment.
    pub fn first_segment(&self) -> u64 {
        self.first_segment
    }

    /// Number of the segment that is written.
    pub fn current_segment(&self) -> u64 {
        self.segment
    }

    /// Bytes of the current segment, appended frames included.
    pub fn segment_bytes(&self) -> u64 {
        self.end()
    }

    /// Directory of the log.
    pub fn directory(&self) -> &Path {
        self.reader.directory()
    }

    fn end(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    fn write_out(&mut self) -> Result<(), LogError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let written = self.file.write_at(self.written, &self.buffer);
        self.or_poison(written, "append to")?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        self.buffer.shrink_to(4 * APPEND_BUFFER_BYTES);
        Ok(())
    }

    fn check_healthy(&self) -> Result<(), LogError> {
        match &self.poisoned {
            None => Ok(()),
            Some(reason) => Err(LogError::Poisoned {
                directory: self.directory().to_path_buf(),
                reason: reason.clone(),
            }),
        }
    }

    fn or_poison<T, E: IntoLogError>(
        &mut self,
        result: Result<T, E>,
        action: &'static str,
    ) -> Result<T, LogError> {
        result.map_err(|error| {
            let error = error.into_log_error(action, &self.reader.path(self.segment));
            self.poisoned = Some(error.to_string());
            error
        })
    }
}

trait IntoLogError {
    fn into_log_error(self, action: &'static str, path: &Path) -> LogError;
}

impl IntoLogError for std::io::Error {
    fn into_log_error(self, action: &'static str, path: &Path) -> LogError {
        LogError::io(action, path)(self)
    }
}

impl IntoLogError for LogError {
    fn into_log_error(self, _action: &'static str, _path: &Path) -> LogError {
        self
    }
}

/// Creates a segment, durably.
pub(super) fn create_segment(
    reader: &LogReader,
    header: &SegmentHeader,
) -> Result<Arc<dyn DiskFile>, LogError> {
    let number = header.number;
    let path = reader.path(number);
    let file = reader
        .disk()
        .create(&path)
        .map_err(reader.failed("create", number))?;
    file.write_at(0, &header.encode())
        .map_err(reader.failed("write", number))?;
    file.sync().map_err(reader.failed("sync", number))?;
    let directory = reader.directory();
    reader
        .disk()
        .sync_directory(directory)
        .map_err(LogError::io("sync", directory))?;
    reader.file(number)
}

impl LogOptions {
    /// Every frame fits a segment, and every offset 32 bits.
    pub(super) fn check(&self) {
        let smallest = SEGMENT_HEADER_BYTES + FRAME_OVERHEAD_BYTES + CHAIN_BYTES as u64;
        assert!(
            u64::from(self.segment_bytes) >= smallest,
            "a segment holds at least a frame"
        );
        assert!(self.segment_bytes <= 1 << 30, "a segment has at most 1 GiB");
    }
}
