//! Refusals over gRPC: one type that the node turns into a `Status` and the client gets back from it.
//!
//! Kept true: what [`ApiError::into_status`] writes, [`ApiError::from_status`] reads back whole; the
//! [`reason`] codes are public API and never change their meaning.

use std::{collections::HashMap, fmt, time::Duration};

use talea_types::{DecodeError, Outcome, Subject};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::api;

/// The `domain` of every ErrorInfo.
pub const DOMAIN: &str = "talea";

/// Stable reasons other than the names of outcomes.
pub mod reason {
    /// The bytes exceed a limit.
    pub const TOO_LARGE: &str = "TOO_LARGE";
    /// The bytes are not protobuf, or cut short.
    pub const MALFORMED: &str = "MALFORMED";
    /// The encoding is not the canonical one.
    pub const NOT_CANONICAL: &str = "NOT_CANONICAL";
    /// A required field is absent.
    pub const FIELD_MISSING: &str = "FIELD_MISSING";
    /// A field breaks its rule.
    pub const FIELD_INVALID: &str = "FIELD_INVALID";
    /// A signature does not verify.
    pub const SIGNATURE_INVALID: &str = "SIGNATURE_INVALID";
    /// The author has too much waiting.
    pub const QUOTA_EXCEEDED: &str = "QUOTA_EXCEEDED";
    /// The node has too much waiting.
    pub const MEMPOOL_FULL: &str = "MEMPOOL_FULL";
    /// Too many transactions on the connection had signatures that do not verify.
    pub const TOO_MANY_INVALID: &str = "TOO_MANY_INVALID";
    /// The caller has too many calls or streams open.
    pub const TOO_MANY_CALLS: &str = "TOO_MANY_CALLS";
    /// The node is shutting down.
    pub const STOPPING: &str = "STOPPING";
    /// Nothing came on the stream for too long; everything on it was answered.
    pub const STREAM_IDLE: &str = "STREAM_IDLE";
    /// This node does not take transactions.
    pub const NOT_SERVING: &str = "NOT_SERVING";
    /// Nothing has this id, height or sequence.
    pub const NOT_FOUND: &str = "NOT_FOUND";
    /// It was there and is kept no longer by this node.
    pub const PRUNED: &str = "PRUNED";
    /// What is asked for is not for everybody: a reader has to show who it is.
    pub const READER_REQUIRED: &str = "READER_REQUIRED";
    /// The reader's token is worth nothing here.
    pub const TOKEN_INVALID: &str = "TOKEN_INVALID";
    /// The reader's token has expired.
    pub const TOKEN_EXPIRED: &str = "TOKEN_EXPIRED";
    /// The reader is not on the ledger, or the key is not one of its keys now.
    pub const READER_UNKNOWN: &str = "READER_UNKNOWN";
    /// The reader may read this once its read is recorded on the ledger.
    pub const READ_NOT_LOGGED: &str = "READ_NOT_LOGGED";
    /// The caller may not call this.
    pub const DENIED: &str = "DENIED";
    /// A fault of the node.
    pub const INTERNAL: &str = "INTERNAL";
}

/// Why a call was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// gRPC code.
    pub code: Code,
    /// Stable reason: one of [`reason`] or the name of an outcome. Empty when the other side gave none
    /// (a proxy, or a broken connection).
    pub reason: String,
    /// What was wrong and what to do, for people.
    pub message: String,
    /// The request's field that is wrong.
    pub field: Option<String>,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
    /// Number of the outcome that a block would give.
    pub outcome: Option<u32>,
    /// Whose record the caller has to say that it reads, with READ_NOT_LOGGED.
    pub subject: Option<Subject>,
}

