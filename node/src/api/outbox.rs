//! The sending half of a stream: bounded, and with a last word for a reader that is too slow. Kept true: the
//! client's share is held until both halves are gone, because what waits for a reader that takes nothing is in memory as long.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures::Stream;
use parking_lot::Mutex;
use talea_proto::ApiError;
use tokio::sync::mpsc;
use tonic::Status;

use super::shares::Share;
use crate::limits::api::{SLOW_READER_MAX, STREAM_MESSAGES_WAITING_MAX};

/// Why nothing more can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsent {
    /// The reader is gone.
    Gone,
    /// The reader took nothing for too long.
    TooSlow,
}

/// Sends messages. Dropping it ends the stream.
#[derive(Debug)]
pub(super) struct Outbox<T> {
    messages: mpsc::Sender<T>,
    last_word: Arc<Mutex<Option<Status>>>,
    patience: Duration,
    _share: Arc<Share>,
}

/// What the client reads.
#[derive(Debug)]
pub struct OutboxStream<T> {
    messages: mpsc::Receiver<T>,
    last_word: Arc<Mutex<Option<Status>>>,
    _share: Arc<Share>,
}

/// Both halves, in the share of the client.
pub(super) fn outbox<T>(share: Share) -> (Outbox<T>, OutboxStream<T>) {
    let (sender, receiver) = mpsc::channel(STREAM_MESSAGES_WAITING_MAX);
    let last_word = Arc::new(Mutex::new(None));
    let share = Arc::new(share);
    let outbox = Outbox {
        messages: sender,
        last_word: Arc::clone(&last_word),
        patience: SLOW_READER_MAX,
        _share: Arc::clone(&share),
    };
    (
        outbox,
        OutboxStream {
            messages: receiver,
            last_word,
            _share: share,
        },
    )
}

impl<T> Outbox<T> {
    /// Sends a message, waiting for the reader a bounded time.
    pub(super) async fn send(&self, message: T) -> Result<(), Unsent> {
        match self.messages.send_timeout(message, self.patience).await {
            Ok(()) => Ok(()),
            Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(Unsent::Gone),
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => Err(Unsent::TooSlow),
        }
    }

    /// Waits until the reader is gone.
    pub(super) async fn closed(&self) {
        self.messages.closed().await;
    }

    /// Ends the stream with an error, after everything that was sent.
    pub(super) fn finish(self, error: ApiError) {
        self.finish_with(error.into_status());
    }

    /// The same with a status.
    pub(super) fn finish_with(self, status: Status) {
        *self.last_word.lock() = Some(status);
    }

    #[cfg(test)]
    pub(super) fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}

impl<T> Stream for OutboxStream<T> {
    type Item = Result<T, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.messages
            .poll_recv(context)
            .map(|message| match message {
                Some(message) => Some(Ok(message)),
                None => self.last_word.lock().take().map(Err),
            })
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use tonic::Code;

    use super::super::shares::{ClientId, Shared};
    use super::*;

    fn share(of: &Arc<Shared>) -> Share {
        of.try_take(ClientId::Unknown, 1).unwrap()
    }

    #[tokio::test]
    async fn a_slow_reader_gets_everything_that_was_sent_and_the_last_word() {
        let places = Shared::new(1);
        let (outbox, mut stream) = outbox(share(&places));
        let outbox = outbox.with_patience(Duration::from_millis(1));
        for number in 0..STREAM_MESSAGES_WAITING_MAX {
            outbox.send(number).await.unwrap();
        }
        assert_eq!(outbox.send(usize::MAX).await, Err(Unsent::TooSlow));
        outbox.finish(ApiError::not_found("resume with 64"));
        assert!(
            places.try_take(ClientId::Unknown, 1).is_none(),
            "what waits is still there"
        );
        for number in 0..STREAM_MESSAGES_WAITING_MAX {
            assert_eq!(stream.next().await.unwrap().unwrap(), number);
        }
        let status = stream.next().await.unwrap().unwrap_err();
        assert_eq!(
            (status.code(), status.message()),
            (Code::NotFound, "resume with 64")
        );
        assert!(stream.next().await.is_none());
        drop(stream);
        assert!(places.try_take(ClientId::Unknown, 1).is_some());
    }

    #[tokio::test]
    async fn a_reader_that_went_away_is_noticed() {
        let (outbox, stream) = outbox(share(&Shared::new(1)));
        drop(stream);
        assert_eq!(outbox.send(1).await, Err(Unsent::Gone));
        outbox.closed().await;
    }
}
