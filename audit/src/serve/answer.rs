//! Answers: JSON, or a problem that says what to do.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use talea_client::ClientError;

use crate::{IndexError, LooksError};

/// What a handler gives.
pub(super) type Answer = Result<Response, Problem>;

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    /// A stable name, for programs.
    pub(super) code: &'static str,
    message: String,
    advice: String,
}

impl Problem {
    pub(super) fn new(
        status: StatusCode,
        code: &'static str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            advice: advice.into(),
        }
    }

    /// What was asked for cannot be read.
    pub(super) fn bad_request(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_REQUEST", message, advice)
    }

    /// There is none, up to the newest verified block.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "NOT_FOUND",
            format!("there is no {what} up to the newest verified block"),
            "check the id; what happened a moment ago may be in a block that is not verified yet",
        )
    }

    /// The desk cannot do its work.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL",
            message,
            "see what the desk says on its terminal; `talea-audit reindex` makes a damaged index again",
        )
    }

    /// Too much is asked at once.
    pub(super) fn busy(message: impl Into<String>) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "BUSY",
            message,
            "wait a moment and ask again",
        )
    }
}

impl From<IndexError> for Problem {
    fn from(error: IndexError) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<LooksError> for Problem {
    fn from(error: LooksError) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "INTERNAL",
            error.to_string(),
            "see what `talea-audit looks` says of the log, and keep it as it is",
        )
    }
}

impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Self {
        let advice = match &error {
            ClientError::Refused(_) => {
                "the node's answer says what to do; nothing was changed on the ledger"
            }
            ClientError::Uncertain { .. } => {
                "look the transaction up by its id before you make another one"
            }
            _ => "check that the node runs and that the desk can reach it, then try again",
        };
        Self::new(StatusCode::BAD_GATEWAY, "NODE", error.to_string(), advice)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({ "error": {
            "code": self.code,
            "message": self.message,
            "advice": self.advice,
        }});
        let mut response = (self.status, json_text(&body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Talea");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

/// A JSON answer.
#[allow(clippy::unnecessary_wraps, reason = "the last word of every handler")]
pub(super) fn json_answer(value: &Value) -> Answer {
    Ok(json_text(value).into_response())
}

/// Bytes to keep as a file.
#[allow(clippy::unnecessary_wraps, reason = "the last word of a handler")]
pub(super) fn file_answer(name: &str, bytes: Vec<u8>) -> Answer {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, bytes).into_response())
}

fn json_text(value: &Value) -> impl IntoResponse + use<> {
    (
        [(header::CONTENT_TYPE, "application/json")],
        value.to_string(),
    )
}
