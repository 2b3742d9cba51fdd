//! Verified transactions that wait to be packed into a batch, and those on their way in one.
//!
//! A pure state machine: time is handed in. Kept true: no transaction is in it twice; it never holds
//! more than its bounds in bytes, nor more than its quota of one author, counting those that are
//! packed but not final yet.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use talea_types::{Subject, Timestamp, TransactionId, VerifiedTransaction, limits};

use crate::{interface::AdmissionError, limits::MempoolLimits};

/// See the module.
#[derive(Debug)]
pub struct Mempool {
    limits: MempoolLimits,
    /// To be packed, oldest first, with the time of arrival.
    queue: VecDeque<(u64, VerifiedTransaction)>,
    queue_bytes: usize,
    /// Everything here or on its way: author, size and expiry by id.
    known: BTreeMap<TransactionId, Known>,
    known_bytes: usize,
    by_author: BTreeMap<Subject, usize>,
    by_expiry: BTreeMap<(Timestamp, TransactionId), ()>,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    author: Subject,
    bytes: usize,
    expires_at: Timestamp,
}

impl Mempool {
    /// An empty mempool.
    #[must_use]
    pub fn new(limits: MempoolLimits) -> Self {
        Self {
            limits,
            queue: VecDeque::new(),
            queue_bytes: 0,
            known: BTreeMap::new(),
            known_bytes: 0,
            by_author: BTreeMap::new(),
            by_expiry: BTreeMap::new(),
        }
    }

    /// Takes a transaction in, unless it is here or on its way already.
    ///
    /// # Errors
    /// [`AdmissionError::Quota`] or [`AdmissionError::Full`].
    pub fn insert(
        &mut self,
        now_ms: u64,
        transaction: VerifiedTransaction,
    ) -> Result<(), AdmissionError> {
        let id = transaction.id();
        if self.known.contains_key(&id) {
            return Ok(());
        }
        let author = transaction.body().author;
        let bytes = transaction.encoded().len();
        let waiting = self.by_author.get(&author).copied().unwrap_or(0);
        if waiting >= self.limits.author_transactions_max {
            return Err(AdmissionError::Quota {
                waiting,
                max: self.limits.author_transactions_max,
            });
        }
        if self.known_bytes + bytes > self.limits.bytes_max {
            return Err(AdmissionError::Full {
                bytes: self.known_bytes,
            });
        }
        let expires_at = transaction.body().expires_at;
        self.known.insert(
            id,
            Known {
                author,
                bytes,
                expires_at,
            },
        );
        self.known_bytes += bytes;
        *self.by_author.entry(author).or_default() += 1;
        self.by_expiry.insert((expires_at, id), ());
        self.queue_bytes += bytes;
        self.queue.push_back((now_ms, transaction));
        Ok(())
    }

    /// When a batch should be sealed at the latest; `None` when nothing waits.
    ///
    /// With own batches still on their way to a block, waiting longer makes fewer, larger batches and
    /// costs no latency: the next block is not there yet.
    #[must_use]
    pub fn seal_at(&self, own_batches_waiting: usize) -> Option<u64> {
        let (arrived, _) = self.queue.front()?;
        if self.is_batch_full() {
            return Some(*arrived);
        }
        let delay = if own_batches_waiting < self.limits.batches_ahead {
            self.limits.seal_delay_ms
        } else {
            self.limits.seal_delay_busy_ms
        };
        Some(arrived + delay)
    }

    fn is_batch_full(&self) -> bool {
        self.queue_bytes >= self.limits.batch_bytes
            || self.queue.len() >= self.limits.batch_transactions
    }

    /// Takes the transactions of the next batch out of the queue, oldest first, dropping those that
    /// expired while they waited. They stay known until [`Mempool::forget`].
    pub fn take_batch(&mut self, ledger_time: Timestamp) -> Vec<VerifiedTransaction> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some((_, next)) = self.queue.front() {
            let size = next.encoded().len();
            let full = bytes + size > self.limits.batch_bytes
                || batch.len() >= self.limits.batch_transactions;
            if full && !batch.is_empty() {
                break;
            }
            let Some((_, transaction)) = self.queue.pop_front() else {
                break;
            };
            self.queue_bytes -= size;
            if transaction.body().expires_at <= ledger_time {
                self.forget(&transaction.id());
                continue;
            }
            bytes += size;
            batch.push(transaction);
        }
        batch
    }

    /// Forgets a transaction that is final or whose batch was dropped.
    pub fn forget(&mut self, id: &TransactionId) {
        let Some(known) = self.known.remove(id) else {
            return;
        };
        self.known_bytes -= known.bytes;
        self.by_expiry.remove(&(known.expires_at, *id));
        if let Some(count) = self.by_author.get_mut(&known.author) {
            *count -= 1;
            if *count == 0 {
                self.by_author.remove(&known.author);
            }
        }
    }

    /// Forgets what can never be applied any more.
    pub fn expire(&mut self, ledger_time: Timestamp) {
        while let Some((&(expires_at, id), ())) = self.by_expiry.first_key_value() {
            if expires_at > ledger_time {
                break;
            }
            self.forget(&id);
        }
        if self
            .queue
            .iter()
            .any(|(_, waiting)| waiting.body().expires_at <= ledger_time)
        {
            self.queue
                .retain(|(_, waiting)| waiting.body().expires_at > ledger_time);
            self.queue_bytes = self
                .queue
                .iter()
                .map(|(_, waiting)| waiting.encoded().len())
                .sum();
        }
    }

    /// Whether the transaction waits here or is on its way.
    #[must_use]
    pub fn contains(&self, id: &TransactionId) -> bool {
        self.known.contains_key(id)
    }

    /// Transactions here or on their way, and their bytes.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.known.len(), self.known_bytes)
    }

    /// Whether anything waits to be packed.
    #[must_use]
    pub fn has_waiting(&self) -> bool {
        !self.queue.is_empty()
    }
}

impl MempoolLimits {
    /// The limits of a node that was not told otherwise.
    pub const DEFAULT: Self = Self {
        bytes_max: 64 * 1024 * 1024,
        author_transactions_max: limits::NONCE_WINDOW as usize,
        batch_bytes: limits::BATCH_BYTES_MAX - 64,
        batch_transactions: limits::BATCH_TRANSACTIONS_MAX,
        batches_ahead: 1,
        seal_delay_ms: 4,
        seal_delay_busy_ms: 60,
    };
}
