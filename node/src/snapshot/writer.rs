//! Writes a snapshot.

use std::path::{Path, PathBuf};

use prost::Message;
use talea_types::receipt::{FinalityProof, SetChange};

use super::format::{Checksum, Kind, checksum, file_header, first_checksum, frame_head};
use super::name::UNFINISHED_SUFFIX;
use super::{SnapshotError, SnapshotHead};
use crate::limits::snapshot::{FRAME_BYTES_MAX, OBJECTS_FRAME_BYTES, WRITE_BUFFER_BYTES};
use crate::storage::checkpoint::{StateObject, encode_objects};
use crate::storage::disk::{Disk, DiskFile};

/// Writes the snapshot of a state into `directory` and returns its file. It is durable then, or there is none. The
/// objects must be those of the header's state, ascending by path; they are not verified here.
///
/// # Errors
/// [`SnapshotError::Io`], or what an object came with.
pub fn write(
    disk: &dyn Disk,
    directory: &Path,
    head: &SnapshotHead,
    objects: impl Iterator<Item = Result<StateObject, SnapshotError>>,
) -> Result<PathBuf, SnapshotError> {
    disk.create_directories(directory)
        .map_err(SnapshotError::io("create", directory))?;
    let name = head.name().to_string();
    let path = directory.join(&name);
    let unfinished = directory.join(format!("{name}{UNFINISHED_SUFFIX}"));
    super::directory::remove_if_there(disk, &unfinished)?;
    let written = write_file(disk, &unfinished, head, objects);
    if let Err(error) = written {
        // A full disk should not stay full because of half a snapshot; the first error is the one to tell.
        let _ = super::directory::remove_if_there(disk, &unfinished);
        return Err(error);
    }
    super::directory::rename_durably(disk, &unfinished, &path)?;
    Ok(path)
}

fn write_file(
    disk: &dyn Disk,
    path: &Path,
    head: &SnapshotHead,
    objects: impl Iterator<Item = Result<StateObject, SnapshotError>>,
) -> Result<(), SnapshotError> {
    let file = disk
        .create(path)
        .map_err(SnapshotError::io("create", path))?;
    let mut frames = FrameWriter {
        path,
        file,
        written: 0,
        buffer: file_header().to_vec(),
        chain: first_checksum(),
    };
    for change in &head.finality.set_changes {
        frames.push(Kind::SetChange, &encode_change(change))?;
    }
    let decided = FinalityProof {
        set_changes: Vec::new(),
        ..head.finality.clone()
    };
    frames.push(Kind::Decided, &decided.to_wire().encode_to_vec())?;
    for header in &head.trail {
        frames.push(Kind::Header, &header.to_wire().encode_to_vec())?;
    }
    let mut count: u64 = 0;
    let mut waiting: Vec<StateObject> = Vec::new();
    let mut bytes = 0;
    for object in objects {
        let object = object?;
        count += 1;
        bytes += object.key.len() + object.value.len();
        waiting.push(object);
        if bytes >= OBJECTS_FRAME_BYTES {
            frames.push(Kind::Objects, &encode_objects(waiting.iter()))?;
            waiting.clear();
            bytes = 0;
        }
    }
    if !waiting.is_empty() {
        frames.push(Kind::Objects, &encode_objects(waiting.iter()))?;
    }
    frames.push(Kind::End, &count.to_le_bytes())?;
    frames.finish()
}

fn encode_change(change: &SetChange) -> Vec<u8> {
    let proof = FinalityProof {
        set_changes: vec![change.clone()],
        header: change.header.clone(),
        certificate: change.certificate.clone(),
    };
    proof.to_wire().encode_to_vec()
}

struct FrameWriter<'a> {
    path: &'a Path,
    file: Box<dyn DiskFile>,
    written: u64,
    buffer: Vec<u8>,
    chain: Checksum,
}

impl FrameWriter<'_> {
    fn push(&mut self, kind: Kind, payload: &[u8]) -> Result<(), SnapshotError> {
        assert!(
            payload.len() <= FRAME_BYTES_MAX,
            "objects and proofs are bounded by the protocol"
        );
        let length = payload.len() as u32;
        let head = frame_head(kind as u8, length);
        self.chain = checksum(&self.chain, &[&head, payload]);
        self.buffer.extend_from_slice(&head);
        self.buffer.extend_from_slice(payload);
        self.buffer.extend_from_slice(&self.chain);
        if self.buffer.len() >= WRITE_BUFFER_BYTES {
            self.write_out()?;
        }
        Ok(())
    }

    fn write_out(&mut self) -> Result<(), SnapshotError> {
        self.file
            .write_at(self.written, &self.buffer)
            .map_err(SnapshotError::io("write", self.path))?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<(), SnapshotError> {
        self.write_out()?;
        self.file
            .sync()
            .map_err(SnapshotError::io("sync", self.path))
    }
}