impl ApiError {
    fn new(code: Code, reason: &str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.to_owned(),
            message: message.into(),
            field: None,
            retry_after: None,
            outcome: None,
            subject: None,
        }
    }

    /// A field of the request that breaks its rule.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..Self::new(Code::InvalidArgument, reason::FIELD_INVALID, message)
        }
    }

    /// Bytes that do not decode.
    #[must_use]
    pub fn decode(error: &DecodeError) -> Self {
        let (reason, field) = match error {
            DecodeError::TooLarge { what, .. } => (reason::TOO_LARGE, *what),
            DecodeError::Malformed { what } => (reason::MALFORMED, *what),
            DecodeError::NotCanonical { what } => (reason::NOT_CANONICAL, *what),
            DecodeError::Missing { field } => (reason::FIELD_MISSING, *field),
            DecodeError::Length { field, .. }
            | DecodeError::Range { field, .. }
            | DecodeError::Order { field }
            | DecodeError::Text { field, .. } => (reason::FIELD_INVALID, *field),
        };
        Self {
            field: Some(field.to_owned()),
            ..Self::new(Code::InvalidArgument, reason, error.to_string())
        }
    }

    /// A signature that does not verify.
    #[must_use]
    pub fn signature() -> Self {
        Self {
            field: Some("signatures".to_owned()),
            ..Self::new(
                Code::InvalidArgument,
                reason::SIGNATURE_INVALID,
                "a signature does not verify; check that the keys and the chain id are those of this network",
            )
        }
    }

    /// An outcome that a block would give by the state as it is. Not final.
    #[must_use]
    pub fn outcome(outcome: Outcome) -> Self {
        Self {
            outcome: Some(outcome.number()),
            ..Self::new(Code::FailedPrecondition, outcome.name(), outcome.help())
        }
    }

    /// Too much at once: `reason` is QUOTA_EXCEEDED, MEMPOOL_FULL, TOO_MANY_CALLS or
    /// TOO_MANY_INVALID.
    pub fn exhausted(reason: &str, message: impl Into<String>, retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Code::ResourceExhausted, reason, message)
        }
    }

    /// Not now: `reason` is STOPPING, STREAM_IDLE or NOT_SERVING.
    pub fn unavailable(reason: &str, message: impl Into<String>, retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Code::Unavailable, reason, message)
        }
    }

    /// Nothing is there.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, reason::NOT_FOUND, message)
    }

    /// It was there; this node does not keep it any longer.
    pub fn pruned(message: impl Into<String>) -> Self {
        Self::new(Code::OutOfRange, reason::PRUNED, message)
    }

    /// The caller has not shown who it is: `reason` is READER_REQUIRED, TOKEN_INVALID, TOKEN_EXPIRED or
    /// READER_UNKNOWN.
    pub fn unauthenticated(reason: &str, message: impl Into<String>) -> Self {
        Self::new(Code::Unauthenticated, reason, message)
    }

    /// The caller may read records of `subject` once its read is recorded.
    pub fn read_not_logged(subject: Subject, message: impl Into<String>) -> Self {
        Self {
            subject: Some(subject),
            ..Self::new(Code::PermissionDenied, reason::READ_NOT_LOGGED, message)
        }
    }

    /// The caller may not.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::new(Code::PermissionDenied, reason::DENIED, message)
    }

    /// A fault of the node. The message must not carry what the caller may not know.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Code::Internal, reason::INTERNAL, message)
    }

    /// The outcome, when this software knows its number.
    #[must_use]
    pub fn known_outcome(&self) -> Option<Outcome> {
        self.outcome.and_then(Outcome::from_number)
    }

    /// As a gRPC status with google.rpc details.
    #[must_use]
    pub fn into_status(self) -> Status {
        let mut details = ErrorDetails::new();
        let outcome = self.outcome.map(|number| number.to_string());
        let subject = self.subject.map(|subject| subject.to_string());
        let metadata = [("outcome", outcome), ("subject", subject)];
        let metadata = metadata
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let metadata: HashMap<String, String> = metadata.collect();
        details.set_error_info(self.reason, DOMAIN, metadata);
        if let Some(field) = self.field {
            details.add_bad_request_violation(field, self.message.clone());
        }
        if let Some(delay) = self.retry_after {
            details.set_retry_info(Some(delay));
        }
        Status::with_error_details(self.code, self.message, details)
    }

    /// Reads a status, with or without details.
    #[must_use]
    pub fn from_status(status: &Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info().filter(|info| info.domain == DOMAIN);
        Self {
            code: status.code(),
            reason: info.map(|info| info.reason.clone()).unwrap_or_default(),
            message: status.message().to_owned(),
            field: details
                .bad_request()
                .and_then(|request| request.field_violations.first())
                .map(|violation| violation.field.clone()),
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
            outcome: info
                .and_then(|info| info.metadata.get("outcome"))
                .and_then(|number| number.parse().ok()),
            subject: info
                .and_then(|info| info.metadata.get("subject"))
                .and_then(|subject| subject.parse().ok()),
        }
    }

    /// As the refusal of one transaction on a stream.
    #[must_use]
    pub fn to_refusal(&self) -> api::Refusal {
        api::Refusal {
            code: self.code.into(),
            reason: self.reason.clone(),
            message: self.message.clone(),
            field: self.field.clone().unwrap_or_default(),
            retry_after_ms: self.retry_after.map_or(0, |delay| {
                u32::try_from(delay.as_millis()).unwrap_or(u32::MAX)
            }),
            outcome: self.outcome.unwrap_or_default(),
        }
    }

    /// Reads the refusal of one transaction on a stream.
    #[must_use]
    pub fn from_refusal(refusal: &api::Refusal) -> Self {
        Self {
            code: Code::from_i32(refusal.code),
            reason: refusal.reason.clone(),
            message: refusal.message.clone(),
            field: Some(refusal.field.clone()).filter(|field| !field.is_empty()),
            retry_after: (refusal.retry_after_ms != 0)
                .then(|| Duration::from_millis(refusal.retry_after_ms.into())),
            outcome: (refusal.outcome != 0).then_some(refusal.outcome),
            // No refusal of a transaction is about a read.
            subject: None,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reason.is_empty() {
            write!(f, "{:?}: {}", self.code, self.message)
        } else {
            write!(f, "{}: {}", self.reason, self.message)
        }
    }
}

