//! Committed blocks for readers: what happened in each, where a transaction is, what happened to whom.
//!
//! Blocks come from the block log; results and events, which executing a block gave, from the record log, which can be
//! rebuilt like the indexes. Kept true: a block is visible here with all its results, events and
//! index entries or not at all; what is lost is made again by replaying the block log. Blocks below where the block
//! log begins are not visible, whatever is left of them; the changes of the validator set are kept for ever.

mod record;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::RwLock;
use talea_ledger::EventRecord;
use talea_types::event::{Event, EventDetail};
use talea_types::receipt::SetChange;
use talea_types::{BlockBody, BlockHash, Certificate, Subject, TransactionId};

use crate::api::ReadHistory;
use crate::interface::CommittedRecord;
use crate::limits::replica::{RECENT_BLOCKS, RECENT_BYTES};
use crate::storage::block_log::{BlockLogError, BlockReader};
use crate::storage::framed_log::LogError;
use crate::storage::index::{
    IndexError, IndexOptions, SubjectEntry, SubjectIndex, TransactionIndex,
};
use crate::storage::kv::{KeyValue, KvError, remove_prefix};
use crate::storage::rebuildable::RebuildableStore;
use crate::storage::record_log::RecordLog;
use record::StoredRecord;

/// Reads the stored results and events of a block, and a change of the validator set.
pub(crate) fn reads_record(bytes: &[u8]) -> bool {
    record::decode(bytes).is_some() | record::decode_set_change(bytes).is_some()
}

const SET_PREFIX: &[u8] = b"set/";

/// Why a block could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] KvError),
    /// An index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The record log failed.
    #[error(transparent)]
    Records(#[from] LogError),
    /// The block log failed.
    #[error(transparent)]
    BlockLog(#[from] BlockLogError),
    /// The records or an index end before the first block.
    #[error(
        "the records or indexes end at height {end} and the blocks begin after {base}; restart: they are made again"
    )]
    Gap {
        /// Where they end.
        end: u64,
        /// After which height the blocks begin.
        base: u64,
    },
    /// The records begin after the first block.
    #[error(
        "the records begin at height {first} and the blocks after {base}; restart: they are made again"
    )]
    Hole {
        /// The first height that has a record.
        first: u64,
        /// After which height the blocks begin.
        base: u64,
    },
    /// A reader found damage before.
    #[error("a reader found the store of readers damaged; restart: it is made again")]
    Condemned,
    /// A stored record cannot be read.
    #[error("the stored results of height {height} cannot be read; restart: they are made again")]
    Damaged {
        /// The height.
        height: u64,
    },
}

impl HistoryError {
    /// Whether what is stored is at fault and has to be made again. A disk that is full or forbidden, or a log that
    /// another process has, says nothing about the content.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::BlockLog(_) => false,
            Self::Records(error) => error.is_damage(),
            _ => true,
        }
    }
}

/// See the module.
#[derive(Debug)]
pub struct History {
    store: Arc<dyn KeyValue>,
    records: RecordLog,
    blocks: BlockReader,
    transactions: TransactionIndex,
    subjects: SubjectIndex,
    recent: RwLock<Recent>,
    set_changes: RwLock<Vec<SetChange>>,
    /// Every block up to here was kept.
    kept_to: AtomicU64,
    /// Answers that lacked something.
    failures: AtomicU64,
    /// A reader found damage: nothing more is kept.
    condemned: AtomicBool,
}

#[derive(Debug, Default)]
struct Recent {
    records: BTreeMap<u64, Arc<CommittedRecord>>,
    bytes: usize,
}

impl History {
    /// Opens what is kept.
    ///
    /// # Errors
    /// [`HistoryError`]: discard it and replay.
    pub fn open(store: &RebuildableStore, blocks: BlockReader) -> Result<Self, HistoryError> {
        let RebuildableStore {
            keys: store,
            records,
        } = store;
        let mut set_changes = Vec::new();
        let mut after: Option<Vec<u8>> = None;
        loop {
            let found = store.scan_prefix(SET_PREFIX, after.as_deref(), 64)?;
            let Some((last, _)) = found.last() else { break };
            after = Some(last.clone());
            for (_, value) in &found {
                set_changes.push(
                    record::decode_set_change(value).ok_or(HistoryError::Damaged { height: 0 })?,
                );
            }
        }
        let history = Self {
            store: Arc::clone(store),
            records: RecordLog::open(records)?,
            blocks,
            transactions: TransactionIndex::open(store, IndexOptions::default())?,
            subjects: SubjectIndex::open(store, IndexOptions::default())?,
            recent: RwLock::default(),
            set_changes: RwLock::new(set_changes),
            kept_to: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            condemned: AtomicBool::new(false),
        };
        history
            .kept_to
            .store(history.complete_to(), Ordering::Release);
        let base = history.base();
        if let Some(end) = history.ends().into_iter().flatten().min()
            && end < base
        {
            return Err(HistoryError::Gap { end, base });
        }
        match history.records.first() {
            Some(first) if first > base.saturating_add(1) => {
                Err(HistoryError::Hole { first, base })
            }
            _ => Ok(history),
        }
    }

