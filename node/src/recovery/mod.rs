//! What a node does before it speaks: open the logs, bring the state to the end of the block log, and
//! compare every answer of the rebuildable store with it.
//!
//! The block log is the truth. A checkpoint is believed when its objects give its root and its root is
//! that of the block log's header at its height; otherwise it is discarded and the blocks are replayed
//! from genesis, or from the snapshot that stands in its place ([`LoadedBase`]). Replayed blocks are verified and
//! executed like any other, so a data directory that was tampered with is found out.

mod base;
mod engine;
mod error;
mod replay;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use talea_consensus::LogRecord;
use talea_ledger::{Genesis, Ledger};
use talea_types::planted::{self, Bug};
use talea_types::{BlockContent, BlockHash, BlockHeader, Certificate, ChainId, Hash, ValidatorSet};

use crate::api::ReadHistory;
use crate::history::History;
use crate::interface::Tip;
use crate::storage::block_log::{BlockLog, BlockLogOptions, BlockReader};
use crate::storage::checkpoint::{
    Checkpoint, CheckpointOptions, CheckpointStore, CheckpointWriter, StateDelta,
};
use crate::storage::consensus_log::ConsensusLog;
use crate::storage::disk::{Disk, StdDisk};
use crate::storage::kv::{KvError, StoreOpened};
use crate::storage::rebuildable::RebuildableStore;
use crate::voting_place::VotingPlace;
use crate::voting_record::{Standing, VotingRecord, VotingRecordError, VotingState};

pub use base::LoadedBase;
pub use engine::{EngineSetup, EngineStartError};
pub use error::RecoveryError;

/// Votes and locks, in a data directory.
pub(crate) const CONSENSUS_DIRECTORY_NAME: &str = "consensus";

/// What is on the disk of a node, open.
pub struct Stores {
    /// Bodies and decisions.
    pub block_log: BlockLog,
    /// After what the block log begins, if not genesis.
    pub base: Option<LoadedBase>,
    /// Votes and locks.
    pub consensus_log: ConsensusLog,
    /// What can be made again.
    pub store: RebuildableStore,
    /// From which height this validator may vote.
    pub voting_record: VotingRecord,
    /// Whether it must hear from the others before it votes.
    pub rejoin: bool,
    /// From which height it votes otherwise.
    pub vote_from: u64,
}

impl Stores {
    /// Opens everything in `directory`, creating what is not there.
    ///
    /// # Errors
    /// [`RecoveryError`].
    pub fn open(directory: &Path, salt: [u8; 16], votes: bool) -> Result<Self, RecoveryError> {
        let disk: Arc<dyn Disk> = Arc::new(StdDisk);
        let log = directory.join(CONSENSUS_DIRECTORY_NAME);
        let look = || VotingPlace::look(&disk, directory, &log).map_err(RecoveryError::VotingPlace);
        if votes && look()?.is_copy().map_err(VotingRecordError::from)? {
            tracing::warn!(
                directory = %directory.display(),
                "the data directory is a copy of an earlier one: this validator does not vote until it has heard \
                 how far the others are"
            );
            VotingRecord::new(&disk, directory).forget()?;
        }
        let stores = Self::open_on(&disk, directory, salt, votes, || {
            let (store, how) = RebuildableStore::open(directory, salt)?;
            if let StoreOpened::Quarantined { to, reason } = how {
                tracing::warn!(to = %to.display(), reason, "the rebuildable store was damaged; it is set aside and rebuilt");
            }
            Ok(store)
        })?;
        if votes {
            look()?.record().map_err(VotingRecordError::from)?;
        }
        Ok(stores)
    }

    /// The same on any disk, with any rebuildable store, opened last.
    ///
    /// # Errors
    /// [`RecoveryError`].
    pub fn open_on(
        disk: &Arc<dyn Disk>,
        directory: &Path,
        salt: [u8; 16],
        votes: bool,
        open_store: impl FnOnce() -> Result<RebuildableStore, KvError>,
    ) -> Result<Self, RecoveryError> {
        let (block_log, base) = open_blocks(disk, directory, salt)?;
        let votes_directory = directory.join(CONSENSUS_DIRECTORY_NAME);
        let voting_record = VotingRecord::new(disk, directory);
        let state = voting_record.read()?;
        if votes && matches!(state, VotingState::Started { .. }) && is_empty(disk, &votes_directory)
        {
            // Before a new log is made: the next start would take that for the one that was lost.
            voting_record.forget()?;
        }
        let (consensus_log, opened) =
            ConsensusLog::open(disk, &votes_directory, salt).map_err(|source| {
                RecoveryError::ConsensusLog {
                    directory: votes_directory,
                    source,
                }
            })?;
        if opened.mended_frames > 0 {
            tracing::warn!(
                frames = opened.mended_frames,
                "records of the consensus log were wrong or not there twice, and were written again from their other copy; \
                 if no power was cut, check the disk"
            );
        }
        if votes && opened.created && matches!(state, VotingState::Started { .. }) {
            // There were segments, and none of them could be read: for the next start too.
            voting_record.forget()?;
        }
        let has_blocks = block_log.last_committed().is_some();
        let (rejoin, vote_from) = match state.standing(opened.created, has_blocks) {
            _ if !votes => (false, 0),
            // Below its height the log keeps no votes; it is ahead where the block log lost its last blocks.
            Standing::Votes { from } => (false, from.max(consensus_log.height())),
            Standing::Rejoins if planted::is(Bug::RejoinAtOnce) => (false, 0),
            Standing::Rejoins => (true, u64::MAX),
        };
        if votes && state == VotingState::Fresh && !rejoin {
            voting_record.record_started(0)?;
        }
        Ok(Self {
            block_log,
            base,
            consensus_log,
            store: open_store()?,
            voting_record,
            rejoin,
            vote_from,
        })
    }
}

