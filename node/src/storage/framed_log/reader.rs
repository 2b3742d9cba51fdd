//! Reads frames by their position, from any thread.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use super::cursor::{Cursor, Step};
use super::echo::ECHO;
use super::format::{
    CHAIN_BYTES, ChainKey, FRAME_OVERHEAD_BYTES, FrameHead, HEAD_BYTES, SEGMENT_HEADER_BYTES,
    SegmentHeader, segment_name,
};
use super::{FramePosition, LogError, Visit, Visitor};
use crate::storage::disk::{Disk, DiskFile};

const OPEN_FILES_MAX: usize = 64;

/// Reads what was written to a log. Clones share the open files.
#[derive(Debug, Clone)]
pub struct LogReader {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    key: ChainKey,
    /// Whether frames have echoes, which nobody is shown.
    echoed: bool,
    files: Mutex<BTreeMap<u64, Arc<dyn DiskFile>>>,
}

impl LogReader {
    pub(super) fn new(
        disk: Arc<dyn Disk>,
        directory: &Path,
        key: ChainKey,
        echoed: bool,
    ) -> LogReader {
        let files = Mutex::new(BTreeMap::new());
        LogReader {
            inner: Arc::new(Inner {
                disk,
                directory: directory.to_path_buf(),
                key,
                echoed,
                files,
            }),
        }
    }

    pub(super) fn key(&self) -> ChainKey {
        self.inner.key
    }

    pub(super) fn disk(&self) -> &dyn Disk {
        &*self.inner.disk
    }

    pub(super) fn directory(&self) -> &Path {
        &self.inner.directory
    }

    /// An error for a frame that is intact but cannot be what it claims to be.
    pub(in crate::storage) fn damaged(
        &self,
        segment: u64,
        offset: u64,
        reason: impl Into<String>,
    ) -> LogError {
        let directory = self.inner.directory.clone();
        LogError::Damaged {
            directory,
            segment,
            offset,
            reason: reason.into(),
        }
    }

    /// The kind and payload of the frame at `position`.
    ///
    /// # Errors
    /// `Damaged` if the bytes there are not the frame that was written.
    pub fn read(&self, position: FramePosition) -> Result<(u8, Vec<u8>), LogError> {
        let segment = u64::from(position.segment);
        let offset = u64::from(position.offset);
        let damaged = |reason: &str| self.damaged(segment, offset, reason);
        let start = offset
            .checked_sub(CHAIN_BYTES as u64)
            .ok_or_else(|| damaged("no frame can start here"))?;
        let file = self.file(segment)?;
        let wanted = CHAIN_BYTES + FRAME_OVERHEAD_BYTES as usize + position.length as usize;
        // What a record says of another's length takes no memory before it fits the file.
        let length = file.length().map_err(self.failed("measure", segment))?;
        if start.saturating_add(wanted as u64) > length {
            return Err(damaged("the segment ends inside a frame"));
        }
        let mut bytes = vec![0; wanted];
        let read = file
            .read_at(start, &mut bytes)
            .map_err(self.failed("read", segment))?;
        if read < wanted {
            return Err(damaged("the segment ends inside a frame"));
        }
        let head = self
            .inner
            .key
            .verify_frame(&bytes, CHAIN_BYTES)
            .filter(|head| head.length == position.length)
            .ok_or_else(|| damaged("the chain value of the frame is wrong"))?;
        bytes.truncate(wanted - CHAIN_BYTES);
        bytes.drain(..CHAIN_BYTES + HEAD_BYTES);
        Ok((head.kind, bytes))
    }

    /// Kind and position of the frame at an offset as its head says; nothing is verified.
    ///
    /// # Errors
    /// `Damaged` if no frame can have such a head.
    pub(in crate::storage) fn look(
        &self,
        segment: u32,
        offset: u64,
    ) -> Result<(u8, FramePosition), LogError> {
        let number = u64::from(segment);
        let mut bytes = [0; HEAD_BYTES];
        let read = self
            .file(number)?
            .read_at(offset, &mut bytes)
            .map_err(self.failed("read", number))?;
        let head = FrameHead::decode(&bytes).filter(|_| read == HEAD_BYTES);
        let (Some(head), Ok(offset)) = (head, u32::try_from(offset)) else {
            return Err(self.damaged(number, offset, "no frame begins here"));
        };
        let position = FramePosition {
            segment,
            offset,
            length: head.length,
        };
        Ok((head.kind, position))
    }

