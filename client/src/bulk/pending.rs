//! The transactions of a bulk submission that have no result yet.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use bytes::Bytes;
use talea_proto::{ApiError, api, limits};
use talea_types::{SignedTransaction, TransactionId};
use tokio::time::Instant;

use super::BulkResult;
use crate::{ClientError, Finality, Settlement, Standing, failure::is_transient};

/// A transaction without a result.
#[derive(Debug)]
struct Unfinished {
    transaction: SignedTransaction,
    since: Instant,
    /// Number on the stream that it was last sent on.
    position: Option<u64>,
    /// Some node may have it.
    maybe_received: bool,
    /// What was heard last.
    last: Option<ApiError>,
}

/// What to do after a status.
#[derive(Debug)]
pub(super) enum Next {
    /// It has its result.
    Done(Box<BulkResult>),
    /// A node refused what an earlier node may have taken: ask what is known of it.
    LookUp(TransactionId),
    /// Wait.
    Nothing,
}

/// All of them. Kept true: each is either queued, delayed, or sent on the present stream.
#[derive(Debug, Default)]
pub(super) struct Pending {
    unfinished: BTreeMap<TransactionId, Unfinished>,
    queue: VecDeque<TransactionId>,
    delayed: BTreeMap<Instant, Vec<TransactionId>>,
    /// Of the present stream.
    positions: BTreeMap<u64, TransactionId>,
    next_position: u64,
}

impl Pending {
    pub(super) fn len(&self) -> usize {
        self.unfinished.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.unfinished.is_empty()
    }

    pub(super) fn has_queued(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Whether the node owes anything.
    pub(super) fn has_sent(&self) -> bool {
        !self.positions.is_empty()
    }

    pub(super) fn add(&mut self, transaction: SignedTransaction, now: Instant) {
        let id = transaction.id();
        if self.unfinished.contains_key(&id) {
            // The same bytes twice: one result serves both.
            return;
        }
        self.queue.push_back(id);
        let unfinished = Unfinished {
            transaction,
            since: now,
            position: None,
            maybe_received: false,
            last: None,
        };
        self.unfinished.insert(id, unfinished);
    }

    /// The next message for the stream.
    pub(super) fn next_batch(&mut self, most: usize) -> Vec<Bytes> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while batch.len() < most {
            let Some(id) = self.queue.front().copied() else {
                break;
            };
            let Some(one) = self.unfinished.get_mut(&id) else {
                self.queue.pop_front();
                continue;
            };
            let encoded = one.transaction.encoded().clone();
            bytes += encoded.len() + 8;
            if bytes > limits::SUBMIT_BATCH_BYTES_MAX && !batch.is_empty() {
                break;
            }
            self.queue.pop_front();
            one.position = Some(self.next_position);
            self.positions.insert(self.next_position, id);
            self.next_position += 1;
            batch.push(encoded);
        }
        batch
    }

    /// The stream broke: what was sent on it may have arrived, and everything is queued for the next.
    pub(super) fn on_broken_stream(&mut self) {
        for one in self.unfinished.values_mut() {
            one.maybe_received |= one.position.take().is_some();
        }
        self.positions.clear();
        self.next_position = 0;
        self.delayed.clear();
        self.queue = self.unfinished.keys().copied().collect();
    }

    /// Queues what has waited long enough.
    pub(super) fn release_delayed(&mut self, now: Instant) {
        while let Some(entry) = self.delayed.first_entry() {
            if *entry.key() > now {
                break;
            }
            self.queue.extend(entry.remove());
        }
    }

    pub(super) fn on_status(&mut self, status: &api::TransactionStatus, now: Instant) -> Next {
        let id = match TransactionId::from_wire("status.id", &status.id) {
            Ok(id) => id,
            Err(_) => match self.positions.get(&status.position) {
                Some(id) => *id,
                None => return Next::Nothing,
            },
        };
        let Ok(standing) = Standing::from_api(status) else {
            return Next::Nothing;
        };
        let Some(one) = self.unfinished.get_mut(&id) else {
            return Next::Nothing;
        };
        match standing {
            Standing::Final(finality) => self.finish(&id, Ok(finality)),
            Standing::Accepted => {
                one.maybe_received = true;
                Next::Nothing
            }
            Standing::Unknown => Next::Nothing,
            Standing::Refused(error) => {
                let retry = is_transient(error.code);
                let maybe_received = one.maybe_received;
                one.last = Some(error.clone());
                if let Some(position) = one.position.take() {
                    self.positions.remove(&position);
                }
                if retry {
                    let wait = error.retry_after.unwrap_or(Duration::from_millis(500));
                    self.delay(id, now + wait);
                    Next::Nothing
                } else if maybe_received {
                    Next::LookUp(id)
                } else {
                    self.finish(&id, Err(ClientError::Refused(error)))
                }
            }
        }
    }

    /// What a look-up told of a transaction that was refused.
    pub(super) fn on_lookup(
        &mut self,
        id: &TransactionId,
        finality: Option<Finality>,
        now: Instant,
    ) -> Next {
        match finality {
            Some(finality) => self.finish(id, Ok(finality)),
            None => {
                self.delay(*id, now + Duration::from_secs(1));
                Next::Nothing
            }
        }
    }

    /// Transactions that have been tried for too long.
    pub(super) fn overdue(&self, now: Instant, give_up_after: Duration) -> Vec<TransactionId> {
        let overdue = self
            .unfinished
            .iter()
            .filter(|(_, one)| now.saturating_duration_since(one.since) >= give_up_after);
        overdue.map(|(id, _)| *id).collect()
    }

    pub(super) fn expires_at(&self, id: &TransactionId) -> Option<talea_types::Timestamp> {
        let one = self.unfinished.get(id)?;
        Some(one.transaction.body().expires_at)
    }

    /// Ends the trying: uncertain when some node may have it.
    pub(super) fn give_up(&mut self, id: &TransactionId, finality: Option<Finality>) -> Next {
        if let Some(finality) = finality {
            return self.finish(id, Ok(finality));
        }
        let Some(one) = self.unfinished.get(id) else {
            return Next::Nothing;
        };
        let last = one.last.as_ref().map_or_else(
            || "no final state was heard".to_owned(),
            ApiError::to_string,
        );
        let error = if one.maybe_received || one.position.is_some() {
            ClientError::Uncertain { id: *id, last }
        } else if let Some(error) = &one.last {
            ClientError::Refused(error.clone())
        } else {
            ClientError::Unreachable {
                last: "no stream could be opened".to_owned(),
            }
        };
        self.finish(id, Err(error))
    }

    fn delay(&mut self, id: TransactionId, until: Instant) {
        self.delayed.entry(until).or_default().push(id);
    }

    fn finish(&mut self, id: &TransactionId, end: Result<Finality, ClientError>) -> Next {
        let Some(one) = self.unfinished.remove(id) else {
            return Next::Nothing;
        };
        if let Some(position) = one.position {
            self.positions.remove(&position);
        }
        let result = end.map(|finality| Settlement { id: *id, finality });
        Next::Done(Box::new(BulkResult {
            transaction: one.transaction,
            result,
        }))
    }
}
