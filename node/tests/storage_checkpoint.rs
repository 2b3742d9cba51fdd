//! Checkpoints against a naive model of the state, and against a store that fails at any batch.

mod storage_support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use storage_support::{Random, copy_directory, damage, silence_sled};
use talea_node::storage::checkpoint::{
    CheckpointError, CheckpointOptions, CheckpointStore, CheckpointWriter, StateChange, StateDelta,
    StateObject,
};
use talea_node::storage::kv::{
    Batch, KeyValue, KvError, MemoryStore, StoreOpened, open_or_quarantine,
};

type Model = BTreeMap<([u8; 32], Vec<u8>), Vec<u8>>;

fn root_of(objects: impl Iterator<Item = StateObject>) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for StateObject { path, key, value } in objects {
        hasher
            .update(&path)
            .update(&(key.len() as u64).to_be_bytes())
            .update(&key);
        hasher
            .update(&(value.len() as u64).to_be_bytes())
            .update(&value);
    }
    *hasher.finalize().as_bytes()
}

fn objects_of(model: &Model) -> impl Iterator<Item = StateObject> {
    model.iter().map(|((path, key), value)| StateObject {
        path: *path,
        key: key.clone(),
        value: value.clone(),
    })
}

/// Random changes; few buckets, so that pages are shared and emptied.
fn delta(height: u64, model: &mut Model, random: &mut Random) -> StateDelta {
    let mut changes = BTreeMap::new();
    for _ in 0..random.below(30) {
        let key = random.below(200).to_be_bytes().to_vec();
        let mut path = *blake3::hash(&key).as_bytes();
        path[0] = 0;
        path[1] %= 16;
        let length = random.below(60) as usize;
        let value = (random.below(3) > 0).then(|| vec![random.next() as u8; length]);
        match &value {
            Some(value) => model.insert((path, key.clone()), value.clone()),
            None => model.remove(&(path, key.clone())),
        };
        changes.insert((path, key), value);
    }
    let changes = changes.into_iter();
    let changes = changes
        .map(|((path, key), value)| StateChange { path, key, value })
        .collect();
    StateDelta {
        height,
        root: root_of(objects_of(model)),
        changes,
    }
}

fn options(delta_bytes: usize) -> CheckpointOptions {
    CheckpointOptions {
        delta_bytes,
        blocks: 10,
        queue_bytes: 4096,
    }
}

/// Loads and recomputes the root, as a node does.
fn loaded(store: &Arc<dyn KeyValue>) -> Option<(u64, [u8; 32])> {
    let checkpoint = CheckpointStore::new(store).load().expect("readable")?;
    let objects: Vec<_> = checkpoint
        .objects()
        .collect::<Result<_, _>>()
        .expect("the pages are complete");
    assert_eq!(objects.len() as u64, checkpoint.object_count());
    assert!(objects.is_sorted());
    assert_eq!(root_of(objects.into_iter()), checkpoint.root());
    Some((checkpoint.height(), checkpoint.root()))
}

#[test]
fn a_checkpoint_is_the_state_at_its_height_on_every_store() {
    let directory = tempfile::tempdir().expect("a directory");
    let (sled, _) = open_or_quarantine(&directory.path().join("sled")).expect("opens");
    let stores: [Arc<dyn KeyValue>; 2] = [Arc::new(MemoryStore::new()), Arc::new(sled)];
    for store in stores {
        let mut random = Random(8);
        let mut model = Model::new();
        let mut height = 0;
        assert_eq!(loaded(&store), None);
        for _ in 0..5 {
            let writer = CheckpointWriter::start(&store, options(3000)).expect("starts");
            let mut root = [0; 32];
            for _ in 0..40 {
                let delta = delta(height, &mut model, &mut random);
                root = delta.root;
                writer.submit(delta).expect("submits");
                height += 1;
            }
            assert_eq!(writer.publish_now().expect("publishes"), Some(height - 1));
            drop(writer);
            assert_eq!(loaded(&store), Some((height - 1, root)));
        }
        let pages = store
            .scan_prefix(b"checkpoint/page/", None, 1000)
            .expect("scans");
        assert!(pages.len() <= 16, "superseded pages are gone");
        CheckpointStore::new(&store).discard().expect("discards");
        assert_eq!(loaded(&store), None);
        assert_eq!(
            store.scan_prefix(b"checkpoint/", None, 9).expect("scans"),
            vec![]
        );
    }
}

#[test]
fn deltas_follow_each_other() {
    let store: Arc<dyn KeyValue> = Arc::new(MemoryStore::new());
    let writer = CheckpointWriter::start(&store, options(1)).expect("starts");
    let mut random = Random(1);
    let mut model = Model::new();
    writer
        .submit(delta(7, &mut model, &mut random))
        .expect("any height may be the first");
    for height in [6, 7, 9] {
        let refused = writer.submit(delta(height, &mut model, &mut random));
        assert!(matches!(
            refused,
            Err(CheckpointError::NotConsecutive { last: 7, .. })
        ));
    }
    assert_eq!(writer.publish_now().expect("publishes"), Some(7));
    drop(writer);
    let writer = CheckpointWriter::start(&store, options(1)).expect("starts");
    let refused = writer.submit(delta(7, &mut model, &mut random));
    assert!(
        matches!(refused, Err(CheckpointError::NotConsecutive { .. })),
        "also after a restart"
    );
}

/// A store in memory whose process dies before some batch.
#[derive(Debug)]
struct Dying {
    store: Arc<MemoryStore>,
    batches_left: AtomicI64,
}

impl KeyValue for Dying {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, KvError> {
        self.store.get(key)
    }

