//! Dropping old blocks: what is above the snapshot can always be made again, and what is below it is said to be gone.

mod api_support;
mod snapshot_support;

use std::path::Path;
use std::sync::Arc;

use api_support::TestChain;
use snapshot_support::{NodeData, SALT, append, chain, extend};
use talea_node::api::ReadHistory;
use talea_node::history::History;
use talea_node::interface::CommittedRecord;
use talea_node::recovery::{self, RecoveredState};
use talea_node::storage::checkpoint::{CheckpointOptions, CheckpointStore};
use talea_node::storage::disk::{Crash, Disk as _, Fault};
use talea_node::storage::kv::MemoryStore;
use talea_node::storage::rebuildable::RebuildableStore;
use talea_node::upkeep::Retention;
use talea_proto::{ApiError, api};
use tonic::Code;

const KEEP: Retention = Retention {
    blocks: 20,
    days: 0,
};

/// A node with 60 blocks and a snapshot of height 30.
fn node_with_snapshot() -> (Arc<TestChain>, NodeData) {
    let chain = chain(60);
    let node = NodeData::new();
    node.append(&chain, 30);
    node.open(&chain).unwrap().snapshot(None).unwrap();
    node.append(&chain, 60);
    (chain, node)
}

fn recovered(node: &NodeData, chain: &TestChain) -> RecoveredState {
    let (mut log, base) = recovery::open_blocks(&node.disk(), NodeData::data(), SALT).unwrap();
    let options = CheckpointOptions::default();
    recovery::recover_blocks(
        &chain.genesis,
        &mut log,
        base.as_ref(),
        &node.store,
        options,
    )
    .unwrap()
}

/// Asserts that a pruned node has everything above height 30 and nothing below.
fn assert_pruned(state: &RecoveredState, chain: &TestChain) {
    assert_eq!(state.ledger.state_root(), chain.ledger.read().state_root());
    let history = &state.history;
    assert_eq!(history.first_height(), 31);
    for height in 1..=60 {
        let kept = history.block(height);
        assert_eq!(kept.is_some(), height > 30, "block {height}");
        if let Some(kept) = kept {
            let made = chain.history.block(height).unwrap();
            assert_eq!((&kept.body, &kept.results), (&made.body, &made.results));
            let id = made.results[0].transaction;
            assert_eq!(history.locate(&id), Some((height, 0)));
        }
    }
    let operator = chain.operator();
    let all = chain.history.events(&operator, 0, 1_000);
    let from = all.iter().find(|event| event.height > 30).unwrap().sequence;
    let kept = history.events(&operator, from, 1_000);
    assert_eq!(kept, all[usize::try_from(from).unwrap()..]);
    assert!(
        history
            .events(&operator, 0, 1)
            .first()
            .is_none_or(|event| event.sequence > 0)
    );
    assert_eq!(history.failures(), 0);
}

#[test]
fn a_pruned_node_has_what_is_above_and_says_so_of_the_rest() {
    let (chain, mut node) = node_with_snapshot();
    let segments = || {
        let paths = node.memory.paths();
        paths
            .iter()
            .filter(|path| path.extension().is_some_and(|one| one == "segment"))
            .count()
    };
    let before = segments();
    let mut opened = node.open(&chain).unwrap();
    let pruned = opened.prune(KEEP).unwrap().unwrap();
    assert_eq!((pruned.base.height, pruned.blocks), (30, 30));
    assert_eq!(opened.first_height(), 31);
    assert_eq!(
        opened.prune(KEEP).unwrap(),
        None,
        "there is no newer snapshot"
    );
    drop(opened);
    assert!(segments() < before, "of {before} segments all are left");

    assert_pruned(&recovered(&node, &chain), &chain);
    // The rebuildable store is lost: the snapshot stands in the place of genesis.
    node.store = RebuildableStore::in_memory();
    assert_pruned(&recovered(&node, &chain), &chain);

    // Life goes on, and the next snapshot lets more go.
    extend(&chain, 40);
    node.append(&chain, 80);
    node.open(&chain).unwrap().snapshot(None).unwrap();
    node.append(&chain, 100);
    let mut opened = node.open(&chain).unwrap();
    let pruned = opened.prune(KEEP).unwrap().unwrap();
    assert_eq!((pruned.base.height, pruned.blocks), (80, 50));
    drop(opened);
    let state = recovered(&node, &chain);
    assert_eq!(state.ledger.state_root(), chain.ledger.read().state_root());
    assert_eq!(state.history.first_height(), 81);
}

