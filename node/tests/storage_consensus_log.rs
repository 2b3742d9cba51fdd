//! The consensus log against crashes, and its size over many heights.

mod storage_support;

use std::path::Path;
use std::sync::Arc;

use storage_support::*;
use talea_node::storage::consensus_log::ConsensusLog;
use talea_node::storage::disk::{Crash, Disk, Fault, MemDisk, StdDisk};
use talea_node::storage::framed_log::LogError;

const SEGMENT_BYTES: u32 = 2048;

fn open(disk: &MemDisk) -> Result<ConsensusLog, LogError> {
    let disk = shared(disk);
    ConsensusLog::open_sized(&disk, Path::new("/node/consensus"), [3; 16], SEGMENT_BYTES)
        .map(|(log, _)| log)
}

fn record(height: u64, number: u64) -> Vec<u8> {
    format!("record {number} of height {height}").into_bytes()
}

#[test]
fn records_survive_and_old_heights_go() {
    let disk = MemDisk::new();
    for height in 1..=300 {
        let mut log = open(&disk).expect("opens");
        log.start_height(height).expect("starts");
        for number in 0..5 {
            log.append(height, &record(height, number))
                .expect("appends");
        }
        log.append(height + 1, &record(height + 1, 99))
            .expect("appends ahead");
        log.sync().expect("syncs");
        disk.crash(Crash::SyncedOnly);
        let mut log = open(&disk).expect("opens");
        assert_eq!(log.height(), height);
        let mut expected: Vec<_> = (0..5).map(|number| record(height, number)).collect();
        if height > 1 {
            expected.insert(0, record(height, 99));
        }
        assert_eq!(log.records_for(height).expect("readable"), expected);
        assert_eq!(
            log.records_for(height - 1).expect("readable"),
            Vec::<Vec<u8>>::new()
        );
        assert!(disk.paths().len() <= 5, "the log stays small");
    }
}

#[test]
fn a_log_that_is_ahead_of_the_blocks_keeps_its_height_and_takes_what_is_said_below() {
    let disk = MemDisk::new();
    let mut log = open(&disk).expect("opens");
    log.start_height(7).expect("starts");
    log.append(7, &record(7, 1)).expect("appends");
    log.sync().expect("syncs");
    disk.crash(Crash::SyncedOnly);
    // The block log lost the block of height 6: it is decided again.
    let mut log = open(&disk).expect("opens");
    for height in [6, 7] {
        log.start_height(height).expect("starts");
        log.append(height, &record(height, 2)).expect("appends");
    }
    assert_eq!(log.height(), 7);
    assert!(log.records_for(6).expect("readable").is_empty());
    let kept = log.records_for(7).expect("readable");
    assert_eq!(kept, [record(7, 1), record(7, 2)]);
}

#[test]
#[should_panic(expected = "records of a finished height are not kept")]
fn a_record_of_a_height_that_this_process_finished_is_a_bug() {
    let mut log = open(&MemDisk::new()).expect("opens");
    log.start_height(7).expect("starts");
    let _ = log.append(6, &record(6, 1));
}

#[test]
fn nothing_synced_is_lost_in_any_crash() {
    for seed in 0..1000 {
        let mut random = Random(seed);
        let disk = MemDisk::new();
        let (mut height, mut synced, mut appended) = (1, Vec::new(), Vec::new());
        for _ in 0..5 {
            let mut log = open(&disk).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            let found = log.records_for(height).expect("readable");
            assert!(
                found.starts_with(&synced),
                "seed {seed}: a synced record is gone"
            );
            assert!(
                appended.starts_with(&found),
                "seed {seed}: a record nobody appended"
            );
            (synced, appended) = (found.clone(), found);
            match random.below(5) {
                0 => disk.set_fault(Fault::WriteFailsAfter(random.below(30))),
                1 => disk.set_fault(Fault::SyncFailsAfter(random.below(30))),
                2 => disk.set_fault(Fault::FullAfter(random.below(3000))),
                _ => {}
            }
            for _ in 0..random.below(60) {
                let worked = match random.below(6) {
                    0 => {
                        height += 1;
                        (synced, appended) = (Vec::new(), Vec::new());
                        log.start_height(height)
                    }
                    1 | 2 => log.sync().map(|()| synced.clone_from(&appended)),
                    _ => {
                        let record = record(height, appended.len() as u64);
                        appended.push(record.clone());
                        log.append(height, &record)
                    }
                };
                if worked.is_err() {
                    break;
                }
            }
            disk.crash(Crash::Torn(random.next()));
        }
    }
}

