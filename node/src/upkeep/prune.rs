//! Dropping the oldest blocks.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use talea_types::{ChainId, ValidatorSet};

use crate::history::{History, HistoryError};
use crate::snapshot::{self, SNAPSHOTS_DIRECTORY, SnapshotError, SnapshotName, SnapshotReader};
use crate::storage::base::{Base, BaseError, BaseRecord};
use crate::storage::block_log::{BlockLog, BlockLogError, BlockReader};
use crate::storage::disk::Disk;

/// Why nothing was dropped, or not all.
#[derive(Debug, thiserror::Error)]
pub enum PruneError {
    /// A snapshot cannot be used.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A block cannot be read.
    #[error("block {height} cannot be read: {reason}; run `talea-node doctor`")]
    Block {
        /// Its height.
        height: u64,
        /// Why.
        reason: String,
    },
    /// The snapshot is not of this chain of blocks.
    #[error("{path} is not of the block that this node has at its height; remove it")]
    OtherBlock {
        /// The snapshot.
        path: PathBuf,
    },
    /// The record of where history begins cannot be written.
    #[error(transparent)]
    Base(#[from] BaseError),
    /// The block log failed.
    #[error(transparent)]
    BlockLog(#[from] BlockLogError),
    /// The store failed.
    #[error(transparent)]
    History(#[from] HistoryError),
}

/// What was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pruned {
    /// The snapshot after which history begins now.
    pub base: SnapshotName,
    /// Blocks that are not kept any more.
    pub blocks: u64,
}

impl PruneError {
    /// Whether the snapshot itself is of no use, whatever the disk does.
    pub(super) const fn condemns_the_snapshot(&self) -> bool {
        match self {
            Self::Snapshot(error) => !error.is_of_the_disk(),
            Self::OtherBlock { .. } => true,
            Self::Block { .. } | Self::Base(_) | Self::BlockLog(_) | Self::History(_) => false,
        }
    }
}

/// The newest snapshot that lets blocks up to `upto` go, by its name; `None` if there is none above where history
/// begins already.
///
/// # Errors
/// [`PruneError::Snapshot`]: the directory cannot be read.
pub(super) fn newest_usable(
    disk: &dyn Disk,
    data: &Path,
    blocks: &BlockReader,
    upto: u64,
) -> Result<Option<SnapshotName>, PruneError> {
    let heights = blocks.heights();
    let usable = |name: &SnapshotName| name.height <= upto && heights.contains(&name.height);
    let names = snapshot::list(disk, &data.join(SNAPSHOTS_DIRECTORY))?;
    Ok(names.into_iter().rfind(usable))
}

/// Verifies that a snapshot of [`newest_usable`] is the state after the block that this node has at its height.
///
/// # Errors
/// [`PruneError`]: the snapshot is damaged or of another chain. Nothing has changed.
pub(super) fn verify_usable(
    disk: &dyn Disk,
    data: &Path,
    chain: &ChainId,
    genesis_set: &ValidatorSet,
    blocks: &BlockReader,
    name: SnapshotName,
) -> Result<(), PruneError> {
    let path = data.join(SNAPSHOTS_DIRECTORY).join(name.to_string());
    let verified = SnapshotReader::open(disk, &path)?.verify(chain, genesis_set)?;
    let (head, _) = verified.restore()?;
    let block = blocks.block(name.height)?;
    if head.name() != name || block.is_none_or(|block| block.header_hash != head.hash().hash().0) {
        return Err(PruneError::OtherBlock { path });
    }
    Ok(())
}

/// Drops the blocks up to the height of a snapshot that [`verify_usable`] let pass. Everything committed must be in the
/// log and synced.
///
/// # Errors
/// [`PruneError`]. After `BlockLog` the log must be opened again, which finishes what was begun.
pub(super) fn prune(
    disk: &Arc<dyn Disk>,
    data: &Path,
    block_log: &mut BlockLog,
    history: &History,
    base: SnapshotName,
) -> Result<Pruned, PruneError> {
    let before = block_log.reader().heights().start;
    history.flush()?;
    drop_blocks(disk, data, block_log, base)?;
    history.forget_below(base.height.saturating_add(1))?;
    Ok(Pruned {
        base,
        blocks: base.height.saturating_add(1).saturating_sub(before),
    })
}

/// Records the new base, then lets the block log begin after it. The history must be flushed before: what was
/// indexed and not written could not be indexed again.
pub(super) fn drop_blocks(
    disk: &Arc<dyn Disk>,
    data: &Path,
    block_log: &mut BlockLog,
    base: SnapshotName,
) -> Result<(), PruneError> {
    let first_height = base.height.saturating_add(1);
    let first_segment = block_log.segment_of(first_height)?;
    BaseRecord::new(disk, data).write(&Base {
        height: base.height,
        root: base.root.0,
        first_segment,
    })?;
    Ok(block_log.drop_before(first_height, first_segment)?)
}