/// Opens the block log of a data directory, and what it begins after.
///
/// # Errors
/// [`RecoveryError`].
pub fn open_blocks(
    disk: &Arc<dyn Disk>,
    directory: &Path,
    salt: [u8; 16],
) -> Result<(BlockLog, Option<LoadedBase>), RecoveryError> {
    let base = LoadedBase::load(disk, directory)?;
    let mut options = BlockLogOptions::new(salt);
    if let Some(base) = &base {
        options.first_height = base.height().saturating_add(1);
        options.first_segment = base.record().first_segment;
    }
    let blocks = directory.join("blocks");
    let (block_log, opened) =
        BlockLog::open(disk, &blocks, options).map_err(|source| RecoveryError::BlockLog {
            directory: blocks,
            source,
        })?;
    if opened.recovered_bytes > 0 {
        tracing::info!(
            bytes = opened.recovered_bytes,
            "cut the tail of the block log that was never synced"
        );
    }
    Ok((block_log, base))
}

/// Whether there is no log in a directory, which need not be there either.
pub(crate) fn is_empty(disk: &Arc<dyn Disk>, directory: &Path) -> bool {
    let names = disk.list(directory).unwrap_or_default();
    !names.iter().any(|name| name.ends_with(".segment"))
}

/// A node's state at the end of its block log.
pub struct RecoveredState {
    /// The committed state.
    pub ledger: Ledger,
    /// The last committed block.
    pub tip: Tip,
    /// Its certificate; absent at height 0.
    pub tip_certificate: Option<Certificate>,
    /// The set that decided it.
    pub tip_validators: ValidatorSet,
    /// Blocks for readers, complete to the tip.
    pub history: Arc<History>,
    /// Writes the checkpoints to come.
    pub checkpoints: CheckpointWriter,
    /// Durable bodies of the next height.
    pub bodies: Vec<Bytes>,
}

/// Brings the state to the end of the block log.
///
/// # Errors
/// [`RecoveryError`].
pub fn recover(
    genesis: &Genesis,
    stores: &mut Stores,
    options: CheckpointOptions,
) -> Result<RecoveredState, RecoveryError> {
    let Stores {
        block_log,
        base,
        store,
        ..
    } = stores;
    recover_blocks(genesis, block_log, base.as_ref(), store, options)
}

/// The same from the block log and the rebuildable store alone.
///
/// # Errors
/// [`RecoveryError`].
pub fn recover_blocks(
    genesis: &Genesis,
    block_log: &mut BlockLog,
    base: Option<&LoadedBase>,
    store: &RebuildableStore,
    options: CheckpointOptions,
) -> Result<RecoveredState, RecoveryError> {
    let first_validators = first_validators(genesis)?;
    if let Some(base) = base {
        base.verify(&genesis.chain, &first_validators)?;
    }
    let blocks = Blocks {
        log: block_log,
        base,
    };
    let tip_height = blocks.log.height();
    if tip_height > 0 {
        let tip = blocks.header(tip_height)?;
        if tip.chain != genesis.chain {
            return Err(RecoveryError::OtherNetwork {
                expected: genesis.chain,
                found: tip.chain,
            });
        }
    }
    let (ledger, history) = match load_checkpoint(&blocks, store, &first_validators, tip_height)? {
        Some(loaded) => loaded,
        None => {
            CheckpointStore::new(&store.keys).discard()?;
            History::discard(store)?;
            let history = History::open(store, blocks.log.reader())?;
            let ledger = match base {
                Some(base) => {
                    let ledger = base.restore(&genesis.chain, &first_validators)?;
                    history.record_set_changes(base.head().set_changes(ledger.validators()))?;
                    ledger
                }
                None => Ledger::genesis(genesis).map_err(|error| RecoveryError::Genesis {
                    reason: error.to_string(),
                })?,
            };
            (ledger, history)
        }
    };
    let history = Arc::new(history);
    let checkpoints = CheckpointWriter::start(&store.keys, options)?;
    // A start believes no checkpoint above the end of the indexes.
    let indexes = Arc::clone(&history);
    checkpoints.rest_on(Box::new(move || {
        indexes.flush().map_err(|error| error.to_string())
    }));
    if checkpoints.published().is_none() {
        checkpoints.submit(whole_state(&ledger))?;
    }
    replay::Replay::new(
        genesis.chain,
        blocks,
        ledger,
        history,
        checkpoints,
        first_validators,
    )?
    .run(tip_height)
}

