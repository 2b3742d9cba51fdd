//! `/api/me`, `/api/session`: who asks, and what it may see.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse as _,
};
use serde_json::{Value, json};
use talea_ledger::{Ledger, access::Record};
use talea_types::{
    Subject,
    access::{Reader, RecordKind, Relation, may_read},
};

use super::{Answer, Asked, Shared};
use crate::{
    limits::SESSION_MAX,
    serve::{
        Desk, access,
        answer::{Problem, json_answer},
        base64, now_ms, words,
    },
};

/// Who asks, and what it may see.
pub(super) async fn me(State(desk): State<Shared>, asked: Asked) -> Answer {
    let ledger = desk.ledger.read();
    let subject = asked.caller.map(|caller| caller.subject);
    let roles = match subject {
        Some(Subject::Participant(id)) => ledger
            .participant(&id)
            .filter(|one| one.is_active(ledger.time()))
            .map_or_else(Vec::new, |one| one.roles.clone()),
        _ => Vec::new(),
    };
    let debtor = match subject {
        Some(Subject::Account(id)) if ledger.debtor(&id).is_some() => Some(id.to_string()),
        _ => None,
    };
    let reader = match subject {
        None => Reader::Anybody,
        Some(Subject::Participant(_)) => Reader::Participant(&roles),
        Some(_) => Reader::Account,
    };
    let sees = |kind: RecordKind| match kind {
        kind if may_read(reader, kind, &[]) => "all",
        kind if may_read(reader, kind, Relation::ALL) => "some",
        _ => "none",
    };
    let whole = access::check(&ledger, asked.caller.as_ref(), &Record::Body).is_ok();
    // Figures over everybody are for whoever sees everything; others see their own.
    let figures = match subject {
        _ if whole => "all",
        Some(Subject::Participant(_)) => "some",
        _ => "none",
    };
    json_answer(&json!({
        "reader": subject.map(|subject| words::subject(&ledger, &subject)),
        "roles": roles,
        "desk_key": base64::encode(desk.key.as_bytes()),
        "debtor": debtor,
        "sees": {
            "accounts": sees(RecordKind::Account),
            "debtors": sees(RecordKind::Debtor),
            "loans": sees(RecordKind::Loan),
            "cases": sees(RecordKind::Case),
            "blocks": if whole { "all" } else { "none" },
            "scorecard": figures,
            "loan_book": figures,
            "settlement": sees(RecordKind::Position),
        },
    }))
}

/// Begins a session for whoever shows a token.
pub(super) async fn begin(State(desk): State<Shared>, headers: HeaderMap) -> Answer {
    let caller = desk.caller_by_token(&headers)?;
    let secret = desk.sessions.begin(caller);
    let lasts = u64::try_from(SESSION_MAX.as_millis()).unwrap_or(u64::MAX);
    let ledger = desk.ledger.read();
    json_answer(&json!({
        "secret": secret,
        "reader": reader(&ledger, &caller.subject),
        "until_ms": now_ms().saturating_add(lasts),
    }))
}

/// Ends the session that is shown.
pub(super) async fn end(State(desk): State<Shared>, headers: HeaderMap) -> Answer {
    let ended = Desk::session_of(&headers)?.is_some_and(|secret| desk.sessions.end(secret));
    if !ended {
        return Err(Problem::bad_request(
            "no session is shown that could be ended",
            "show the session as 'Authorization: Desk SESSION'",
        ));
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn reader(ledger: &Ledger, subject: &Subject) -> Value {
    words::subject(ledger, subject)
}
