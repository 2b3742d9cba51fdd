//! What all calls share.

use std::sync::Arc;

use talea_proto::ApiError;
use talea_types::{Subject, TransactionId, event::Event};
use tokio::sync::{Semaphore, broadcast::error::RecvError};
use tokio_util::sync::CancellationToken;

use super::{
    NodeContext, ReadHistory,
    pending::Pending,
    reader::VerifiedTokens,
    refusals::{stopping, too_many},
    refused_log::RefusedLog,
    resolution::Resolution,
    shares::Shared,
};
use crate::{
    config::GrpcConfig,
    interface::{CommittedRecord, Tip},
    limits::api::{READS_MAX, SUBMIT_STREAMS_MAX},
};

/// See the module.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) context: NodeContext,
    pub(super) config: GrpcConfig,
    pub(super) pending: Pending,
    pub(super) watchers: Arc<Shared>,
    pub(super) stop: CancellationToken,
    pub(super) submit_streams: Arc<Shared>,
    pub(super) refused: Arc<RefusedLog>,
    pub(super) tokens: VerifiedTokens,
    reads: Arc<Semaphore>,
}

impl Service {
    pub(super) fn new(
        context: NodeContext,
        config: GrpcConfig,
        refused: Arc<RefusedLog>,
        stop: CancellationToken,
    ) -> Self {
        let height = context.tip.borrow().height;
        let watchers = Shared::new(config.watchers_max);
        let pending = Pending::starting_at(height);
        let reads = Arc::new(Semaphore::new(READS_MAX));
        let submit_streams = Shared::new(SUBMIT_STREAMS_MAX);
        Self {
            context,
            config,
            pending,
            watchers,
            stop,
            submit_streams,
            refused,
            tokens: VerifiedTokens::default(),
            reads,
        }
    }

    /// Where the chain stands.
    pub(super) fn tip(&self) -> Tip {
        *self.context.tip.borrow()
    }

    /// Waits, a bounded time, until the history has a block: the state can be a few blocks ahead.
    pub(super) async fn reach(&self, height: u64) -> Result<(), ApiError> {
        let mut tip = self.context.tip.clone();
        let reached = tip.wait_for(|tip| tip.height >= height);
        match tokio::time::timeout(std::time::Duration::from_secs(5), reached).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(stopping()),
            Err(_) => Err(too_many(
                "this node is slow to write its history; try again shortly",
            )),
        }
    }

    /// Reads the history on a thread that may wait for the disk.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&dyn ReadHistory) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let permit = Arc::clone(&self.reads)
            .acquire_owned()
            .await
            .map_err(|_| stopping())?;
        let history = Arc::clone(&self.context.history);
        let reading = tokio::task::spawn_blocking(move || {
            let before = history.failures();
            let answer = read(&*history);
            drop(permit);
            // Nothing is better than an answer that lacks something.
            if history.failures() == before {
                Ok(answer)
            } else {
                Err(ApiError::internal(
                    "this node's history is damaged, its log says where; ask another node",
                ))
            }
        });
        reading
            .await
            .map_err(|_| ApiError::internal("a read failed; the node's log says why"))?
    }

    /// A block that is kept.
    pub(super) async fn block(&self, height: u64) -> Result<Arc<CommittedRecord>, ApiError> {
        let tip = self.tip().height;
        if height == 0 || height > tip {
            return Err(ApiError::not_found(format!(
                "there is no block {height} yet; the newest is {tip}"
            )));
        }
        let found = self
            .read(move |history| (history.block(height), history.first_height()))
            .await?;
        match found {
            (Some(record), _) => Ok(record),
            (None, first) if height < first => Err(not_kept(height, first)),
            (None, _) => Err(ApiError::internal(format!(
                "block {height} cannot be read; the node's log says why"
            ))),
        }
    }

    /// Events of a subject from a sequence on, as many as there are and at most `limit`; with the height of the
    /// state, and how many events it says the subject has.
    pub(super) async fn kept_events(
        &self,
        subject: Subject,
        from: u64,
        limit: usize,
    ) -> Result<(Vec<Event>, u64, u64), ApiError> {
        let (height, length) = self.history_length(&subject);
        self.reach(height).await?;
        let (mut events, first) = self
            .read(move |history| {
                (
                    history.events(&subject, from, limit),
                    history.first_height(),
                )
            })
            .await?;
        if from < length && events.first().is_none_or(|event| event.sequence != from) {
            return Err(match first {
                0 | 1 => ApiError::internal("events cannot be read; the node's log says why"),
                first => ApiError::pruned(format!(
                    "event {from} of {subject} is in a block below {first}, and this node has blocks from there on; \
                     ask a node that keeps all blocks"
                )),
            });
        }
        // The history may have gone on.
        events.retain(|event| event.sequence < length);
        Ok((events, height, length))
    }

    /// How a transaction ended, if it is final.
    pub(super) async fn locate(&self, id: TransactionId) -> Result<Option<Resolution>, ApiError> {
        self.read(move |history| {
            let (height, index) = history.locate(&id)?;
            let record = history.block(height)?;
            let result = record.results.get(usize::try_from(index).ok()?)?;
            Some(Resolution::of_result(result.outcome, height, index))
        })
        .await
    }

    /// Looks at every block for those who wait, until the node stops.
    pub(super) async fn follow(self: Arc<Self>) {
        let mut commits = self.context.commits.subscribe();
        loop {
            // What came before the subscription, or was missed by a slow receiver.
            if self.catch_up().await.is_err() {
                return;
            }
            loop {
                let received = tokio::select! {
                    received = commits.recv() => received,
                    () = self.stop.cancelled() => return,
                };
                match received {
                    Ok(record) if record.height() == self.pending.height() + 1 => {
                        self.pending.on_block(&record);
                    }
                    Ok(_) | Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => return,
                }
            }
        }
    }

    async fn catch_up(&self) -> Result<(), ApiError> {
        while self.pending.height() < self.tip().height {
            let record = self.block(self.pending.height() + 1).await?;
            self.pending.on_block(&record);
        }
        Ok(())
    }
}

/// A block that was there.
pub(super) fn not_kept(height: u64, first: u64) -> ApiError {
    ApiError::pruned(format!(
        "block {height} is not kept by this node, which has blocks from {first} on; ask a node that keeps all \
         blocks"
    ))
}
