//! Faults of the disk under a whole data directory: cut tail, flipped bit, failed write, full disk, failed sync, on
//! every kind of file that a node has, sled's among them. Each ends repaired, rebuilt or refused, or harms nothing;
//! none is silent.
//!
//! `TALEA_STORAGE_FAULTS=1000 cargo test --release -p talea-node --test directory_faults -- --nocapture` makes the
//! long run and prints its counts.

mod api_support;
mod snapshot_support;
mod storage_support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use api_support::TestChain;
use snapshot_support::{NodeData, SALT, append, chain};
use storage_support::{Random, copy_directory, silence_sled};
use talea_node::api::ReadHistory;
use talea_node::recovery::{self, Stores};
use talea_node::snapshot::{SnapshotReader, list};
use talea_node::storage::checkpoint::{CheckpointOptions, CheckpointStore};
use talea_node::storage::consensus_log::ConsensusLog;
use talea_node::storage::disk::{Crash, Disk, Fault, StdDisk};
use talea_node::storage::kv::StoreOpened;
use talea_node::storage::rebuildable::RebuildableStore;
use talea_node::storage::record_log::RecordLog;
use talea_node::upkeep::{Retention, StoppedNode};
use talea_node::voting_record::{VotingRecord, VotingState};

const TIP: u64 = 60;
const BASE: u64 = 20;
const VOTES_FROM: u64 = 7;
const KEEP: Retention = Retention {
    blocks: 30,
    days: 0,
};
const STATEMENT: &[u8] = b"a vote that must not be forgotten";

/// How a fault ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// Every answer is the same.
    Unharmed,
    /// What was damaged was written anew, or was never acknowledged and is cut.
    Repaired,
    /// The index store was made again from the blocks, now or by the next start.
    Rebuilt,
    /// Told, and nothing goes on from it.
    Refused,
}

type Tally = BTreeMap<(String, End), u64>;

fn disk() -> Arc<dyn Disk> {
    Arc::new(StdDisk)
}

/// A pruned validator's directory with every kind of file.
fn template(chain: &TestChain, data: &Path) {
    let open = || {
        let mut store = RebuildableStore::open(data, SALT)?.0;
        store.records.segment_bytes = 8_192;
        Ok(store)
    };
    fs::create_dir_all(data).unwrap();
    append(&disk(), data, chain, BASE, 8_192);
    let node = StoppedNode::open(&disk(), data, SALT, &chain.genesis, open).unwrap();
    node.snapshot(None).unwrap();
    drop(node);
    append(&disk(), data, chain, TIP, 8_192);
    let mut node = StoppedNode::open(&disk(), data, SALT, &chain.genesis, open).unwrap();
    node.prune(KEEP).unwrap().unwrap();
    drop(node);
    let directory = data.join("consensus");
    let (mut log, _) = ConsensusLog::open_sized(&disk(), &directory, SALT, 4_096).unwrap();
    log.start_height(TIP + 1).unwrap();
    for _ in 0..20 {
        log.append(TIP + 1, STATEMENT).unwrap();
        log.sync().unwrap();
    }
    VotingRecord::new(&disk(), data)
        .record_started(VOTES_FROM)
        .unwrap();
}

/// Files by kind, relative to the data directory.
fn files(data: &Path) -> BTreeMap<String, Vec<PathBuf>> {
    let mut kinds: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let mut waiting = vec![data.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let relative = path.strip_prefix(data).unwrap().to_owned();
            let name = relative.file_name().unwrap().to_string_lossy().into_owned();
            let empty = entry.metadata().unwrap().len() == 0;
            if name == "LOCK" || empty {
                continue;
            }
            let of = relative.iter().next().unwrap().to_string_lossy();
            let kind = match (&*of, &*name) {
                (of, "watermark") => format!("{of} watermark"),
                ("store", _) => "index store (sled)".to_owned(),
                (of, _) if relative.iter().count() > 1 => format!("{of} file"),
                (of, _) => of.to_owned(),
            };
            kinds.entry(kind).or_default().push(relative);
        }
    }
    kinds
}

