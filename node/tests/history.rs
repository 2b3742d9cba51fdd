//! Blocks for readers: what is damaged is made again, and never answered from.

mod api_support;
mod snapshot_support;

use std::path::Path;
use std::sync::Arc;

use snapshot_support::{NodeData, SALT, chain};
use talea_node::api::ReadHistory;
use talea_node::history::{History, HistoryError};
use talea_node::recovery;
use talea_node::storage::disk::{Disk, MemDisk};
use talea_node::storage::kv::MemoryStore;
use talea_node::storage::rebuildable::RebuildableStore;
use talea_node::storage::record_log::{RecordLog, RecordPlace};

fn store_on(memory: &MemDisk) -> RebuildableStore {
    let disk: Arc<dyn Disk> = Arc::new(memory.clone());
    RebuildableStore {
        keys: Arc::new(MemoryStore::new()),
        records: RecordPlace::new(&disk, Path::new("/records"), SALT),
    }
}

#[test]
fn a_node_keeps_no_block_after_a_reader_found_damage() {
    let chain = chain(6);
    let node = NodeData::of(&chain);
    let (log, _) = recovery::open_blocks(&node.disk(), NodeData::data(), SALT).unwrap();
    let memory = MemDisk::new();
    let store = store_on(&memory);
    let block = |height| chain.history.block(height).unwrap();
    let history = History::open(&store, log.reader()).unwrap();
    (1..=4).for_each(|height| history.insert(&block(height)).unwrap());
    history.flush().unwrap();
    drop(history);

    let history = History::open(&store, log.reader()).unwrap();
    history.insert(&block(5)).unwrap();
    let paths = memory.paths();
    let segment = paths
        .iter()
        .find(|path| path.to_string_lossy().ends_with(".segment"));
    let bytes = memory.content(segment.unwrap()).unwrap().len() as u64;
    assert!(memory.flip_bit(segment.unwrap(), 8 * (bytes / 2)));
    let found = (1..=4).filter(|height| history.block(*height).is_some());
    assert!(found.count() < 4, "something is damaged");
    assert!(history.failures() > 0);
    let refused = history.insert(&block(6)).unwrap_err();
    assert!(matches!(refused, HistoryError::Condemned), "{refused}");
    drop(history);

    // What is made again is whole.
    History::discard(&store).unwrap();
    let history = History::open(&store, log.reader()).unwrap();
    (1..=6).for_each(|height| history.insert(&block(height)).unwrap());
    history.flush().unwrap();
    drop(history);
    let history = History::open(&store, log.reader()).unwrap();
    assert!((1..=6).all(|height| history.block(height).is_some()));
}

#[test]
fn records_that_begin_after_the_first_block_are_not_believed() {
    let chain = chain(6);
    let node = NodeData::of(&chain);
    let (log, _) = recovery::open_blocks(&node.disk(), NodeData::data(), SALT).unwrap();
    let store = store_on(&MemDisk::new());
    let records = RecordLog::open(&store.records).unwrap();
    (2..=6).for_each(|height| records.append(height, b"").unwrap());
    records.sync().unwrap();
    drop(records);
    let refused = History::open(&store, log.reader()).unwrap_err();
    assert!(
        matches!(refused, HistoryError::Hole { first: 2, base: 0 }),
        "{refused}"
    );
}