    fn apply(&self, batch: Batch) -> Result<(), KvError> {
        if self.batches_left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(KvError::Damaged {
                path: "memory".into(),
                reason: "died".to_owned(),
            });
        }
        self.store.apply(batch)
    }

    fn scan_prefix(
        &self,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, KvError> {
        self.store.scan_prefix(prefix, after, limit)
    }

    fn flush(&self) -> Result<(), KvError> {
        self.store.flush()
    }

    fn size_bytes(&self) -> Result<u64, KvError> {
        self.store.size_bytes()
    }
}

#[test]
fn a_crash_before_any_batch_leaves_a_whole_checkpoint() {
    for batches in 0..60 {
        let memory = Arc::new(MemoryStore::new());
        let store: Arc<dyn KeyValue> = Arc::clone(&memory) as Arc<dyn KeyValue>;
        let dying: Arc<dyn KeyValue> = Arc::new(Dying {
            store: memory,
            batches_left: AtomicI64::new(batches),
        });
        let mut random = Random(batches as u64);
        let mut model = Model::new();
        let mut roots = BTreeMap::new();
        let mut published = None;
        if let Ok(writer) = CheckpointWriter::start(&dying, options(1)) {
            for height in 0..30 {
                let delta = delta(height, &mut model, &mut random);
                roots.insert(height, delta.root);
                if writer.submit(delta).is_err() {
                    break;
                }
                match writer.publish_now() {
                    Ok(height) => published = height,
                    Err(CheckpointError::Stopped { .. }) => break,
                    Err(error) => panic!("{error}"),
                }
            }
        }
        let found = loaded(&store);
        assert!(
            found.map(|(height, _)| height) >= published,
            "a checkpoint went back"
        );
        if let Some((height, root)) = found {
            assert_eq!(roots.get(&height), Some(&root));
        }
        let pages = store
            .scan_prefix(b"checkpoint/page/", None, 1000)
            .expect("scans");
        assert!(pages.len() <= 16, "what the crash left is swept");
    }
}

#[test]
fn a_missing_page_or_object_is_noticed() {
    let store: Arc<dyn KeyValue> = Arc::new(MemoryStore::new());
    let writer = CheckpointWriter::start(&store, options(1)).expect("starts");
    let (mut random, mut model) = (Random(4), Model::new());
    for height in 0..20 {
        writer
            .submit(delta(height, &mut model, &mut random))
            .expect("submits");
    }
    writer.publish_now().expect("publishes");
    drop(writer);
    let pages = store
        .scan_prefix(b"checkpoint/page/", None, 1000)
        .expect("scans");
    for (key, page) in pages {
        for change in [
            None,
            Some(page[..page.len() / 2].to_vec()),
            Some(Vec::new()),
        ] {
            store
                .apply(vec![(key.clone(), change.clone())])
                .expect("applies");
            let checkpoint = CheckpointStore::new(&store)
                .load()
                .expect("loads")
                .expect("there");
            let objects: Result<Vec<_>, _> = checkpoint.objects().collect();
            let noticed = match objects {
                Err(CheckpointError::Damaged { .. }) => true,
                Err(error) => panic!("{error}"),
                Ok(objects) => root_of(objects.into_iter()) != checkpoint.root(),
            };
            assert!(noticed || change == Some(page.clone()));
        }
        store.apply(vec![(key, Some(page))]).expect("applies");
    }
    assert!(loaded(&store).is_some());
}

/// Whatever happens to sled's files: the store is set aside, or the checkpoint refused, or it is one that
/// was published. An older one is harmless: more blocks are replayed.
#[test]
fn a_damaged_sled_gives_a_published_checkpoint_or_none() {
    silence_sled();
    let directory = tempfile::tempdir().expect("a directory");
    let original = directory.path().join("original");
    let mut roots = BTreeMap::new();
    {
        let (sled, _) = open_or_quarantine(&original).expect("opens");
        let store: Arc<dyn KeyValue> = Arc::new(sled);
        let writer = CheckpointWriter::start(&store, options(1)).expect("starts");
        let (mut random, mut model) = (Random(5), Model::new());
        for height in 0..60 {
            let delta = delta(height, &mut model, &mut random);
            roots.insert(height, delta.root);
            writer.submit(delta).expect("submits");
        }
        writer.publish_now().expect("publishes");
    }
    let (mut set_aside, mut refused, mut older, mut newest) = (0, 0, 0, 0);
    let mut random = Random(17);
    for round in 0..80 {
        let damaged = directory.path().join(format!("{round}/sled"));
        copy_directory(&original, &damaged);
        damage(&damaged, &mut random);
        let (sled, how) = open_or_quarantine(&damaged).expect("opens or is set aside");
        let store: Arc<dyn KeyValue> = Arc::new(sled);
        let objects = CheckpointStore::new(&store).load().and_then(|checkpoint| {
            let Some(checkpoint) = checkpoint else {
                return Ok(None);
            };
            let objects = checkpoint.objects().collect::<Result<Vec<_>, _>>()?;
            Ok(Some((checkpoint.height(), checkpoint.root(), objects)))
        });
        match objects {
            _ if matches!(how, StoreOpened::Quarantined { .. }) => set_aside += 1,
            Err(_) | Ok(None) => refused += 1,
            Ok(Some((_, root, objects))) if root_of(objects.clone().into_iter()) != root => {
                CheckpointStore::new(&store).discard().expect("discards");
                refused += 1;
            }
            Ok(Some((height, root, _))) => {
                assert_eq!(roots.get(&height), Some(&root));
                *(if height == 59 {
                    &mut newest
                } else {
                    &mut older
                }) += 1;
            }
        }
    }
    println!("{set_aside} set aside, {refused} refused, {older} older, {newest} newest");
    assert!(set_aside > 0 && older > 0);
}
