//! Work that waits for a verifier thread: peers' batches first, then clients' transactions.

use std::{
    collections::VecDeque,
    fmt,
    time::{Duration, Instant},
};

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use talea_types::{Batch, DecodeError, TransactionId, VerifiedTransaction};

use super::Verdict;
use crate::budget::Permit;

/// Why a peer's batch is refused. The peer is at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchRefusal {
    /// A transaction is not in its canonical form.
    #[error("transaction {index} of the batch: {error}")]
    Decode {
        /// Its position.
        index: usize,
        /// What was wrong.
        error: DecodeError,
    },
    /// A signature does not verify.
    #[error("transaction {index} of the batch, {id}: a signature does not verify")]
    Signature {
        /// Its position.
        index: usize,
        /// Its id.
        id: TransactionId,
    },
}

/// What became of a batch: all its transactions, verified and in order, or why it is refused.
pub type BatchVerdict = Result<Vec<VerifiedTransaction>, BatchRefusal>;

/// Takes the verdict on a batch, on a verifier thread.
pub type BatchReply = Box<dyn FnOnce(Batch, BatchVerdict) + Send>;

/// A peer's batch to verify.
pub(super) struct BatchJob {
    pub(super) batch: Batch,
    pub(super) reply: BatchReply,
    /// Given back when the job is done.
    pub(super) permit: Permit,
}

/// A client's transactions to admit.
pub(super) struct ClientJob {
    pub(super) transactions: Vec<Bytes>,
    pub(super) reply: tokio::sync::oneshot::Sender<Vec<Verdict>>,
    /// Given back when the client has its answer.
    pub(super) permit: Permit,
}

/// What a thread does next.
pub(super) enum Work {
    Batch(BatchJob),
    Clients(Vec<ClientJob>),
}

#[derive(Default)]
struct Waiting {
    batches: VecDeque<BatchJob>,
    clients: VecDeque<ClientJob>,
    /// Transactions in `clients`.
    transactions: usize,
    /// When the oldest of `clients` came.
    since: Option<Instant>,
    stopping: bool,
}

/// The queue. Its bytes are bounded by the permits in its jobs.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    gather: usize,
    gather_delay: Duration,
}

impl fmt::Debug for Queue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.waiting.lock();
        let (batches, transactions) = (waiting.batches.len(), waiting.transactions);
        write!(
            formatter,
            "Queue({batches} batches, {transactions} transactions)"
        )
    }
}

impl Queue {
    /// Clients' transactions wait until `gather` have come or the oldest has waited `gather_delay`.
    pub(super) fn new(gather: usize, gather_delay: Duration) -> Self {
        Self {
            waiting: Mutex::default(),
            changed: Condvar::new(),
            gather,
            gather_delay,
        }
    }

    /// Whether the job was taken; it is not when the node is stopping.
    pub(super) fn push_batch(&self, job: BatchJob) -> bool {
        let mut waiting = self.waiting.lock();
        if waiting.stopping {
            return false;
        }
        waiting.batches.push_back(job);
        self.changed.notify_one();
        true
    }

    /// Takes the job in. When the node is stopping it is dropped, and with it the client's reply.
    pub(super) fn push_client(&self, job: ClientJob) {
        let mut waiting = self.waiting.lock();
        if waiting.stopping {
            return;
        }
        let first = waiting.clients.is_empty();
        waiting.transactions = waiting.transactions.saturating_add(job.transactions.len());
        waiting.clients.push_back(job);
        if first {
            waiting.since = Some(Instant::now());
        }
        if first || waiting.transactions >= self.gather {
            self.changed.notify_one();
        }
    }

    /// Drops what waits and ends every thread.
    pub(super) fn stop(&self) {
        let mut waiting = self.waiting.lock();
        *waiting = Waiting {
            stopping: true,
            ..Waiting::default()
        };
        self.changed.notify_all();
    }

    /// Waits for work. `None` when the node is stopping.
    pub(super) fn next(&self) -> Option<Work> {
        let mut waiting = self.waiting.lock();
        loop {
            if waiting.stopping {
                return None;
            }
            if let Some(job) = waiting.batches.pop_front() {
                return Some(Work::Batch(job));
            }
            let Some(since) = waiting.since else {
                self.changed.wait(&mut waiting);
                continue;
            };
            let due = since + self.gather_delay;
            if waiting.transactions >= self.gather || Instant::now() >= due {
                return Some(Work::Clients(self.take_clients(&mut waiting)));
            }
            self.changed.wait_until(&mut waiting, due);
        }
    }

    fn take_clients(&self, waiting: &mut Waiting) -> Vec<ClientJob> {
        let mut jobs = Vec::new();
        let mut taken = 0_usize;
        while taken < self.gather
            && let Some(job) = waiting.clients.pop_front()
        {
            taken = taken.saturating_add(job.transactions.len());
            jobs.push(job);
        }
        waiting.transactions = waiting.transactions.saturating_sub(taken);
        if waiting.clients.is_empty() {
            waiting.since = None;
        } else {
            // What is left is taken at once by whoever is free next.
            self.changed.notify_one();
        }
        jobs
    }
}
