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
/// Looks at payments when all are stored.
const LOOKS: u64 = 20_000;
/// What the caches may hold once everything is written, bytes: 10 to 16 MiB after any number of blocks from 1,000 on.
const CACHES_MAX: u64 = 24 << 20;
/// The same while payments are looked at, bytes: 21 to 28 MiB up to 3,000 blocks, 37 MiB with 20,000.
const LOOKED_AT_MAX: u64 = 40 << 20;
/// What may stay of each payment besides, bytes, of about 600 that are stored: where sled finds the pages of the indexes,
/// and the fences of those. 600,000 payments held 11 MiB, 4,000,000 held 16. Anything of 25 bytes that is kept for a
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
    let kept_max = payments * BYTES_A_PAYMENT_MAX;
    let allowed = CACHES_MAX + kept_max;
    // Looking at all of it takes no more: nothing of it is kept for long.
    let mut most = 0;
    for look in 0..LOOKS {
        let number = PAYMENTS + look * 7_919_777 % payments;
        let found = kept.transactions.get(&id(number)).expect("readable");
        assert!(found.is_some(), "payment {number}");
        most = most.max(LIVE.load(Ordering::Relaxed).saturating_sub(before) as u64);
    }
    println!(
        "{LOOKS} looks at any of them hold {} KiB at most",
        most >> 10
    );
    println!(
        "{payments} payments hold {} KiB of memory, {} KiB allowed",
        held >> 10,
        allowed >> 10
    );
    assert!(held < allowed, "{payments} payments hold {held} bytes");
    assert!(
        most < LOOKED_AT_MAX + kept_max,
        "who looks at them makes {most} bytes of it"
    );
}
