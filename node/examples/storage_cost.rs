//! What keeping things costs on this machine: `cargo run --release --example storage_cost [DIRECTORY]`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use talea_node::storage::block_log::{BlockLog, BlockLogOptions};
use talea_node::storage::checkpoint::{
    CheckpointOptions, CheckpointWriter, StateChange, StateDelta,
};
use talea_node::storage::consensus_log::ConsensusLog;
use talea_node::storage::disk::{Disk, StdDisk};
use talea_node::storage::index::{IndexOptions, TransactionIndex};
use talea_node::storage::kv::{KeyValue, open_or_quarantine};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let base = std::env::args_os()
        .nth(1)
        .map_or_else(std::env::temp_dir, PathBuf::from);
    let directory = tempfile::tempdir_in(base)?;
    let at = directory.path();
    let disk: Arc<dyn Disk> = Arc::new(StdDisk);

    let (mut votes, _) = ConsensusLog::open(&disk, &at.join("consensus"), [1; 16])?;
    let vote = [7; 4096];
    let times = timed(500, |height| {
        votes.start_height(height)?;
        votes.append(height, &vote)?;
        Ok(votes.sync()?)
    })?;
    report("consensus log: 4 KiB, synced", &times);

    let options = BlockLogOptions::new([1; 16]);
    let (mut blocks, _) = BlockLog::open(&disk, &at.join("blocks"), options)?;
    let body: Vec<u8> = (0..1_500_000_u32)
        .map(|at| ((at * 31) >> 3) as u8)
        .collect();
    let times = timed(200, |height| {
        blocks.append_body(height, [height as u8; 32], &body)?;
        blocks.sync()?;
        blocks.append_commit(height, [height as u8; 32], &vote[..600])?;
        Ok(blocks.sync()?)
    })?;
    report(
        "block log: 1.5 MB body, synced, then its decision, synced",
        &times,
    );
    let times = timed(200, |height| Ok(blocks.block(height).map(|_| ())?))?;
    report("block log: 1.5 MB block read and verified", &times);
    drop(blocks);
    let start = Instant::now();
    let (_, opened) = BlockLog::open(&disk, &at.join("blocks"), options)?;
    println!(
        "block log: opening {} segments took {:?}",
        opened.segments,
        start.elapsed()
    );

    let (store, _) = open_or_quarantine(&at.join("sled"))?;
    let store: Arc<dyn KeyValue> = Arc::new(store);
    let index = TransactionIndex::open(&store, IndexOptions::default())?;
    let times = timed(200, |height| {
        let ids: Vec<_> = (0..5000).map(|number| id(height * 5000 + number)).collect();
        Ok(index.insert_block(height, &ids)?)
    })?;
    report("transaction index: 5,000 ids inserted", &times);
    index.flush()?;
    let times = timed(2000, |number| {
        Ok(index.get(&id(number * 499)).map(|_| ())?)
    })?;
    report("transaction index: one id of a million found", &times);

    let writer = CheckpointWriter::start(&store, CheckpointOptions::default())?;
    let start = Instant::now();
    writer.submit(delta(0, 0..200_000))?;
    writer.publish_now()?;
    println!(
        "checkpoint: 200,000 objects of 100 bytes written in {:?}",
        start.elapsed()
    );
    let start = Instant::now();
    writer.submit(delta(1, 0..10_000))?;
    writer.publish_now()?;
    println!(
        "checkpoint: 10,000 of them rewritten in {:?}",
        start.elapsed()
    );
    println!("sled: {} MiB on disk", store.size_bytes()? >> 20);
    Ok(())
}

fn id(number: u64) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&blake3::hash(&number.to_be_bytes()).as_bytes()[..16]);
    id
}

fn delta(height: u64, objects: std::ops::Range<u64>) -> StateDelta {
    let change = |number: u64| StateChange {
        path: *blake3::hash(&number.to_be_bytes()).as_bytes(),
        key: number.to_be_bytes().to_vec(),
        value: Some(vec![height as u8; 100]),
    };
    StateDelta {
        height,
        root: [0; 32],
        changes: objects.map(change).collect(),
    }
}

fn timed(
    count: u64,
    mut work: impl FnMut(u64) -> Result<(), Failure>,
) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::new();
    for number in 1..=count {
        let start = Instant::now();
        work(number)?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times)
}

fn report(what: &str, times: &[Duration]) {
    let at = |part: usize| times[(times.len() - 1) * part / 100];
    println!("{what}: median {:?}, p99 {:?}", at(50), at(99));
}
