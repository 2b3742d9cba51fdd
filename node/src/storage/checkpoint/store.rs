//! Loads and discards checkpoints.

use std::sync::Arc;

use super::page::{self, page_key};
use super::publish;
use super::record::{PREFIX, RECORD_KEY, Record};
use super::{CheckpointError, StateObject};
use crate::storage::kv::{KeyValue, remove_prefix};

/// The checkpoint in a store.
#[derive(Debug, Clone)]
pub struct CheckpointStore {
    store: Arc<dyn KeyValue>,
}

/// A complete checkpoint, not yet believed.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    store: Arc<dyn KeyValue>,
    record: Record,
}

impl CheckpointStore {
    /// The checkpoint in `store`.
    pub fn new(store: &Arc<dyn KeyValue>) -> CheckpointStore {
        CheckpointStore {
            store: Arc::clone(store),
        }
    }

    /// The newest complete checkpoint, after sweeping what an interrupted writer left.
    ///
    /// # Errors
    /// `Damaged` if its record cannot be read: discard it.
    pub fn load(&self) -> Result<Option<Checkpoint>, CheckpointError> {
        let record = match self.store.get(RECORD_KEY)? {
            Some(bytes) => Some(Record::decode(&bytes)?),
            None => None,
        };
        publish::sweep(&*self.store, record.as_ref().map(|record| record.height))?;
        Ok(record.map(|record| Checkpoint {
            store: Arc::clone(&self.store),
            record,
        }))
    }

    /// Removes the checkpoint: its state root is not what its objects add up to, or it is above the end
    /// of the block log.
    ///
    /// # Errors
    /// As the store.
    pub fn discard(&self) -> Result<(), CheckpointError> {
        // Without the record nothing loads, whatever is left of the pages.
        self.store.apply(vec![(RECORD_KEY.to_vec(), None)])?;
        self.store.flush()?;
        remove_prefix(&*self.store, PREFIX)?;
        Ok(self.store.flush()?)
    }
}

impl Checkpoint {
    pub(super) fn new(store: &Arc<dyn KeyValue>, record: Record) -> Checkpoint {
        Checkpoint {
            store: Arc::clone(store),
            record,
        }
    }

    /// Height of the state.
    pub fn height(&self) -> u64 {
        self.record.height
    }

    /// What the state root over all objects must be.
    pub fn root(&self) -> [u8; 32] {
        self.record.root
    }

    /// Number of objects.
    pub fn object_count(&self) -> u64 {
        self.record.objects
    }

    /// All objects in the order of their paths. The last item is an error if their number is wrong.
    pub fn objects(&self) -> impl Iterator<Item = Result<StateObject, CheckpointError>> + '_ {
        let mut left = self.record.objects;
        let pages = self.record.pages.iter().flat_map(|(&bucket, &height)| {
            match self.page(bucket, height) {
                Ok(objects) => objects.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            }
        });
        let counted = pages.map(Some).chain([None]);
        counted.filter_map(move |item| match item {
            Some(object) => {
                left = left.wrapping_sub(1);
                Some(object)
            }
            None if left == 0 => None,
            None => Some(Err(CheckpointError::damaged(
                "the number of objects is wrong",
            ))),
        })
    }

    fn page(&self, bucket: u16, height: u64) -> Result<Vec<StateObject>, CheckpointError> {
        let bytes = self
            .store
            .get(&page_key(bucket, height))?
            .ok_or_else(|| CheckpointError::damaged(format!("page {bucket} is missing")))?;
        page::decode(bucket, &bytes)
    }
}
