//! The record log: readable at once, a prefix after any crash, refused when it rotted, and nothing below a height once
//! that is forgotten.

mod storage_support;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use storage_support::{Random, copy, shared};
use talea_node::storage::disk::{Crash, Fault, MemDisk};
use talea_node::storage::framed_log::LogError;
use talea_node::storage::record_log::{RecordLog, RecordPlace};

const SEGMENT_BYTES: u32 = 4_096;

fn place(disk: &MemDisk) -> RecordPlace {
    RecordPlace {
        segment_bytes: SEGMENT_BYTES,
        ..RecordPlace::new(&shared(disk), Path::new("/node/records"), [9; 16])
    }
}

/// Content that follows from the height, of a size that does too.
fn record(height: u64) -> Vec<u8> {
    let mut random = Random(height);
    let length = random.below(400);
    (0..length).map(|_| random.next() as u8).collect()
}

fn append(log: &RecordLog, heights: std::ops::RangeInclusive<u64>) -> Result<(), LogError> {
    heights
        .into_iter()
        .try_for_each(|height| log.append(height, &record(height)))
}

fn assert_intact(log: &RecordLog, heights: std::ops::RangeInclusive<u64>) {
    for height in heights {
        assert_eq!(
            log.get(height).expect("readable"),
            Some(record(height)),
            "the record of height {height}"
        );
    }
}

fn segments(disk: &MemDisk) -> usize {
    let paths = disk.paths();
    let names = paths.iter().map(|path| path.to_string_lossy());
    names.filter(|name| name.ends_with(".segment")).count()
}

#[test]
fn records_read_at_once_and_after_reopening_from_any_first_height() {
    for first in [1, 61] {
        let disk = MemDisk::new();
        let log = RecordLog::open(&place(&disk)).expect("new");
        assert_eq!(log.complete_to(), None);
        assert_eq!(log.get(first).expect("readable"), None);
        append(&log, first..=first + 99).expect("appends");
        assert_intact(&log, first..=first + 99);
        log.sync().expect("syncs");
        append(&log, first + 50..=first + 299).expect("what is there is passed over");
        assert_intact(&log, first..=first + 299);
        log.sync().expect("syncs");
        drop(log);
        assert!(segments(&disk) > 10);
        // Each height is the first that is asked for once: the segments before are not known yet.
        for height in (first..first + 300).step_by(7) {
            let log = RecordLog::open(&place(&disk)).expect("opens");
            assert_eq!(log.complete_to(), Some(first + 299));
            assert_intact(&log, height..=height);
            assert_eq!(log.get(first - 1).expect("readable"), None);
            assert_eq!(log.get(first + 300).expect("readable"), None);
        }
    }
}

#[test]
#[should_panic(expected = "the record of height 8 comes next")]
fn a_height_that_is_left_out_is_a_fault_of_the_caller() {
    let log = RecordLog::open(&place(&MemDisk::new())).expect("new");
    append(&log, 7..=7).expect("appends");
    let _ = log.append(9, b"");
}

#[test]
fn what_is_forgotten_gives_its_segments_back() {
    let disk = MemDisk::new();
    let log = RecordLog::open(&place(&disk)).expect("new");
    append(&log, 1..=300).expect("appends");
    log.forget_below(0).expect("nothing to forget");
    assert_intact(&log, 1..=300);
    let before = segments(&disk);
    log.forget_below(200).expect("forgets");
    assert!(segments(&disk) < before / 2, "of {before} segments");
    assert_eq!(log.get(199).expect("readable"), None);
    assert_intact(&log, 200..=300);
    drop(log);
    let log = RecordLog::open(&place(&disk)).expect("opens");
    append(&log, 301..=320).expect("goes on");
    assert_intact(&log, 200..=320);
}

/// Appends, syncs, forgets and loses power at random; the log is opened again after each crash.
fn crash_run(seed: u64) {
    let mut random = Random(seed);
    let disk = MemDisk::new();
    let (mut first, mut synced, mut appended) = (1, 0, 0);
    for _ in 0..6 {
        let opened = RecordLog::open(&place(&disk));
        let log = opened.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let last = log.complete_to().unwrap_or(0);
        assert!((synced..=appended).contains(&last), "seed {seed}: {last}");
        assert_intact(&log, first..=last);
        (synced, appended) = (last, last);
        let fault = random.below(40);
        let mut fails = true;
        match random.below(6) {
            0 => disk.set_fault(Fault::WriteFailsAfter(fault)),
            1 => disk.set_fault(Fault::SyncFailsAfter(fault)),
            2 => disk.set_fault(Fault::FullAfter(fault * 100)),
            _ => fails = false,
        }
        for _ in 0..random.below(60) {
            let height = appended + 1;
            appended = height;
            if append(&log, height..=height).is_err() {
                break;
            }
            match random.below(20) {
                0..4 => {
                    if log.sync().is_err() {
                        assert!(matches!(
                            log.append(height + 1, b""),
                            Err(LogError::Poisoned { .. })
                        ));
                        break;
                    }
                    synced = height;
                }
                4 => {
                    // Whether it went well or not, what is below may be gone.
                    first = first.max(1 + random.below(height));
                    if log.forget_below(first).is_err() {
                        break;
                    }
                    synced = height;
                }
                // What was not written yet is written to be read.
                _ if fails => {}
                _ => assert_intact(&log, first.max(height.saturating_sub(20))..=height),
            }
        }
        drop(log);
        disk.crash(match random.below(8) {
            0 => Crash::SyncedOnly,
            1 => Crash::Everything,
            _ => Crash::Torn(random.next()),
        });
    }
}