impl std::error::Error for ApiError {}

impl From<ApiError> for Status {
    fn from(error: ApiError) -> Self {
        error.into_status()
    }
}

impl From<&DecodeError> for ApiError {
    fn from(error: &DecodeError) -> Self {
        Self::decode(error)
    }
}

impl From<DecodeError> for ApiError {
    fn from(error: DecodeError) -> Self {
        Self::decode(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_kind() -> Vec<ApiError> {
        let second = Duration::from_secs(1);
        vec![
            ApiError::decode(&DecodeError::Missing { field: "author" }),
            ApiError::decode(&DecodeError::NotCanonical {
                what: "transaction",
            }),
            ApiError::invalid("limit", "at most 1,000"),
            ApiError::signature(),
            ApiError::outcome(Outcome::InsufficientFunds),
            ApiError::exhausted(reason::QUOTA_EXCEEDED, "wait", second),
            ApiError::unavailable(reason::STOPPING, "stopping", second),
            ApiError::not_found("no such block"),
            ApiError::pruned("blocks from 100 on are kept"),
            ApiError::denied("not for you"),
            ApiError::unauthenticated(reason::TOKEN_EXPIRED, "make a new one"),
            ApiError::internal("a fault"),
        ]
    }

    #[test]
    fn both_directions_agree() {
        for error in every_kind() {
            assert_eq!(ApiError::from_status(&error.clone().into_status()), error);
            assert_eq!(ApiError::from_refusal(&error.to_refusal()), error);
        }
    }

    #[test]
    fn a_read_that_is_not_recorded_names_whose_record_it_is() {
        let debtor = Subject::Debtor(talea_types::AccountId::from_bytes([1; 16]));
        let error = ApiError::read_not_logged(debtor, "say so first");
        assert_eq!(ApiError::from_status(&error.clone().into_status()), error);
    }

    #[test]
    fn a_status_of_a_stranger_is_read_too() {
        let error = ApiError::from_status(&Status::unavailable("connection refused"));
        assert_eq!(error.code, Code::Unavailable);
        assert_eq!(error.reason, "");
        assert_eq!(error.to_string(), "Unavailable: connection refused");
    }

    #[test]
    fn outcomes_keep_their_number() {
        let error = ApiError::outcome(Outcome::Unauthorised);
        assert_eq!(error.code, Code::FailedPrecondition);
        assert_eq!(error.reason, "UNAUTHORISED");
        assert_eq!(error.known_outcome(), Some(Outcome::Unauthorised));
    }
}
