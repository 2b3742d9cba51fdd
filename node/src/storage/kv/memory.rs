//! A store in memory, for tests and the simulator.

use std::collections::BTreeMap;
use std::ops::Bound;

use parking_lot::RwLock;

use super::{Batch, Key, KeyValue, KvError, Value};
use crate::limits::storage::VALUE_BYTES_MAX;

/// An ordered map. Whether it outlives a crash is up to whoever holds it.
#[derive(Debug, Default)]
pub struct MemoryStore {
    entries: RwLock<BTreeMap<Key, Value>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }
}

impl KeyValue for MemoryStore {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, KvError> {
        Ok(self.entries.read().get(key).cloned())
    }

    fn apply(&self, batch: Batch) -> Result<(), KvError> {
        check_sizes(&batch)?;
        let mut entries = self.entries.write();
        for (key, value) in batch {
            match value {
                Some(value) => entries.insert(key, value),
                None => entries.remove(&key),
            };
        }
        Ok(())
    }

    fn scan_prefix(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Key, Value)>, KvError> {
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let entries = self.entries.read();
        let range = entries.range::<[u8], _>((start, Bound::Unbounded));
        let matching = range
            .take_while(|(key, _)| key.starts_with(prefix))
            .take(limit);
        Ok(matching
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect())
    }

    fn flush(&self) -> Result<(), KvError> {
        Ok(())
    }

    fn size_bytes(&self) -> Result<u64, KvError> {
        let entries = self.entries.read();
        Ok(entries
            .iter()
            .map(|(key, value)| (key.len() + value.len()) as u64)
            .sum())
    }
}

/// Refuses values that are too large, before anything is changed.
pub(super) fn check_sizes(batch: &Batch) -> Result<(), KvError> {
    let bytes_max = VALUE_BYTES_MAX;
    let largest = batch
        .iter()
        .filter_map(|(_, value)| value.as_ref().map(Vec::len))
        .max();
    match largest {
        Some(bytes) if bytes > bytes_max => Err(KvError::TooLarge { bytes, bytes_max }),
        _ => Ok(()),
    }
}
