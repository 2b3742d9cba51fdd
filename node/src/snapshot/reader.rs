//! Reads a snapshot, frame by frame.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use talea_ledger::Ledger;
use talea_types::planted::{self, Bug};
use talea_types::receipt::{FinalityProof, SetChange};
use talea_types::state::value_hash;
use talea_types::wire::{self, decode_canonical};
use talea_types::{BlockHeader, ChainId, DecodeError, Hash, ValidatorSet, limits::SET_CHANGES_MAX};

use super::format::{
    CHECKSUM_BYTES, Checksum, FILE_HEADER_BYTES, FRAME_HEAD_BYTES, Kind, MAGIC, VERSION, checksum,
    first_checksum,
};
use super::root::RisingRoot;
use super::{SnapshotError, SnapshotHead};
use crate::limits::snapshot::{FRAME_BYTES_MAX, HEADERS_MAX};
use crate::storage::checkpoint::{StateObject, decode_objects};
use crate::storage::disk::{Disk, DiskFile};

/// A snapshot whose head was read and is not believed yet.
#[derive(Debug)]
pub struct SnapshotReader {
    frames: FrameReader,
    head: SnapshotHead,
}

/// A snapshot whose head is what the network decided; the objects are still to be compared with it.
#[derive(Debug)]
pub struct VerifiedSnapshot {
    frames: FrameReader,
    head: SnapshotHead,
}

impl SnapshotReader {
    /// Reads everything before the objects.
    ///
    /// # Errors
    /// [`SnapshotError`]: no snapshot, of another version, or damaged.
    pub fn open(disk: &dyn Disk, path: &Path) -> Result<Self, SnapshotError> {
        let mut frames = FrameReader::open(disk, path)?;
        let head = read_head(&mut frames)?;
        Ok(Self { frames, head })
    }

    /// What it says of itself.
    #[must_use]
    pub const fn head(&self) -> &SnapshotHead {
        &self.head
    }

    /// Verifies that the network decided what it says.
    ///
    /// # Errors
    /// [`SnapshotError`]: of another network, or unproved.
    pub fn verify(
        self,
        chain: &ChainId,
        genesis_set: &ValidatorSet,
    ) -> Result<VerifiedSnapshot, SnapshotError> {
        self.head.verify(&self.frames.path, chain, genesis_set)?;
        Ok(VerifiedSnapshot {
            frames: self.frames,
            head: self.head,
        })
    }
}

impl VerifiedSnapshot {
    /// What it says of itself.
    #[must_use]
    pub const fn head(&self) -> &SnapshotHead {
        &self.head
    }

    /// Reads all objects and gives the state, which is the one that was decided. They are read twice: none is kept before
    /// all of them were found to give the root.
    ///
    /// # Errors
    /// [`SnapshotError`]: damaged, or objects of another state.
    pub fn restore(mut self) -> Result<(SnapshotHead, Ledger), SnapshotError> {
        let start = self.frames.place();
        self.check_root()?;
        self.frames.go_to(start);
        let mut objects = Objects::of(&mut self.frames);
        let restored = Ledger::restore(
            objects
                .by_ref()
                .map(|object| (object.key, object.value.into())),
        );
        // Objects that end too early are no state either: the reason is the better one to tell.
        if let Some(error) = objects.error {
            return Err(error);
        }
        let path = &self.frames.path;
        let ledger = restored.map_err(|source| SnapshotError::Objects {
            path: path.clone(),
            source: Box::new(source),
        })?;
        let header = self.head.header();
        let is_decided = ledger.height() == header.height
            && ledger.state_root() == header.state_root
            && ledger.validators().hash() == header.next_validators_hash;
        if !is_decided && !planted::is(Bug::SnapshotUnverified) {
            return Err(self.other_state());
        }
        Ok((self.head, ledger))
    }