    /// Forgets everything that can be made again.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn discard(store: &RebuildableStore) -> Result<(), HistoryError> {
        let RebuildableStore {
            keys: store,
            records,
        } = store;
        RecordLog::discard(records)?;
        remove_prefix(store.as_ref(), SET_PREFIX)?;
        TransactionIndex::discard(store)?;
        SubjectIndex::discard(store)?;
        Ok(())
    }

    /// The height up to which every block that the block log has is kept.
    #[must_use]
    pub fn complete_to(&self) -> u64 {
        self.indexed_to()
            .map_or(self.base(), |end| end.max(self.base()))
    }

    /// Keeps the changes of the validator set that came before the first block.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn record_set_changes(&self, changes: Vec<SetChange>) -> Result<(), HistoryError> {
        let batch = changes.iter().map(|change| {
            let key = key(SET_PREFIX, change.header.height);
            (key, Some(record::encode_set_change(change)))
        });
        self.store.apply(batch.collect())?;
        *self.set_changes.write() = changes;
        Ok(())
    }

    /// Forgets what is stored of the blocks below a height. The block log must begin at it already.
    ///
    /// # Errors
    /// [`HistoryError`]: some of it may be left, which does no harm, but no more blocks are kept.
    pub fn forget_below(&self, height: u64) -> Result<(), HistoryError> {
        self.recent.write().forget_below(height);
        let forgotten = self.records.forget_below(height);
        forgotten
            .map_err(HistoryError::from)
            .inspect_err(|error| self.fail(error))
    }

    /// The height after which the blocks begin.
    fn base(&self) -> u64 {
        self.blocks.heights().start.saturating_sub(1)
    }

    /// Up to where the records and each index go.
    fn ends(&self) -> [Option<u64>; 3] {
        [
            self.records.complete_to(),
            self.transactions.complete_to(),
            self.subjects.complete_to(),
        ]
    }

    fn indexed_to(&self) -> Option<u64> {
        self.ends().into_iter().min().flatten()
    }

    /// Keeps a block. Blocks at or below [`History::complete_to`] only become recent.
    ///
    /// # Errors
    /// [`HistoryError`]: nothing of the block is visible then.
    pub fn insert(&self, record: &Arc<CommittedRecord>) -> Result<(), HistoryError> {
        if self.condemned.load(Ordering::Acquire) {
            return Err(HistoryError::Condemned);
        }
        let height = record.height();
        if height > self.complete_to() {
            if let Some(change) = record::set_change(record) {
                let encoded = record::encode_set_change(&change);
                self.store
                    .apply(vec![(key(SET_PREFIX, height), Some(encoded))])?;
                let mut changes = self.set_changes.write();
                // A block that is replayed may have left it in the store.
                if changes
                    .last()
                    .is_none_or(|last| last.header.height < height)
                {
                    changes.push(change);
                }
            }
            self.records.append(height, &record::encode(record))?;
            let ids: Vec<[u8; 16]> = record
                .results
                .iter()
                .map(|result| short(&result.transaction))
                .collect();
            let entries: Vec<SubjectEntry> = record
                .events
                .iter()
                .map(|record| &record.event)
                .map(|event| SubjectEntry {
                    subject: subject_key(&event.subject),
                    sequence: event.sequence,
                    index: event.cause.map_or(u32::MAX, |cause| cause.index),
                })
                .collect();
            self.subjects.insert_block(height, &entries)?;
            self.transactions.insert_block(height, &ids)?;
        }
        self.recent.write().push(record);
        self.kept_to.fetch_max(height, Ordering::AcqRel);
        Ok(())
    }

    /// Makes everything kept so far as durable as the store can.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn flush(&self) -> Result<(), HistoryError> {
        self.records.sync()?;
        self.subjects.flush()?;
        self.transactions.flush()?;
        self.store.flush()?;
        Ok(())
    }

    /// A reader found damage. Of the store: the node ends at its next block, and the next start rebuilds it. Of the
    /// block log: that cannot be rebuilt here, and the other blocks are as good as before.
    fn fail(&self, error: &HistoryError) {
        if error.is_damage() {
            tracing::error!(%error, "the store of readers is damaged; the node stops and rebuilds it when started");
            self.store.condemn(&error.to_string());
            self.condemned.store(true, Ordering::Release);
        } else {
            tracing::error!(%error, "a block cannot be read; run `talea-node doctor`");
        }
        self.failures.fetch_add(1, Ordering::AcqRel);
    }

    fn load(&self, height: u64) -> Result<Option<CommittedRecord>, HistoryError> {
        let damaged = || HistoryError::Damaged { height };
        let Some(block) = self.blocks.block(height)? else {
            return Ok(None);
        };
        let Some(stored) = self.records.get(height)? else {
            // Not kept yet, or dropped in the meantime: anything else is damage.
            let heights = self.first_height()..=self.kept_to.load(Ordering::Acquire);
            return if heights.contains(&height) {
                Err(damaged())
            } else {
                Ok(None)
            };
        };
        let StoredRecord { results, events } = record::decode(&stored).ok_or_else(damaged)?;
        let body = BlockBody::decode(&Bytes::from(block.body)).map_err(|_| damaged())?;
        let certificate =
            Certificate::decode(&Bytes::from(block.certificate)).map_err(|_| damaged())?;
        let hash = BlockHash::new(talea_types::Hash(block.header_hash));
        Ok(Some(CommittedRecord {
            hash,
            body,
            certificate,
            results,
            events,
            next_validators: None,
        }))
    }
}

