//! What payments leave is on disk: the memory of the readers' store stays as it is once its caches are full.
//!
//! Alone in its process, because it counts the memory of all threads. `TALEA_MEMORY_BLOCKS=20000` makes it long.

#![allow(unsafe_code, reason = "an allocator is unsafe by its contract")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use talea_node::storage::index::{IndexOptions, SubjectEntry, SubjectIndex, TransactionIndex};
use talea_node::storage::rebuildable::RebuildableStore;
use talea_node::storage::record_log::RecordLog;

/// Payments of a block.
const PAYMENTS: u64 = 200;
/// Bytes of the results and events of a payment, about.
const PAYMENT_BYTES: u64 = 480;
/// Blocks, when nobody says how many.
const BLOCKS: u64 = 4_500;
/// What the caches may hold, bytes. Sled fills its own by its habits and not by the block, so that growth between two
/// points of a run says nothing: between 5 and 27 MiB after 1,500 blocks, 20 to 40 MiB later.
const CACHES_MAX: u64 = 40 << 20;
/// What may stay of each payment besides, bytes, of about 600 that are stored: where sled finds the pages of the indexes,
/// and the fences of those. 8,000,000 payments held 25 MiB, 12,000,000 held 30. Anything of 25 bytes that is kept for a
/// payment exceeds both in the shortest run.
const BYTES_A_PAYMENT_MAX: u64 = 3;

static LIVE: AtomicUsize = AtomicUsize::new(0);

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call goes to the system's allocator unchanged; the counter allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_add(size, Ordering::Relaxed);
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

struct Kept {
    store: RebuildableStore,
    records: RecordLog,
    transactions: TransactionIndex,
    subjects: SubjectIndex,
}

impl Kept {
    /// Keeps the next block as the history does.
    fn insert(&self, height: u64) {
        let mut record = vec![0; (PAYMENTS * PAYMENT_BYTES) as usize];
        blake3::Hasher::new()
            .update(&height.to_be_bytes())
            .finalize_xof()
            .fill(&mut record);
        self.records.append(height, &record).expect("stores");
        let number = |payment| height * PAYMENTS + payment;
        let ids: Vec<[u8; 16]> = (0..PAYMENTS).map(|payment| id(number(payment))).collect();
        let events: Vec<SubjectEntry> = (0..2 * PAYMENTS)
            .map(|event| SubjectEntry {
                subject: id(event % 2_000),
                sequence: 2 * number(0) + event,
                index: (event / 2) as u32,
            })
            .collect();
        self.subjects
            .insert_block(height, &events)
            .expect("indexes");
        self.transactions
            .insert_block(height, &ids)
            .expect("indexes");
    }

    /// Memory when everything is written, bytes.
    fn memory(&self) -> usize {
        self.subjects.flush().expect("flushes");
        self.transactions.flush().expect("flushes");
        self.records.sync().expect("syncs");
        self.store.keys.flush().expect("flushes");
        LIVE.load(Ordering::Relaxed)
    }
}

fn id(number: u64) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&blake3::hash(&number.to_be_bytes()).as_bytes()[..16]);
    id
}

#[test]
fn payments_leave_nothing_in_memory_once_the_caches_are_full() {
    let directory = tempfile::tempdir().expect("a directory");
    let (store, _) = RebuildableStore::open(directory.path(), [9; 16]).expect("opens");
    let options = IndexOptions::default();
    let kept = Kept {
        transactions: TransactionIndex::open(&store.keys, options).expect("opens"),
        subjects: SubjectIndex::open(&store.keys, options).expect("opens"),
        records: RecordLog::open(&store.records).expect("opens"),
        store,
    };
    let before = kept.memory();
    let blocks = std::env::var("TALEA_MEMORY_BLOCKS");
    let blocks = blocks.map_or(BLOCKS, |text| text.parse().expect("a number of blocks"));
    (1..=blocks).for_each(|height| kept.insert(height));
    let held = kept.memory().saturating_sub(before) as u64;
    let payments = blocks * PAYMENTS;
    let allowed = CACHES_MAX + payments * BYTES_A_PAYMENT_MAX;
    println!(
        "{payments} payments hold {} KiB of memory, {} KiB allowed",
        held >> 10,
        allowed >> 10
    );
    assert!(held < allowed, "{payments} payments hold {held} bytes");
}
