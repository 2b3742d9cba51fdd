//! A node that makes snapshots and drops blocks while it runs.

mod api_support;
mod snapshot_support;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use api_support::TestChain;
use snapshot_support::{NodeData, SALT, chain, extend};
use talea_node::api::ReadHistory;
use talea_node::driver::Request;
use talea_node::history::History;
use talea_node::recovery;
use talea_node::snapshot::{SnapshotName, list};
use talea_node::storage::block_log::{BlockLog, BlockReader};
use talea_node::storage::checkpoint::{
    CheckpointOptions, CheckpointWriter, StateChange, StateDelta,
};
use talea_node::storage::disk::{Disk as _, MemDisk};
use talea_node::upkeep::{Retention, Upkeep, UpkeepParts};
use tokio::sync::mpsc::{Sender, channel};

/// Blocks between two snapshots.
const EVERY: u64 = 10;
/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A node without driver, network and clients.
struct Running {
    chain: Arc<TestChain>,
    node: NodeData,
    blocks: BlockReader,
    history: Arc<History>,
    checkpoints: CheckpointWriter,
    requests: Sender<Request>,
    parts: UpkeepParts,
    driver: std::thread::JoinHandle<()>,
    upkeep: Upkeep,
}

impl Running {
    /// With the blocks of a chain and a checkpoint of the last one.
    fn start(chain: &Arc<TestChain>, retention: Retention) -> Self {
        let node = NodeData::of(chain);
        let disk = node.disk();
        let (mut log, base) = recovery::open_blocks(&disk, NodeData::data(), SALT).unwrap();
        let options = CheckpointOptions::default();
        let (genesis, store) = (&chain.genesis, &node.store);
        let state =
            recovery::recover_blocks(genesis, &mut log, base.as_ref(), store, options).unwrap();
        let blocks = log.reader();
        let (requests, mut received) = channel(4);
        // The driver, as far as upkeep knows it.
        let driver = std::thread::spawn(move || {
            while let Some(request) = received.blocking_recv() {
                match request {
                    Request::BlockLog(work) => work(&mut log).unwrap(),
                    Request::Stop => return,
                    Request::Status(_) => unreachable!("nobody asks"),
                }
            }
        });
        let parts = UpkeepParts {
            disk,
            data: NodeData::data().to_owned(),
            chain: chain.chain,
            genesis_set: chain.validators.clone(),
            blocks: blocks.clone(),
            history: Arc::clone(&state.history),
            snapshot_blocks: EVERY,
            retention: Some(retention),
            requests: requests.clone(),
        };
        let upkeep = Upkeep::start(parts.clone()).unwrap();
        state.checkpoints.observe(upkeep.observer(parts.clone()));
        state.checkpoints.publish_now().unwrap();
        Self {
            chain: Arc::clone(chain),
            node,
            blocks,
            history: state.history,
            checkpoints: state.checkpoints,
            requests,
            parts,
            driver,
            upkeep,
        }
    }

    /// Goes on to a height, with a checkpoint wherever a snapshot is due.
    fn go_on_to(&self, height: u64) {
        while self.blocks.heights().end <= height {
            let next = self.blocks.heights().end;
            extend(&self.chain, 1);
            let record = self.chain.history.block(next).unwrap();
            let appended = Arc::clone(&record);
            self.ask_driver(move |log| {
                let hash = appended.hash.hash().0;
                log.append_body(next, hash, &appended.body.encode())?;
                log.append_commit(next, hash, &appended.certificate.encode())?;
                log.sync()
            });
            self.until("a block is in the log", || {
                self.blocks.heights().contains(&next)
            });
            self.history.insert(&record).unwrap();
            self.checkpoints.submit(self.everything(next)).unwrap();
            if next.is_multiple_of(EVERY) {
                self.checkpoints.publish_now().unwrap();
            }
        }
    }

    /// The state after the last block, as if the block had changed all of it.
    fn everything(&self, height: u64) -> StateDelta {
        let ledger = self.chain.ledger.read();
        let changes = ledger.objects().map(|(key, value)| StateChange {
            path: key.path().0,
            key: key.to_bytes(),
            value: Some(value),
        });
        StateDelta {
            height,
            root: ledger.state_root().0,
            changes: changes.collect(),
        }
    }

