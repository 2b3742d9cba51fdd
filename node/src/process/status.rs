//! Puts together how the node is, from the driver, the network, the ledger and the disk.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use talea_consensus::PeerId as NetworkKey;
use talea_types::PublicKey;
use tokio::sync::{mpsc, watch};

use crate::{
    api::{
        AgreementState, EvidenceState, MempoolState, NodeStatus, PeerState, ReadHistory,
        StorageState, TimeoutState,
    },
    config::NodeConfig,
    driver::Request,
    history::History,
    interface::{SharedLedger, Tip},
    kept_evidence::{EvidenceFiles, KeptEvidence},
    network::{NetworkHandle, PeerId, PeerStatus, Priority},
    node::Node,
    register::RegisteredPeer,
    register::{NamedValidators, Register},
    replica::ReplicaStatus,
    storage::{
        disk::free_bytes,
        rebuildable::{KEYS_DIRECTORY_NAME, RECORDS_DIRECTORY_NAME},
    },
    telemetry::Metrics,
};

/// Where the answers come from.
pub(super) struct StatusSources {
    pub(super) metrics: Arc<Metrics>,
    pub(super) network: NetworkHandle,
    requests: mpsc::Sender<Request>,
    tip: watch::Receiver<Tip>,
    history: Arc<History>,
    ledger: SharedLedger,
    register: Arc<Register>,
    evidence: EvidenceFiles,
    data_dir: PathBuf,
    mempool_bytes_max: u64,
    heartbeat_ms: u64,
    started: Instant,
    last_block: Mutex<Instant>,
}

impl StatusSources {
    pub(super) fn new(config: &NodeConfig, node: &Node) -> Self {
        let now = Instant::now();
        Self {
            metrics: Arc::clone(&node.metrics),
            network: node.network.clone(),
            requests: node.requests.clone(),
            tip: node.tip.clone(),
            history: Arc::clone(&node.history),
            ledger: Arc::clone(&node.ledger),
            register: Arc::clone(&node.register),
            evidence: node.evidence.clone(),
            data_dir: config.data_dir.clone(),
            mempool_bytes_max: config.mempool.bytes_max as u64,
            heartbeat_ms: config.consensus.heartbeat_ms,
            started: now,
            last_block: Mutex::new(now),
        }
    }

    /// Where agreement stands; `None` when the driver has ended.
    pub(super) async fn replica(&self) -> Option<ReplicaStatus> {
        Node::status(&self.requests).await
    }

    pub(super) fn height(&self) -> u64 {
        self.tip.borrow().height
    }

    /// Since the newest block was committed here.
    pub(super) fn newest_block_age(&self) -> Duration {
        self.last_block.lock().elapsed()
    }

    /// Bytes free on the disk of the data directory.
    pub(super) fn disk_free(&self) -> u64 {
        free_bytes(&self.data_dir).unwrap_or(0)
    }

    /// Who tells of blocks that are committed from now on.
    pub(super) fn new_blocks(&self) -> watch::Receiver<Tip> {
        let mut tip = self.tip.clone();
        tip.mark_unchanged();
        tip
    }

    /// Notes for so long when blocks come. The receiver is kept between calls: a new one would take the
    /// block that is there for one that just came.
    pub(super) async fn note_blocks(&self, tip: &mut watch::Receiver<Tip>, time: Duration) {
        let noting = async {
            while tip.changed().await.is_ok() {
                *self.last_block.lock() = Instant::now();
            }
            // The node ends.
            std::future::pending::<()>().await;
        };
        // It ends by the time.
        let _ = tokio::time::timeout(time, noting).await;
    }

