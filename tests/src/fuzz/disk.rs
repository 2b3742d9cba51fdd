//! What lies on a node's disk and may have rotted: logs, pages, indexes.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use talea_node::storage::block_log::{BlockLog, BlockLogOptions};
use talea_node::storage::consensus_log::ConsensusLog;
use talea_node::storage::disk::{Disk, MemDisk};
use talea_node::storage::framed_log::{FramedLog, History, LogOptions, Visit, segment_name};
use talea_node::storage::record_log::{RecordLog, RecordPlace};

use super::{Bound, Target, agreement::by_name, memory::uncounted, seeds};

/// Windows and buffers of fixed size through which a log is read, whatever its length.
const LOG: Bound = Bound {
    times: 4,
    constant: 1 << 20,
};
/// A page of a few large values fits the strict bound; one of many empty ones costs the structs.
const TABLE: Bound = Bound {
    times: 12,
    constant: 64 << 10,
};
/// Stored results are the node's own, in a frame that was verified; a result of two bytes costs a struct.
const RESULTS: Bound = Bound {
    times: 160,
    constant: 64 << 10,
};
const DIRECTORY: &str = "log";
const SALT: [u8; 16] = [7; 16];

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target::new("log-segment", 64 << 10, LOG, seeds::segments, segment),
        Target::new(
            "block-log-frames",
            16 << 10,
            LOG,
            seeds::block_frames,
            block_frames,
        ),
        Target::new(
            "consensus-log-frames",
            16 << 10,
            LOG,
            seeds::consensus_frames,
            consensus_frames,
        ),
        Target::new(
            "record-log-frames",
            16 << 10,
            LOG,
            seeds::record_frames,
            record_frames,
        ),
        Target::new("checkpoint", 64 << 10, TABLE, seeds::pages, |bytes| {
            by_name("checkpoint", bytes)
        }),
        Target::new("index", 16 << 10, TABLE, seeds::index_values, |bytes| {
            by_name("index", bytes)
        }),
        Target::new(
            "stored-value",
            8 << 10,
            Bound::STRICT,
            seeds::stored,
            |bytes| by_name("stored-value", bytes),
        ),
        Target::new(
            "history-record",
            64 << 10,
            RESULTS,
            seeds::history,
            |bytes| by_name("history-record", bytes),
        ),
    ]
}

fn directory() -> &'static Path {
    Path::new(DIRECTORY)
}

/// The bytes are the first segment of both logs as the disk gives it back.
fn segment(bytes: &Bytes) -> bool {
    let disk = disk_with(bytes);
    let block_log = BlockLog::open(&disk, directory(), BlockLogOptions::new(SALT)).is_ok();
    let disk = disk_with(bytes);
    block_log | ConsensusLog::open(&disk, directory(), SALT).is_ok()
}

fn disk_with(segment: &[u8]) -> Arc<dyn Disk> {
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let made = disk.create_directories(directory()).and_then(|()| {
        let file = disk.create(&directory().join(segment_name(0)))?;
        file.write_at(0, segment)?;
        file.sync()?;
        disk.sync_directory(directory())
    });
    made.unwrap_or_else(|error| unreachable!("a disk in memory works: {error}"));
    disk
}

/// Small, so that a few frames are several segments.
const SEGMENT_BYTES: u32 = 512;

/// A log of intact frames with these contents: kind, length of two bytes, that many bytes.
fn disk_of_frames(purpose: [u8; 4], mut bytes: &[u8]) -> Arc<dyn Disk> {
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let options = LogOptions {
        purpose,
        segment_bytes: SEGMENT_BYTES,
        segments_verified: 4,
        history: History::From(0),
        echoed: purpose == *b"CONS",
        salt_if_new: SALT,
    };
    let opened = FramedLog::open(&disk, directory(), options, &mut |_| Ok(Visit::Continue));
    let (mut log, _) = opened.unwrap_or_else(|error| unreachable!("a new log opens: {error}"));
    while let Some((head, rest)) = bytes.split_first_chunk::<3>() {
        let length = usize::from(u16::from_le_bytes([head[1], head[2]]));
        let (payload, rest) = rest.split_at(length.min(rest.len()));
        let appended = log.append((head[0] & 0x7f).max(1), &[payload]);
        appended.unwrap_or_else(|error| unreachable!("a frame fits: {error}"));
        bytes = rest;
    }
    let synced = log.sync();
    synced.unwrap_or_else(|error| unreachable!("a disk in memory works: {error}"));
    disk
}

