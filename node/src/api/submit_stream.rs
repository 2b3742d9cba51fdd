//! Submitting many transactions on a stream.
//!
//! Two tasks a stream: one reads and submits, in order and a few messages at once; one answers. Kept
//! true: an acceptance is sent before the final state; the transactions without a final state are
//! bounded, and beyond the bound the client is not read.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::FutureExt;
use talea_proto::{ApiError, api, limits};
use talea_types::{Timestamp, TransactionId};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinHandle,
};
use tonic::{Request, Status, Streaming};

use super::{
    connection::{Peer, client, peer, standing},
    meter::SUBMIT_STREAM,
    outbox::{Outbox, OutboxStream, Unsent, outbox},
    pending::{Inbox, Registered, Waiter},
    refusals::{api_error, held_enough, idle, refused_id, stopping, too_many},
    refused_log::RefusedLog,
    resolution::{accepted, refused},
    service::Service,
    submit::Settled,
};
use crate::{
    admission::{Standing, Verdict},
    limits::api::{OWING_PAUSE, STREAM_ADMISSIONS_MAX},
};

/// Messages that are being admitted.
struct Admitted {
    /// Number of the first transaction on the stream.
    position: u64,
    /// Height before they were submitted.
    since: u64,
    verdicts: JoinHandle<Vec<Verdict>>,
}

impl Service {
    /// `SubmitStream`.
    pub(super) fn submit_stream(
        self: &Arc<Self>,
        request: Request<Streaming<api::SubmitBatch>>,
    ) -> Result<OutboxStream<api::SubmitUpdates>, ApiError> {
        let share = self.submit_streams.try_take(client(&request), 1);
        let share = share.ok_or_else(|| held_enough("streams of submissions"))?;
        let (outbox, stream) = outbox(share);
        let room = Arc::new(Semaphore::new(self.config.stream_in_flight_max));
        let (admitted, admissions) = mpsc::channel(STREAM_ADMISSIONS_MAX);
        let peer = peer(&request);
        let reader = Reader {
            service: Arc::clone(self),
            standing: standing(&request),
            inbound: request.into_inner(),
            room: Arc::clone(&room),
            admitted,
            position: 0,
        };
        let reading = tokio::spawn(reader.run());
        let answerer = Answerer {
            service: Arc::clone(self),
            peer,
            room,
            inbox: Arc::default(),
            waiting: BTreeSet::new(),
        };
        tokio::spawn(async move {
            answerer.run(admissions, outbox).await;
            reading.abort();
        });
        Ok(stream)
    }
}

struct Reader {
    service: Arc<Service>,
    standing: Arc<Standing>,
    inbound: Streaming<api::SubmitBatch>,
    room: Arc<Semaphore>,
    admitted: mpsc::Sender<Result<Admitted, Status>>,
    position: u64,
}

impl Reader {
    async fn run(mut self) {
        loop {
            let transactions = match self.next().await {
                Ok(Some(transactions)) => transactions,
                Ok(None) => return,
                Err(status) => {
                    // Nobody is left to tell when the answering task has ended.
                    let _ = self.admitted.send(Err(status)).await;
                    return;
                }
            };
            let count = transactions.len();
            let Ok(permits) = u32::try_from(count) else {
                return;
            };
            let Ok(permit) = self.room.acquire_many(permits).await else {
                return;
            };
            // Given back one by one as transactions end.
            permit.forget();
            let since = self.service.pending.height();
            let admission = self.service.context.admission.clone();
            let standing = Arc::clone(&self.standing);
            let verdicts =
                tokio::spawn(async move { admission.submit(transactions, &standing).await });
            let admitted = Admitted {
                position: self.position,
                since,
                verdicts,
            };
            self.position = self.position.saturating_add(count as u64);
            if self.admitted.send(Ok(admitted)).await.is_err() {
                return;
            }
            // It is told why each time, and does not fill the node with what is refused anyway.
            if !self.standing.owes_for().is_zero() {
                tokio::time::sleep(OWING_PAUSE).await;
            }
        }
    }

    /// The next message, together with those that have come as well while they are small.
    async fn next(&mut self) -> Result<Option<Vec<Bytes>>, Status> {
        let mut transactions = Vec::new();
        while transactions.is_empty() {
            match self.message().await? {
                Some(batch) => transactions = checked(batch)?,
                None => return Ok(None),
            }
        }
        while transactions.len() < limits::SUBMIT_BATCH_TRANSACTIONS_MAX
            && let Some(more) = self.inbound.message().now_or_never()
        {
            match more? {
                Some(batch) => transactions.extend(checked(batch)?),
                None => break,
            }
        }
        Ok(Some(transactions))
    }

    /// The next message. Ends a stream on which none comes and nothing is waited for: it holds a place.
    async fn message(&mut self) -> Result<Option<api::SubmitBatch>, Status> {
        let most = Duration::from_millis(self.service.config.stream_idle_ms_max);
        loop {
            let coming = tokio::time::timeout(most, self.inbound.message());
            if let Ok(message) = coming.await {
                return message;
            }
            if self.room.available_permits() >= self.service.config.stream_in_flight_max {
                return Err(idle(most).into());
            }
        }
    }
}

fn checked(batch: api::SubmitBatch) -> Result<Vec<Bytes>, ApiError> {
    let count = batch.transactions.len();
    if count > limits::SUBMIT_BATCH_TRANSACTIONS_MAX {
        let most = limits::SUBMIT_BATCH_TRANSACTIONS_MAX;
        let message = format!("{count} transactions in one message; at most {most}");
        return Err(ApiError::invalid("transactions", message));
    }
    Ok(batch.transactions)
}