/// The set that genesis names.
///
/// # Errors
/// [`RecoveryError::Genesis`].
pub fn first_validators(genesis: &Genesis) -> Result<ValidatorSet, RecoveryError> {
    ValidatorSet::new(genesis.validators.iter().cloned()).map_err(|error| RecoveryError::Genesis {
        reason: error.to_string(),
    })
}

/// Committed blocks, and the headers below the first of them.
pub(super) struct Blocks<'a> {
    log: &'a mut BlockLog,
    base: Option<&'a LoadedBase>,
}

impl Blocks<'_> {
    /// The header committed at a height.
    fn header(&self, height: u64) -> Result<BlockHeader, RecoveryError> {
        committed_header(&self.log.reader(), self.base, height)
            .map_err(|reason| RecoveryError::Block { height, reason })
    }
}

/// The newest checkpoint, if everything about it fits the block log.
fn load_checkpoint(
    blocks: &Blocks<'_>,
    store: &RebuildableStore,
    first_validators: &ValidatorSet,
    tip_height: u64,
) -> Result<Option<(Ledger, History)>, RecoveryError> {
    let checkpoint = match CheckpointStore::new(&store.keys).load() {
        Ok(Some(checkpoint)) if checkpoint.height() > 0 => checkpoint,
        Ok(_) => return Ok(None),
        Err(error) => {
            tracing::warn!(%error, "the checkpoint cannot be read; replaying all blocks");
            return Ok(None);
        }
    };
    let history = match History::open(store, blocks.log.reader()) {
        Ok(history) => history,
        Err(error) if error.is_damage() => {
            tracing::warn!(%error, "the records of blocks or their indexes are not whole; replaying all blocks");
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    match believe(blocks, &history, &checkpoint, first_validators, tip_height) {
        Ok(ledger) => Ok(Some((ledger, history))),
        Err(reason) => {
            tracing::warn!(
                height = checkpoint.height(),
                reason,
                "the checkpoint is not believed; replaying all blocks"
            );
            Ok(None)
        }
    }
}

fn believe(
    blocks: &Blocks<'_>,
    history: &History,
    checkpoint: &Checkpoint,
    first_validators: &ValidatorSet,
    tip_height: u64,
) -> Result<Ledger, String> {
    let height = checkpoint.height();
    if height > tip_height {
        return Err(format!(
            "it is above the end of the block log at {tip_height}"
        ));
    }
    if blocks.base.is_some_and(|base| height < base.height()) {
        return Err("it is below the first block".to_owned());
    }
    let header = committed_header(&blocks.log.reader(), blocks.base, height)?;
    if header.state_root.0 != checkpoint.root() {
        return Err("its root is not that of the block log".to_owned());
    }
    let mut failed = None;
    let objects = checkpoint.objects().map_while(|object| match object {
        Ok(object) => Some((object.key, Bytes::from(object.value))),
        Err(error) => {
            failed = Some(error.to_string());
            None
        }
    });
    let ledger = Ledger::restore(objects).map_err(|error| error.to_string());
    if let Some(reason) = failed {
        return Err(reason);
    }
    let ledger = ledger?;
    if ledger.height() != height || ledger.state_root() != header.state_root {
        return Err("its objects give another root".to_owned());
    }
    if history.complete_to() < height {
        return Err(format!(
            "the indexes end at height {}",
            history.complete_to()
        ));
    }
    // Without one of them every proof of what is final would fail.
    let mut set = first_validators.hash();
    for change in history.set_changes_before(height.saturating_add(1)) {
        if change.header.validators_hash != set {
            return Err("a change of the validator set is missing".to_owned());
        }
        set = change.next.hash();
    }
    if set != ledger.validators().hash() {
        return Err("the last change of the validator set is missing".to_owned());
    }
    Ok(ledger)
}

/// The header committed at a height, from the block log or from what it begins after.
///
/// # Errors
/// What is wrong with the log.
pub fn committed_header(
    log: &BlockReader,
    base: Option<&LoadedBase>,
    height: u64,
) -> Result<BlockHeader, String> {
    match base {
        Some(base) if height <= base.height() => base.header(height).cloned().ok_or_else(|| {
            format!(
                "the snapshot of height {} has no header of it",
                base.height()
            )
        }),
        _ => header_at(log, height),
    }
}

/// The header committed at a height.
///
/// # Errors
/// What is wrong with the log.
fn header_at(log: &BlockReader, height: u64) -> Result<BlockHeader, String> {
    let block = log.block(height).map_err(|error| error.to_string())?;
    let block = block.ok_or_else(|| format!("the block log has no block {height}"))?;
    let body = talea_types::BlockBody::decode(&Bytes::from(block.body))
        .map_err(|error| error.to_string())?;
    let BlockContent { header, .. } = body.content;
    Ok(header)
}

/// The whole state as the first delta.
fn whole_state(ledger: &Ledger) -> StateDelta {
    let changes = ledger
        .objects()
        .map(|(key, value)| crate::storage::checkpoint::StateChange {
            path: key.path().0,
            key: key.to_bytes(),
            value: Some(value),
        });
    StateDelta {
        height: ledger.height(),
        root: ledger.state_root().0,
        changes: changes.collect(),
    }
}

/// Records of the consensus log that still matter above `tip`.
///
/// # Errors
/// [`RecoveryError`].
pub fn consensus_records(
    log: &mut ConsensusLog,
    tip: u64,
) -> Result<Vec<LogRecord>, RecoveryError> {
    let mut records = Vec::new();
    if planted::is(Bug::LogIgnored) {
        return Ok(records);
    }
    for height in tip.saturating_add(1)..=log.height().max(tip.saturating_add(1)) {
        let stored = log
            .records_for(height)
            .map_err(|source| RecoveryError::ConsensusLog {
                directory: PathBuf::from("consensus"),
                source,
            })?;
        for bytes in stored {
            let record = LogRecord::decode(&Bytes::from(bytes))
                .map_err(|_| RecoveryError::ConsensusRecord)?;
            records.push(record);
        }
    }
    Ok(records)
}

/// Rounds in which the blocks from `first` to `tip - 1` were decided, as the header above each says.
///
/// # Errors
/// [`RecoveryError::Block`].
pub fn committed_rounds(
    log: &BlockReader,
    base: Option<&LoadedBase>,
    first: u64,
    tip: u64,
) -> Result<Vec<u32>, RecoveryError> {
    (first.saturating_add(1)..=tip)
        .map(|height| {
            let header = committed_header(log, base, height)
                .map_err(|reason| RecoveryError::Block { height, reason })?;
            Ok(header.parent_round)
        })
        .collect()
}

/// The hash that a chain's first block builds on.
#[must_use]
pub fn genesis_tip(chain: &ChainId, ledger: &Ledger) -> Tip {
    Tip {
        height: 0,
        hash: BlockHash::new(Hash(*chain.as_bytes())),
        time: ledger.time(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::disk::MemDisk;

    #[test]
    fn a_lost_consensus_log_is_remembered_by_every_start_until_the_others_were_heard() {
        remembers_that_it_lost_its_log(|memory, disk, log| {
            for path in memory.paths().iter().filter(|path| path.starts_with(log)) {
                disk.remove(path).unwrap();
            }
        });
    }

    /// The directory is not empty, and yet the log begins anew.
    #[test]
    fn so_is_one_whose_only_segment_lost_its_header() {
        remembers_that_it_lost_its_log(|memory, disk, log| {
            for path in memory.paths().iter().filter(|path| path.starts_with(log)) {
                if !memory.cut(path, 10) || path.ends_with("watermark") {
                    disk.remove(path).unwrap();
                }
            }
            assert!(memory.paths().iter().any(|path| path.starts_with(log)));
        });
    }

    fn remembers_that_it_lost_its_log(lose: impl FnOnce(&MemDisk, &Arc<dyn Disk>, &Path)) {
        let memory = MemDisk::new();
        let disk: Arc<dyn Disk> = Arc::new(memory.clone());
        let data = Path::new("/data");
        VotingRecord::new(&disk, data).record_fresh().unwrap();
        let open = || {
            let store = || Ok(RebuildableStore::in_memory());
            Stores::open_on(&disk, data, [1; 16], true, store).unwrap()
        };
        for _ in 0..2 {
            let stores = open();
            assert!(!stores.rejoin && stores.vote_from == 0);
        }
        lose(&memory, &disk, &data.join(CONSENSUS_DIRECTORY_NAME));
        for _ in 0..3 {
            let stores = open();
            assert!(stores.rejoin && stores.vote_from == u64::MAX);
        }
        open().voting_record.record_started(9).unwrap();
        assert_eq!(open().vote_from, 9);
        let mut stores = open();
        stores.consensus_log.start_height(12).unwrap();
        stores.consensus_log.sync().unwrap();
        drop(stores);
        assert_eq!(open().vote_from, 12, "it holds nothing that was said below");
    }
}
