//! Pins what nodes send one another and what they keep in files: a change of any splits networks that
//! exist, or makes a node unable to read what it wrote before it was upgraded.
//!
//! After a change that is meant: `TALEA_REGENERATE=1 cargo test --release -p talea-node --test golden`.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use talea_node::replica::NodeMessage;
use talea_node::snapshot::{self, SnapshotHead};
use talea_node::storage::block_log::{BlockLog, BlockLogOptions};
use talea_node::storage::checkpoint::{
    CheckpointOptions, CheckpointWriter, StateChange, StateDelta, StateObject,
};
use talea_node::storage::consensus_log::ConsensusLog;
use talea_node::storage::disk::{Disk, MemDisk};
use talea_node::storage::durable_file::DurableFile;
use talea_node::storage::framed_log::segment_name;
use talea_node::storage::kv::{KeyValue, MemoryStore};
use talea_types::receipt::{FinalityProof, SetChange};
use talea_types::{
    BatchDigest, BlockHash, BlockHeader, Certificate, ChainId, Hash, ParticipantId, SecretKey,
    Signature, Timestamp, Validator, ValidatorId, ValidatorSet,
};

/// Of new logs.
const SALT: [u8; 16] = [7; 16];

fn digest(byte: u8) -> BatchDigest {
    BatchDigest::new(Hash([byte; 32]))
}

/// Each kind. What is inside of some is opaque here and pinned where it is made.
fn messages() -> Vec<(&'static str, NodeMessage)> {
    let opaque = Bytes::from_static;
    let blocks = NodeMessage::Blocks {
        from: 7,
        blocks: vec![opaque(b"first"), opaque(b"second")],
    };
    vec![
        ("consensus", NodeMessage::Consensus(opaque(b"vote"))),
        ("batch", NodeMessage::Batch(opaque(b"batch"))),
        ("ack", NodeMessage::Ack(vec![digest(1), digest(2)])),
        ("fetch-batch", NodeMessage::FetchBatch(digest(3))),
        ("missing-batch", NodeMessage::MissingBatch(digest(4))),
        ("status", NodeMessage::Status { height: 300 }),
        (
            "request-blocks",
            NodeMessage::RequestBlocks { from: 1, to: 9 },
        ),
        ("blocks", blocks),
        ("dropped", NodeMessage::Dropped { first: 5 }),
        (
            "snapshot-request",
            NodeMessage::SnapshotRequest(opaque(b"list")),
        ),
        (
            "snapshot-reply",
            NodeMessage::SnapshotReply(opaque(b"none")),
        ),
    ]
}

/// The first segment of the log in `/node`.
fn segment(disk: &MemDisk) -> Vec<u8> {
    let path = Path::new("/node").join(segment_name(0));
    disk.content(&path).expect("a segment")
}

/// A body and the decision for it.
fn block_log() -> Vec<u8> {
    let memory = MemDisk::new();
    let disk: Arc<dyn Disk> = Arc::new(memory.clone());
    let options = BlockLogOptions::new(SALT);
    let (mut log, _) = BlockLog::open(&disk, Path::new("/node"), options).expect("opens");
    log.append_body(1, [5; 32], b"body").expect("appends");
    log.append_commit(1, [5; 32], b"certificate")
        .expect("appends");
    log.sync().expect("syncs");
    segment(&memory)
}

fn consensus_log() -> Vec<u8> {
    let memory = MemDisk::new();
    let disk: Arc<dyn Disk> = Arc::new(memory.clone());
    let (mut log, _) = ConsensusLog::open(&disk, Path::new("/node"), SALT).expect("opens");
    log.start_height(7).expect("starts");
    log.append(7, b"record").expect("appends");
    log.sync().expect("syncs");
    segment(&memory)
}

fn header(height: u64) -> BlockHeader {
    BlockHeader {
        chain: ChainId::new(Hash([1; 32])),
        height,
        parent: BlockHash::new(Hash([2; 32])),
        time: Timestamp::from_millis(1_795_305_600_000),
        proposer: ValidatorId::from_bytes([3; 16]),
        parent_round: 1,
        parent_certificate: Some(Hash([4; 32])),
        batches_root: Hash([5; 32]),
        results_root: Hash([6; 32]),
        result_count: 2,
        state_root: Hash([7; 32]),
        validators_hash: Hash([8; 32]),
        next_validators_hash: Hash([9; 32]),
        rule_packs_hash: Hash([10; 32]),
        business_date: 20_779,
    }
}

