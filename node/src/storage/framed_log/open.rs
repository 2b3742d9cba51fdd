//! Opening a log: what is verified, what is cut off, what is refused.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::echo::{echo_of, frame_of_its_echo};
use super::format::{
    CHAIN_BYTES, SEGMENT_HEADER_BYTES, SegmentHeader, VERSION, segment_name, segment_number,
};
use super::later_frame::find_witness;
use super::reader::{Ending, LogReader, Walked};
use super::watermark::{Synced, WATERMARK_NAME, Watermark};
use super::writer::{FramedLog, create_segment};
use super::{History, LogError, LogOptions, Visit, Visitor};
use crate::storage::disk::{Disk, DiskFile, DiskLock};

pub(super) const LOCK_NAME: &str = "LOCK";

/// What opening a log found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Opened {
    /// The log did not exist.
    pub created: bool,
    /// Bytes of a torn tail that were cut off. None of them had been synced.
    pub recovered_bytes: u64,
    /// The watermark was missing or unreadable: whether the tail had been synced could only be told
    /// from the frames themselves.
    pub watermark_lost: bool,
    /// Frames that were wrong and were written again as their other copy has them, or that had no other copy.
    pub mended_frames: u64,
    /// Segments in the log.
    pub segments: u64,
    /// Frames that were verified.
    pub frames_verified: u64,
}

impl FramedLog {
    /// Opens or creates the log in `directory` and shows each frame of the verified segments to
    /// `visitor`, which must not stop.
    ///
    /// # Errors
    /// `Damaged` if synced bytes are wrong or missing, `InUse` if the log is open elsewhere.
    pub fn open(
        disk: &Arc<dyn Disk>,
        directory: &Path,
        options: LogOptions,
        visitor: &mut Visitor<'_>,
    ) -> Result<(FramedLog, Opened), LogError> {
        options.check();
        disk.create_directories(directory)
            .map_err(LogError::io("create", directory))?;
        let lock = lock(&**disk, directory)?;
        let mut opening = Opening {
            disk,
            directory,
            options,
            report: Opened::default(),
        };
        let (watermark, synced) = opening.open_watermark()?;
        let (segments, newest_removed) = opening.list_segments(synced)?;
        let Some(&last) = segments.last() else {
            if watermark.is_some() {
                let first = opening.first_segment();
                return Err(opening.damaged(first, 0, "every segment is missing"));
            }
            let log = opening.create_log(lock)?;
            return Ok((log, opening.report));
        };
        let (reader, headers) = opening.check_headers(&segments)?;
        if options.echoed {
            opening.mend(&reader, last)?;
        }
        let walked = opening.verify(&reader, &segments, &headers, visitor)?;
        let tail_may_be_torn = !newest_removed;
        opening.settle_tail(&reader, last, walked, synced, tail_may_be_torn)?;
        let end = Synced {
            segment: last,
            offset: walked.offset,
        };
        let watermark = opening.renew_watermark(watermark, end)?;
        let log = FramedLog::resume(reader, options, segments[0], end, walked, watermark, lock)?;
        opening.report.segments = segments.len() as u64;
        Ok((log, opening.report))
    }
}

struct Opening<'a> {
    disk: &'a Arc<dyn Disk>,
    directory: &'a Path,
    options: LogOptions,
    report: Opened,
}

