//! Bounds what a request of one message may make the node read: each by itself, the client's share of what is being
//! read, and how long it may take.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use talea_proto::{ApiError, limits::REQUEST_BYTES_MAX};
use tokio::time::Sleep;
use tonic::{Status, body::Body};

use super::{
    refusals::{held_enough, too_many},
    shares::{ClientId, Share, Shared},
};
use crate::limits::api::REQUEST_READ_MAX;

/// The compression flag and the length before a message.
const MESSAGE_PREFIX_BYTES: usize = 5;

/// A request's body that is read only so far.
pub(super) struct BoundedBody {
    inner: Body,
    left: usize,
    reading: Arc<Shared>,
    client: ClientId,
    /// For what was read and is not decoded yet.
    held: Vec<Share>,
    /// Once there is something to wait for: most requests come whole.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl BoundedBody {
    pub(super) fn new(inner: Body, reading: Arc<Shared>, client: ClientId) -> Self {
        let left = REQUEST_BYTES_MAX.saturating_add(MESSAGE_PREFIX_BYTES);
        Self {
            inner,
            left,
            reading,
            client,
            held: Vec::new(),
            deadline: None,
        }
    }

    fn take(&mut self, bytes: usize) -> Result<(), ApiError> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            ApiError::invalid(
                "request",
                format!("the request is above {REQUEST_BYTES_MAX} bytes"),
            )
        })?;
        let share = self.reading.try_take(self.client, bytes);
        self.held
            .push(share.ok_or_else(|| held_enough("bytes of unfinished requests"))?);
        Ok(())
    }

    /// Waits for the rest, not for ever.
    fn poll_deadline(&mut self, context: &mut Context<'_>) -> Poll<Status> {
        let deadline = self
            .deadline
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(REQUEST_READ_MAX)));
        deadline.as_mut().poll(context).map(|()| {
            let seconds = REQUEST_READ_MAX.as_secs();
            let message =
                format!("the request did not come whole within {seconds} s; send it again");
            too_many(&message).into()
        })
    }
}

impl HttpBody for BoundedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Pending => self.poll_deadline(context).map(|status| Some(Err(status))),
            Poll::Ready(Some(Ok(frame))) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                Poll::Ready(Some(self.take(bytes).map(|()| frame).map_err(Status::from)))
            }
            ended @ Poll::Ready(_) => ended,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
