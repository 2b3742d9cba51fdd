//! One suite over every store: what all of them promise. Then sled alone, against a damaged directory.

mod storage_support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use storage_support::{Random, copy_directory, damage, silence_sled};
use talea_node::limits::storage::{QUARANTINES_KEPT, SLED_CHUNK_BYTES, VALUE_BYTES_MAX};
use talea_node::storage::kv::{
    KeyValue, KvError, MemoryStore, SledStore, StoreOpened, open_or_quarantine, quarantine,
    remove_prefix,
};

/// Runs `suite` over each implementation.
fn on_every_store(suite: impl Fn(&dyn KeyValue)) {
    suite(&MemoryStore::new());
    let directory = tempfile::tempdir().expect("a directory");
    suite(&opened(&directory.path().join("sled")));
}

fn opened(at: &Path) -> SledStore {
    open_or_quarantine(at).expect("opens").0
}

fn value(seed: u64, length: usize) -> Vec<u8> {
    let mut random = Random(seed);
    (0..length).map(|_| random.next() as u8).collect()
}

fn put(store: &dyn KeyValue, key: &[u8], value: &[u8]) {
    store
        .apply(vec![(key.to_vec(), Some(value.to_vec()))])
        .expect("applies");
}

#[test]
fn values_of_any_length_read_back_and_are_replaced() {
    on_every_store(|store| {
        let chunk = SLED_CHUNK_BYTES;
        let lengths = [
            0,
            1,
            chunk - 1,
            chunk,
            chunk + 1,
            3 * chunk,
            500_000,
            2,
            200_000,
            0,
        ];
        for (seed, length) in (0..).zip(lengths) {
            put(store, b"one", &value(seed, length));
            assert_eq!(store.get(b"one").expect("reads"), Some(value(seed, length)));
        }
        store.apply(vec![(b"one".to_vec(), None)]).expect("applies");
        assert_eq!(store.get(b"one").expect("reads"), None);
        assert_eq!(store.get(b"never").expect("reads"), None);
    });
}

#[test]
fn a_scan_is_ordered_bounded_and_stays_in_its_prefix() {
    on_every_store(|store| {
        for key in ["a", "b/1", "b/2", "b/3", "b0", "c"] {
            put(store, key.as_bytes(), key.as_bytes());
        }
        put(store, b"b/2", &value(1, 3 * SLED_CHUNK_BYTES));
        let keys = |prefix: &str, after: Option<&str>, limit| {
            let found = store.scan_prefix(prefix.as_bytes(), after.map(str::as_bytes), limit);
            let keys = found.expect("scans").into_iter().map(|(key, _)| key);
            keys.map(|key| String::from_utf8(key).expect("text"))
                .collect::<Vec<_>>()
        };
        assert_eq!(keys("b/", None, 9), ["b/1", "b/2", "b/3"]);
        assert_eq!(keys("b/", None, 2), ["b/1", "b/2"]);
        assert_eq!(keys("b/", Some("b/2"), 9), ["b/3"]);
        assert_eq!(keys("b/", Some("a"), 1), ["b/1"]);
        assert_eq!(keys("b/", Some("b/3"), 9), Vec::<String>::new());
        assert_eq!(keys("x", None, 9), Vec::<String>::new());
        remove_prefix(store, b"b/").expect("removes");
        assert_eq!(keys("b", None, 9), ["b0"]);
    });
}

#[test]
fn a_value_too_large_changes_nothing() {
    on_every_store(|store| {
        let refused = store.apply(vec![
            (b"small".to_vec(), Some(vec![1])),
            (b"large".to_vec(), Some(vec![0; VALUE_BYTES_MAX + 1])),
        ]);
        assert!(matches!(refused, Err(KvError::TooLarge { .. })));
        assert_eq!(store.get(b"small").expect("the store goes on"), None);
    });
}

#[test]
fn random_batches_give_the_same_as_a_map() {
    on_every_store(|store| {
        let mut model: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        let mut random = Random(3);
        for _ in 0..300 {
            let mut batch = Vec::new();
            for _ in 0..random.below(20) {
                let key = format!("key {}", random.below(60)).into_bytes();
                let change = match random.below(4) {
                    0 => None,
                    1 => Some(value(random.next(), random.below(30_000) as usize)),
                    _ => Some(value(random.next(), random.below(100) as usize)),
                };
                match &change {
                    Some(value) => model.insert(key.clone(), value.clone()),
                    None => model.remove(&key),
                };
                batch.push((key, change));
            }
            store.apply(batch).expect("applies");
        }
        store.flush().expect("flushes");
        assert!(store.size_bytes().expect("measures") > 0);
        let found: BTreeMap<_, _> = store
            .scan_prefix(b"key ", None, 1000)
            .expect("scans")
            .into_iter()
            .collect();
        assert!(found == model);
    });
}