#[test]
fn nothing_goes_that_is_to_be_kept_or_has_no_snapshot() {
    let chain = chain(40);
    let node = NodeData::of(&chain);
    let mut opened = node.open(&chain).unwrap();
    assert_eq!(opened.prune(KEEP).unwrap(), None, "no snapshot");
    opened.snapshot(None).unwrap();
    assert_eq!(opened.prune(KEEP).unwrap(), None, "the snapshot is too new");
    drop(opened);
    extend(&chain, 40);
    node.append(&chain, 80);
    let mut opened = node.open(&chain).unwrap();
    // The blocks are milliseconds apart.
    let both = Retention {
        blocks: 20,
        days: 1,
    };
    assert_eq!(opened.prune(both).unwrap(), None, "all blocks are of today");
    assert_eq!(opened.prune(KEEP).unwrap().unwrap().base.height, 40);
}

#[test]
fn a_damaged_snapshot_lets_nothing_go() {
    let (chain, node) = node_with_snapshot();
    let name = talea_node::snapshot::list(&node.memory, &NodeData::snapshots()).unwrap()[0];
    let path = NodeData::snapshots().join(name.to_string());
    let bits = node.memory.content(&path).unwrap().len() as u64 * 8;
    assert!(node.memory.flip_bit(&path, bits - 300));
    let mut opened = node.open(&chain).unwrap();
    assert!(opened.prune(KEEP).is_err());
    assert_eq!(opened.first_height(), 1);
}

#[test]
fn a_crash_at_any_step_leaves_all_or_what_is_above() {
    let mut left = [0, 0];
    for step in 0..12 {
        for kind in 0..3 {
            let (chain, mut node) = node_with_snapshot();
            let mut opened = node.open(&chain).unwrap();
            node.memory.set_fault(match kind {
                0 => Fault::SyncFailsAfter(step),
                1 => Fault::WriteFailsAfter(step),
                _ => Fault::FullAfter(step * 20),
            });
            let pruned = opened.prune(KEEP);
            drop(opened);
            node.memory.crash(Crash::Torn(step * 3 + kind));
            let state = recovered(&node, &chain);
            assert_eq!(state.ledger.state_root(), chain.ledger.read().state_root());
            let first = state.history.first_height();
            match pruned {
                Ok(_) => assert_eq!(first, 31),
                Err(_) => assert!([1, 31].contains(&first), "{first}"),
            }
            left[usize::from(first == 31)] += 1;
            drop(state);
            // Repeated, it is done, also from nothing but the files.
            let mut opened = node.open_anew(&chain).unwrap();
            opened.prune(KEEP).unwrap();
            assert_eq!(opened.first_height(), 31);
            drop(opened);
            assert_pruned(&recovered(&node, &chain), &chain);
        }
    }
    assert!(left[0] > 0 && left[1] > 0, "{left:?}");
}

#[test]
fn a_log_cut_below_its_beginning_is_refused() {
    let (chain, node) = node_with_snapshot();
    node.open(&chain).unwrap().prune(KEEP).unwrap().unwrap();
    let disk = node.disk();
    let blocks = NodeData::data().join("blocks");
    let first = disk
        .list(&blocks)
        .unwrap()
        .iter()
        .find_map(|name| name.strip_suffix(".segment")?.parse::<u64>().ok())
        .unwrap();
    // Only leftovers of blocks below the beginning stay.
    talea_node::storage::framed_log::set_damage_aside(&node.memory, &blocks, first, 200).unwrap();
    let refused = recovery::open_blocks(&disk, NodeData::data(), SALT);
    let whole = refused.map(|(log, _)| log.height());
    if let Ok(height) = whole {
        assert_eq!(height, 30, "an empty log begins after the snapshot");
    }
    talea_node::storage::framed_log::set_damage_aside(&node.memory, &blocks, first, 0).unwrap();
    assert_eq!(recovered(&node, &chain).tip.height, 30);
    append(&disk, Path::new(snapshot_support::DATA), &chain, 60, 16_384);
    assert_pruned(&recovered(&node, &chain), &chain);
}

