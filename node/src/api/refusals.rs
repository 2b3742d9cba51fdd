//! Refusals of admission as errors of the API.

use std::time::Duration;

use talea_proto::{ApiError, errors::reason};
use talea_types::TransactionId;

use crate::{admission::Refusal, interface::AdmissionError};

/// Queues drain within a few blocks.
const RETRY_SOON: Duration = Duration::from_millis(250);
/// Catching up and restarting take longer.
const RETRY_LATER: Duration = Duration::from_secs(2);

/// What a client is told.
pub(super) fn api_error(refusal: &Refusal) -> ApiError {
    let message = refusal.to_string();
    match refusal {
        Refusal::Decode(error) => ApiError::decode(error),
        Refusal::Outcome { outcome, .. }
        | Refusal::Mempool {
            error: AdmissionError::Outcome { outcome },
            ..
        } => ApiError::outcome(*outcome),
        Refusal::Signature { .. } => ApiError::signature(),
        Refusal::Mempool {
            error: AdmissionError::Quota { .. },
            ..
        } => ApiError::exhausted(reason::QUOTA_EXCEEDED, message, RETRY_SOON),
        Refusal::Mempool {
            error: AdmissionError::Full { .. },
            ..
        }
        | Refusal::Busy { .. } => ApiError::exhausted(reason::MEMPOOL_FULL, message, RETRY_SOON),
        Refusal::Mempool {
            error: AdmissionError::Closed { .. },
            ..
        } => ApiError::unavailable(reason::NOT_SERVING, message, RETRY_LATER),
        Refusal::Owing { wait } => ApiError::exhausted(reason::TOO_MANY_INVALID, message, *wait),
        Refusal::Stopping => ApiError::unavailable(reason::STOPPING, message, RETRY_LATER),
    }
}

/// The transaction that a refusal is about, when its bytes could be decoded.
pub(super) const fn refused_id(refusal: &Refusal) -> Option<&TransactionId> {
    match refusal {
        Refusal::Outcome { id, .. } | Refusal::Signature { id } | Refusal::Mempool { id, .. } => {
            Some(id)
        }
        Refusal::Decode(_) | Refusal::Busy { .. } | Refusal::Owing { .. } | Refusal::Stopping => {
            None
        }
    }
}

/// Too many at once, of whatever `message` says.
pub(super) fn too_many(message: &str) -> ApiError {
    ApiError::exhausted(reason::TOO_MANY_CALLS, message, RETRY_SOON)
}

/// The client holds its share of something.
pub(super) fn held_enough(what: &str) -> ApiError {
    too_many(&format!(
        "this client has as many {what} as are left for all others; end some, or ask another node"
    ))
}

/// Nothing came on a stream for so long.
pub(super) fn idle(most: Duration) -> ApiError {
    let message = format!(
        "nothing was submitted on this stream for {} ms and nothing waits; open another when there is something",
        most.as_millis()
    );
    ApiError::unavailable(reason::STREAM_IDLE, message, RETRY_SOON)
}

/// The node is on its way down.
pub(super) fn stopping() -> ApiError {
    api_error(&Refusal::Stopping)
}