    /// Whether the objects give the root that was decided.
    fn check_root(&mut self) -> Result<(), SnapshotError> {
        let mut root = RisingRoot::default();
        let mut objects = Objects::of(&mut self.frames);
        let is_sorted = objects
            .by_ref()
            .all(|object| root.push(Hash(object.path), &value_hash(&object.value)));
        if let Some(error) = objects.error {
            return Err(error);
        }
        let is_decided = is_sorted && root.finish() == self.head.header().state_root;
        if is_decided || planted::is(Bug::SnapshotUnverified) {
            Ok(())
        } else {
            Err(self.other_state())
        }
    }

    fn other_state(&self) -> SnapshotError {
        SnapshotError::OtherState {
            path: self.frames.path.clone(),
            height: self.head.height(),
        }
    }
}

fn read_head(frames: &mut FrameReader) -> Result<SnapshotHead, SnapshotError> {
    let mut set_changes: Vec<SetChange> = Vec::new();
    let decided = loop {
        let frame = frames.next()?;
        let proof = match frame.kind {
            Kind::SetChange | Kind::Decided => frames.proof(&frame)?,
            _ => return Err(frames.damaged(frame.offset, "the proof of its height is missing")),
        };
        match (frame.kind, proof.set_changes.len()) {
            (Kind::SetChange, 1) if set_changes.len() < SET_CHANGES_MAX => {
                set_changes.extend(proof.set_changes);
            }
            (Kind::Decided, 0) => break proof,
            _ => return Err(frames.damaged(frame.offset, "a proof is not what its frame says")),
        }
    };
    let mut trail = Vec::new();
    loop {
        let place = frames.place();
        let frame = frames.next()?;
        if frame.kind != Kind::Header {
            frames.go_to(place);
            break;
        }
        if trail.len() >= HEADERS_MAX {
            return Err(frames.damaged(frame.offset, "it has more headers than any node needs"));
        }
        let decode = |bytes: &Bytes| -> Result<BlockHeader, DecodeError> {
            let header: wire::BlockHeader = decode_canonical("header", bytes, FRAME_BYTES_MAX)?;
            BlockHeader::from_wire(&header)
        };
        let header = decode(&frame.payload)
            .map_err(|error| frames.damaged(frame.offset, error.to_string()))?;
        trail.push(header);
    }
    Ok(SnapshotHead {
        finality: FinalityProof {
            set_changes,
            ..decided
        },
        trail,
    })
}

/// The objects until the end frame, or until something is wrong.
struct Objects<'a> {
    frames: &'a mut FrameReader,
    page: Option<std::vec::IntoIter<StateObject>>,
    count: u64,
    ended: bool,
    error: Option<SnapshotError>,
}

impl<'a> Objects<'a> {
    const fn of(frames: &'a mut FrameReader) -> Self {
        Self {
            frames,
            page: None,
            count: 0,
            ended: false,
            error: None,
        }
    }

    /// Reads the next page; false at the end.
    fn turn(&mut self) -> Result<bool, SnapshotError> {
        // One page at a time.
        self.page = None;
        let frame = self.frames.next()?;
        match frame.kind {
            Kind::Objects => {
                let page = decode_objects(&frame.payload).ok_or_else(|| {
                    self.frames
                        .damaged(frame.offset, "a page of objects is unreadable")
                })?;
                self.page = Some(page.into_iter());
                Ok(true)
            }
            Kind::End if frame.payload[..] == self.count.to_le_bytes() => {
                self.frames.check_end()?;
                Ok(false)
            }
            Kind::End => Err(self
                .frames
                .damaged(frame.offset, "the number of objects is wrong")),
            _ => Err(self
                .frames
                .damaged(frame.offset, "objects were expected here")),
        }
    }
}

impl Iterator for Objects<'_> {
    type Item = StateObject;

    fn next(&mut self) -> Option<StateObject> {
        loop {
            if self.ended {
                return None;
            }
            if let Some(object) = self.page.as_mut().and_then(Iterator::next) {
                self.count += 1;
                return Some(object);
            }
            match self.turn() {
                Ok(true) => {}
                Ok(false) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    self.error = Some(error);
                }
            }
        }
    }
}

