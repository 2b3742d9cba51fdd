//! The task behind a bulk submission: one stream after another until everything has a result.

use std::time::Duration;

use talea_proto::{api, errors::reason};
use talea_types::{SignedTransaction, TransactionId};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Status, Streaming};

use super::{
    BulkOptions, BulkResult,
    pending::{Next, Pending},
};
use crate::{Client, Finality, backoff::Backoff, failure::Failure};

const OPEN_TIMEOUT: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(100);
/// Longest that one look-up may hold up the stream.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);
/// Messages that wait to be sent.
const MESSAGES_WAITING_MAX: usize = 4;

/// The results of a bulk submission.
#[derive(Debug)]
pub struct BulkResults(mpsc::Receiver<BulkResult>);

impl BulkResults {
    /// The next result; `None` when the sender was dropped and every transaction has had its result.
    pub async fn next(&mut self) -> Option<BulkResult> {
        self.0.recv().await
    }
}

pub(super) fn start(
    client: Client,
    options: BulkOptions,
    input: mpsc::Receiver<SignedTransaction>,
) -> BulkResults {
    let (results, received) = mpsc::channel(options.in_flight);
    let task = Task {
        client,
        options,
        input,
        input_open: true,
        results,
        pending: Pending::default(),
    };
    tokio::spawn(async move {
        // The error says that nobody receives results: there is nobody to tell.
        let _ = task.run().await;
    });
    BulkResults(received)
}

/// Nobody receives the results any longer.
struct Abandoned;

/// Why a session on one stream ended.
enum End {
    /// Everything has its result and no more will come.
    Finished,
    /// The stream broke.
    Broken(Status),
}

struct Task {
    client: Client,
    options: BulkOptions,
    input: mpsc::Receiver<SignedTransaction>,
    input_open: bool,
    results: mpsc::Sender<BulkResult>,
    pending: Pending,
}

impl Task {
    async fn run(mut self) -> Result<(), Abandoned> {
        let mut backoff = Backoff::default();
        loop {
            if self.pending.is_empty() && !self.take_input().await {
                return Ok(());
            }
            let node = self.client.node().clone();
            let status = match self.session(&mut backoff).await? {
                End::Finished => return Ok(()),
                End::Broken(status) => status,
            };
            self.pending.on_broken_stream();
            let error = Failure::of(&status).error;
            // The node is well; this side had nothing to send, and what it may have sent since goes there again.
            let is_idle = error.reason == reason::STREAM_IDLE;
            if is_idle && self.pending.is_empty() {
                continue;
            }
            if !is_idle {
                self.client.turn_from(&node);
            }
            self.give_up_overdue().await?;
            let asked_for = error.retry_after;
            sleep(backoff.next(asked_for, self.options.give_up_after)).await;
        }
    }

    /// Waits for a transaction to submit; false when none will come.
    async fn take_input(&mut self) -> bool {
        let mut received = Vec::new();
        self.input.recv_many(&mut received, self.room()).await;
        self.on_input(received);
        self.input_open
    }

    /// How many more may be in flight, as far as one message goes.
    fn room(&self) -> usize {
        let free = self.options.in_flight.saturating_sub(self.pending.len());
        free.min(self.options.batch)
    }

    /// Nothing received means that no more will come.
    fn on_input(&mut self, received: Vec<SignedTransaction>) {
        self.input_open = !received.is_empty();
        let now = Instant::now();
        for transaction in received {
            self.pending.add(transaction, now);
        }
    }