#[tokio::test]
async fn a_pruned_node_says_that_it_is_one_and_gives_no_half_answer() {
    let node = api_support::start().await;
    for nonce in 0..10 {
        node.chain.enqueue(node.chain.transaction(nonce));
        node.chain.commit();
    }
    let early = node.chain.history.block(2).unwrap().results[0].transaction;
    let late = node.chain.history.block(9).unwrap().results[0].transaction;
    node.chain.history.prune(6);
    let mut ledger = node.ledger().await;
    let mut refused = Vec::new();
    let request = api::GetReceiptRequest {
        id: early.to_wire(),
    };
    refused.push(ledger.get_receipt(request).await.unwrap_err());
    let subject = Some(talea_proto::convert::subject_to_api(&node.chain.operator()));
    let list = |from_sequence| api::ListEventsRequest {
        subject: subject.clone(),
        from_sequence,
        limit: 100,
    };
    refused.push(
        ledger
            .list_events(node.as_operator(list(0)))
            .await
            .unwrap_err(),
    );
    let request = api::GetBlockRequest {
        height: 5,
        ..Default::default()
    };
    refused.push(ledger.get_block(request).await.unwrap_err());
    for status in refused {
        let error = ApiError::from_status(&status);
        assert_eq!(
            (error.code, error.reason.as_str()),
            (Code::OutOfRange, "PRUNED")
        );
        assert!(
            error.message.contains("keeps all blocks"),
            "{}",
            error.message
        );
    }
    let of_operator = |height| {
        let events = node.chain.history.events(&node.chain.operator(), 0, 1_000);
        events
            .iter()
            .find(|event| event.height >= height)
            .map(|event| event.sequence)
    };
    if let Some(first) = of_operator(6) {
        let answer = ledger
            .list_events(node.as_operator(list(first)))
            .await
            .unwrap()
            .into_inner();
        let count = answer.length - first;
        assert_eq!(answer.events.len() as u64, count);
    }
    let kept = node
        .chain
        .history
        .block(6)
        .unwrap()
        .body
        .content
        .header
        .time;
    for (id, known) in [(early, false), (late, true)] {
        let request = api::GetTransactionRequest {
            id: id.to_wire(),
            with_bytes: false,
        };
        let answer = ledger.get_transaction(request).await.unwrap().into_inner();
        assert_eq!(answer.kept_since_ms, kept.millis());
        assert_eq!(answer.status.unwrap().height > 0, known);
    }
}

/// A node that has dropped blocks, has more of them since, and drops again at a moment of a backup.
#[test]
fn a_copy_of_a_running_pruned_node_starts_whatever_it_drops_meanwhile() {
    let chain = chain(60);
    let copied = |order: [&str; 3], dropped_before: usize| {
        let node = NodeData::new();
        node.append(&chain, 20);
        node.open(&chain).unwrap().snapshot(None).unwrap();
        node.append(&chain, 40);
        node.open(&chain).unwrap().snapshot(None).unwrap();
        node.append(&chain, 60);
        let drop_up_to = |height| {
            let kept = Retention {
                blocks: 60 - height,
                days: 0,
            };
            let pruned = node.open(&chain).unwrap().prune(kept).unwrap().unwrap();
            assert_eq!(pruned.base.height, height);
        };
        drop_up_to(20);
        let copy = NodeData::new();
        for (place, part) in order.iter().enumerate() {
            if place == dropped_before {
                drop_up_to(40);
            }
            copy_part(&node, &copy, part);
        }
        copy
    };
    // The order of the runbook.
    for dropped_before in 0..=3 {
        let copy = copied(["blocks", "snapshots", "base"], dropped_before);
        let state = recovered(&copy, &chain);
        assert_eq!(state.ledger.state_root(), chain.ledger.read().state_root());
        let first = if dropped_before < 3 { 41 } else { 21 };
        assert_eq!(state.history.first_height(), first);
    }
    // A base that is older than the blocks asks for some that are gone.
    let copy = copied(["base", "blocks", "snapshots"], 1);
    assert!(recovery::open_blocks(&copy.disk(), NodeData::data(), SALT).is_err());
}

/// Copies a file or the files of a directory.
fn copy_part(from: &NodeData, to: &NodeData, part: &str) {
    let part = NodeData::data().join(part);
    for path in from.memory.paths() {
        if path.starts_with(&part) {
            let directory = path.parent().unwrap();
            to.memory.create_directories(directory).unwrap();
            let file = to.memory.create(&path).unwrap();
            file.write_at(0, &from.memory.content(&path).unwrap())
                .unwrap();
            file.sync().unwrap();
            to.memory.sync_directory(directory).unwrap();
        }
    }
}

