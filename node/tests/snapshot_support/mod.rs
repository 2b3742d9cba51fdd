//! A chain of one validator and the data directories of nodes that have its blocks.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use talea_node::api::ReadHistory;
use talea_node::recovery::{LoadedBase, RecoveryError};
use talea_node::storage::block_log::{BlockLog, BlockLogOptions};
use talea_node::storage::disk::{Disk, MemDisk};
use talea_node::storage::rebuildable::RebuildableStore;
use talea_node::upkeep::{StoppedNode, UpkeepError};
use talea_types::SecretKey;

use crate::api_support::TestChain;

/// Where a node keeps its data.
pub const DATA: &str = "/node/data";
/// Of new logs.
pub const SALT: [u8; 16] = [5; 16];

pub fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed([seed; 32])
}

/// A chain of `heights` blocks, each with a transaction of the operator.
pub fn chain(heights: u64) -> Arc<TestChain> {
    let chain = TestChain::new();
    extend(&chain, heights);
    chain
}

/// More blocks.
pub fn extend(chain: &TestChain, heights: u64) {
    let first = chain.ledger.read().height();
    let begin = chain.genesis.time.millis();
    for height in first + 1..=first + heights {
        chain.enqueue(chain.transaction(height - 1));
        chain.commit_at(begin + height);
    }
}

/// The disk of a node, and its rebuildable store.
#[derive(Clone)]
pub struct NodeData {
    pub memory: MemDisk,
    pub store: RebuildableStore,
    /// Of the block log while blocks are appended.
    pub segment_bytes: u32,
}

impl NodeData {
    /// An empty directory.
    pub fn new() -> Self {
        Self {
            memory: MemDisk::new(),
            store: RebuildableStore::in_memory(),
            segment_bytes: 16_384,
        }
    }

    /// A node that has the blocks of a chain.
    pub fn of(chain: &TestChain) -> Self {
        let node = Self::new();
        node.append(chain, chain.ledger.read().height());
        node
    }

    pub fn disk(&self) -> Arc<dyn Disk> {
        Arc::new(self.memory.clone())
    }

    pub fn data() -> &'static Path {
        Path::new(DATA)
    }

    pub fn snapshots() -> PathBuf {
        Self::data().join("snapshots")
    }

    /// Appends the blocks of the chain up to a height.
    pub fn append(&self, chain: &TestChain, upto: u64) {
        append(&self.disk(), Self::data(), chain, upto, self.segment_bytes);
    }

    pub fn open(&self, chain: &TestChain) -> Result<StoppedNode, UpkeepError> {
        let store = self.store.clone();
        let open = || Ok::<_, RecoveryError>(store);
        StoppedNode::open(&self.disk(), Self::data(), SALT, &chain.genesis, open)
    }

    /// The same with a rebuildable store that lost everything.
    pub fn open_anew(&mut self, chain: &TestChain) -> Result<StoppedNode, UpkeepError> {
        self.store = RebuildableStore::in_memory();
        self.open(chain)
    }
}

/// Appends the blocks of the chain up to a height to a data directory.
pub fn append(disk: &Arc<dyn Disk>, data: &Path, chain: &TestChain, upto: u64, segment_bytes: u32) {
    let mut options = BlockLogOptions {
        segment_bytes,
        ..BlockLogOptions::new(SALT)
    };
    if let Some(base) = LoadedBase::load(disk, data).unwrap() {
        options.first_height = base.height() + 1;
        options.first_segment = base.record().first_segment;
    }
    let (mut log, _) = BlockLog::open(disk, &data.join("blocks"), options).unwrap();
    for height in log.height() + 1..=upto {
        let record = chain.history.block(height).unwrap();
        let hash = record.hash.hash().0;
        log.append_body(height, hash, &record.body.encode())
            .unwrap();
        log.append_commit(height, hash, &record.certificate.encode())
            .unwrap();
    }
    log.sync().unwrap();
}
