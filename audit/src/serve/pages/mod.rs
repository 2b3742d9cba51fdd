//! The addresses of the interface. Each is described with an example in `audit/web/desk/API.md`.

mod blocks;
mod case_file;
mod complaints;
mod content;
mod explain;
mod live;
pub(super) mod loan_book;
mod loan_rolls;
mod looks_through;
mod me;
mod network;
mod packs;
mod proofs;
mod scorecard;
mod search;
mod settlement;
mod subjects;
mod submit;
mod transaction;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts},
    http::{HeaderName, HeaderValue, Request, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};

use super::{
    Desk,
    answer::{Answer, Problem},
    caller::Caller,
    files,
    query::Query,
};
use crate::limits::BODY_BYTES_MAX;

/// Nothing but what the desk itself serves is loaded, run or asked.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; \
     base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

/// The desk, shared.
pub(super) type Shared = Arc<Desk>;

/// Every address.
pub(super) fn routes(desk: Shared) -> Router {
    let api = Router::new()
        .route("/network", get(network::network))
        .route("/blocks", get(blocks::blocks))
        .route("/block/{height}", get(blocks::block))
        .route("/transaction/{id}", get(transaction::transaction))
        .route("/transaction", post(submit::submit))
        .route("/account/{id}", get(subjects::account))
        .route("/participant/{id}", get(subjects::participant))
        .route("/loan/{id}", get(subjects::loan))
        .route("/case/{id}", get(subjects::case))
        .route("/events/{subject}", get(subjects::events))
        .route("/case-file/{account}", get(case_file::case_file))
        .route("/scorecard", get(scorecard::scorecard))
        .route("/loan-book", get(loan_book::loan_book))
        .route("/loan-rolls", get(loan_rolls::loan_rolls))
        .route("/settlement", get(settlement::settlement))
        .route("/packs", get(packs::packs))
        .route("/pack/{id}", get(packs::pack))
        .route("/rules", get(packs::rules))
        .route("/explain", post(explain::explain))
        .route("/search", get(search::search))
        .route("/live", get(live::live))
        .route("/me", get(me::me))
        .route("/session", post(me::begin).delete(me::end))
        .route("/genesis", get(network::genesis))
        .route("/proof/transaction/{id}", get(proofs::transaction))
        .route("/proof/debtor/{id}", get(proofs::debtor))
        .fallback(no_such_address)
        .method_not_allowed_fallback(no_such_method);
    Router::new()
        .nest("/api", api)
        .fallback(files::file)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(guarded))
        .with_state(desk)
}

/// What somebody asks: as whom, and what stands behind the question mark.
pub(super) struct Asked {
    pub(super) caller: Option<Caller>,
    pub(super) query: Query,
}

impl FromRequestParts<Shared> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, desk: &Shared) -> Result<Self, Problem> {
        Ok(Self {
            caller: desk.caller(&parts.headers)?,
            query: Query::of(&parts.uri)?,
        })
    }
}

/// Reads a part of an address.
pub(super) fn read<T: std::str::FromStr>(text: &str, what: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| {
        let shown: String = text.chars().take(80).collect();
        Problem::bad_request(
            format!("'{shown}' is not {what}"),
            "copy it whole; ids say by their first letters what they are of",
        )
    })
}

async fn no_such_address() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "NO_SUCH_ADDRESS",
        "the desk has no such address",
        "see audit/web/desk/API.md for all that it has",
    )
}

async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        "this address is not asked so",
        "reading is GET; /api/transaction, /api/explain and /api/session take POST",
    )
}

/// What holds for every answer.
async fn guarded(request: Request<axum::body::Body>, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    if is_api && response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        response = Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "TOO_LARGE",
            "the body is too large",
            format!("send at most {BODY_BYTES_MAX} bytes"),
        )
        .into_response();
    }
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    if is_api {
        // What one person may see, no cache keeps for another.
        set(header::CACHE_CONTROL, "no-store");
    }
    response
}