/// As after a crash: one index has written more than the other.
#[test]
fn indexes_that_end_at_different_heights_are_both_completed() {
    let chain = chain(6);
    for (subjects_end, transactions_end, records_end) in
        [(4, 2, 6), (2, 4, 3), (5, 6, 6), (6, 6, 4), (3, 3, 0)]
    {
        let node = NodeData::of(&chain);
        let (log, _) = recovery::open_blocks(&node.disk(), NodeData::data(), SALT).unwrap();
        let blocks = || (1..=6).map(|height| chain.history.block(height).unwrap());
        // Each of its own history, so that each is flushed where it should end.
        let store = RebuildableStore::in_memory();
        for (end, index) in [(subjects_end, "subject"), (transactions_end, "transaction")] {
            let apart = RebuildableStore::in_memory();
            let history = History::open(&apart, log.reader()).unwrap();
            blocks()
                .take(end)
                .for_each(|block| history.insert(&block).unwrap());
            history.flush().unwrap();
            drop(history);
            let prefix = format!("index/{index}/");
            let written = apart
                .keys
                .scan_prefix(prefix.as_bytes(), None, 1_000)
                .unwrap();
            let copied = written.into_iter().map(|(key, value)| (key, Some(value)));
            store.keys.apply(copied.collect()).unwrap();
        }
        let records = RebuildableStore {
            keys: Arc::new(MemoryStore::new()),
            records: store.records.clone(),
        };
        let history = History::open(&records, log.reader()).unwrap();
        blocks()
            .take(records_end)
            .for_each(|block| history.insert(&block).unwrap());
        history.flush().unwrap();
        drop(history);
        let history = History::open(&store, log.reader()).unwrap();
        let all = subjects_end.min(transactions_end).min(records_end);
        assert_eq!(history.complete_to(), all as u64);
        for block in blocks() {
            history.insert(&block).unwrap();
        }
        let operator = chain.operator();
        assert_eq!(
            history.events(&operator, 0, 1_000),
            chain.history.events(&operator, 0, 1_000)
        );
        for block in blocks() {
            let id = block.results[0].transaction;
            assert_eq!(history.locate(&id), Some((block.height(), 0)));
        }
        // Not only in memory.
        history.flush().unwrap();
        drop(history);
        let history = History::open(&store, log.reader()).unwrap();
        assert_eq!(history.complete_to(), 6);
        for block in blocks() {
            let kept = history.block(block.height()).unwrap();
            assert_eq!(
                (&kept.results, &kept.events),
                (&block.results, &block.events)
            );
        }
    }
}

#[test]
fn a_crash_costs_no_more_than_the_blocks_after_the_last_checkpoint() {
    let chain = chain(9);
    let node = NodeData::of(&chain);
    let recover = |blocks| {
        let options = CheckpointOptions {
            blocks,
            ..CheckpointOptions::default()
        };
        let (mut log, base) = recovery::open_blocks(&node.disk(), NodeData::data(), SALT).unwrap();
        recovery::recover_blocks(
            &chain.genesis,
            &mut log,
            base.as_ref(),
            &node.store,
            options,
        )
        .unwrap()
    };
    let state = recover(4);
    while state.checkpoints.published() != Some(8) {
        std::thread::yield_now();
    }
    // Nothing is flushed on the way out.
    drop(state);
    let checkpoint = CheckpointStore::new(&node.store.keys)
        .load()
        .unwrap()
        .unwrap();
    assert_eq!(checkpoint.height(), 8);
    let state = recover(1_000);
    assert_eq!(state.checkpoints.published(), Some(8), "it is believed");
    assert_eq!(state.ledger.state_root(), chain.ledger.read().state_root());
}

#[test]
fn a_change_of_the_validators_that_is_replayed_is_kept_once() {
    let chain = chain(3);
    let node = NodeData::of(&chain);
    let (log, _) = recovery::open_blocks(&node.disk(), NodeData::data(), SALT).unwrap();
    // The process ends before the indexes are written: the next one inserts the block again.
    for _ in 0..2 {
        let history = History::open(&node.store, log.reader()).unwrap();
        for height in 1..=3 {
            let record = chain.history.block(height).unwrap();
            let next_validators = (height == 2).then(|| chain.validators.clone());
            let record = CommittedRecord {
                hash: record.hash,
                body: record.body.clone(),
                certificate: record.certificate.clone(),
                results: record.results.clone(),
                events: record.events.clone(),
                next_validators,
            };
            history.insert(&Arc::new(record)).unwrap();
        }
        let changes = history.set_changes_before(9);
        let heights: Vec<u64> = changes.iter().map(|change| change.header.height).collect();
        assert_eq!(heights, [2]);
    }
}
