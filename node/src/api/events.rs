//! What happened to a subject.

use std::sync::Arc;

use talea_ledger::access::Record;
use talea_proto::{ApiError, api, limits};
use talea_types::{Subject, event::Event};

use super::{
    lookups::subject,
    outbox::{Outbox, OutboxStream, Unsent, outbox},
    reader::Caller,
    refusals::{held_enough, stopping, too_many},
    service::Service,
    shares::{ClientId, Share},
};
use crate::limits::api::EVENTS_PER_MESSAGE;

impl Service {
    /// `ListEvents`.
    pub(super) async fn list_events(
        &self,
        request: api::ListEventsRequest,
        caller: Option<Caller>,
    ) -> Result<api::ListEventsResponse, ApiError> {
        let subject = subject("subject", request.subject)?;
        self.check_read(caller.as_ref(), &Record::History(subject))?;
        let limit = match request.limit {
            0 => limits::EVENTS_PER_PAGE_DEFAULT,
            limit if limit <= limits::EVENTS_PER_PAGE_MAX => limit,
            limit => {
                let most = limits::EVENTS_PER_PAGE_MAX;
                return Err(ApiError::invalid(
                    "limit",
                    format!("{limit} must be at most {most}"),
                ));
            }
        };
        let from = request.from_sequence;
        let limit = usize::try_from(limit).unwrap_or(1);
        let (events, height, length) = self.kept_events(subject, from, limit).await?;
        let events = events.iter().map(event_record).collect();
        Ok(api::ListEventsResponse {
            events,
            length,
            height,
        })
    }

    /// `WatchEvents`.
    pub(super) fn watch_events(
        self: &Arc<Self>,
        request: api::WatchEventsRequest,
        caller: Option<Caller>,
        client: ClientId,
    ) -> Result<OutboxStream<api::EventBatch>, ApiError> {
        let subject = subject("subject", request.subject)?;
        self.check_read(caller.as_ref(), &Record::History(subject))?;
        let next = request.from_sequence;
        let (outbox, stream) = outbox(self.watcher_share(client)?);
        let service = Arc::clone(self);
        tokio::spawn(async move {
            let mut watch = EventWatch {
                service,
                caller,
                subject,
                next,
            };
            let ended = watch.run(&outbox).await;
            end_watch(outbox, ended, &format!("from_sequence {}", watch.next));
        });
        Ok(stream)
    }

    /// Counts a watcher, or says that the client has enough.
    pub(super) fn watcher_share(&self, client: ClientId) -> Result<Share, ApiError> {
        let share = self.watchers.try_take(client, 1);
        share.ok_or_else(|| held_enough("streams of watchers"))
    }
}

/// Why a watch ends.
pub(super) enum WatchEnd {
    Unsent(Unsent),
    Error(ApiError),
}

impl From<Unsent> for WatchEnd {
    fn from(unsent: Unsent) -> Self {
        Self::Unsent(unsent)
    }
}

impl From<ApiError> for WatchEnd {
    fn from(error: ApiError) -> Self {
        Self::Error(error)
    }
}

/// The last word to a watcher; `resume` says where to go on.
pub(super) fn end_watch<T>(outbox: Outbox<T>, ended: Result<(), WatchEnd>, resume: &str) {
    match ended {
        Ok(()) | Err(WatchEnd::Unsent(Unsent::Gone)) => {}
        Err(WatchEnd::Unsent(Unsent::TooSlow)) => {
            outbox.finish(too_many(&format!(
                "the stream was read too slowly; resume with {resume}"
            )));
        }
        Err(WatchEnd::Error(error)) => outbox.finish(error),
    }
}

struct EventWatch {
    service: Arc<Service>,
    caller: Option<Caller>,
    subject: Subject,
    /// Sequence of the next event.
    next: u64,
}

impl EventWatch {
    async fn run(&mut self, outbox: &Outbox<api::EventBatch>) -> Result<(), WatchEnd> {
        let mut tip = self.service.context.tip.clone();
        // Everything up to this height was sent.
        let mut height = tip.borrow_and_update().height;
        self.send_history(outbox).await?;
        loop {
            tokio::select! {
                () = self.service.stop.cancelled() => return Err(stopping().into()),
                () = outbox.closed() => return Err(Unsent::Gone.into()),
                changed = tip.changed() => changed.map_err(|_| stopping())?,
            }
            let newest = tip.borrow_and_update().height;
            while height < newest {
                height += 1;
                let record = self.service.block(height).await?;
                let (subject, next) = (self.subject, self.next);
                let is_next = |event: &&Event| event.subject == subject && event.sequence >= next;
                let events = record.events.iter().map(|record| &record.event);
                let events: Vec<&Event> = events.filter(is_next).collect();
                if !events.is_empty() {
                    self.check()?;
                    self.send(&events, outbox).await?;
                }
            }
        }
    }

    /// Whoever might read when the stream was opened may not any more: a case was recalled, a permission has
    /// ended, a key was rotated, a day has passed since the read was recorded.
    fn check(&self) -> Result<(), ApiError> {
        let record = Record::History(self.subject);
        self.service.check_read(self.caller.as_ref(), &record)
    }

    async fn send_history(&mut self, outbox: &Outbox<api::EventBatch>) -> Result<(), WatchEnd> {
        loop {
            let (subject, from) = (self.subject, self.next);
            let (events, _, _) = self
                .service
                .kept_events(subject, from, EVENTS_PER_MESSAGE)
                .await?;
            if events.is_empty() {
                return Ok(());
            }
            self.check()?;
            self.send(&events.iter().collect::<Vec<_>>(), outbox)
                .await?;
        }
    }

    async fn send(
        &mut self,
        events: &[&Event],
        outbox: &Outbox<api::EventBatch>,
    ) -> Result<(), Unsent> {
        for part in events.chunks(EVENTS_PER_MESSAGE) {
            let records = part.iter().map(|event| event_record(event)).collect();
            outbox.send(api::EventBatch { events: records }).await?;
            if let Some(last) = part.last() {
                self.next = last.sequence.saturating_add(1);
            }
        }
        Ok(())
    }
}

fn event_record(event: &Event) -> api::EventRecord {
    api::EventRecord {
        sequence: event.sequence,
        height: event.height,
        event: event.encode().into(),
    }
}
