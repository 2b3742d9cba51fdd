//! Files of a node that are read as a whole: snapshots, which a peer may have made, and small ones that it wrote itself
//! or that somebody put back from a backup.

use std::path::Path;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use prost::encoding::{WireType, decode_key, decode_varint};
use talea_node::decoders::{snapshot_of_frames, watermark_of};
use talea_node::kept_evidence::{EVIDENCE_DIRECTORY_NAME, EvidenceFiles};
use talea_node::snapshot::SnapshotReader;
use talea_node::storage::base::{BASE_FILE_NAME, BaseRecord};
use talea_node::storage::disk::{Disk, MemDisk};
use talea_node::storage::durable_file::DurableFile;
use talea_node::storage::framed_log::{FramedLog, History, LogOptions, Visit, segment_name};
use talea_node::voting_record::{VOTING_RECORD_FILE_NAME, VotingRecord};

use super::{Bound, Target, memory::uncounted, seeds};

/// A frame is there with what was read of it and what it is encoded to again, objects of forty bytes cost their structs,
/// and the keys of a quorum have tables, for every input alike. Four times would need another form of the state in
/// memory, and tables are what makes signatures cheap; a frame is bounded, and so is how many are there at once.
const SNAPSHOT: Bound = Bound {
    times: 12,
    constant: 1 << 20,
};
/// Buffers of fixed size, whatever is in the files.
const FILE: Bound = Bound {
    times: 8,
    constant: 64 << 10,
};
/// Windows through which the log is read.
const LOG: Bound = Bound {
    times: 8,
    constant: 1 << 20,
};
const DIRECTORY: &str = "data";

pub(super) fn targets() -> Vec<Target> {
    vec![
        Target::new(
            "snapshot-file",
            256 << 10,
            SNAPSHOT,
            seeds::snapshots,
            snapshot,
        ),
        Target::new(
            "evidence-file",
            32 << 10,
            FILE,
            seeds::evidence_files,
            evidence,
        ),
        Target::new(
            "durable-record",
            4 << 10,
            FILE,
            seeds::durable_records,
            durable_record,
        ),
        Target::new("watermark", 128, LOG, seeds::watermarks, watermark),
    ]
}

fn directory() -> &'static Path {
    Path::new(DIRECTORY)
}

fn works<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| unreachable!("a disk in memory works: {error}"))
}

fn disk_with(path: &Path, content: &[u8]) -> Arc<dyn Disk> {
    let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
    let parent = path.parent().unwrap_or(directory());
    works(disk.create_directories(parent));
    let file = works(disk.create(path));
    works(file.write_at(0, content));
    works(file.sync());
    works(disk.sync_directory(parent));
    disk
}

/// The frames of an intact snapshot as the fields of a message: the number is the kind.
fn frames(mut bytes: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let mut frames = Vec::new();
    while bytes.has_remaining() {
        let (number, wire_type) = decode_key(&mut bytes).ok()?;
        if wire_type != WireType::LengthDelimited {
            return None;
        }
        let length = usize::try_from(decode_varint(&mut bytes).ok()?).ok()?;
        let (payload, rest) = bytes.split_at_checked(length)?;
        frames.push((u8::try_from(number).ok()?, payload));
        bytes = rest;
    }
    Some(frames)
}

/// As a fetch does with what peers sent: the head, then the objects. The checksums are right, as any peer can make them.
fn snapshot(bytes: &Bytes) -> bool {
    let path = directory().join("snapshot");
    let disk = uncounted(|| {
        let frames = frames(bytes)?;
        Some(disk_with(&path, &snapshot_of_frames(frames)))
    });
    let Some(disk) = disk else { return false };
    let (chain, validators) = (seeds::chain(), seeds::validators());
    SnapshotReader::open(&*disk, &path)
        .and_then(|reader| reader.verify(&chain, validators))
        .and_then(|verified| verified.restore())
        .is_ok()
}

fn evidence(bytes: &Bytes) -> bool {
    let path = directory().join(EVIDENCE_DIRECTORY_NAME).join("1.json");
    let disk = uncounted(|| disk_with(&path, bytes));
    !EvidenceFiles::open(&disk, directory(), seeds::chain())
        .all()
        .is_empty()
}

/// The content is that of a file whose checksum is right.
fn durable_record(bytes: &Bytes) -> bool {
    let disk: Arc<dyn Disk> = uncounted(|| {
        let disk = disk_with(&directory().join("other"), &[]);
        for name in [BASE_FILE_NAME, VOTING_RECORD_FILE_NAME] {
            works(DurableFile::new(&disk, &directory().join(name)).replace(bytes));
        }
        disk
    });
    let base = BaseRecord::new(&disk, directory()).read();
    if let Ok(Some(base)) = &base {
        uncounted(|| {
            let written = BaseRecord::new(&disk, directory());
            works(written.write(base));
            assert_eq!(works(written.read()).as_ref(), Some(base));
        });
    }
    base.is_ok() | VotingRecord::new(&disk, directory()).read().is_ok()
}

/// Two slots, each with counter, segment and offset, on a log of some frames.
fn watermark(bytes: &Bytes) -> bool {
    let options = LogOptions {
        purpose: *b"FUZZ",
        segment_bytes: 4 << 10,
        segments_verified: 4,
        history: History::From(0),
        echoed: false,
        salt_if_new: [7; 16],
    };
    let open = |disk: &Arc<dyn Disk>| {
        FramedLog::open(disk, directory(), options, &mut |_| Ok(Visit::Continue))
    };
    let disk = uncounted(|| {
        let mut words = bytes.chunks(8).map(|word| {
            let mut number = [0; 8];
            number[..word.len()].copy_from_slice(word);
            u64::from_le_bytes(number)
        });
        let mut word = || words.next().unwrap_or_default();
        let slots = [(word(), word(), word()), (word(), word(), word())];
        let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
        let (mut log, _) = works(open(&disk));
        for frame in 0..3 {
            works(log.append(1, &[&[frame; 1_500]]));
        }
        works(log.sync());
        drop(log);
        let path = directory().join("watermark");
        works(disk.remove(&path));
        let file = works(disk.create(&path));
        works(file.write_at(0, &watermark_of(slots)));
        works(file.sync());
        disk
    });
    // What was synced is there, or the log is refused; then it can be written to.
    let Ok((mut log, _)) = open(&disk) else {
        return false;
    };
    works(log.append(1, &[b"more"]));
    works(log.sync());
    drop(log);
    works(open(&disk));
    works(disk.open(&directory().join(segment_name(0))));
    true
}
