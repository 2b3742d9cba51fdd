//! The file of a snapshot that is being fetched.
//!
//! Its name says whose bytes it has, so that a fetch that was interrupted goes on where it was, with any peer that has
//! the very same file. Who sent what is remembered as far as blame needs it: when the whole turns out to be wrong and
//! one peer sent all of it, that peer lied; otherwise all of it is fetched again from one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::message::SnapshotOffer;
use crate::limits::bootstrap::CHUNK_BYTES;
use crate::network::PeerId;
use crate::snapshot::{FETCHED_SUFFIX, SnapshotError};
use crate::storage::disk::{Disk, DiskFile};

#[derive(Debug)]
pub(super) struct Partial {
    pub(super) offer: SnapshotOffer,
    pub(super) path: PathBuf,
    file: Box<dyn DiskFile>,
    /// Bytes that are there, from the beginning on.
    pub(super) bytes: u64,
    sender: Sender,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sender {
    Nobody,
    One(PeerId),
    Several,
}

impl Partial {
    /// Opens what an earlier fetch left of this file, or begins it. Other such files are removed.
    pub(super) fn open(
        disk: &Arc<dyn Disk>,
        directory: &Path,
        offer: SnapshotOffer,
    ) -> Result<Self, SnapshotError> {
        let name = format!("{}.{}{FETCHED_SUFFIX}", offer.name, offer.seal);
        let names = disk
            .list(directory)
            .map_err(SnapshotError::io("list", directory))?;
        for other in names.iter().filter(|other| other.ends_with(FETCHED_SUFFIX)) {
            if *other != name {
                remove(disk, &directory.join(other))?;
            }
        }
        let path = directory.join(&name);
        let file = match names.contains(&name) {
            true => disk.open(&path).map_err(SnapshotError::io("open", &path))?,
            false => disk
                .create(&path)
                .map_err(SnapshotError::io("create", &path))?,
        };
        let length = file.length().map_err(SnapshotError::io("measure", &path))?;
        // At least one chunk is fetched, so that there is one way to the end.
        let bytes = length.min(offer.bytes - 1) / CHUNK_BYTES * CHUNK_BYTES;
        file.truncate(bytes)
            .map_err(SnapshotError::io("cut", &path))?;
        Ok(Self {
            offer,
            path,
            file,
            bytes,
            sender: match bytes {
                0 => Sender::Nobody,
                // Of an earlier process.
                _ => Sender::Several,
            },
        })
    }

    /// Bytes of everything that earlier fetches left in this directory.
    pub(super) fn bytes_left(disk: &Arc<dyn Disk>, directory: &Path) -> Result<u64, SnapshotError> {
        let names = disk
            .list(directory)
            .map_err(SnapshotError::io("list", directory))?;
        let mut bytes = 0_u64;
        for name in names.iter().filter(|name| name.ends_with(FETCHED_SUFFIX)) {
            let path = directory.join(name);
            let file = disk.open(&path);
            let length = file.and_then(|file| file.length());
            let length = length.map_err(SnapshotError::io("measure", &path))?;
            bytes = bytes.saturating_add(length);
        }
        Ok(bytes)
    }

    /// What the next chunk is long.
    pub(super) fn chunk_bytes(&self) -> u64 {
        (self.offer.bytes - self.bytes).min(CHUNK_BYTES)
    }

    pub(super) const fn is_complete(&self) -> bool {
        self.bytes == self.offer.bytes
    }

    pub(super) fn append(&mut self, from: PeerId, chunk: &[u8]) -> Result<(), SnapshotError> {
        assert_eq!(
            chunk.len() as u64,
            self.chunk_bytes(),
            "checked by the caller"
        );
        self.file
            .write_at(self.bytes, chunk)
            .map_err(SnapshotError::io("write", &self.path))?;
        self.bytes += chunk.len() as u64;
        self.sender = match self.sender {
            Sender::Nobody => Sender::One(from),
            Sender::One(before) if before == from => Sender::One(from),
            _ => Sender::Several,
        };
        Ok(())
    }

    /// Whether this peer sent all of it.
    pub(super) fn is_all_of(&self, peer: PeerId) -> bool {
        self.sender == Sender::One(peer)
    }

    /// Whether this peer may have sent some of it.
    pub(super) fn may_have_of(&self, peer: PeerId) -> bool {
        match self.sender {
            Sender::Nobody => false,
            Sender::One(sender) => sender == peer,
            Sender::Several => true,
        }
    }

    pub(super) fn sync(&self) -> Result<(), SnapshotError> {
        self.file
            .sync()
            .map_err(SnapshotError::io("sync", &self.path))
    }

    /// Removes the file.
    pub(super) fn discard(self, disk: &Arc<dyn Disk>) -> Result<(), SnapshotError> {
        remove(disk, &self.path)
    }
}

fn remove(disk: &Arc<dyn Disk>, path: &Path) -> Result<(), SnapshotError> {
    disk.remove(path).map_err(SnapshotError::io("remove", path))
}