#[derive(Debug)]
struct FrameRead {
    offset: u64,
    kind: Kind,
    payload: Bytes,
}

/// Where a frame begins, and what it is chained to.
#[derive(Clone, Copy, Debug)]
struct Place {
    offset: u64,
    chain: Checksum,
}

#[derive(Debug)]
struct FrameReader {
    path: PathBuf,
    file: Box<dyn DiskFile>,
    place: Place,
}

impl FrameReader {
    fn open(disk: &dyn Disk, path: &Path) -> Result<Self, SnapshotError> {
        let file = disk.open(path).map_err(SnapshotError::io("open", path))?;
        let mut header = [0; FILE_HEADER_BYTES];
        let read = file
            .read_at(0, &mut header)
            .map_err(SnapshotError::io("read", path))?;
        let path = path.to_owned();
        if read < FILE_HEADER_BYTES || !header.starts_with(MAGIC) {
            return Err(SnapshotError::NotASnapshot { path });
        }
        let [.., a, b, c, d] = header;
        let found = u32::from_le_bytes([a, b, c, d]);
        if found != VERSION {
            return Err(SnapshotError::Version { path, found });
        }
        Ok(Self {
            path,
            file,
            place: Place {
                offset: FILE_HEADER_BYTES as u64,
                chain: first_checksum(),
            },
        })
    }

    fn damaged(&self, offset: u64, reason: impl Into<String>) -> SnapshotError {
        SnapshotError::Damaged {
            path: self.path.clone(),
            offset,
            reason: reason.into(),
        }
    }

    const fn place(&self) -> Place {
        self.place
    }

    /// What comes next is the frame that came next at a place.
    const fn go_to(&mut self, place: Place) {
        self.place = place;
    }

    fn next(&mut self) -> Result<FrameRead, SnapshotError> {
        let offset = self.place.offset;
        let mut head = [0; FRAME_HEAD_BYTES];
        self.read(offset, &mut head)?;
        let [kind, a, b, c, d] = head;
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let kind = Kind::from_byte(kind)
            .filter(|_| length <= FRAME_BYTES_MAX)
            .ok_or_else(|| self.damaged(offset, "no frame starts here"))?;
        let mut payload = vec![0; length + CHECKSUM_BYTES];
        let at = offset + FRAME_HEAD_BYTES as u64;
        self.read(at, &mut payload)?;
        let mut payload = Bytes::from(payload);
        let expected = payload.split_off(length);
        let chain = checksum(&self.place.chain, &[&head, &payload]);
        if chain[..] != expected[..] {
            return Err(self.damaged(offset, "the checksum is wrong"));
        }
        self.place = Place {
            offset: at + (length + CHECKSUM_BYTES) as u64,
            chain,
        };
        Ok(FrameRead {
            offset,
            kind,
            payload,
        })
    }

    fn proof(&self, frame: &FrameRead) -> Result<FinalityProof, SnapshotError> {
        let decode = |bytes: &Bytes| -> Result<FinalityProof, DecodeError> {
            let proof: wire::FinalityProof = decode_canonical("proof", bytes, FRAME_BYTES_MAX)?;
            FinalityProof::from_wire(&proof)
        };
        decode(&frame.payload).map_err(|error| self.damaged(frame.offset, error.to_string()))
    }

    fn check_end(&self) -> Result<(), SnapshotError> {
        let length = self
            .file
            .length()
            .map_err(SnapshotError::io("measure", &self.path))?;
        if length == self.place.offset {
            Ok(())
        } else {
            Err(self.damaged(self.place.offset, "there is something after the end"))
        }
    }

    fn read(&self, offset: u64, buffer: &mut [u8]) -> Result<(), SnapshotError> {
        let wanted = buffer.len();
        let read = self
            .file
            .read_at(offset, buffer)
            .map_err(SnapshotError::io("read", &self.path))?;
        if read < wanted {
            return Err(self.damaged(self.place.offset, "the file ends too early"));
        }
        Ok(())
    }
}