impl Recent {
    fn forget_below(&mut self, height: u64) {
        let kept = self.records.split_off(&height);
        self.bytes = kept.values().map(|record| size(record)).sum();
        self.records = kept;
    }

    fn push(&mut self, record: &Arc<CommittedRecord>) {
        self.bytes += size(record);
        self.records.insert(record.height(), Arc::clone(record));
        while self.records.len() > RECENT_BLOCKS
            || (self.bytes > RECENT_BYTES && self.records.len() > 1)
        {
            let Some((_, dropped)) = self.records.pop_first() else {
                break;
            };
            self.bytes = self.bytes.saturating_sub(size(&dropped));
        }
    }
}

/// What a record takes in memory, bytes.
fn size(record: &CommittedRecord) -> usize {
    let batches = record.body.batches.iter();
    let batches = batches
        .map(|batch| batch.encoded().len() + size_of_val(batch.transactions()))
        .sum::<usize>();
    let mut events = 0;
    let mut last: Option<&Arc<EventDetail>> = None;
    for EventRecord { event, encoded } in &record.events {
        events += size_of::<EventRecord>() + encoded.len();
        // Those to whom the same happened come in a row and share it.
        if last.is_none_or(|last| !Arc::ptr_eq(last, &event.detail)) {
            events += size_of::<EventDetail>();
        }
        last = Some(&event.detail);
    }
    batches + size_of_val(record.results.as_slice()) + events + 1_024
}

impl ReadHistory for History {
    fn first_height(&self) -> u64 {
        self.blocks.heights().start
    }

    fn block(&self, height: u64) -> Option<Arc<CommittedRecord>> {
        if height < self.first_height() {
            return None;
        }
        if let Some(record) = self.recent.read().records.get(&height) {
            return Some(Arc::clone(record));
        }
        match self.load(height) {
            Ok(record) => record.map(Arc::new),
            // Its segments were removed while it was read.
            Err(_) if height < self.first_height() => None,
            Err(error) => {
                self.fail(&error);
                None
            }
        }
    }

    fn locate(&self, id: &TransactionId) -> Option<(u64, u32)> {
        let found = self.transactions.get(&short(id)).unwrap_or_else(|error| {
            self.fail(&error.into());
            None
        })?;
        // The index knows the first half of the id; the block knows the rest.
        let record = self.block(found.height)?;
        let result = record.results.get(usize::try_from(found.index).ok()?)?;
        (result.transaction == *id).then_some((found.height, found.index))
    }

    fn events(&self, subject: &Subject, from: u64, limit: usize) -> Vec<Event> {
        let entries = self
            .subjects
            .range(&subject_key(subject), from, limit)
            .unwrap_or_else(|error| {
                self.fail(&error.into());
                Vec::new()
            });
        let mut events: Vec<Event> = Vec::with_capacity(entries.len());
        let mut block: Option<Arc<CommittedRecord>> = None;
        for (sequence, location) in entries {
            if block
                .as_ref()
                .is_none_or(|block| block.height() != location.height)
            {
                block = self.block(location.height);
            }
            let found = block.as_ref().and_then(|block| {
                let mut events = block.events.iter().map(|record| &record.event);
                events.find(|event| event.subject == *subject && event.sequence == sequence)
            });
            let Some(event) = found else { break };
            events.push(event.clone());
        }
        events
    }

    fn failures(&self) -> u64 {
        self.failures.load(Ordering::Acquire)
    }

    fn set_changes_before(&self, height: u64) -> Vec<SetChange> {
        let changes = self.set_changes.read();
        changes
            .iter()
            .take_while(|change| change.header.height < height)
            .cloned()
            .collect()
    }
}

fn key(prefix: &[u8], height: u64) -> Vec<u8> {
    [prefix, &height.to_be_bytes()].concat()
}

fn short(id: &TransactionId) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&id.as_bytes()[..16]);
    short
}

fn subject_key(subject: &Subject) -> [u8; 16] {
    match subject {
        Subject::Account(id) => *id.as_bytes(),
        Subject::Participant(id) => *id.as_bytes(),
        // Ids of other kinds may be those of accounts.
        other => {
            let hash = talea_types::hash::tagged("talea-node/subject/v1", &[&other.to_bytes()]);
            let mut key = [0; 16];
            key.copy_from_slice(&hash.as_bytes()[..16]);
            key
        }
    }
}
