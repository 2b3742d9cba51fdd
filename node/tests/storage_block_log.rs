//! The block log against crashes at any byte, faults of the disk, and rot.

mod storage_support;

use proptest::prelude::*;
use storage_support::*;
use talea_node::storage::block_log::{BlockLog, BlockLogError};
use talea_node::storage::disk::{Crash, Disk, Fault, MemDisk};
use talea_node::storage::framed_log::{LogError, set_damage_aside};

const SEGMENT_BYTES: u32 = 4096;

#[test]
fn blocks_read_back_across_segments_and_reopening() {
    let disk = written_log(200, SEGMENT_BYTES);
    for _ in 0..2 {
        let (log, opened) =
            open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES).expect("opens");
        assert!(!opened.created && opened.recovered_bytes == 0 && !opened.watermark_lost);
        assert!(opened.segments > 10);
        assert_eq!(log.last_committed(), Some((200, hash(200, 0))));
        assert_intact(&log, 200);
        assert_eq!(log.block(0).expect("readable"), None);
        assert_eq!(log.block(201).expect("readable"), None);
        let from: Vec<u64> = log
            .reader()
            .blocks_from(150)
            .map(|block| block.expect("readable").height)
            .collect();
        assert_eq!(from, (150..=200).collect::<Vec<_>>());
        assert_eq!(log.verify_all(&mut |_, _| {}).expect("intact"), 400);
    }
}

#[test]
fn a_height_in_an_old_segment_is_found_without_the_newer_ones_being_read() {
    let disk = written_log(300, SEGMENT_BYTES);
    for height in [1, 2, 77, 150, 299, 300] {
        let (log, _) = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES).expect("opens");
        assert_eq!(
            log.block(height).expect("readable").expect("there").body,
            body(height, 0)
        );
    }
}

#[test]
fn bodies_of_the_undecided_height_survive_and_may_be_several() {
    let disk = written_log(5, SEGMENT_BYTES);
    let (mut log, _) = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES).expect("opens");
    for round in 0..90 {
        log.append_body(6, hash(6, round), &body(6, round))
            .expect("appends");
    }
    log.append_body(6, hash(6, 3), &body(6, 3))
        .expect("again, to no effect");
    log.sync().expect("syncs");
    drop(log);
    disk.crash(Crash::SyncedOnly);
    let (mut log, opened) =
        open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES).expect("opens");
    assert!(
        opened.segments > 5,
        "the last decision is in a segment that is not verified at open"
    );
    assert_eq!(log.last_committed(), Some((5, hash(5, 0))));
    assert_eq!(
        log.uncommitted_bodies(),
        (0..90).map(|round| hash(6, round)).collect::<Vec<_>>()
    );
    let seventh = log
        .uncommitted_body(&hash(6, 7))
        .expect("readable")
        .expect("there");
    assert_eq!(seventh, body(6, 7));
    log.append_commit(6, hash(6, 7), b"decided")
        .expect("appends");
    log.sync().expect("syncs");
    assert_eq!(
        log.block(6).expect("readable").expect("there").body,
        body(6, 7)
    );
    assert!(log.uncommitted_bodies().is_empty());
}

#[test]
fn records_out_of_order_are_refused() {
    let disk = written_log(2, SEGMENT_BYTES);
    let (mut log, _) = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES).expect("opens");
    for height in [0, 1, 2, 4] {
        let refused = log.append_body(height, hash(height, 0), b"");
        assert!(matches!(refused, Err(BlockLogError::NotConsecutive { .. })));
        let refused = log.append_commit(height, hash(height, 0), b"");
        assert!(matches!(refused, Err(BlockLogError::NotConsecutive { .. })));
    }
    let refused = log.append_commit(3, hash(3, 0), b"");
    assert!(matches!(
        refused,
        Err(BlockLogError::UnknownBody { height: 3 })
    ));
    append_block(&mut log, 3, 0).expect("the log is as it was");
}

#[test]
fn a_decision_is_readable_only_once_it_is_synced() {
    let disk = written_log(1, SEGMENT_BYTES);
    let (mut log, _) = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES).expect("opens");
    let reader = log.reader();
    append_block(&mut log, 2, 0).expect("appends");
    assert_eq!(reader.block(2).expect("readable"), None);
    log.sync().expect("syncs");
    assert!(reader.block(2).expect("readable").is_some());
}

#[test]
fn one_directory_is_open_once() {
    let disk = written_log(1, SEGMENT_BYTES);
    let first = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES).expect("opens");
    let second = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES);
    assert!(matches!(
        second,
        Err(BlockLogError::Log(LogError::InUse { .. }))
    ));
    drop(first);
    open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES).expect("free again");
}

