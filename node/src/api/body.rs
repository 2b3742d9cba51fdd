//! Bounds what a unary request may make the node read: each by itself, and all together.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use talea_proto::{ApiError, limits::REQUEST_BYTES_MAX};
use tonic::{Status, body::Body};

use super::refusals::too_many;
use crate::budget::{Budget, Permit};

/// The compression flag and the length before a message.
const MESSAGE_PREFIX_BYTES: usize = 5;

/// A request's body that is read only so far.
pub(super) struct BoundedBody {
    inner: Body,
    left: usize,
    budget: Arc<Budget>,
    /// For what was read and is not decoded yet.
    held: Vec<Permit>,
}

impl BoundedBody {
    pub(super) fn new(inner: Body, budget: Arc<Budget>) -> Self {
        let left = REQUEST_BYTES_MAX.saturating_add(MESSAGE_PREFIX_BYTES);
        Self {
            inner,
            left,
            budget,
            held: Vec::new(),
        }
    }

    fn take(&mut self, bytes: usize) -> Result<(), ApiError> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            ApiError::invalid(
                "request",
                format!("the request is above {REQUEST_BYTES_MAX} bytes"),
            )
        })?;
        let permit = self.budget.try_take(bytes);
        self.held
            .push(permit.map_err(|_| too_many("this node reads too many requests at once"))?);
        Ok(())
    }
}

impl HttpBody for BoundedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let frame = match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
            Some(Ok(frame)) => frame,
            ended => return Poll::Ready(ended),
        };
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        Poll::Ready(Some(self.take(bytes).map(|()| frame).map_err(Status::from)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