    fn ask_driver(
        &self,
        work: impl FnOnce(&mut BlockLog) -> Result<(), talea_node::storage::block_log::BlockLogError>
        + Send
        + 'static,
    ) {
        let request = Request::BlockLog(Box::new(work));
        self.requests.blocking_send(request).ok().unwrap();
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(
                begun.elapsed() < PATIENCE,
                "{what}: blocks {:?}, snapshots {:?}",
                self.blocks.heights(),
                self.snapshots()
            );
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn names(&self) -> Vec<SnapshotName> {
        list(&self.node.memory, &NodeData::snapshots()).unwrap()
    }

    fn snapshots(&self) -> Vec<u64> {
        self.names().iter().map(|name| name.height).collect()
    }

    /// Ends it and asserts that its directory is whole, and begins where its blocks did.
    fn stop(self) {
        self.requests.blocking_send(Request::Stop).ok().unwrap();
        self.driver.join().unwrap();
        let first = self.blocks.heights().start;
        let history = Arc::downgrade(&self.history);
        drop((self.checkpoints, self.history, self.parts, self.upkeep));
        // The thread of upkeep ends by itself, and only then is the record log free.
        let begun = Instant::now();
        while history.strong_count() > 0 {
            assert!(begun.elapsed() < PATIENCE, "upkeep goes on");
            std::thread::sleep(Duration::from_millis(1));
        }
        let (disk, data) = (self.node.disk(), NodeData::data());
        let (mut log, loaded) = recovery::open_blocks(&disk, data, SALT).unwrap();
        let state = recovery::recover_blocks(
            &self.chain.genesis,
            &mut log,
            loaded.as_ref(),
            &self.node.store,
            CheckpointOptions::default(),
        )
        .unwrap();
        let root = self.chain.ledger.read().state_root();
        assert_eq!(state.ledger.state_root(), root);
        assert_eq!(state.history.first_height(), first);
    }
}

#[test]
fn a_running_node_makes_snapshots_and_drops_blocks_without_stopping() {
    let keep = Retention {
        blocks: 20,
        days: 0,
    };
    let chain = chain(60);
    let running = Running::start(&chain, keep);
    assert_eq!(running.snapshots(), [60]);
    assert_eq!(
        running.blocks.heights().start,
        1,
        "all blocks are to be kept"
    );
    running.go_on_to(79);
    assert_eq!(running.blocks.heights().start, 1);
    running.go_on_to(80);
    running.until("60 is the base", || running.blocks.heights().start == 61);
    assert_eq!(running.blocks.heights(), 61..81);
    running.until("readers are told", || running.history.first_height() == 61);
    assert!(running.history.block(60).is_none());
    running.stop();
}

/// The newest three snapshots are never old enough.
#[test]
fn blocks_go_however_long_they_are_kept() {
    let keep = Retention {
        blocks: 45,
        days: 0,
    };
    let running = Running::start(&chain(EVERY), keep);
    running.go_on_to(200);
    running.until("no more than two retentions are kept", || {
        running.blocks.heights().start > 200 - 2 * keep.blocks - 2 * EVERY
    });
    let first = running.blocks.heights().start;
    assert!(first <= 200 - keep.blocks + 1, "{first}");
    running.until("snapshots that nobody needs go", || {
        running.snapshots().len() <= 5
    });
    running.stop();
}

/// A snapshot that rots while it waits to be the base does not keep all blocks for ever.
#[test]
fn the_next_snapshot_takes_the_place_of_a_damaged_one() {
    let keep = Retention {
        blocks: 45,
        days: 0,
    };
    let running = Running::start(&chain(EVERY), keep);
    running.go_on_to(40);
    let path = path_of(running.names()[0]);
    let bits = running.node.memory.content(&path).unwrap().len() as u64 * 8;
    assert!(running.node.memory.flip_bit(&path, bits - 300));
    running.go_on_to(60);
    running.until("it is removed", || !running.snapshots().contains(&EVERY));
    assert_eq!(running.blocks.heights().start, 1);
    running.go_on_to(120);
    running.until("another one is the base", || {
        running.blocks.heights().start > 1
    });
    running.stop();
}

/// The two threads of upkeep share a directory: what one is writing, the other leaves alone.
#[test]
fn dropping_blocks_does_not_touch_a_snapshot_that_is_being_written() {
    let keep = Retention {
        blocks: 20,
        days: 0,
    };
    let running = Running::start(&chain(60), keep);
    let unfinished = path_of(running.names()[0]).with_extension("snapshot.unfinished");
    put(&running.node.memory, &unfinished);
    running.go_on_to(90);
    running.until("the base and surplus have changed", || {
        running.blocks.heights().start == 71 && !running.snapshots().contains(&60)
    });
    assert!(running.node.memory.content(&unfinished).is_some());
    // What is there at a start nobody is writing.
    let _again = Upkeep::start(running.parts.clone()).unwrap();
    assert!(running.node.memory.content(&unfinished).is_none());
}

fn path_of(name: SnapshotName) -> PathBuf {
    NodeData::snapshots().join(name.to_string())
}

fn put(disk: &MemDisk, path: &std::path::Path) {
    let file = disk.create(path).unwrap();
    file.write_at(0, b"half a snapshot").unwrap();
    file.sync().unwrap();
}
