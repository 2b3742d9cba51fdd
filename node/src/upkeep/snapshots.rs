//! A snapshot of a checkpoint.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use talea_types::Certificate;
use talea_types::receipt::{FinalityProof, SetChange};

use super::PruneError;
use crate::recovery::{LoadedBase, committed_header};
use crate::snapshot::{self, SNAPSHOTS_DIRECTORY, SnapshotError, SnapshotHead};
use crate::storage::block_log::BlockReader;
use crate::storage::checkpoint::Checkpoint;
use crate::storage::disk::Disk;

/// What decided a height, and the headers below it that a node needs to go on from it. `set_changes` are those
/// decided below the height.
///
/// # Errors
/// [`PruneError::Block`].
pub fn head_at(
    blocks: &BlockReader,
    base: Option<&LoadedBase>,
    set_changes: Vec<SetChange>,
    height: u64,
) -> Result<SnapshotHead, PruneError> {
    let refused = |height| move |reason| PruneError::Block { height, reason };
    let header = committed_header(blocks, base, height).map_err(refused(height))?;
    let certificate = match base.filter(|base| base.height() == height) {
        Some(base) => base.head().certificate().clone(),
        None => certificate_at(blocks, height).map_err(refused(height))?,
    };
    let trail = (SnapshotHead::trail_start(&header, &set_changes)..height)
        .map(|height| committed_header(blocks, base, height).map_err(refused(height)))
        .collect::<Result<_, _>>()?;
    Ok(SnapshotHead {
        finality: FinalityProof {
            set_changes,
            header,
            certificate,
        },
        trail,
    })
}

fn certificate_at(blocks: &BlockReader, height: u64) -> Result<Certificate, String> {
    let block = blocks.block(height).map_err(|error| error.to_string())?;
    let block = block.ok_or_else(|| "it is not kept".to_owned())?;
    Certificate::decode(&Bytes::from(block.certificate)).map_err(|error| error.to_string())
}

/// Writes the snapshot of a checkpoint into a data directory and returns its file.
///
/// # Errors
/// [`SnapshotError`].
pub fn write_snapshot(
    disk: &dyn Disk,
    data: &Path,
    head: &SnapshotHead,
    checkpoint: &Checkpoint,
) -> Result<PathBuf, SnapshotError> {
    let objects = checkpoint
        .objects()
        .map(|object| object.map_err(SnapshotError::from));
    snapshot::write(disk, &data.join(SNAPSHOTS_DIRECTORY), head, objects)
}
