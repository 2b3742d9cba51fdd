//! Snapshots and pruning of a running node, on threads that nobody waits for.
//!
//! One thread writes snapshots, that of the checkpoints; another, upkeep's, chooses the base and removes snapshots. So
//! nothing goes between the choice of a base and the record of it, and nobody removes what is being written, without a
//! lock: one that is held while the driver is asked could stop it, for the driver waits for the checkpoints when they
//! are behind.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use talea_types::{ChainId, ValidatorSet};
use tokio::sync::{mpsc, oneshot};

use super::prune::{drop_blocks, newest_usable, verify_usable};
use super::surplus::remove_surplus;
use super::{PruneError, Retention, head_at, write_snapshot};
use crate::api::ReadHistory;
use crate::driver::Request;
use crate::history::History;
use crate::recovery::LoadedBase;
use crate::snapshot::{self, SNAPSHOTS_DIRECTORY, SnapshotName};
use crate::storage::block_log::BlockReader;
use crate::storage::checkpoint::{Checkpoint, Observer};
use crate::storage::disk::Disk;

/// What upkeep works on.
#[derive(Clone)]
pub struct UpkeepParts {
    /// The file system.
    pub disk: Arc<dyn Disk>,
    /// The data directory.
    pub data: PathBuf,
    /// The network.
    pub chain: ChainId,
    /// Its first validators.
    pub genesis_set: ValidatorSet,
    /// Committed blocks.
    pub blocks: BlockReader,
    /// Blocks for readers.
    pub history: Arc<History>,
    /// Blocks between two snapshots; 0 for none.
    pub snapshot_blocks: u64,
    /// What is kept; `None` for everything.
    pub retention: Option<Retention>,
    /// Asks the driver, which owns the block log.
    pub requests: mpsc::Sender<Request>,
}

/// The thread that prunes and removes snapshots. It ends by itself after what is under way once this and the observer are dropped.
pub struct Upkeep {
    wake: Sender<()>,
}

impl Upkeep {
    /// Removes what an interrupted writer or fetch left and starts the thread, which looks once at what may go. Nobody
    /// may be writing or fetching a snapshot yet.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start(parts: UpkeepParts) -> std::io::Result<Self> {
        let directory = parts.data.join(SNAPSHOTS_DIRECTORY);
        if let Err(error) = snapshot::remove_left_over(&*parts.disk, &directory) {
            tracing::warn!(%error, "what was left of a snapshot was not removed");
        }
        let (wake, woken) = bounded(1);
        // Full: it will look anyway.
        let _ = wake.try_send(());
        thread::Builder::new()
            .name("upkeep".to_owned())
            .spawn(move || run(&parts, &woken))?;
        Ok(Self { wake })
    }

    /// Makes a snapshot of a checkpoint when one is due, and lets old blocks go then.
    #[must_use]
    pub fn observer(&self, parts: UpkeepParts) -> Observer {
        let wake = self.wake.clone();
        Box::new(
            move |checkpoint| match snapshot_if_due(&parts, checkpoint) {
                Ok(false) => {}
                Ok(true) => drop(wake.try_send(())),
                Err(error) => {
                    tracing::warn!(height = checkpoint.height(), %error, "no snapshot was made");
                }
            },
        )
    }
}

fn run(parts: &UpkeepParts, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        if let Err(error) = prune_running(parts) {
            tracing::warn!(%error, "old blocks were not dropped");
        }
        if let Err(error) = remove_surplus(&parts.disk, &parts.data, parts.retention) {
            tracing::warn!(%error, "snapshots that are not needed any more were not removed");
        }
    }
}

/// Where the base changes meanwhile, this may fail, and the next checkpoint is tried.
fn snapshot_if_due(parts: &UpkeepParts, checkpoint: &Checkpoint) -> Result<bool, PruneError> {
    let height = checkpoint.height();
    if parts.snapshot_blocks == 0 || height == 0 {
        return Ok(false);
    }
    let directory = parts.data.join(SNAPSHOTS_DIRECTORY);
    let newest = snapshot::list(&*parts.disk, &directory)?.pop();
    if newest.is_some_and(|newest| height < newest.height.saturating_add(parts.snapshot_blocks)) {
        return Ok(false);
    }
    let base = base(parts)?;
    let changes = parts.history.set_changes_before(height);
    let head = head_at(&parts.blocks, base.as_ref(), changes, height)?;
    let path = write_snapshot(&*parts.disk, &parts.data, &head, checkpoint)?;
    tracing::info!(height, path = %path.display(), "made a snapshot");
    Ok(true)
}

fn prune_running(parts: &UpkeepParts) -> Result<(), PruneError> {
    let Some(retention) = parts.retention else {
        return Ok(());
    };
    let newest = parts.blocks.heights().end.saturating_sub(1);
    let may_go = retention
        .may_go(&parts.blocks)
        .map_err(|reason| PruneError::Block {
            height: newest,
            reason,
        })?;
    let Some(upto) = may_go else { return Ok(()) };
    let UpkeepParts {
        disk,
        data,
        chain,
        genesis_set,
        blocks,
        ..
    } = parts;
    let Some(base) = newest_usable(&**disk, data, blocks, upto)? else {
        return Ok(());
    };
    if let Err(error) = verify_usable(&**disk, data, chain, genesis_set, blocks, base) {
        if error.condemns_the_snapshot() {
            // It would be chosen again and again, and no block would ever go.
            tracing::warn!(%base, "the snapshot is not fit to stand in for genesis; it is removed");
            snapshot::remove(&**disk, &data.join(SNAPSHOTS_DIRECTORY), base)?;
        }
        return Err(error);
    }
    parts.history.flush()?;
    if !drop_in_driver(parts, base)? {
        return Ok(());
    }
    parts.history.forget_below(base.height.saturating_add(1))?;
    tracing::info!(
        first = base.height.saturating_add(1),
        "dropped the blocks below this height"
    );
    Ok(())
}

/// The block log is the driver's. Whether it was done: a driver that is ending drops nothing.
fn drop_in_driver(parts: &UpkeepParts, base: SnapshotName) -> Result<bool, PruneError> {
    let (reply, answer) = oneshot::channel();
    let (disk, data) = (Arc::clone(&parts.disk), parts.data.clone());
    let request = Request::BlockLog(Box::new(move |log| {
        let (fatal, told) = match drop_blocks(&disk, &data, log, base) {
            Err(PruneError::BlockLog(error)) => (Err(error), Ok(())),
            other => (Ok(()), other),
        };
        // Whoever asked may be gone.
        let _ = reply.send(told);
        fatal
    }));
    if parts.requests.blocking_send(request).is_err() {
        return Ok(false);
    }
    match answer.blocking_recv() {
        Ok(told) => told.map(|()| true),
        Err(_) => Ok(false),
    }
}

fn base(parts: &UpkeepParts) -> Result<Option<LoadedBase>, PruneError> {
    LoadedBase::load(&parts.disk, &parts.data).map_err(|error| PruneError::Block {
        height: parts.blocks.heights().start.saturating_sub(1),
        reason: error.to_string(),
    })
}