#[test]
fn readers_never_see_half_of_a_long_value() {
    on_every_store(|store| {
        let long = |byte: u8| vec![byte; 10 * SLED_CHUNK_BYTES];
        put(store, b"long", &long(0));
        std::thread::scope(|scope| {
            scope.spawn(|| (1..200).for_each(|byte| put(store, b"long", &long(byte))));
            for _ in 0..500 {
                let value = store.get(b"long").expect("reads").expect("there");
                assert!(value.iter().all(|byte| *byte == value[0]));
            }
        });
    });
}

#[test]
fn sled_keeps_no_value_in_a_file_of_its_own() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("sled");
    let store = Arc::new(opened(&path));
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let store = Arc::clone(&store);
            scope.spawn(move || {
                for number in 0..40 {
                    let key = format!("{number}/{writer}");
                    put(&*store, key.as_bytes(), &value(number, 100_000));
                    put(&*store, key.as_bytes(), &value(number, 4096));
                }
            });
        }
    });
    store.flush().expect("flushes");
    let blobs = fs::read_dir(path.join("blobs"))
        .expect("sled makes it")
        .count();
    assert_eq!(blobs, 0);
}

#[test]
fn a_reopened_store_has_what_was_flushed() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("sled");
    let (store, how) = open_or_quarantine(&path).expect("opens");
    assert_eq!(how, StoreOpened::Created);
    put(&store, b"long", &value(1, 50_000));
    store.flush().expect("flushes");
    drop(store);
    for round in 0..3 {
        let (store, how) = open_or_quarantine(&path).expect("opens");
        assert_eq!(how, StoreOpened::Existing);
        assert_eq!(store.get(b"long").expect("reads"), Some(value(1, 50_000)));
        put(&store, b"other", &value(round, 50_000));
        assert_eq!(
            store.get(b"long").expect("reads"),
            Some(value(1, 50_000)),
            "not overwritten"
        );
    }
}

#[test]
fn a_store_in_use_is_not_quarantined() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("sled");
    let _held = opened(&path);
    assert!(matches!(
        open_or_quarantine(&path),
        Err(KvError::InUse { .. })
    ));
    assert!(path.exists());
}

#[test]
fn a_condemned_store_is_set_aside_and_old_ones_are_removed() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("sled");
    let mut store = opened(&path);
    for number in 1..=4 {
        put(&store, b"key", b"value");
        let (fresh, how) = if number % 2 == 0 {
            quarantine(store, "it contradicts the block log").expect("set aside")
        } else {
            store.condemn("it contradicts the block log");
            assert!(matches!(store.get(b"key"), Err(KvError::Damaged { .. })));
            drop(store);
            open_or_quarantine(&path).expect("set aside")
        };
        let StoreOpened::Quarantined { to, reason } = how else {
            panic!("quarantine expected")
        };
        assert!(to.ends_with(format!("sled.quarantined-{number}")) && to.exists());
        assert_eq!(reason, "it contradicts the block log");
        assert_eq!(fresh.get(b"key").expect("reads"), None);
        store = fresh;
    }
    let names = fs::read_dir(directory.path()).expect("lists");
    assert_eq!(names.count(), 1 + QUARANTINES_KEPT);
}

/// Damages a copy of a store and opens it: what it then shows is right, or absent, or an error, and
/// never a panic.
#[test]
fn a_damaged_sled_never_shows_a_wrong_value_and_never_panics() {
    silence_sled();
    let directory = tempfile::tempdir().expect("a directory");
    let original = directory.path().join("original");
    let store = opened(&original);
    for number in 0_u64..200 {
        put(
            &store,
            &number.to_be_bytes(),
            &value(number, (number as usize * 97) % 9000),
        );
        if number % 50 == 0 {
            store.flush().expect("flushes");
        }
    }
    store.flush().expect("flushes");
    drop(store);
    let mut random = Random(11);
    let (mut quarantined, mut errors, mut intact) = (0, 0, 0);
    for round in 0..100 {
        let damaged = directory.path().join(format!("{round}/sled"));
        copy_directory(&original, &damaged);
        damage(&damaged, &mut random);
        let (store, how) = open_or_quarantine(&damaged).expect("opens or is set aside");
        let mut failed = false;
        for number in 0_u64..200 {
            match store.get(&number.to_be_bytes()) {
                Ok(Some(found)) => {
                    assert!(found == value(number, (number as usize * 97) % 9000));
                }
                Ok(None) => {}
                Err(KvError::Damaged { .. }) => failed = true,
                Err(error) => panic!("round {round}: {error}"),
            }
        }
        drop(store);
        match how {
            StoreOpened::Quarantined { .. } => quarantined += 1,
            _ if failed => {
                errors += 1;
                let (_, how) = open_or_quarantine(&damaged).expect("set aside");
                assert!(
                    matches!(how, StoreOpened::Quarantined { .. }),
                    "it was condemned"
                );
            }
            _ => intact += 1,
        }
        fs::remove_dir_all(directory.path().join(round.to_string())).expect("removes");
    }
    println!("{quarantined} quarantined, {errors} failed while reading, {intact} opened");
    assert!(quarantined > 0);
}
