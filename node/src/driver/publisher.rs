//! Hands committed blocks to everybody who reads them, on a thread of its own, so that the driver waits
//! for no store.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Sender, bounded};
use talea_consensus::Evidence;
use talea_ledger::Delta;
use tokio::sync::{broadcast, watch};

use crate::api::ReadHistory;
use crate::history::{History, HistoryError};
use crate::interface::{CommittedRecord, Tip};
use crate::kept_evidence::EvidenceFiles;
use crate::limits::replica::HISTORY_QUEUE_BLOCKS;
use crate::storage::checkpoint::{CheckpointError, CheckpointWriter, StateChange, StateDelta};
use crate::telemetry::{FaultKind, Metrics};

/// Where committed blocks go.
pub struct Readers {
    /// Blocks, results, indexes.
    pub history: Arc<History>,
    /// The state in pages.
    pub checkpoints: CheckpointWriter,
    /// Where the chain stands.
    pub tip: watch::Sender<Tip>,
    /// Live subscribers.
    pub commits: broadcast::Sender<Arc<CommittedRecord>>,
}

/// The driver's end.
pub struct Publisher {
    queue: Option<Sender<(Arc<CommittedRecord>, Delta)>>,
    thread: Option<thread::JoinHandle<()>>,
    evidence: EvidenceFiles,
    metrics: Arc<Metrics>,
}

/// Why publishing failed: the rebuildable store is damaged.
#[derive(Debug, thiserror::Error)]
enum PublishError {
    #[error(transparent)]
    History(#[from] HistoryError),
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl Publisher {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start(
        readers: Readers,
        evidence: EvidenceFiles,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<Self> {
        let (queue, blocks) = bounded::<(Arc<CommittedRecord>, Delta)>(HISTORY_QUEUE_BLOCKS);
        let counted = Arc::clone(&metrics);
        let thread = thread::Builder::new().name("publisher".to_owned()).spawn(move || {
            for (record, delta) in blocks {
                if let Err(error) = readers.publish(&record, delta) {
                    // Everything in this store can be made again from the block log: the next start
                    // does so. Going on would answer readers from a store that lacks a block.
                    tracing::error!(%error, "the store of readers failed; the node stops and rebuilds it when started");
                    std::process::exit(crate::EXIT_STORAGE);
                }
                counted.on_block(&record);
            }
            if let Err(error) = readers.finish() {
                tracing::warn!(%error, "the store of readers was not flushed; the next start makes up for it");
            }
        })?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
            evidence,
            metrics,
        })
    }

    pub(super) fn publish(&self, record: Arc<CommittedRecord>, delta: Delta) {
        if let Some(queue) = &self.queue {
            // The thread ends only with the process or this publisher.
            let _ = queue.send((record, delta));
        }
    }

    pub(super) fn on_peer_fault(&self, peer: &str, kind: FaultKind) {
        self.metrics.on_peer_fault(peer, kind);
    }

    /// Keeps it before anybody is shown it.
    pub(super) fn on_evidence(&self, evidence: &Evidence) {
        if let Err(error) = self.evidence.keep(evidence) {
            tracing::error!(%error, "evidence cannot be written; the node stops");
            std::process::exit(crate::EXIT_STORAGE);
        }
        self.metrics.evidence.inc();
    }

    pub(super) fn on_consensus_log_sync(&self, took: Duration) {
        self.metrics
            .consensus_log_sync_seconds
            .observe(took.as_secs_f64());
    }

    pub(super) fn on_block_log_sync(&self, took: Duration) {
        self.metrics
            .block_log_sync_seconds
            .observe(took.as_secs_f64());
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // Its errors end the process.
            let _ = thread.join();
        }
    }
}

impl Readers {
    fn publish(&self, record: &Arc<CommittedRecord>, delta: Delta) -> Result<(), PublishError> {
        self.history.insert(record)?;
        self.checkpoints.submit(state_delta(record, delta))?;
        let header = &record.body.content.header;
        self.tip.send_replace(Tip {
            height: header.height,
            hash: record.hash,
            time: header.time,
        });
        // Nobody may be listening.
        let _ = self.commits.send(Arc::clone(record));
        Ok(())
    }

    fn finish(&self) -> Result<(), PublishError> {
        self.history.flush()?;
        self.checkpoints.publish_now()?;
        tracing::info!(
            first = self.history.first_height(),
            "the store of readers is flushed"
        );
        Ok(())
    }
}

/// A block's changes as the checkpoints take them.
#[must_use]
pub fn state_delta(record: &CommittedRecord, delta: Delta) -> StateDelta {
    let header = &record.body.content.header;
    let changes = delta.entries.into_iter().map(|change| StateChange {
        path: change.path.0,
        key: change.key.to_bytes(),
        value: change.value.map(|value| value.to_vec()),
    });
    StateDelta {
        height: header.height,
        root: header.state_root.0,
        changes: changes.collect(),
    }
}
