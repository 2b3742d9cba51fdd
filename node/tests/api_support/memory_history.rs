//! Committed blocks in memory.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::RwLock;
use talea_node::{api::ReadHistory, interface::CommittedRecord};
use talea_types::{Subject, TransactionId, event::Event, receipt::SetChange};

#[derive(Debug, Default)]
pub struct MemoryHistory {
    /// So many look-ups find nothing, as when the index is written a moment later.
    pub late_lookups: AtomicUsize,
    blocks: RwLock<BTreeMap<u64, Arc<CommittedRecord>>>,
}

impl MemoryHistory {
    pub fn insert(&self, record: &Arc<CommittedRecord>) {
        self.blocks
            .write()
            .insert(record.height(), Arc::clone(record));
    }

    /// Forgets blocks below a height.
    pub fn prune(&self, first: u64) {
        self.blocks.write().retain(|height, _| *height >= first);
    }
}

impl ReadHistory for MemoryHistory {
    fn first_height(&self) -> u64 {
        self.blocks.read().keys().next().copied().unwrap_or(1)
    }

    fn block(&self, height: u64) -> Option<Arc<CommittedRecord>> {
        self.blocks.read().get(&height).cloned()
    }

    fn locate(&self, id: &TransactionId) -> Option<(u64, u32)> {
        let late = &self.late_lookups;
        let one_less = |count: usize| count.checked_sub(1);
        if late
            .try_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            .is_ok()
        {
            return None;
        }
        let blocks = self.blocks.read();
        blocks.iter().find_map(|(height, record)| {
            let is_it = |result: &talea_types::TransactionResult| {
                result.transaction == *id && !result.outcome.is_void()
            };
            let index = record.results.iter().position(is_it)?;
            Some((*height, u32::try_from(index).ok()?))
        })
    }

    fn events(&self, subject: &Subject, from: u64, limit: usize) -> Vec<Event> {
        let blocks = self.blocks.read();
        let events = blocks.values().flat_map(|record| &record.events);
        let events = events.map(|record| &record.event);
        let wanted = events.filter(|event| event.subject == *subject && event.sequence >= from);
        wanted.take(limit).cloned().collect()
    }

    fn set_changes_before(&self, _height: u64) -> Vec<SetChange> {
        Vec::new()
    }
}