    async fn session(&mut self, backoff: &mut Backoff) -> Result<End, Abandoned> {
        let (outgoing, messages) = mpsc::channel(MESSAGES_WAITING_MAX);
        // A node may answer only once it has received something.
        let first = self.pending.next_batch(self.options.batch);
        let _ = outgoing
            .send(api::SubmitBatch {
                transactions: first,
            })
            .await;
        let mut ledger = self.client.node().ledger();
        let opening = ledger.submit_stream(ReceiverStream::new(messages));
        let mut incoming = match timeout(OPEN_TIMEOUT, opening).await {
            Ok(Ok(response)) => response.into_inner(),
            Ok(Err(status)) => return Ok(End::Broken(status)),
            Err(_) => return Ok(End::Broken(Status::deadline_exceeded("no stream"))),
        };
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let mut received = Vec::new();
        loop {
            if self.pending.is_empty() && !self.input_open {
                return Ok(End::Finished);
            }
            let room = self.room();
            tokio::select! {
                update = incoming.message() => match update {
                    Ok(Some(update)) => {
                        heard = Instant::now();
                        backoff.reset();
                        self.on_update(&update).await?;
                    }
                    Ok(None) => return Ok(End::Broken(Status::unavailable("the node closed the stream"))),
                    Err(status) => return Ok(End::Broken(status)),
                },
                permit = outgoing.reserve(), if self.pending.has_queued() => match permit {
                    Ok(permit) => {
                        let transactions = self.pending.next_batch(self.options.batch);
                        if !transactions.is_empty() {
                            permit.send(api::SubmitBatch { transactions });
                        }
                    }
                    Err(_) => {
                        let status = end_of(&mut incoming).await;
                        return Ok(End::Broken(status));
                    }
                },
                _ = self.input.recv_many(&mut received, room), if self.input_open && room > 0 => {
                    self.on_input(std::mem::take(&mut received));
                }
                _ = tick.tick() => {
                    self.pending.release_delayed(Instant::now());
                    self.give_up_overdue().await?;
                    if !self.pending.has_sent() {
                        heard = Instant::now();
                    } else if heard.elapsed() > self.options.silence {
                        return Ok(End::Broken(Status::deadline_exceeded("the node fell silent")));
                    }
                }
                () = self.results.closed() => return Err(Abandoned),
            }
        }
    }

    async fn on_update(&mut self, update: &api::SubmitUpdates) -> Result<(), Abandoned> {
        let now = Instant::now();
        for status in &update.statuses {
            match self.pending.on_status(status, now) {
                Next::LookUp(id) => {
                    let finality = self.look_up(&id).await.flatten();
                    let next = self.pending.on_lookup(&id, finality, now);
                    self.deliver(next).await?;
                }
                next => self.deliver(next).await?,
            }
        }
        Ok(())
    }

    async fn give_up_overdue(&mut self) -> Result<(), Abandoned> {
        let overdue = self
            .pending
            .overdue(Instant::now(), self.options.give_up_after);
        let mut reachable = true;
        for id in overdue {
            let found = if reachable {
                self.look_up(&id).await
            } else {
                None
            };
            // One look-up without an answer says that the others will have none: do not wait for each.
            reachable = found.is_some();
            let next = self.pending.give_up(&id, found.flatten());
            self.deliver(next).await?;
        }
        Ok(())
    }

    /// How a transaction ended, if it has; `None` when no node answers.
    async fn look_up(&self, id: &TransactionId) -> Option<Option<Finality>> {
        let expires_at = self.pending.expires_at(id)?;
        let found = timeout(LOOKUP_TIMEOUT, self.client.lookup(id, false)).await;
        Some(found.ok()?.ok()?.finality(expires_at))
    }

    async fn deliver(&self, next: Next) -> Result<(), Abandoned> {
        match next {
            Next::Done(result) => self.results.send(*result).await.map_err(|_| Abandoned),
            Next::LookUp(_) | Next::Nothing => Ok(()),
        }
    }
}

/// Why the node stopped reading.
async fn end_of(incoming: &mut Streaming<api::SubmitUpdates>) -> Status {
    match timeout(Duration::from_secs(1), incoming.message()).await {
        Ok(Err(status)) => status,
        _ => Status::unavailable("the node closed the stream"),
    }
}