/// What a crash may leave: everything synced, and a prefix of the rest.
fn assert_prefix(log: &mut BlockLog, synced: u64, appended: u64) -> u64 {
    let last = log.last_committed().map_or(0, |(height, _)| height);
    assert!(
        synced <= last,
        "height {synced} was synced, {last} is the last one"
    );
    assert!(last <= appended, "height {last} was never appended");
    assert_intact(log, last);
    for known in log.uncommitted_bodies() {
        let content = log
            .uncommitted_body(&known)
            .expect("readable")
            .expect("there");
        assert_eq!(known, hash(last + 1, 0));
        assert_eq!(content, body(last + 1, 0));
    }
    last
}

/// Appends, syncs and loses power at random; the log is opened again after each crash.
fn crash_run(seed: u64) {
    let mut random = Random(seed);
    let disk = MemDisk::new();
    let segment_bytes = 600 + random.below(6000) as u32;
    let (mut synced, mut appended) = (0, 0);
    for _ in 0..6 {
        let opened = open_blocks(&shared(&disk), &directory(), segment_bytes);
        let (mut log, _) = opened.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        appended = assert_prefix(&mut log, synced, appended);
        synced = appended;
        let fault = random.below(40);
        match random.below(6) {
            0 => disk.set_fault(Fault::WriteFailsAfter(fault)),
            1 => disk.set_fault(Fault::SyncFailsAfter(fault)),
            2 => disk.set_fault(Fault::FullAfter(fault * 100)),
            _ => {}
        }
        for _ in 0..random.below(40) {
            let height = appended + 1;
            // Half of a block may be in the log when a fault strikes.
            appended = height;
            if append_block(&mut log, height, 0).is_err() {
                break;
            }
            if random.below(3) == 0 {
                if log.sync().is_err() {
                    let poisoned = log.append_body(height + 1, hash(1, 1), b"");
                    assert!(matches!(
                        poisoned,
                        Err(BlockLogError::Log(LogError::Poisoned { .. }))
                    ));
                    break;
                }
                synced = height;
            }
        }
        let crash = match random.below(8) {
            0 => Crash::SyncedOnly,
            1 => Crash::Everything,
            _ => Crash::Torn(random.next()),
        };
        disk.crash(crash);
    }
}

#[test]
fn nothing_synced_is_lost_in_any_crash() {
    for seed in 0..1500 {
        crash_run(seed);
    }
}

/// Ends the log at every byte of its last segment, as a power cut could that lost the watermark too.
#[test]
fn a_tail_cut_at_any_byte_opens_with_a_prefix_or_is_refused() {
    let written = written_log(12, SEGMENT_BYTES);
    let last = last_segment(&written);
    let content = written.content(&last).expect("there");
    for length in 0..content.len() as u64 {
        let disk = written_log(12, SEGMENT_BYTES);
        assert!(disk.cut(&last, length));
        let refused = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES);
        assert!(
            refused.is_err_and(|error| is_damage(&error)),
            "synced bytes are missing"
        );

        let disk = without_watermark(&disk);
        match open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES) {
            Ok((mut log, opened)) => {
                assert!(opened.watermark_lost || opened.created);
                assert_prefix(&mut log, 0, 12);
            }
            Err(error) => assert!(is_damage(&error)),
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_is_found() {
    let written = written_log(40, SEGMENT_BYTES);
    let segments: Vec<_> = written
        .paths()
        .into_iter()
        .filter(|path| path.extension().is_some())
        .collect();
    let mut random = Random(1);
    for round in 0..1500 {
        let path = &segments[random.below(segments.len() as u64) as usize];
        let disk = copy(&written);
        let bits = disk.content(path).expect("there").len() as u64 * 8;
        let bit = random.below(bits);
        assert!(disk.flip_bit(path, bit));
        let outcome = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES)
            .and_then(|(log, _)| log.verify_all(&mut |_, _| {}));
        let error = outcome.expect_err("the bit is noticed");
        assert!(is_damage(&error), "round {round}: {error}");
    }
}

#[test]
fn rot_before_the_tail_is_told_from_a_torn_tail_without_the_watermark() {
    let written = without_watermark(&written_log(12, 1 << 20));
    let last = last_segment(&written);
    let length = written.content(&last).expect("there").len() as u64;
    let mut cut = 0;
    for bit in (80 * 8..length * 8).step_by(7) {
        let disk = copy(&written);
        assert!(disk.flip_bit(&last, bit));
        match open_blocks(&shared(&disk), &directory(), 1 << 20) {
            Err(error) => assert!(is_damage(&error)),
            Ok((_, opened)) => {
                cut += 1;
                assert!(opened.recovered_bytes > 0 && opened.watermark_lost);
                let tail = opened.recovered_bytes;
                let last_two = 2 * 33 + 40 + 52 + body(12, 0).len() + certificate(12).len();
                assert!(
                    tail <= last_two as u64,
                    "only what the last sync covered is undecidable"
                );
            }
        }
    }
    assert!(cut > 0, "the undecidable case is reached");
}

