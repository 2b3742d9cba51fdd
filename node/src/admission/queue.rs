//! Work that waits for a verifier thread: peers' batches first, then clients' transactions. Those of connections
//! on which something did not verify wait in a lane of their own and get every other turn at most.

use std::{
    collections::VecDeque,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use talea_types::{Batch, DecodeError, TransactionId, VerifiedTransaction};

use super::{Standing, Verdict};
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
    /// Of the connection that they came on.
    pub(super) standing: Arc<Standing>,
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
    /// Of connections on which everything verified.
    clean: Lane,
    /// Of the others. They are worked on apart: one bad signature costs all that are verified with it.
    suspect: Lane,
    /// Whether it is the turn of `suspect` where both are due.
    suspects_turn: bool,
    stopping: bool,
}

/// Clients' jobs that may be verified together.
#[derive(Default)]
struct Lane {
    jobs: VecDeque<ClientJob>,
    transactions: usize,
    /// When the oldest came.
    since: Option<Instant>,
}

impl Lane {
    /// Adds a job; whether a thread must hear of it.
    fn push(&mut self, job: ClientJob, gather: usize) -> bool {
        let first = self.jobs.is_empty();
        self.transactions = self.transactions.saturating_add(job.transactions.len());
        self.jobs.push_back(job);
        if first {
            self.since = Some(Instant::now());
        }
        first || self.transactions >= gather
    }

    /// When it is to be worked on.
    fn due(&self, gather: usize, delay: Duration) -> Option<Instant> {
        let since = self.since?;
        Some(if self.transactions >= gather {
            since
        } else {
            since + delay
        })
    }

    /// What one thread works on at once.
    fn take(&mut self, gather: usize) -> Vec<ClientJob> {
        let mut jobs = Vec::new();
        let mut taken = 0_usize;
        while taken < gather
            && let Some(job) = self.jobs.pop_front()
        {
            taken = taken.saturating_add(job.transactions.len());
            jobs.push(job);
        }
        self.transactions = self.transactions.saturating_sub(taken);
        if self.jobs.is_empty() {
            self.since = None;
        }
        jobs
    }
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
        let batches = waiting.batches.len();
        let transactions = waiting.clean.transactions + waiting.suspect.transactions;
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
        let lane = if job.standing.is_clean() {
            &mut waiting.clean
        } else {
            &mut waiting.suspect
        };
        if lane.push(job, self.gather) {
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
                // This thread may have been the one that waited for a lane to be due.
                self.pass_on(&waiting);
                return Some(Work::Batch(job));
            }
            let (gather, delay) = (self.gather, self.gather_delay);
            let clean = waiting.clean.due(gather, delay);
            let suspect = waiting.suspect.due(gather, delay);
            let Some(due) = [clean, suspect].into_iter().flatten().min() else {
                self.changed.wait(&mut waiting);
                continue;
            };
            let now = Instant::now();
            let is_due = |due: Option<Instant>| due.is_some_and(|due| due <= now);
            match (is_due(clean), is_due(suspect)) {
                (false, false) => {
                    self.changed.wait_until(&mut waiting, due);
                }
                (true, other) if !(other && waiting.suspects_turn) => {
                    waiting.suspects_turn = true;
                    return Some(self.take_clients(&mut waiting, |waiting| &mut waiting.clean));
                }
                _ => {
                    waiting.suspects_turn = false;
                    return Some(self.take_clients(&mut waiting, |waiting| &mut waiting.suspect));
                }
            }
        }
    }

    fn take_clients(&self, waiting: &mut Waiting, lane: fn(&mut Waiting) -> &mut Lane) -> Work {
        let jobs = lane(waiting).take(self.gather);
        self.pass_on(waiting);
        Work::Clients(jobs)
    }

    /// What is left is taken by whoever is free next, when it is due.
    fn pass_on(&self, waiting: &Waiting) {
        let lanes = [&waiting.clean, &waiting.suspect];
        if !waiting.batches.is_empty() || lanes.iter().any(|lane| !lane.jobs.is_empty()) {
            self.changed.notify_one();
        }
    }
}