/// What a start finds; the error is a silent difference.
fn start(chain: &TestChain, data: &Path) -> Result<End, String> {
    let mut rebuilt = false;
    let opened = Stores::open_on(&disk(), data, SALT, true, || {
        let (mut store, how) = RebuildableStore::open(data, SALT)?;
        store.records.segment_bytes = 8_192;
        rebuilt |= !matches!(how, StoreOpened::Existing);
        Ok(store)
    });
    let Ok(mut stores) = opened else {
        return Ok(End::Refused);
    };
    // Where the log is, at least: it keeps nothing that was said below.
    let votes_from = VOTES_FROM.max(TIP + 1);
    if stores.rejoin || stores.vote_from != votes_from {
        return Err(format!(
            "votes from {} and not {votes_from}",
            stores.vote_from
        ));
    }
    let recorded = stores.voting_record.read().unwrap();
    if recorded != (VotingState::Started { from: VOTES_FROM }) {
        return Err(format!("the record says {recorded:?}"));
    }
    let statements = stores.consensus_log.records_for(TIP + 1).unwrap();
    if statements.len() != 20 || statements.iter().any(|one| one != STATEMENT) {
        return Err(format!("{} votes of 20 are left", statements.len()));
    }
    let checkpoint = CheckpointStore::new(&stores.store.keys).load();
    rebuilt |= !matches!(checkpoint, Ok(Some(checkpoint)) if checkpoint.height() == TIP);
    let records = RecordLog::open(&stores.store.records);
    rebuilt |= !records.is_ok_and(|records| records.complete_to() == Some(TIP));
    let options = CheckpointOptions::default();
    let Ok(state) = recovery::recover(&chain.genesis, &mut stores, options) else {
        return Ok(End::Refused);
    };
    let differs = difference(chain, &state);
    if state.history.failures() > 0 {
        // It was told. A block that rotted stays unreadable; a store is condemned, and the next start must make
        // everything again.
        if stores.block_log.verify_all(&mut |_, _| ()).is_err() {
            return Ok(End::Refused);
        }
        drop((state, stores));
        return match start(chain, data)? {
            End::Rebuilt => Ok(End::Rebuilt),
            other => Err(format!("a condemned store ended {other:?}")),
        };
    }
    match differs {
        Some(difference) => Err(difference),
        None if rebuilt => Ok(End::Rebuilt),
        None => Ok(End::Unharmed),
    }
}

/// Compares every answer with the chain.
fn difference(chain: &TestChain, state: &recovery::RecoveredState) -> Option<String> {
    if state.tip.height != TIP {
        return Some(format!("the tip is {}", state.tip.height));
    }
    if state.ledger.state_root() != chain.ledger.read().state_root() {
        return Some("the state is another".to_owned());
    }
    let history = &state.history;
    if history.first_height() != BASE + 1 {
        return Some(format!("blocks begin at {}", history.first_height()));
    }
    for height in BASE + 1..=TIP {
        let made = chain.history.block(height)?;
        let kept = history.block(height);
        if kept.is_none_or(|kept| (&kept.body, &kept.results) != (&made.body, &made.results)) {
            return Some(format!("block {height} is another"));
        }
        let id = made.results[0].transaction;
        if history.locate(&id) != Some((height, 0)) {
            return Some(format!("the transaction of {height} is not found"));
        }
    }
    let operator = chain.operator();
    let all = chain.history.events(&operator, 0, 1_000);
    let recent: Vec<_> = all.iter().filter(|event| event.height > BASE).collect();
    let from = recent.first().map_or(0, |event| event.sequence);
    let kept = history.events(&operator, from, 1_000);
    (!kept.iter().eq(recent)).then(|| "events are missing".to_owned())
}

/// Rot: a tail is gone or a bit is another, while the node does not run.
fn rot(
    chain: &TestChain,
    template: &Path,
    random: &mut Random,
    tally: &mut Tally,
) -> Result<(), String> {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    copy_directory(template, &data);
    let kinds = files(&data);
    let (kind, paths) = kinds
        .iter()
        .nth(random.below(kinds.len() as u64) as usize)
        .unwrap();
    let file = &paths[random.below(paths.len() as u64) as usize];
    let path = data.join(file);
    let mut bytes = fs::read(&path).unwrap();
    let at = random.below(bytes.len() as u64) as usize;
    let fault = if random.below(2) == 0 {
        bytes.truncate(at);
        "cut"
    } else {
        bytes[at] ^= 1 << random.below(8);
        "flipped"
    };
    fs::write(&path, &bytes).unwrap();
    let what = format!("{} {fault} at {at}", file.display());
    let mut end = start(chain, &data).map_err(|silent| format!("{what}: {silent}"))?;
    if end == End::Unharmed && kind == "snapshots file" {
        // Not read while the index store is whole; the doctor and every use of it do.
        let verified = SnapshotReader::open(&StdDisk, &path)
            .and_then(|reader| reader.verify(&chain.chain, &chain.validators))
            .and_then(|verified| verified.restore());
        if verified.is_ok() {
            return Err(format!("{what}: a damaged snapshot is believed"));
        }
        end = End::Refused;
    }
    if end == End::Unharmed && fs::read(&path).is_ok_and(|now| now != bytes) {
        end = End::Repaired;
    }
    *tally.entry((kind.clone(), end)).or_default() += 1;
    Ok(())
}

