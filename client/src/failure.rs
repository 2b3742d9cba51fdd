//! What a failed call says about the next step: whether the request can have arrived, and whether
//! another node, or the same one later, may answer differently.

use std::{error::Error, time::Duration};

use talea_proto::ApiError;
use tonic::{Code, ConnectError, Status};

/// A failed call.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) error: ApiError,
    /// The request may have reached the node and been acted upon.
    pub(crate) maybe_received: bool,
    /// Another node, or this one later, may answer differently.
    pub(crate) retry: bool,
}

impl Failure {
    pub(crate) fn of(status: &Status) -> Self {
        let error = ApiError::from_status(status);
        let answered = !error.reason.is_empty();
        let connected = !is_connect_error(status);
        Self {
            // A reason is the node's own answer: it did not take the request.
            maybe_received: connected && !answered,
            retry: is_transient(error.code),
            error,
        }
    }

    pub(crate) fn timeout(after: Duration) -> Self {
        Self::of(&Status::deadline_exceeded(format!(
            "no answer within {} ms",
            after.as_millis()
        )))
    }
}

/// Codes that say nothing about the request itself.
pub(crate) const fn is_transient(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Cancelled
            | Code::Aborted
            | Code::Internal
            | Code::Unknown
    )
}

fn is_connect_error(status: &Status) -> bool {
    let mut source = status.source();
    while let Some(error) = source {
        if error.is::<ConnectError>() {
            return true;
        }
        source = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_with_a_reason_was_not_taken() {
        let stopping = ApiError::unavailable("STOPPING", "", Duration::from_secs(1)).into_status();
        let failure = Failure::of(&stopping);
        assert!(!failure.maybe_received);
        assert!(failure.retry);
        let lost = Failure::of(&Status::unavailable("connection reset"));
        assert!(lost.maybe_received);
        assert!(lost.retry);
        let invalid = Failure::of(&ApiError::signature().into_status());
        assert!(!invalid.maybe_received);
        assert!(!invalid.retry);
    }
}