    /// Everything.
    pub(super) async fn status(self: Arc<Self>) -> NodeStatus {
        let replica = self.replica().await;
        let tip = *self.tip.borrow();
        let mut status = NodeStatus {
            uptime_ms: millis(self.started.elapsed()),
            height: tip.height,
            last_block_age_ms: millis(self.newest_block_age()),
            ledger_time_ms: tip.time.millis(),
            peers: self.peers(replica.as_ref()),
            timeouts: TimeoutState {
                heartbeat_ms: self.heartbeat_ms,
                ..Default::default()
            },
            ..NodeStatus::default()
        };
        status.evidence = self.evidence.all().into_iter().map(shown).collect();
        if let Some(replica) = replica {
            status.round = replica.engine.round;
            status.syncing_target =
                Some(replica.best_peer_height).filter(|best| *best > tip.height.saturating_add(1));
            status.mempool = MempoolState {
                transactions: replica.mempool.0 as u64,
                bytes: replica.mempool.1 as u64,
                batches: replica.batches as u64,
                bytes_max: self.mempool_bytes_max,
            };
            let [propose_ms, prevote_ms, precommit_ms] = replica.engine.waits_ms;
            status.timeouts = TimeoutState {
                propose_ms,
                prevote_ms,
                precommit_ms,
                heartbeat_ms: self.heartbeat_ms,
            };
            status.not_voting.clone_from(&replica.not_voting);
            status.agreement = Some(self.agreement(replica));
        }
        let data = self.data_dir.clone();
        let first_height = self.history.first_height();
        let storage = tokio::task::spawn_blocking(move || storage(&data, first_height)).await;
        status.storage = storage.unwrap_or_default();
        status
    }

    pub(super) fn peers(&self, replica: Option<&ReplicaStatus>) -> Vec<PeerState> {
        let connected: BTreeMap<PeerId, PeerStatus> = self
            .network
            .connected()
            .into_iter()
            .map(|peer| (peer.peer_id, peer))
            .collect();
        let ledger = self.ledger.read();
        let validators: BTreeMap<_, _> = ledger
            .validators()
            .iter()
            .map(|(id, one)| (one.network_key, *id))
            .collect();
        let claimed = |key: &PublicKey| {
            let heights = replica.map(|replica| &replica.peer_heights);
            let height = heights.and_then(|heights| heights.get(&NetworkKey(*key)));
            height.copied().unwrap_or_default()
        };
        let state = |RegisteredPeer { key, config }: &RegisteredPeer| {
            let link = connected.get(&config.peer_id);
            PeerState {
                name: config.name.clone(),
                peer_id: config.peer_id.to_string(),
                validator: validators.get(key).copied(),
                connected: link.is_some(),
                height: claimed(key),
                round_trip_ms: link.and_then(|link| link.round_trip).map_or(0, |time| {
                    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
                }),
                queue_bytes: link.map_or(0, queued_bytes),
                dropped: link.map_or(0, dropped),
                last_heard_ms: link.and_then(|link| link.heard_ago).map(millis),
            }
        };
        let registered = self.register.peers(&NamedValidators::of(&ledger));
        registered.iter().map(state).collect()
    }

    fn agreement(&self, replica: ReplicaStatus) -> AgreementState {
        let ledger = self.ledger.read();
        let validators = ledger.validators().iter();
        AgreementState {
            validators: validators
                .map(|(id, one)| (*id, one.name.clone(), one.power))
                .collect(),
            own: replica.identity,
            missing_batches: replica.missing_batches,
            engine: replica.engine,
        }
    }
}

fn queued_bytes(link: &PeerStatus) -> u64 {
    Priority::ALL
        .iter()
        .map(|priority| *link.queued_bytes.get(*priority) as u64)
        .sum()
}

fn dropped(link: &PeerStatus) -> u64 {
    Priority::ALL
        .iter()
        .map(|priority| *link.dropped.get(*priority))
        .sum()
}

fn shown(evidence: KeptEvidence) -> EvidenceState {
    EvidenceState {
        validator: evidence.validator,
        height: evidence.height,
        description: evidence.description,
    }
}

fn storage(data: &Path, first_height: u64) -> StorageState {
    StorageState {
        block_log_bytes: directory_bytes(&data.join("blocks")),
        consensus_log_bytes: directory_bytes(&data.join("consensus")),
        index_bytes: directory_bytes(&data.join(KEYS_DIRECTORY_NAME))
            + directory_bytes(&data.join(RECORDS_DIRECTORY_NAME)),
        free_bytes: free_bytes(data).unwrap_or(0),
        first_height,
        ..StorageState::default()
    }
}

/// Bytes of the files in a directory; what cannot be read counts nothing.
fn directory_bytes(directory: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return 0;
    };
    let size = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => directory_bytes(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    };
    entries.flatten().map(size).fold(0, u64::saturating_add)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