impl Opening<'_> {
    fn damaged(&self, segment: u64, offset: u64, reason: impl Into<String>) -> LogError {
        let directory = self.directory.to_path_buf();
        LogError::Damaged {
            directory,
            segment,
            offset,
            reason: reason.into(),
        }
    }

    fn open_watermark(&self) -> Result<(Option<Watermark>, Option<Synced>), LogError> {
        match Watermark::open(&**self.disk, self.directory) {
            Ok((watermark, synced)) => Ok((Some(watermark), synced)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((None, None)),
            Err(error) => Err(LogError::io("read", self.directory.join(WATERMARK_NAME))(
                error,
            )),
        }
    }

    /// Numbers of the segments without gaps, and whether a newest one was removed because not even its
    /// header had been synced.
    fn list_segments(&mut self, synced: Option<Synced>) -> Result<(Vec<u64>, bool), LogError> {
        let names = self
            .disk
            .list(self.directory)
            .map_err(LogError::io("list", self.directory))?;
        let mut segments: Vec<u64> = names
            .iter()
            .filter_map(|name| segment_number(name))
            .collect();
        segments.sort_unstable();
        if let History::From(first) = self.options.history {
            self.finish_dropping(&mut segments, first)?;
        }
        let removed = match segments.last() {
            Some(&last) if synced.is_none_or(|synced| synced.segment < last) => {
                self.remove_unborn(last)?
            }
            _ => false,
        };
        if removed {
            segments.pop();
        }
        let first = match self.options.history {
            History::Dropped => segments.first().copied().unwrap_or(0),
            History::From(first) => first,
        };
        for (expected, &found) in (first..).zip(&segments) {
            if expected != found {
                return Err(self.damaged(expected, 0, "the segment is missing"));
            }
        }
        let next = segments.last().map_or(first, |last| last + 1);
        if synced.is_some_and(|synced| synced.segment >= next) {
            return Err(self.damaged(next, 0, "the segment is missing"));
        }
        Ok((segments, removed))
    }

    /// Removes the segments before `first`, which somebody was dropping when the process ended.
    fn finish_dropping(&self, segments: &mut Vec<u64>, first: u64) -> Result<(), LogError> {
        let dropped = segments.partition_point(|&segment| segment < first);
        if dropped == 0 {
            return Ok(());
        }
        for segment in segments.drain(..dropped) {
            let path = self.directory.join(segment_name(segment));
            self.disk
                .remove(&path)
                .map_err(LogError::io("remove", &path))?;
        }
        self.disk
            .sync_directory(self.directory)
            .map_err(LogError::io("sync", self.directory))
    }

    /// Removes the newest segment if its creation was cut short. Frames are only appended to a segment
    /// after its header was synced.
    fn remove_unborn(&mut self, segment: u64) -> Result<bool, LogError> {
        let path = self.directory.join(segment_name(segment));
        let file = self.disk.open(&path).map_err(LogError::io("open", &path))?;
        let length = file.length().map_err(LogError::io("measure", &path))?;
        if length > SEGMENT_HEADER_BYTES {
            return Ok(false);
        }
        let mut bytes = [0; SEGMENT_HEADER_BYTES as usize];
        let read = file
            .read_at(0, &mut bytes)
            .map_err(LogError::io("read", &path))?;
        let header = &bytes[..read];
        if SegmentHeader::decode(header).is_ok() || SegmentHeader::other_version(header).is_some() {
            return Ok(false);
        }
        self.disk
            .remove(&path)
            .map_err(LogError::io("remove", &path))?;
        self.disk
            .sync_directory(self.directory)
            .map_err(LogError::io("sync", self.directory))?;
        self.report.recovered_bytes += length;
        Ok(true)
    }

    /// Number of the first segment of a new log.
    const fn first_segment(&self) -> u64 {
        match self.options.history {
            History::From(first) => first,
            History::Dropped => 0,
        }
    }

    fn create_log(&mut self, lock: Box<dyn DiskLock>) -> Result<FramedLog, LogError> {
        let first = self.first_segment();
        let header = SegmentHeader {
            purpose: self.options.purpose,
            number: first,
            first_sequence: 0,
            salt: self.options.salt_if_new,
            previous: [0; CHAIN_BYTES],
        };
        let (disk, key) = (Arc::clone(self.disk), header.chain_key());
        let reader = LogReader::new(disk, self.directory, key, self.options.echoed);
        create_segment(&reader, &header)?;
        let end = Synced {
            segment: first,
            offset: SEGMENT_HEADER_BYTES,
        };
        let path = self.directory.join(WATERMARK_NAME);
        let watermark = Watermark::create(&**self.disk, self.directory, end)
            .map_err(LogError::io("create", path))?;
        self.report.created = true;
        self.report.segments = 1;
        let walked = Walked {
            offset: SEGMENT_HEADER_BYTES,
            sequence: 0,
            chain: header.chain(),
            unechoed: None,
            ending: Ending::Complete,
        };
        FramedLog::resume(reader, self.options, first, end, walked, watermark, lock)
    }

    /// The header of every segment, each linked to the end of the one before it.
    fn check_headers(&self, segments: &[u64]) -> Result<(LogReader, Vec<SegmentHeader>), LogError> {
        let mut headers: Vec<SegmentHeader> = Vec::with_capacity(segments.len());
        let mut previous_end: Option<[u8; CHAIN_BYTES]> = None;
        for (at, &segment) in segments.iter().enumerate() {
            let path = self.directory.join(segment_name(segment));
            let file = self.disk.open(&path).map_err(LogError::io("open", &path))?;
            let length = file.length().map_err(LogError::io("measure", &path))?;
            let mut bytes = [0; SEGMENT_HEADER_BYTES as usize];
            let read = file
                .read_at(0, &mut bytes)
                .map_err(LogError::io("read", &path))?;
            if let Some(found) = SegmentHeader::other_version(&bytes[..read]) {
                return Err(LogError::OtherVersion {
                    directory: self.directory.to_path_buf(),
                    segment,
                    found,
                    expected: VERSION,
                });
            }
            let header = SegmentHeader::decode(&bytes[..read])
                .map_err(|reason| self.damaged(segment, 0, reason))?;
            if header.purpose != self.options.purpose {
                return Err(self.damaged(segment, 0, "the segment is of another kind of log"));
            }
            if header.number != segment {
                return Err(self.damaged(segment, 0, "the segment has another number inside"));
            }
            if length > u64::from(u32::MAX) {
                return Err(self.damaged(segment, length, "the segment is too long"));
            }
            let before = at.checked_sub(1).and_then(|before| headers.get(before));
            if before.is_some_and(|before| {
                before.salt != header.salt || before.first_sequence > header.first_sequence
            }) {
                return Err(self.damaged(segment, 0, "the segment is of another log"));
            }
            if previous_end.is_some_and(|end| end != header.previous) {
                return Err(self.damaged(
                    segment,
                    0,
                    "the segment does not continue the one before it",
                ));
            }
            let mut end = [0; CHAIN_BYTES];
            file.read_at(length.saturating_sub(CHAIN_BYTES as u64), &mut end)
                .map_err(LogError::io("read", &path))?;
            previous_end = Some(end);
            headers.push(header);
        }
        let key = headers[0].chain_key();
        let disk = Arc::clone(self.disk);
        let reader = LogReader::new(disk, self.directory, key, self.options.echoed);
        Ok((reader, headers))
    }

    /// Writes frames of the last segment again that only their echo still has, and echoes that only their frame has.
    /// A crash in between leaves the intact copy as it was.
    fn mend(&mut self, reader: &LogReader, last: u64) -> Result<(), LogError> {
        let file = reader.file(last)?;
        let key = reader.key();
        let mut mended_at = None;
        loop {
            let walked = reader.visit_segment(last, None, &mut |_| Ok(Visit::Continue))?;
            let at = walked.offset;
            let mending = match (walked.unechoed, walked.ending) {
                (Some(frame), _) => {
                    let start = u64::from(frame.offset);
                    let frame =
                        read_range(&*file, start, at).map_err(reader.failed("read", last))?;
                    echo_of(&key, &walked.chain, &frame)
                }
                (None, Ending::Broken) => {
                    let length = file.length().map_err(reader.failed("measure", last))?;
                    let rest =
                        read_range(&*file, at, length).map_err(reader.failed("read", last))?;
                    frame_of_its_echo(&key, &walked.chain, &rest, walked.sequence)
                }
                (None, Ending::Complete | Ending::Stopped) => None,
            };
            // What was written and is wrong all the same is a disk that does not keep what it is given.
            let goes_on = mended_at.is_none_or(|mended| at > mended);
            let Some(bytes) = mending.filter(|_| goes_on) else {
                return Ok(());
            };
            file.write_at(at, &bytes)
                .map_err(reader.failed("mend", last))?;
            file.sync().map_err(reader.failed("sync", last))?;
            self.report.mended_frames += 1;
            mended_at = Some(at);
        }
    }

    /// Verifies the newest segments frame by frame; where the last one ended is returned.
    fn verify(
        &mut self,
        reader: &LogReader,
        segments: &[u64],
        headers: &[SegmentHeader],
        visitor: &mut Visitor<'_>,
    ) -> Result<Walked, LogError> {
        let skipped = segments
            .len()
            .saturating_sub(self.options.segments_verified.max(1));
        let mut frames = 0;
        let mut counting = |frame: &super::Frame<'_>| {
            frames += 1;
            visitor(frame).map(|_| Visit::Continue)
        };
        let mut walked = None;
        for (at, &segment) in segments.iter().enumerate().skip(skipped) {
            let ended = reader.visit_segment(segment, None, &mut counting)?;
            if let Some(next) = headers.get(at + 1) {
                let linked = ended.chain == next.previous && ended.sequence == next.first_sequence;
                if ended.ending == Ending::Broken || !linked {
                    let reason = "a frame in a completed segment is wrong";
                    return Err(reader.damaged(segment, ended.offset, reason));
                }
            }
            walked = Some(ended);
        }
        self.report.frames_verified = frames;
        Ok(walked.expect("the last segment is always verified"))
    }

    /// Decides whether the end of the last segment is whole, torn or damaged, and cuts a torn tail.
    fn settle_tail(
        &mut self,
        reader: &LogReader,
        last: u64,
        walked: Walked,
        synced: Option<Synced>,
        tail_may_be_torn: bool,
    ) -> Result<(), LogError> {
        let at = Synced {
            segment: last,
            offset: walked.offset,
        };
        if synced.is_some_and(|synced| synced > at) {
            let reason = "a frame that had been synced is wrong or missing";
            return Err(reader.damaged(last, walked.offset, reason));
        }
        let file = reader.file(last)?;
        if walked.ending == Ending::Broken {
            if !tail_may_be_torn {
                let reason = "a frame in a completed segment is wrong";
                return Err(reader.damaged(last, walked.offset, reason));
            }
            let length = file.length().map_err(reader.failed("measure", last))?;
            let rest =
                read_range(&*file, walked.offset, length).map_err(reader.failed("read", last))?;
            if let Some(witness) = find_witness(&reader.key(), &rest, walked.sequence) {
                let reason = format!(
                    "the frame is wrong, and the one at byte {} says it had been synced",
                    walked.offset + witness as u64
                );
                return Err(reader.damaged(last, walked.offset, reason));
            }
            file.truncate(walked.offset)
                .map_err(reader.failed("cut", last))?;
            self.report.recovered_bytes += length - walked.offset;
        }
        // What is valid may still be only in the page cache: from now on it counts as synced.
        file.sync().map_err(reader.failed("sync", last))?;
        self.disk
            .sync_directory(self.directory)
            .map_err(LogError::io("sync", self.directory))
    }

    fn renew_watermark(
        &mut self,
        watermark: Option<Watermark>,
        end: Synced,
    ) -> Result<Watermark, LogError> {
        let path = self.directory.join(WATERMARK_NAME);
        let Some(mut watermark) = watermark else {
            self.report.watermark_lost = true;
            return Watermark::create(&**self.disk, self.directory, end)
                .map_err(LogError::io("create", path));
        };
        self.report.watermark_lost = watermark.is_new();
        watermark.write(end).map_err(LogError::io("write", &path))?;
        watermark.sync().map_err(LogError::io("sync", path))?;
        Ok(watermark)
    }
}

/// Keeps everybody else from opening the log.
pub(super) fn lock(disk: &dyn Disk, directory: &Path) -> Result<Box<dyn DiskLock>, LogError> {
    disk.lock(&directory.join(LOCK_NAME))
        .map_err(|source| match source.kind() {
            io::ErrorKind::WouldBlock => LogError::InUse {
                directory: directory.to_path_buf(),
            },
            _ => LogError::io("lock", directory)(source),
        })
}

/// The bytes of a file from one place to another, as far as it has them.
fn read_range(file: &dyn DiskFile, from: u64, to: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; to.saturating_sub(from) as usize];
    let read = file.read_at(from, &mut bytes)?;
    bytes.truncate(read);
    Ok(bytes)
}
