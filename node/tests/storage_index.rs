//! The indexes against naive maps, while runs are written, merged, and lost in a crash.

mod storage_support;

use std::collections::BTreeMap;
use std::sync::Arc;

use storage_support::Random;
use talea_node::storage::index::{
    IndexError, IndexOptions, Location, SubjectEntry, SubjectIndex, TransactionIndex,
};
use talea_node::storage::kv::{KeyValue, MemoryStore, open_or_quarantine, remove_prefix};

const OPTIONS: IndexOptions = IndexOptions {
    run_entries: 3000,
    runs_per_level: 3,
};

fn id(number: u64) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&blake3::hash(&number.to_be_bytes()).as_bytes()[..16]);
    id
}

#[test]
fn ids_are_found_at_their_first_place_on_every_store() {
    let directory = tempfile::tempdir().expect("a directory");
    let (sled, _) = open_or_quarantine(&directory.path().join("sled")).expect("opens");
    let stores: [Arc<dyn KeyValue>; 2] = [Arc::new(MemoryStore::new()), Arc::new(sled)];
    for store in stores {
        let mut random = Random(2);
        let mut blocks: Vec<Vec<[u8; 16]>> = Vec::new();
        let mut model: BTreeMap<[u8; 16], Location> = BTreeMap::new();
        for height in 1..=150 {
            // Some ids come again, in a later block or in the same one.
            let block: Vec<_> = (0..400).map(|_| id(random.below(50_000))).collect();
            for (index, id) in (0..).zip(&block) {
                model.entry(*id).or_insert(Location { height, index });
            }
            blocks.push(block);
        }
        let mut next = 1;
        for stop in [40, 41, 90, 150] {
            let index = TransactionIndex::open(&store, OPTIONS).expect("opens");
            assert!(index.complete_to().unwrap_or(0) < next);
            // What was only in memory comes from the block log again.
            next = index.complete_to().map_or(1, |height| height + 1);
            for height in next..=stop {
                index
                    .insert_block(height, &blocks[height as usize - 1])
                    .expect("inserts");
                let probe = &blocks[random.below(height) as usize];
                let found = index.get(&probe[7]).expect("reads");
                assert_eq!(found, model.get(&probe[7]).copied());
            }
            next = stop + 1;
            if stop == 90 {
                index.flush().expect("flushes");
                assert_eq!(index.complete_to(), Some(90));
            }
        }
        let index = TransactionIndex::open(&store, OPTIONS).expect("opens");
        for height in index.complete_to().expect("some") + 1..=150 {
            index
                .insert_block(height, &blocks[height as usize - 1])
                .expect("inserts");
        }
        index.flush().expect("flushes");
        for (id, location) in &model {
            assert_eq!(index.get(id).expect("reads"), Some(*location));
        }
        assert_eq!(index.get(&id(50_001)).expect("reads"), None);
        drop(index);
        let index = TransactionIndex::open(&store, OPTIONS).expect("opens");
        assert_eq!(index.complete_to(), Some(150));
        assert_eq!(
            index.get(&blocks[0][0]).expect("reads"),
            model.get(&blocks[0][0]).copied()
        );
        assert!(runs(&store) <= 3 * 4, "runs are merged");
    }
}

/// Runs that have chunks in the store.
fn runs(store: &Arc<dyn KeyValue>) -> usize {
    let found = store
        .scan_prefix(b"index/transaction/run/", None, 100_000)
        .expect("scans");
    let mut numbers: Vec<_> = found
        .into_iter()
        .map(|(key, _)| key[..30].to_vec())
        .collect();
    numbers.dedup();
    numbers.len()
}

#[test]
fn a_subject_reads_in_order_from_anywhere() {
    let store: Arc<dyn KeyValue> = Arc::new(MemoryStore::new());
    let mut random = Random(6);
    let mut model: BTreeMap<u64, Vec<(u64, Location)>> = BTreeMap::new();
    let options = IndexOptions {
        run_entries: 700,
        runs_per_level: 2,
    };
    let index = SubjectIndex::open(&store, options).expect("opens");
    for height in 1..=200 {
        let mut entries = Vec::new();
        for place in 0..50 {
            let subject = random.below(40);
            let history = model.entry(subject).or_default();
            let sequence = history.len() as u64;
            history.push((
                sequence,
                Location {
                    height,
                    index: place,
                },
            ));
            entries.push(SubjectEntry {
                subject: id(subject),
                sequence,
                index: place,
            });
        }
        index.insert_block(height, &entries).expect("inserts");
        let subject = random.below(40);
        let history = model.get(&subject).cloned().unwrap_or_default();
        let from = random.below(history.len() as u64 + 3);
        let limit = random.below(80) as usize;
        let expected: Vec<_> = history
            .into_iter()
            .filter(|(sequence, _)| *sequence >= from)
            .take(limit)
            .collect();
        assert_eq!(
            index.range(&id(subject), from, limit).expect("reads"),
            expected
        );
    }
    assert_eq!(index.range(&id(99), 0, 10).expect("reads"), vec![]);
}

#[test]
fn blocks_follow_each_other() {
    let store: Arc<dyn KeyValue> = Arc::new(MemoryStore::new());
    let index = TransactionIndex::open(&store, OPTIONS).expect("opens");
    index
        .insert_block(5, &[])
        .expect("any height may be the first");
    for height in [4, 5] {
        index
            .insert_block(height, &[id(1)])
            .expect("it is there already");
    }
    let refused = index.insert_block(7, &[id(1)]);
    assert!(matches!(
        refused,
        Err(IndexError::NotConsecutive { last: 5, .. })
    ));
    assert_eq!(index.get(&id(1)).expect("reads"), None);
    index.flush().expect("flushes");
    assert_eq!(index.complete_to(), Some(5), "blocks without entries count");
}

#[test]
fn a_missing_part_is_damage_and_the_index_can_be_rebuilt() {
    let store: Arc<dyn KeyValue> = Arc::new(MemoryStore::new());
    let ids: Vec<_> = (0..5000).map(id).collect();
    let index = TransactionIndex::open(&store, OPTIONS).expect("opens");
    index.insert_block(1, &ids).expect("inserts");
    index.flush().expect("flushes");
    drop(index);
    remove_prefix(&*store, b"index/transaction/run/").expect("removes");
    let refused = TransactionIndex::open(&store, OPTIONS);
    assert!(matches!(refused, Err(IndexError::Damaged { .. })));
    TransactionIndex::discard(&store).expect("discards");
    let index = TransactionIndex::open(&store, OPTIONS).expect("opens");
    assert_eq!(index.complete_to(), None);
    index.insert_block(1, &ids).expect("inserts");
    assert!(index.get(&ids[4999]).expect("reads").is_some());
}
