//! Writes a new checkpoint over the old one, so that a crash leaves one of them whole.

use std::collections::BTreeMap;

use super::CheckpointError;
use super::page::{self, ObjectKey, bucket_of, page_key};
use super::record::{INTENT_KEY, Intent, RECORD_KEY, Record};
use crate::limits::storage::CHECKPOINT_BATCH_BYTES;
use crate::storage::kv::{Batch, KeyValue};

/// Changed objects since the last checkpoint; `None` for a removed one.
pub(super) type Changes = BTreeMap<ObjectKey, Option<Vec<u8>>>;

/// Writes the checkpoint of `height`: the state of `old` with `changes`.
pub(super) fn publish(
    store: &dyn KeyValue,
    old: Option<&Record>,
    changes: Changes,
    height: u64,
    root: [u8; 32],
) -> Result<Record, CheckpointError> {
    let mut pages = old.map(|old| old.pages.clone()).unwrap_or_default();
    let mut objects = old.map_or(0, |old| old.objects);
    let intent = intent(&changes, &pages, height);
    store.apply(vec![(INTENT_KEY.to_vec(), Some(intent.encode()))])?;
    store.flush()?;

    let mut batch = BoundedBatch::new(store);
    let mut changes = changes.into_iter().peekable();
    while let Some(((path, _), _)) = changes.peek() {
        let bucket = bucket_of(path);
        let of_bucket =
            std::iter::from_fn(|| changes.next_if(|((path, _), _)| bucket_of(path) == bucket));
        let before = match pages.get(&bucket) {
            Some(&version) => read_page(store, bucket, version)?,
            None => Vec::new(),
        };
        let count_before = before.len() as u64;
        let after = page::merge(before, of_bucket);
        objects = (objects + after.len() as u64)
            .checked_sub(count_before)
            .ok_or_else(|| {
                CheckpointError::damaged("its pages hold more objects than its record says")
            })?;
        batch.push(page_key(bucket, height), Some(page::encode(after.iter())))?;
        pages.insert(bucket, height);
    }
    batch.finish()?;
    store.flush()?;

    let record = Record {
        height,
        root,
        objects,
        pages,
    };
    store.apply(vec![(RECORD_KEY.to_vec(), Some(record.encode()))])?;
    store.flush()?;
    sweep(store, Some(height))?;
    Ok(record)
}

/// Removes what an intent left behind: the superseded pages if its checkpoint was published, the new
/// pages if it was not.
pub(super) fn sweep(store: &dyn KeyValue, published: Option<u64>) -> Result<(), CheckpointError> {
    let Some(bytes) = store.get(INTENT_KEY)? else {
        return Ok(());
    };
    let intent = Intent::decode(&bytes)?;
    let mut batch = BoundedBatch::new(store);
    if published == Some(intent.height) {
        for (&bucket, &version) in &intent.superseded {
            batch.push(page_key(bucket, version), None)?;
        }
    } else {
        for &bucket in intent.superseded.keys().chain(&intent.added) {
            batch.push(page_key(bucket, intent.height), None)?;
        }
    }
    batch.push(INTENT_KEY.to_vec(), None)?;
    batch.finish()
}

fn intent(changes: &Changes, pages: &BTreeMap<u16, u64>, height: u64) -> Intent {
    let mut intent = Intent {
        height,
        superseded: BTreeMap::new(),
        added: Vec::new(),
    };
    let mut last = None;
    for (path, _) in changes.keys() {
        let bucket = bucket_of(path);
        if last.replace(bucket) == Some(bucket) {
            continue;
        }
        match pages.get(&bucket) {
            Some(&version) => {
                intent.superseded.insert(bucket, version);
            }
            None => intent.added.push(bucket),
        }
    }
    intent
}

fn read_page(
    store: &dyn KeyValue,
    bucket: u16,
    version: u64,
) -> Result<Vec<super::StateObject>, CheckpointError> {
    let bytes = store
        .get(&page_key(bucket, version))?
        .ok_or_else(|| CheckpointError::damaged(format!("page {bucket} is missing")))?;
    page::decode(bucket, &bytes)
}

/// Applies changes in batches of bounded size, in order.
struct BoundedBatch<'a> {
    store: &'a dyn KeyValue,
    batch: Batch,
    bytes: usize,
}

impl<'a> BoundedBatch<'a> {
    fn new(store: &'a dyn KeyValue) -> BoundedBatch<'a> {
        BoundedBatch {
            store,
            batch: Vec::new(),
            bytes: 0,
        }
    }

    fn push(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) -> Result<(), CheckpointError> {
        self.bytes += key.len() + value.as_ref().map_or(0, Vec::len);
        self.batch.push((key, value));
        if self.bytes >= CHECKPOINT_BATCH_BYTES {
            self.store.apply(std::mem::take(&mut self.batch))?;
            self.bytes = 0;
        }
        Ok(())
    }

    fn finish(self) -> Result<(), CheckpointError> {
        if !self.batch.is_empty() {
            self.store.apply(self.batch)?;
        }
        Ok(())
    }
}
