//! A thousand faults of the disk under a running log: cut tail, flipped bit, full disk, failed write,
//! failed sync. Each ends repaired, refused or harmless; a record that was synced is never gone
//! without a word.

mod storage_support;

use std::path::PathBuf;

use storage_support::*;
use talea_node::storage::block_log::BlockLogError;
use talea_node::storage::disk::{Crash, Fault, MemDisk};
use talea_node::storage::framed_log::{LogError, set_damage_aside};

const SEGMENT_BYTES: u32 = 3000;

#[derive(Debug, Default)]
struct Tally {
    harmless: u64,
    repaired: u64,
    refused: u64,
}

/// A file of the log, the watermark among them; not the lock.
fn any_file(disk: &MemDisk, random: &mut Random) -> PathBuf {
    let paths = disk.paths();
    paths[random.below(paths.len() as u64) as usize].clone()
}

/// Appends until the fault strikes or a number of blocks is in; returns the synced height.
fn append_under(disk: &MemDisk, fault: Fault, random: &mut Random) -> u64 {
    let (mut log, _) = open_blocks(&shared(disk), &directory(), SEGMENT_BYTES).expect("new");
    let mut synced = 0;
    for height in 1..=20 + random.below(20) {
        if height == 10 {
            disk.set_fault(fault);
        }
        let done = append_block(&mut log, height, 0).and_then(|()| log.sync());
        match done {
            Ok(()) => synced = height,
            Err(BlockLogError::Log(LogError::Io { .. })) => {
                let after = log.sync();
                assert!(matches!(
                    after,
                    Err(BlockLogError::Log(LogError::Poisoned { .. }))
                ));
                break;
            }
            Err(error) => panic!("{error}"),
        }
    }
    synced
}

fn strike(seed: u64, tally: &mut Tally) {
    let mut random = Random(seed);
    let disk = MemDisk::new();
    let later = random.below(40);
    let fault = match random.below(6) {
        0 => Fault::FullAfter(later * 300),
        1 => Fault::WriteFailsAfter(later),
        2 => Fault::SyncFailsAfter(later),
        _ => Fault::None,
    };
    let synced = append_under(&disk, fault, &mut random);
    let rot = fault == Fault::None;
    // A power cut may take the newest watermark along. With rot on top of that, nothing may be left that
    // knows of the last records: then only that what opens is right can be asked for.
    let power_cut = !rot || random.below(4) == 0;
    disk.crash(if power_cut {
        Crash::Torn(random.next())
    } else {
        Crash::Everything
    });
    if rot {
        let path = any_file(&disk, &mut random);
        let length = disk.content(&path).expect("there").len() as u64;
        if random.below(2) == 0 {
            disk.cut(&path, random.below(length));
        } else {
            disk.flip_bit(&path, random.below(length * 8));
        }
    }
    let outcome = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES)
        .and_then(|(log, opened)| log.verify_all(&mut |_, _| {}).map(|_| (log, opened)));
    match outcome {
        Ok((log, opened)) => {
            let last = log.last_committed().map_or(0, |(height, _)| height);
            let repaired = opened.recovered_bytes > 0 || opened.watermark_lost;
            let undecidable = rot && (power_cut || opened.watermark_lost);
            assert!(
                last >= synced || undecidable,
                "seed {seed}: height {synced} was synced, {last} is the last"
            );
            assert_intact(&log, last);
            *(if repaired {
                &mut tally.repaired
            } else {
                &mut tally.harmless
            }) += 1;
        }
        Err(BlockLogError::Log(LogError::Damaged {
            segment, offset, ..
        })) => {
            assert!(
                rot,
                "seed {seed}: a fault of the disk alone leaves no damage"
            );
            set_damage_aside(&disk, &directory(), segment, offset).expect("set aside");
            let opened = open_blocks(&shared(&disk), &directory(), SEGMENT_BYTES);
            opened.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
            tally.refused += 1;
        }
        Err(error) => panic!("seed {seed}: {error}"),
    }
}

#[test]
fn a_thousand_faults_end_repaired_refused_or_harmless() {
    let mut tally = Tally::default();
    for seed in 0..1000 {
        strike(seed, &mut tally);
    }
    println!("{tally:?}");
    assert!(tally.harmless > 0 && tally.repaired > 0 && tally.refused > 0);
}