/// A disk that fails while the node writes: what was acknowledged is there afterwards, and what was not is there as a
/// whole or not at all.
fn failing_write(chain: &TestChain, random: &mut Random, tally: &mut Tally) -> Result<(), String> {
    let mut node = NodeData::new();
    node.append(chain, BASE);
    node.open(chain).unwrap().snapshot(None).unwrap();
    node.append(chain, TIP - 10);
    let (disk, data) = (node.disk(), NodeData::data());
    let record = VotingRecord::new(&disk, data);
    record.record_started(1).unwrap();
    let later = random.below(8);
    let fault = match random.below(3) {
        0 => Fault::FullAfter(later * 400),
        1 => Fault::WriteFailsAfter(later),
        _ => Fault::SyncFailsAfter(later),
    };
    let kind = random.below(5);
    let (name, acknowledged) = match kind {
        0 => {
            let (mut log, _) = recovery::open_blocks(&disk, data, SALT).unwrap();
            node.memory.set_fault(fault);
            let mut kept = TIP - 10;
            for height in TIP - 9..=TIP {
                let block = chain.history.block(height).unwrap();
                let hash = block.hash.hash().0;
                let done = log
                    .append_body(height, hash, &block.body.encode())
                    .and_then(|()| log.append_commit(height, hash, &block.certificate.encode()))
                    .and_then(|()| log.sync());
                if done.is_err() {
                    break;
                }
                kept = height;
            }
            ("blocks, writing", kept)
        }
        1 => {
            let (mut log, _) = ConsensusLog::open(&disk, &data.join("consensus"), SALT).unwrap();
            node.memory.set_fault(fault);
            let mut kept = 0;
            for number in 1..=10 {
                let appended = log.append(TIP, STATEMENT).and_then(|()| log.sync());
                if appended.is_err() {
                    break;
                }
                kept = number;
            }
            ("consensus, writing", kept)
        }
        2 => {
            node.memory.set_fault(fault);
            let written = record.record_started(2);
            ("voting record, writing", u64::from(written.is_ok()) + 1)
        }
        3 => {
            let opened = node.open(chain).unwrap();
            node.memory.set_fault(fault);
            let made = opened.snapshot(None);
            ("snapshot, writing", u64::from(made.is_ok()) + 1)
        }
        _ => {
            let mut opened = node.open(chain).unwrap();
            node.memory.set_fault(fault);
            let pruned = opened.prune(KEEP);
            ("base and dropping, writing", u64::from(pruned.is_ok()))
        }
    };
    node.memory.crash(Crash::Torn(random.next()));
    let what = format!("{name}, {fault:?}");
    let silent = |found: String| format!("{what}: {found}, {acknowledged} acknowledged");
    let opened = node
        .open_anew(chain)
        .map_err(|error| silent(error.to_string()))?;
    let (height, first) = (opened.height(), opened.first_height());
    drop(opened);
    let complete;
    match kind {
        0 => {
            complete = acknowledged == TIP;
            if height < acknowledged {
                return Err(silent(format!("the tip is {height}")));
            }
        }
        1 => {
            let opened = ConsensusLog::open(&disk, &data.join("consensus"), SALT);
            let (mut log, _) = opened.map_err(|error| silent(error.to_string()))?;
            let left = log.records_for(TIP).unwrap().len() as u64;
            complete = acknowledged == 10;
            if left < acknowledged {
                return Err(silent(format!("{left} votes are left")));
            }
        }
        2 => {
            complete = acknowledged == 2;
            match record.read() {
                Ok(VotingState::Started { from }) if from >= acknowledged => {}
                other => return Err(silent(format!("{other:?}"))),
            }
        }
        3 => {
            complete = acknowledged == 2;
            let names = list(&node.memory, &NodeData::snapshots()).unwrap();
            if (names.len() as u64) < acknowledged {
                return Err(silent(format!("{} snapshots", names.len())));
            }
            for name in names {
                let path = NodeData::snapshots().join(name.to_string());
                SnapshotReader::open(&node.memory, &path)
                    .and_then(|reader| reader.verify(&chain.chain, &chain.validators))
                    .and_then(|verified| verified.restore())
                    .map_err(|error| silent(error.to_string()))?;
            }
        }
        _ => {
            complete = acknowledged == 1;
            if acknowledged == 1 && first != BASE + 1 {
                return Err(silent(format!("blocks begin at {first}")));
            }
        }
    }
    let end = if complete {
        End::Unharmed
    } else {
        End::Refused
    };
    *tally.entry((name.to_owned(), end)).or_default() += 1;
    Ok(())
}

#[test]
fn no_fault_of_the_disk_is_silent() {
    silence_sled();
    let count: u64 = std::env::var("TALEA_STORAGE_FAULTS")
        .map_or(40, |count| count.parse().expect("a number of faults"));
    let chain = chain(TIP);
    let directory = tempfile::tempdir().unwrap();
    let whole = directory.path().join("template");
    template(&chain, &whole);
    {
        let copy = directory.path().join("copy");
        copy_directory(&whole, &copy);
        assert_eq!(start(&chain, &copy), Ok(End::Unharmed), "without a fault");
    }
    let mut tally = Tally::new();
    let mut silent = Vec::new();
    for seed in 0..count {
        let mut random = Random(seed);
        let result = match seed % 2 {
            0 => rot(&chain, &whole, &mut random, &mut tally),
            _ => failing_write(&chain, &mut random, &mut tally),
        };
        if let Err(difference) = result {
            silent.push(format!("seed {seed}: {difference}"));
        }
    }
    let mut ends: BTreeMap<End, u64> = BTreeMap::new();
    for ((kind, end), count) in &tally {
        println!("{kind:28} {end:?} {count}");
        *ends.entry(*end).or_default() += count;
    }
    println!("{count} faults: {ends:?}, silent {}", silent.len());
    assert!(silent.is_empty(), "{silent:#?}");
    assert!(ends.len() >= 3, "the faults are too much alike: {ends:?}");
}