/// A log of three synced records, and what is left of it by a power cut: the watermark is not synced with each of them.
fn after_a_power_cut() -> MemDisk {
    let disk = MemDisk::new();
    let mut log = open(&disk).expect("opens");
    log.start_height(1).expect("starts");
    for number in 0..3 {
        log.append(1, &record(1, number)).expect("appends");
        log.sync().expect("syncs");
    }
    disk.crash(Crash::SyncedOnly);
    disk
}

#[test]
fn no_rot_after_a_power_cut_makes_it_forget() {
    let segment = Path::new("/node/consensus/0000000000.segment");
    let all: Vec<_> = (0..3).map(|number| record(1, number)).collect();
    let bits = after_a_power_cut()
        .content(segment)
        .expect("is there")
        .len() as u64
        * 8;
    let (mut mended, mut refused) = (0, 0);
    for bit in 0..bits {
        let disk = after_a_power_cut();
        assert!(disk.flip_bit(segment, bit));
        match open(&disk) {
            Ok(mut log) => {
                assert_eq!(log.records_for(1).expect("readable"), all, "bit {bit}");
                log.append(1, &record(1, 3)).expect("goes on");
                log.sync().expect("syncs");
                drop(log);
                disk.crash(Crash::SyncedOnly);
                let mut log = open(&disk).expect("what was mended stays so");
                assert_eq!(log.records_for(1).expect("readable").len(), 4, "bit {bit}");
                mended += 1;
            }
            Err(LogError::Damaged { .. } | LogError::OtherVersion { .. }) => refused += 1,
            Err(error) => panic!("bit {bit}: {error}"),
        }
    }
    assert_eq!(refused, 80 * 8, "only the head of a segment has no copy");
    assert_eq!(mended, bits - refused);
}

#[test]
fn a_record_that_lost_its_copy_gets_another() {
    let segment = Path::new("/node/consensus/0000000000.segment");
    let whole = after_a_power_cut().content(segment).expect("is there");
    // The copy of the last record is as long as the record: 17 bytes of head, 8 of height, 16 of chain value.
    let copy = 17 + 8 + record(1, 2).len() as u64 + 16;
    for missing in [copy, copy / 2, 1] {
        let disk = after_a_power_cut();
        assert!(disk.cut(segment, whole.len() as u64 - missing));
        drop(open(&disk).expect("opens"));
        assert_eq!(disk.content(segment).expect("is there"), whole);
    }
}

#[test]
fn two_processes_cannot_share_a_real_directory() {
    let directory = tempfile::tempdir().expect("a directory");
    let disk: Arc<dyn Disk> = Arc::new(StdDisk);
    let at = directory.path().join("below/consensus");
    let (mut first, _) = ConsensusLog::open(&disk, &at, [1; 16]).expect("opens");
    first.append(1, b"vote").expect("appends");
    first.sync().expect("syncs");
    assert!(matches!(
        ConsensusLog::open(&disk, &at, [1; 16]),
        Err(LogError::InUse { .. })
    ));
    drop(first);
    let (mut again, _) = ConsensusLog::open(&disk, &at, [1; 16]).expect("opens");
    assert_eq!(
        again.records_for(1).expect("readable"),
        vec![b"vote".to_vec()]
    );
}