struct Answerer {
    service: Arc<Service>,
    peer: Option<Arc<Peer>>,
    room: Arc<Semaphore>,
    inbox: Arc<Inbox>,
    /// Accepted and not final.
    waiting: BTreeSet<TransactionId>,
}

/// Why a stream ends early.
enum End {
    Error(Status),
    Gone,
}

impl From<Unsent> for End {
    fn from(unsent: Unsent) -> Self {
        match unsent {
            Unsent::Gone => Self::Gone,
            Unsent::TooSlow => too_many(
                "the answers were read too slowly; open another stream and submit the same bytes again",
            )
            .into(),
        }
    }
}

impl From<ApiError> for End {
    fn from(error: ApiError) -> Self {
        Self::Error(error.into_status())
    }
}

type Admissions = mpsc::Receiver<Result<Admitted, Status>>;

impl Answerer {
    async fn run(mut self, mut admissions: Admissions, outbox: Outbox<api::SubmitUpdates>) {
        let ended = self.answer(&mut admissions, &outbox).await;
        self.service
            .pending
            .forget_stream(&self.inbox, self.waiting.iter());
        if let Err(End::Error(status)) = ended {
            outbox.finish_with(status);
        }
    }

    async fn answer(
        &mut self,
        admissions: &mut Admissions,
        outbox: &Outbox<api::SubmitUpdates>,
    ) -> Result<(), End> {
        let stop = self.service.stop.clone();
        let mut reading = true;
        while reading || !self.waiting.is_empty() {
            tokio::select! {
                () = stop.cancelled() => return Err(stopping().into()),
                () = outbox.closed() => return Err(End::Gone),
                admitted = admissions.recv(), if reading => match admitted {
                    Some(Ok(admitted)) => self.on_admitted(admitted, outbox).await?,
                    Some(Err(status)) => return Err(End::Error(status)),
                    None => reading = false,
                },
                () = self.inbox.changed() => self.on_resolved(outbox).await?,
            }
        }
        Ok(())
    }

    async fn on_admitted(
        &mut self,
        admitted: Admitted,
        outbox: &Outbox<api::SubmitUpdates>,
    ) -> Result<(), End> {
        let Admitted {
            position,
            since,
            verdicts,
        } = admitted;
        let verdicts = verdicts
            .await
            .map_err(|_| ApiError::internal("admission failed; the node's log says why"))?;
        let mut statuses = Vec::with_capacity(verdicts.len());
        let mut taken = Vec::with_capacity(verdicts.len());
        let mut ended = 0;
        let (mut refusals, mut why) = (0_u64, String::new());
        for (position, verdict) in (position..).zip(verdicts) {
            match self.service.settle(verdict).await? {
                Settled::Final(id, resolution) => {
                    statuses.push(resolution.to_wire(&id));
                    ended += 1;
                }
                Settled::Refused(refusal) => {
                    let error = api_error(&refusal);
                    if RefusedLog::is_of_interest(error.code) {
                        refusals = refusals.saturating_add(1);
                        why.clone_from(&error.message);
                    }
                    let error = error.to_refusal();
                    let mut status = refused(refused_id(&refusal), error);
                    status.position = position;
                    statuses.push(status);
                    ended += 1;
                }
                Settled::Waiting { id, expires_at } => {
                    statuses.push(accepted(&id));
                    taken.push((id, expires_at));
                }
            }
        }
        self.room.add_permits(ended);
        if refusals > 0 {
            let refused = &self.service.refused;
            refused.on_refused(self.peer.as_deref(), SUBMIT_STREAM, &why, refusals);
        }
        outbox.send(api::SubmitUpdates { statuses }).await?;
        self.wait_for(taken, since, outbox).await
    }

    async fn wait_for(
        &mut self,
        taken: Vec<(TransactionId, Timestamp)>,
        since: u64,
        outbox: &Outbox<api::SubmitUpdates>,
    ) -> Result<(), End> {
        let mut statuses = Vec::new();
        for (id, expires_at) in taken {
            // The same transaction twice on a stream ends once.
            if !self.waiting.insert(id) {
                self.room.add_permits(1);
                continue;
            }
            let waiter = Waiter::Stream(Arc::clone(&self.inbox));
            let status = match self.service.pending.register(id, expires_at, since, waiter) {
                Registered::Waiting => None,
                Registered::Late => {
                    let found = self.service.locate(id).await?;
                    found.map(|resolution| {
                        self.service.pending.forget(&id);
                        resolution.to_wire(&id)
                    })
                }
                Registered::Full => {
                    let error = too_many(
                        "the transaction was taken, but too many wait here; ask for it later",
                    );
                    Some(refused(Some(&id), error.to_refusal()))
                }
            };
            if let Some(status) = status {
                self.end(&id);
                statuses.push(status);
            }
        }
        if !statuses.is_empty() {
            outbox.send(api::SubmitUpdates { statuses }).await?;
        }
        Ok(())
    }

    async fn on_resolved(&mut self, outbox: &Outbox<api::SubmitUpdates>) -> Result<(), End> {
        let resolved = self.inbox.take();
        let mut statuses = Vec::with_capacity(resolved.len());
        for (id, resolution) in resolved {
            if self.end(&id) {
                statuses.push(self.service.final_status(id, resolution).await?);
            }
        }
        for part in statuses.chunks(limits::SUBMIT_BATCH_TRANSACTIONS_MAX) {
            outbox
                .send(api::SubmitUpdates {
                    statuses: part.to_vec(),
                })
                .await?;
        }
        Ok(())
    }

    /// Whether the transaction was being waited for.
    fn end(&mut self, id: &TransactionId) -> bool {
        let waited = self.waiting.remove(id);
        if waited {
            self.room.add_permits(1);
        }
        waited
    }
}