#[test]
fn a_missing_or_swapped_segment_is_refused() {
    let written = written_log(100, SEGMENT_BYTES);
    let segments: Vec<_> = written
        .paths()
        .into_iter()
        .filter(|path| path.extension().is_some())
        .collect();
    assert!(segments.len() > 5);
    for path in &segments {
        let disk = copy(&written);
        disk.remove(path).expect("there");
        let refused = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES);
        assert!(
            refused.is_err_and(|error| is_damage(&error)),
            "{} is missing",
            path.display()
        );
    }
    for pair in segments.windows(2) {
        let disk = copy(&written);
        let first = disk.content(&pair[0]).expect("there");
        let second = disk.content(&pair[1]).expect("there");
        assert!(disk.replace(&pair[0], &second) && disk.replace(&pair[1], &first));
        let refused = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES);
        assert!(refused.is_err_and(|error| is_damage(&error)));
    }
    let disk = copy(&written);
    for path in &segments {
        disk.remove(path).expect("there");
    }
    let refused = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES);
    assert!(
        refused.is_err_and(|error| is_damage(&error)),
        "an emptied log is not a new one"
    );
}

#[test]
fn a_preallocated_tail_of_zeros_is_cut() {
    let disk = written_log(9, SEGMENT_BYTES);
    let last = last_segment(&disk);
    let mut content = disk.content(&last).expect("there");
    let zeros = 5000;
    content.resize(content.len() + zeros, 0);
    assert!(disk.replace(&last, &content));
    let (log, opened) = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES).expect("opens");
    assert_eq!(opened.recovered_bytes, zeros as u64);
    assert_intact(&log, 9);
}

#[test]
fn a_payload_cannot_pose_as_a_later_frame() {
    // The bytes of another log, with another salt, inside a body that is then torn.
    let other = written_log(8, 1 << 20);
    let frames = other.content(&last_segment(&other)).expect("there");
    let disk = MemDisk::new();
    let salted = talea_node::storage::block_log::BlockLogOptions {
        salt_if_new: [1; 16],
        ..options(1 << 20)
    };
    let (mut log, _) = BlockLog::open(&shared(&disk), &directory(), salted).expect("new");
    log.append_body(1, hash(1, 0), &frames).expect("appends");
    log.sync().expect("syncs");
    drop(log);
    let disk = without_watermark(&disk);
    let last = last_segment(&disk);
    let length = disk.content(&last).expect("there").len() as u64;
    assert!(disk.cut(&last, length - 1));
    let (_, opened) =
        open_blocks(&shared(&disk), &directory(), 1 << 20).expect("torn, not damaged");
    assert_eq!(opened.recovered_bytes, length - 1 - 80);
}

#[test]
fn damage_set_aside_leaves_a_log_that_goes_on() {
    let written = written_log(60, SEGMENT_BYTES);
    let mut random = Random(5);
    for _ in 0..200 {
        let disk = copy(&written);
        let segments: Vec<_> = disk
            .paths()
            .into_iter()
            .filter(|path| path.extension().is_some())
            .collect();
        let path = &segments[random.below(segments.len() as u64) as usize];
        let bits = disk.content(path).expect("there").len() as u64 * 8;
        disk.flip_bit(path, random.below(bits));
        let outcome = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES)
            .and_then(|(log, _)| log.verify_all(&mut |_, _| {}));
        let Err(BlockLogError::Log(LogError::Damaged {
            segment, offset, ..
        })) = outcome
        else {
            panic!("damage expected");
        };
        let aside = set_damage_aside(&disk, &directory(), segment, offset).expect("set aside");
        assert!(!aside.files.is_empty());
        let opened = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES);
        let (mut log, _) = opened.expect("opens without the damage");
        let last = assert_prefix(&mut log, 0, 60);
        for height in last + 1..=60 {
            append_block(&mut log, height, 0).expect("goes on");
        }
        log.sync().expect("goes on");
        drop(log);
        let (log, _) = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES).expect("opens");
        assert_intact(&log, 60);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any bytes in place of the last segment, without a watermark: an error or a prefix, no panic.
    #[test]
    fn any_bytes_open_or_are_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        kept in 0_usize..3000,
    ) {
        let disk = without_watermark(&written_log(12, SEGMENT_BYTES));
        let last = last_segment(&disk);
        let mut content = disk.content(&last).expect("there");
        content.truncate(kept);
        content.extend_from_slice(&bytes);
        disk.replace(&last, &content);
        match open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES) {
            Ok((mut log, _)) => { assert_prefix(&mut log, 0, 12); }
            Err(error) => prop_assert!(is_damage(&error)),
        }
    }
}

fn last_segment(disk: &MemDisk) -> std::path::PathBuf {
    disk.paths()
        .into_iter()
        .rfind(|path| {
            path.extension()
                .is_some_and(|extension| extension == "segment")
        })
        .expect("a segment")
}

fn without_watermark(disk: &MemDisk) -> MemDisk {
    let copied = copy(disk);
    copied
        .remove(&directory().join("watermark"))
        .expect("there");
    copied
}
