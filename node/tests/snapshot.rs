//! Snapshots: what is restored is the state that was decided, and nothing else is.

mod api_support;
mod snapshot_support;
mod storage_support;

use std::path::{Path, PathBuf};

use snapshot_support::{NodeData, SALT, chain, extend};
use storage_support::Random;
use talea_consensus::timeouts::TimeoutBounds;
use talea_node::api::ReadHistory;
use talea_node::decoders;
use talea_node::recovery::{self, EngineSetup, RecoveryError, Stores};
use talea_node::snapshot::{SnapshotError, SnapshotHead, SnapshotReader, list, write};
use talea_node::storage::checkpoint::{CheckpointOptions, StateObject};
use talea_node::storage::disk::Disk;
use talea_node::storage::rebuildable::RebuildableStore;
use talea_node::upkeep::{UpkeepError, restore};
use talea_types::{ChainId, Hash, ValidatorSet};

const FILE: &str = "/usb/file";

/// Verifies a file completely.
fn check(
    disk: &dyn Disk,
    path: &Path,
    chain: &ChainId,
    set: &ValidatorSet,
) -> Result<(), SnapshotError> {
    let verified = SnapshotReader::open(disk, path)?.verify(chain, set)?;
    verified.restore().map(drop)
}

/// Puts bytes where a file can be opened.
fn put(node: &NodeData, bytes: &[u8]) -> PathBuf {
    let path = PathBuf::from(FILE);
    if !node.memory.replace(&path, bytes) {
        let file = node.memory.create(&path).unwrap();
        file.write_at(0, bytes).unwrap();
        file.sync().unwrap();
    }
    path
}

#[test]
fn a_node_begins_after_a_snapshot_and_goes_on() {
    let chain = chain(60);
    let first = NodeData::of(&chain);
    let path = first.open(&chain).unwrap().snapshot(None).unwrap();
    let names = list(&first.memory, &NodeData::snapshots()).unwrap();
    assert_eq!(names.len(), 1);
    assert_eq!(names[0].height, 60);
    assert_eq!(names[0].root, chain.ledger.read().state_root());
    let bytes = first.memory.content(&path).unwrap();

    let mut second = NodeData::new();
    let file = put(&second, &bytes);
    let (disk, data) = (second.disk(), NodeData::data());
    let name = restore(&disk, &file, data, &chain.chain, &chain.validators).unwrap();
    assert_eq!(name, names[0]);
    let again = restore(&disk, &file, data, &chain.chain, &chain.validators);
    assert!(matches!(again, Err(UpkeepError::Occupied { .. })));

    let root = chain.ledger.read().state_root();
    {
        let node = second.open(&chain).unwrap();
        assert_eq!((node.height(), node.first_height()), (60, 61));
    }
    extend(&chain, 30);
    second.append(&chain, 90);
    assert_ne!(chain.ledger.read().state_root(), root);
    // From its own checkpoint, and from the snapshot when that is lost.
    for lost in [false, true] {
        let store = match lost {
            false => second.store.clone(),
            true => RebuildableStore::in_memory(),
        };
        let open = || Ok(store);
        let mut stores = Stores::open_on(&disk, data, SALT, false, open).unwrap();
        let options = CheckpointOptions::default();
        let state = recovery::recover(&chain.genesis, &mut stores, options).unwrap();
        assert_eq!(state.tip.height, 90);
        assert_eq!(state.ledger.state_root(), chain.ledger.read().state_root());
        assert_eq!(state.history.first_height(), 61);
        assert!(state.history.block(60).is_none());
        assert_eq!(
            state.history.block(61).unwrap().body,
            chain.history.block(61).unwrap().body
        );
        // The schedule of proposers depends on heights that only the snapshot has.
        let setup = EngineSetup {
            chain: chain.chain,
            voting_key: None,
            timeouts: TimeoutBounds {
                propose_min: 100,
                vote_min: 100,
                propose_initial: 100,
                vote_initial: 100,
                max: 1_000,
            },
            heartbeat_ms: 1_000,
        };
        setup.start(&mut stores, &state).unwrap();
    }
    // A snapshot of a node that was restored is one like any other.
    let again = second.open_anew(&chain).unwrap().snapshot(None).unwrap();
    check(&second.memory, &again, &chain.chain, &chain.validators).unwrap();
}