    /// Shows the frames of a completed segment to `visitor` until it stops, verifying each.
    ///
    /// # Errors
    /// `Damaged` at the first frame that is wrong.
    pub fn visit(&self, segment: u64, visitor: &mut Visitor<'_>) -> Result<(), LogError> {
        let walked = self.visit_segment(segment, None, visitor)?;
        match walked.ending {
            Ending::Broken => Err(self.damaged(segment, walked.offset, "the frame is wrong")),
            Ending::Complete | Ending::Stopped => Ok(()),
        }
    }

    /// Shows the frames of one segment up to byte `end` to `visitor` and says where that ended.
    pub(super) fn visit_segment(
        &self,
        segment: u64,
        end: Option<u64>,
        visitor: &mut Visitor<'_>,
    ) -> Result<Walked, LogError> {
        let file = self.file(segment)?;
        let header = self.header(segment)?;
        let length = file.length().map_err(self.failed("measure", segment))?;
        let end = end.unwrap_or(length);
        let (number, chain) = (segment as u32, header.chain());
        let mut cursor = Cursor::new(
            &*file,
            self.inner.key,
            number,
            end,
            header.first_sequence,
            chain,
        );
        let mut unechoed = None;
        loop {
            let offset = cursor.offset;
            match cursor.step().map_err(self.failed("read", segment))? {
                Step::Frame(frame) if self.inner.echoed && frame.kind & ECHO != 0 => {
                    unechoed = None;
                }
                Step::Frame(frame) => match visitor(&frame) {
                    Ok(Visit::Continue) => unechoed = Some(frame.position),
                    Ok(Visit::Stop) => return Ok(Walked::at(&cursor, unechoed, Ending::Stopped)),
                    Err(reason) => return Err(self.damaged(segment, offset, reason)),
                },
                Step::End => return Ok(Walked::at(&cursor, unechoed, Ending::Complete)),
                Step::Broken => return Ok(Walked::at(&cursor, unechoed, Ending::Broken)),
            }
        }
    }

    pub(super) fn header(&self, segment: u64) -> Result<SegmentHeader, LogError> {
        let mut bytes = [0; SEGMENT_HEADER_BYTES as usize];
        let read = self
            .file(segment)?
            .read_at(0, &mut bytes)
            .map_err(self.failed("read", segment))?;
        SegmentHeader::decode(&bytes[..read]).map_err(|reason| self.damaged(segment, 0, reason))
    }

    pub(super) fn file(&self, segment: u64) -> Result<Arc<dyn DiskFile>, LogError> {
        let mut files = self.inner.files.lock();
        if let Some(file) = files.get(&segment) {
            return Ok(Arc::clone(file));
        }
        let path = self.path(segment);
        let opened = self
            .inner
            .disk
            .open(&path)
            .map_err(LogError::io("open", path))?;
        let file: Arc<dyn DiskFile> = Arc::from(opened);
        if files.len() >= OPEN_FILES_MAX {
            files.pop_first();
        }
        files.insert(segment, Arc::clone(&file));
        Ok(file)
    }

    pub(super) fn forget(&self, segment: u64) {
        self.inner.files.lock().remove(&segment);
    }

    pub(super) fn path(&self, segment: u64) -> PathBuf {
        self.inner.directory.join(segment_name(segment))
    }

    pub(super) fn failed(
        &self,
        action: &'static str,
        segment: u64,
    ) -> impl FnOnce(std::io::Error) -> LogError + use<> {
        LogError::io(action, self.path(segment))
    }
}

/// Where a walk through a segment ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walked {
    pub(super) offset: u64,
    pub(super) sequence: u64,
    pub(super) chain: [u8; CHAIN_BYTES],
    /// The last frame, where it has no echo.
    pub(super) unechoed: Option<FramePosition>,
    pub(super) ending: Ending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Complete,
    Stopped,
    Broken,
}

impl Walked {
    fn at(cursor: &Cursor<'_>, unechoed: Option<FramePosition>, ending: Ending) -> Walked {
        let Cursor {
            offset,
            sequence,
            chain,
            ..
        } = *cursor;
        Walked {
            offset,
            sequence,
            chain,
            unechoed,
            ending,
        }
    }
}