fn block_frames(bytes: &Bytes) -> bool {
    let disk = uncounted(|| disk_of_frames(*b"BLKS", bytes));
    let options = BlockLogOptions {
        segment_bytes: SEGMENT_BYTES,
        ..BlockLogOptions::new(SALT)
    };
    let Ok((mut log, _)) = BlockLog::open(&disk, directory(), options) else {
        return false;
    };
    let reader = log.reader();
    for height in reader.heights() {
        // Found, or refused with a reason.
        let _ = reader.block(height);
    }
    log.sync().is_ok()
}

fn consensus_frames(bytes: &Bytes) -> bool {
    let disk = uncounted(|| disk_of_frames(*b"CONS", bytes));
    let Ok((mut log, _)) = ConsensusLog::open(&disk, directory(), SALT) else {
        return false;
    };
    (0..4).all(|height| log.records_for(height).is_ok())
}

fn record_frames(bytes: &Bytes) -> bool {
    let disk = uncounted(|| disk_of_frames(*b"RECS", bytes));
    let place = RecordPlace {
        segment_bytes: SEGMENT_BYTES,
        ..RecordPlace::new(&disk, directory(), SALT)
    };
    let Ok(log) = RecordLog::open(&place) else {
        return false;
    };
    let (first, last) = (log.first().unwrap_or(0), log.complete_to().unwrap_or(0));
    for height in first..=last {
        // There, or refused with a reason.
        let _ = log.get(height);
    }
    let _ = log.forget_below(last);
    // Heights are the node's own, and none of its is the last.
    last < u64::MAX - 1 && log.append(last + 1, b"more").is_ok() && log.sync().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A body of height 1 and then a decision of another height: every height in between is missing.
    #[test]
    fn a_block_log_with_a_gap_is_refused_whatever_comes_first() {
        for height in [0, 2, 1_000_000_000_000, u64::MAX] {
            let record = |kind: u8, height: u64, rest: &[u8]| {
                let payload = [&height.to_le_bytes()[..], &[5; 32], rest].concat();
                let length = u16::try_from(payload.len()).unwrap().to_le_bytes();
                [&[kind][..], &length, &payload].concat()
            };
            let bytes = [record(1, 1, b"body"), record(2, height, &[0; 12])].concat();
            let disk = disk_of_frames(*b"BLKS", &bytes);
            let opened = BlockLog::open(&disk, directory(), BlockLogOptions::new(SALT));
            assert!(
                opened.is_err(),
                "a decision of height {height} after the body of height 1"
            );
        }
    }

    /// A decision that says its body has 4 GiB takes no memory for it.
    #[test]
    fn the_length_of_a_body_is_checked_before_memory_is_taken() {
        let position = [0, 80, u32::MAX].map(u32::to_le_bytes).concat();
        let payload = [&1_u64.to_le_bytes()[..], &[5; 32], &position].concat();
        let length = u16::try_from(payload.len()).unwrap().to_le_bytes();
        let bytes = [&[2][..], &length, &payload].concat();
        let disk = disk_of_frames(*b"BLKS", &bytes);
        let (log, _) = BlockLog::open(&disk, directory(), BlockLogOptions::new(SALT)).unwrap();
        let error = log.reader().block(1).unwrap_err();
        assert!(error.to_string().contains("ends inside a frame"), "{error}");
    }
}