#[test]
fn a_flipped_bit_anywhere_is_found() {
    let chain = chain(20);
    let node = NodeData::of(&chain);
    let path = node.open(&chain).unwrap().snapshot(None).unwrap();
    let length = node.memory.content(&path).unwrap().len() as u64;
    let mut random = Random(1);
    for _ in 0..1_000 {
        let bit = random.below(length * 8);
        assert!(node.memory.flip_bit(&path, bit));
        let refused = check(&node.memory, &path, &chain.chain, &chain.validators);
        assert!(
            matches!(
                refused,
                Err(SnapshotError::Damaged { .. }
                    | SnapshotError::NotASnapshot { .. }
                    | SnapshotError::Version { .. })
            ),
            "bit {bit}: {refused:?}"
        );
        assert!(node.memory.flip_bit(&path, bit));
    }
    check(&node.memory, &path, &chain.chain, &chain.validators).unwrap();
}

#[test]
fn a_missing_end_and_a_longer_one_are_found() {
    let chain = chain(10);
    let node = NodeData::of(&chain);
    let path = node.open(&chain).unwrap().snapshot(None).unwrap();
    let bytes = node.memory.content(&path).unwrap();
    for length in (0..bytes.len()).step_by(7) {
        let file = put(&node, &bytes[..length]);
        let refused = check(&node.memory, &file, &chain.chain, &chain.validators).unwrap_err();
        let expected = match length {
            0..12 => matches!(refused, SnapshotError::NotASnapshot { .. }),
            _ => matches!(refused, SnapshotError::Damaged { .. }),
        };
        assert!(expected, "{length} bytes: {refused}");
    }
    let file = put(&node, &[&bytes[..], &[0]].concat());
    let refused = check(&node.memory, &file, &chain.chain, &chain.validators);
    assert!(matches!(refused, Err(SnapshotError::Damaged { .. })));
    // Another format.
    let mut newer = bytes;
    newer[8] = 2;
    let file = put(&node, &newer);
    let refused = check(&node.memory, &file, &chain.chain, &chain.validators);
    assert!(matches!(
        refused,
        Err(SnapshotError::Version { found: 2, .. })
    ));
}

/// The checksums of a file that a peer made are right whatever it holds.
#[test]
fn a_list_that_is_longer_than_its_bytes_justify_is_refused_before_it_is_decoded() {
    let node = NodeData::new();
    // Each pair of bytes is an empty change of the validator set, some hundred bytes once it is decoded.
    let empty_changes = [0x0a, 0x00].repeat(1 << 20);
    for kind in [1, 2] {
        let bytes = decoders::snapshot_of_frames([(kind, &empty_changes[..])]);
        let file = put(&node, &bytes);
        match SnapshotReader::open(&node.memory, &file) {
            Err(SnapshotError::Damaged { offset, reason, .. }) => {
                assert_eq!(offset, 12);
                assert!(reason.contains("more entries than its length"), "{reason}");
            }
            other => panic!("frame {kind}: {other:?}"),
        }
    }
}

/// Head and objects of a good snapshot, to make bad ones of.
fn parts(
    node: &NodeData,
    path: &Path,
    chain: &api_support::TestChain,
) -> (SnapshotHead, Vec<StateObject>) {
    let reader = SnapshotReader::open(&node.memory, path).unwrap();
    let head = reader.head().clone();
    (head, chain.objects())
}

