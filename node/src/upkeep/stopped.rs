//! Upkeep of a node that does not run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use talea_ledger::Genesis;
use talea_types::{ChainId, ValidatorSet};

use super::prune::{newest_usable, prune, verify_usable};
use super::surplus::remove_surplus;
use super::{PruneError, Pruned, Retention, head_at, write_snapshot};
use crate::api::ReadHistory;
use crate::recovery::{self, LoadedBase, RecoveredState, RecoveryError};
use crate::snapshot::{self, SNAPSHOTS_DIRECTORY, SnapshotError, SnapshotReader};
use crate::storage::base::BaseError;
use crate::storage::block_log::BlockLog;
use crate::storage::checkpoint::{CheckpointError, CheckpointOptions, CheckpointStore};
use crate::storage::disk::Disk;
use crate::storage::rebuildable::RebuildableStore;

/// Why upkeep of a stopped node failed.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// Its data cannot be opened.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The rebuildable store failed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A snapshot was not made, or blocks were not dropped.
    #[error(transparent)]
    Prune(#[from] PruneError),
    /// A snapshot cannot be used.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The record of where history begins cannot be written.
    #[error(transparent)]
    Base(#[from] BaseError),
    /// No block is committed.
    #[error("there is no committed block yet; the genesis document is the state")]
    Empty,
    /// A state is restored where there is one.
    #[error(
        "{path} exists: a snapshot is restored into a data directory without blocks; move the directory away first"
    )]
    Occupied {
        /// What is there.
        path: PathBuf,
    },
}

/// The data of a node that does not run: open, recovered, and locked against a start.
pub struct StoppedNode {
    disk: Arc<dyn Disk>,
    data: PathBuf,
    chain: ChainId,
    genesis_set: ValidatorSet,
    block_log: BlockLog,
    base: Option<LoadedBase>,
    store: RebuildableStore,
    state: RecoveredState,
}

impl StoppedNode {
    /// Opens the block log and the rebuildable store of a data directory and brings them to the last block. What
    /// the validator voted is not touched.
    ///
    /// # Errors
    /// [`UpkeepError::Recovery`], when the node runs as well.
    pub fn open(
        disk: &Arc<dyn Disk>,
        data: &Path,
        salt: [u8; 16],
        genesis: &Genesis,
        open_store: impl FnOnce() -> Result<RebuildableStore, RecoveryError>,
    ) -> Result<Self, UpkeepError> {
        let (mut block_log, base) = recovery::open_blocks(disk, data, salt)?;
        let store = open_store()?;
        let options = CheckpointOptions::default();
        let state =
            recovery::recover_blocks(genesis, &mut block_log, base.as_ref(), &store, options)?;
        state.history.flush().map_err(PruneError::from)?;
        state.checkpoints.publish_now()?;
        Ok(Self {
            disk: Arc::clone(disk),
            data: data.to_owned(),
            chain: genesis.chain,
            genesis_set: recovery::first_validators(genesis)?,
            block_log,
            base,
            store,
            state,
        })
    }

    /// Makes a snapshot of the last block's state, reads it back and verifies it. What is kept of the blocks decides
    /// which older snapshots stay.
    ///
    /// # Errors
    /// [`UpkeepError`].
    pub fn snapshot(&self, retention: Option<Retention>) -> Result<PathBuf, UpkeepError> {
        let height = self.state.tip.height;
        let checkpoint = CheckpointStore::new(&self.store.keys)
            .load()?
            .filter(|checkpoint| checkpoint.height() == height && height > 0)
            .ok_or(UpkeepError::Empty)?;
        let changes = self.state.history.set_changes_before(height);
        let blocks = self.block_log.reader();
        let head = head_at(&blocks, self.base.as_ref(), changes, height)?;
        let path = write_snapshot(&*self.disk, &self.data, &head, &checkpoint)?;
        SnapshotReader::open(&*self.disk, &path)?
            .verify(&self.chain, &self.genesis_set)?
            .restore()?;
        self.tidy(retention)?;
        Ok(path)
    }

    /// Drops the blocks that need not be kept, up to the newest snapshot among them; `None` if there are none.
    ///
    /// # Errors
    /// [`UpkeepError`].
    pub fn prune(&mut self, retention: Retention) -> Result<Option<Pruned>, UpkeepError> {
        let blocks = self.block_log.reader();
        let newest = self.state.tip.height;
        let may_go = retention
            .may_go(&blocks)
            .map_err(|reason| PruneError::Block {
                height: newest,
                reason,
            })?;
        let Some(upto) = may_go else { return Ok(None) };
        let (disk, data) = (&self.disk, &self.data);
        let (chain, genesis_set) = (&self.chain, &self.genesis_set);
        let Some(base) = newest_usable(&**disk, data, &blocks, upto)? else {
            return Ok(None);
        };
        verify_usable(&**disk, data, chain, genesis_set, &blocks, base)?;
        let pruned = prune(disk, data, &mut self.block_log, &self.state.history, base)?;
        self.tidy(Some(retention))?;
        Ok(Some(pruned))
    }

    fn tidy(&self, retention: Option<Retention>) -> Result<(), PruneError> {
        snapshot::remove_left_over(&*self.disk, &self.data.join(SNAPSHOTS_DIRECTORY))?;
        remove_surplus(&self.disk, &self.data, retention)
    }

    /// Height of the last block.
    #[must_use]
    pub const fn height(&self) -> u64 {
        self.state.tip.height
    }

    /// The oldest block that is kept.
    #[must_use]
    pub fn first_height(&self) -> u64 {
        self.state.history.first_height()
    }
}