fn certificate(height: u64) -> Certificate {
    let signature = |byte| {
        (
            ValidatorId::from_bytes([byte; 16]),
            Signature::from_bytes([byte; 64]),
        )
    };
    Certificate {
        height,
        round: 1,
        block: header(height).hash(),
        signatures: (1..=3).map(signature).collect(),
    }
}

fn state_object(byte: u8) -> StateObject {
    StateObject {
        path: [byte; 32],
        key: b"key".to_vec(),
        value: b"value".to_vec(),
    }
}

/// With one change of the set, one header below, and two objects. Nothing of it is verified.
fn snapshot_file() -> Vec<u8> {
    let validator = Validator {
        participant: ParticipantId::from_bytes([1; 16]),
        voting_key: SecretKey::from_seed([1; 32]).public_key(),
        power: 1,
        network_key: SecretKey::from_seed([2; 32]).public_key(),
        name: "validator-1".to_owned(),
    };
    let change = SetChange {
        header: header(3),
        certificate: certificate(3),
        next: ValidatorSet::new([validator]).expect("a set"),
    };
    let head = SnapshotHead {
        finality: FinalityProof {
            set_changes: vec![change],
            header: header(7),
            certificate: certificate(7),
        },
        trail: vec![header(6)],
    };
    let disk = MemDisk::new();
    let objects = [1, 2].map(|byte| Ok(state_object(byte)));
    let path = snapshot::write(&disk, Path::new("/node"), &head, objects.into_iter());
    disk.content(&path.expect("writes")).expect("a file")
}

/// Everything that a checkpoint of two objects puts into the store, by its key.
fn checkpoint() -> Vec<(Vec<u8>, Vec<u8>)> {
    let store: Arc<dyn KeyValue> = Arc::new(MemoryStore::new());
    let writer = CheckpointWriter::start(&store, CheckpointOptions::default()).expect("starts");
    let changes = [1, 2].map(state_object).map(|object| StateChange {
        path: object.path,
        key: object.key,
        value: Some(object.value),
    });
    let delta = StateDelta {
        height: 9,
        root: [4; 32],
        changes: changes.to_vec(),
    };
    writer.submit(delta).expect("submits");
    assert_eq!(writer.publish_now().expect("publishes"), Some(9));
    drop(writer);
    store.scan_prefix(b"", None, 100).expect("scans")
}

fn durable_file() -> Vec<u8> {
    let memory = MemDisk::new();
    let disk: Arc<dyn Disk> = Arc::new(memory.clone());
    let (directory, path) = (Path::new("/node"), Path::new("/node/file"));
    disk.create_directories(directory).expect("creates");
    DurableFile::new(&disk, path)
        .replace(b"content")
        .expect("replaces");
    memory.content(path).expect("a file")
}

#[test]
fn messages_and_files_have_these_bytes() {
    let mut found = String::new();
    for (name, message) in messages() {
        writeln!(found, "message {name} {}", hex::encode(message.encode())).unwrap();
    }
    for (name, bytes) in [
        ("block-log", block_log()),
        ("consensus-log", consensus_log()),
        ("snapshot", snapshot_file()),
        ("durable-file", durable_file()),
    ] {
        writeln!(found, "file {name} {}", hex::encode(bytes)).unwrap();
    }
    for (key, value) in checkpoint() {
        let key = key.escape_ascii();
        writeln!(found, "entry {key} {}", hex::encode(value)).unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/files.txt");
    if std::env::var_os("TALEA_REGENERATE").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let pinned = std::fs::read_to_string(path).unwrap();
    for (found, pinned) in found.lines().zip(pinned.lines()) {
        assert_eq!(
            found, pinned,
            "the bytes of a message or a file changed; if that is meant, it is a new version of it: run \
             TALEA_REGENERATE=1 cargo test --release -p talea-node --test golden"
        );
    }
    assert_eq!(found.lines().count(), pinned.lines().count());
}