#[test]
fn what_a_liar_makes_is_refused() {
    let chain = chain(12);
    let node = NodeData::of(&chain);
    let path = node.open(&chain).unwrap().snapshot(None).unwrap();
    let (head, objects) = parts(&node, &path, &chain);
    let directory = Path::new("/liar");
    let forged = |head: &SnapshotHead, objects: &[StateObject]| {
        let objects = objects.iter().cloned().map(Ok);
        let path = write(&node.memory, directory, head, objects).unwrap();
        check(&node.memory, &path, &chain.chain, &chain.validators)
    };
    forged(&head, &objects).expect("what is not changed is believed");

    // Objects: one gone, one twice, one of another value, none at all.
    let without = &objects[1..];
    assert!(forged(&head, without).is_err());
    let last = objects.last().unwrap().clone();
    assert!(forged(&head, &[&objects[..], &[last]].concat()).is_err());
    let other = chain_of_another_height(&chain);
    assert!(matches!(
        forged(&head, &other),
        Err(SnapshotError::OtherState { height: 12, .. })
    ));
    assert!(forged(&head, &[]).is_err());

    // What is no object at all is not even decoded: the root comes first.
    let mut junk = objects.clone();
    junk[0].value = b"junk".to_vec();
    assert!(matches!(
        forged(&head, &junk),
        Err(SnapshotError::OtherState { height: 12, .. })
    ));

    // A header that nobody signed, a certificate of another block, too few signatures.
    let mut lie = head.clone();
    lie.finality.header.state_root = Hash([1; 32]);
    assert!(matches!(
        forged(&lie, &objects),
        Err(SnapshotError::Unproved { .. })
    ));
    let mut lie = head.clone();
    lie.finality.certificate.signatures.clear();
    assert!(matches!(
        forged(&lie, &objects),
        Err(SnapshotError::Unproved { .. })
    ));
    let mut lie = head.clone();
    lie.finality.certificate = chain.history.block(11).unwrap().certificate.clone();
    assert!(matches!(
        forged(&lie, &objects),
        Err(SnapshotError::Unproved { .. })
    ));

    // Headers below: one changed, one missing in between, the oldest missing.
    let mut lie = head.clone();
    lie.trail[3].parent_round = 7;
    assert!(matches!(
        forged(&lie, &objects),
        Err(SnapshotError::Headers { .. })
    ));
    for missing in [0, 5] {
        let mut lie = head.clone();
        lie.trail.remove(missing);
        assert!(matches!(
            forged(&lie, &objects),
            Err(SnapshotError::Headers { .. })
        ));
    }

    // Another network, and other validators of the same one.
    let other = ChainId::new(Hash([8; 32]));
    assert!(matches!(
        check(&node.memory, &path, &other, &chain.validators),
        Err(SnapshotError::OtherNetwork { .. })
    ));
    let mut validator = chain.genesis.validators[0].clone();
    validator.voting_key = snapshot_support::key(99).public_key();
    let strangers = ValidatorSet::new([validator]).unwrap();
    assert!(matches!(
        check(&node.memory, &path, &chain.chain, &strangers),
        Err(SnapshotError::Unproved { .. })
    ));
}

/// Objects of a state one block later than the one at hand: a whole state, and not the one decided.
fn chain_of_another_height(chain: &api_support::TestChain) -> Vec<StateObject> {
    extend(chain, 1);
    chain.objects()
}

#[test]
fn an_unusable_base_is_told_and_nothing_starts() {
    let chain = chain(20);
    let first = NodeData::of(&chain);
    let path = first.open(&chain).unwrap().snapshot(None).unwrap();
    let bytes = first.memory.content(&path).unwrap();
    let restored = || {
        let node = NodeData::new();
        let file = put(&node, &bytes);
        let data = NodeData::data();
        restore(&node.disk(), &file, data, &chain.chain, &chain.validators).unwrap();
        node.append(&chain, 20);
        node
    };
    let name = path.file_name().unwrap();
    let copy = NodeData::snapshots().join(name);
    // Missing, cut, of another state, its record damaged.
    let node = restored();
    node.memory.remove(&copy).unwrap();
    let refused = node.open(&chain).err().unwrap();
    assert!(matches!(
        refused,
        UpkeepError::Recovery(RecoveryError::BaseSnapshot { height: 20, .. })
    ));
    let node = restored();
    node.memory.cut(&copy, bytes.len() as u64 - 30);
    assert!(node.open(&chain).is_err(), "nothing else has the state");
    let node = restored();
    node.memory.flip_bit(&NodeData::data().join("base"), 400);
    assert!(matches!(
        node.open(&chain).err().unwrap(),
        UpkeepError::Recovery(RecoveryError::BaseRecord(_))
    ));
    // The record gone: blocks that begin after nothing.
    let node = restored();
    extend(&chain, 2);
    node.append(&chain, 22);
    node.memory.remove(&NodeData::data().join("base")).unwrap();
    assert!(matches!(
        node.open(&chain).err().unwrap(),
        UpkeepError::Recovery(RecoveryError::BlockLog { .. })
    ));
}

#[test]
fn a_directory_of_another_network_is_refused_even_with_its_checkpoint() {
    let chain = chain(15);
    let node = NodeData::of(&chain);
    drop(node.open(&chain).unwrap());
    let mut other = chain.genesis.clone();
    other.chain = ChainId::new(Hash([8; 32]));
    let (mut log, base) = recovery::open_blocks(&node.disk(), NodeData::data(), SALT).unwrap();
    let options = CheckpointOptions::default();
    let refused = recovery::recover_blocks(&other, &mut log, base.as_ref(), &node.store, options);
    assert!(matches!(
        refused.err().unwrap(),
        RecoveryError::OtherNetwork { .. }
    ));
}