#[test]
fn nothing_synced_is_lost_in_any_crash() {
    (0..1_500).for_each(crash_run);
}

#[test]
fn a_flipped_bit_is_refused_or_harms_nothing() {
    let whole = MemDisk::new();
    let log = RecordLog::open(&place(&whole)).expect("new");
    append(&log, 1..=60).expect("appends");
    log.sync().expect("syncs");
    drop(log);
    let files = whole.paths();
    let mut random = Random(5);
    let mut refused = 0;
    for _ in 0..600 {
        let disk = copy(&whole);
        let path = &files[random.below(files.len() as u64) as usize];
        let bits = 8 * disk.content(path).expect("a file").len() as u64;
        if bits == 0 || !disk.flip_bit(path, random.below(bits)) {
            continue;
        }
        let Ok(log) = RecordLog::open(&place(&disk)) else {
            refused += 1;
            continue;
        };
        assert_eq!(log.complete_to(), Some(60));
        for height in 1..=60 {
            match log.get(height) {
                Ok(found) => assert_eq!(found, Some(record(height)), "height {height}"),
                Err(error) => {
                    refused += 1;
                    assert!(matches!(error, LogError::Damaged { .. }), "{error}");
                }
            }
        }
    }
    assert!(refused > 300, "{refused} refusals");
}

#[test]
fn a_discarded_log_begins_anew() {
    let disk = MemDisk::new();
    RecordLog::discard(&place(&disk)).expect("nothing is there");
    let log = RecordLog::open(&place(&disk)).expect("new");
    append(&log, 1..=100).expect("appends");
    log.sync().expect("syncs");
    drop(log);
    RecordLog::discard(&place(&disk)).expect("removes it");
    let log = RecordLog::open(&place(&disk)).expect("new");
    assert_eq!(log.complete_to(), None);
    append(&log, 61..=70).expect("appends");
    assert_intact(&log, 61..=70);
}

/// One appends, another has everything synced and forgotten meanwhile, and a third finds whatever is kept.
#[test]
fn who_reads_while_others_append_and_forget_finds_everything_or_that_it_is_gone() {
    const LAST: u64 = 4_000;
    const KEPT: u64 = 300;
    const HEIGHTS_A_LOOK: u64 = 20;
    let disk = MemDisk::new();
    let log = RecordLog::open(&place(&disk)).expect("new");
    let [appended, gone, looks] = [const { AtomicU64::new(0) }; 3];
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut random = Random(1);
            let mut found = 0;
            while appended.load(Ordering::Acquire) < LAST {
                looks.fetch_add(1, Ordering::AcqRel);
                let last = appended.load(Ordering::Acquire);
                let height = last.saturating_sub(random.below(2 * KEPT)).max(1);
                let read = log.get(height);
                let is_gone = height <= gone.load(Ordering::Acquire);
                match read {
                    Ok(Some(read)) => {
                        assert_eq!(read, record(height), "the record of height {height}");
                        found += 1;
                    }
                    Ok(None) => assert!(is_gone || last == 0, "height {height} of {last}"),
                    // The segment went away between the look-up and the reading.
                    Err(error) => assert!(is_gone, "height {height}: {error}"),
                }
            }
            assert!(found > 0, "nothing was read");
        });
        scope.spawn(|| {
            while gone.load(Ordering::Acquire) < LAST - KEPT {
                let upto = appended.load(Ordering::Acquire).saturating_sub(KEPT);
                gone.store(upto, Ordering::Release);
                log.forget_below(upto + 1).expect("forgets");
                log.sync().expect("syncs");
            }
        });
        for height in 1..=LAST {
            // On a busy machine all could be written before the reader begins.
            while looks.load(Ordering::Acquire) * HEIGHTS_A_LOOK < height && !reader.is_finished() {
                std::thread::yield_now();
            }
            append(&log, height..=height).expect("appends");
            appended.store(height, Ordering::Release);
        }
    });
    assert_intact(&log, LAST - KEPT + 1..=LAST);
}

/// What a block gives may be many times the block.
#[test]
fn a_record_may_be_larger_than_a_segment() {
    let disk = MemDisk::new();
    let log = RecordLog::open(&place(&disk)).expect("new");
    let large = vec![7; 100 << 20];
    append(&log, 1..=3).expect("appends");
    log.append(4, &large).expect("appends");
    log.append(5, &record(5)).expect("appends");
    log.sync().expect("syncs");
    drop(log);
    let log = RecordLog::open(&place(&disk)).expect("opens");
    assert!(log.get(4).expect("readable").as_ref() == Some(&large));
    assert_intact(&log, 5..=5);
}
