//! `/api/account`, `/api/participant`, `/api/loan`, `/api/case`, `/api/events`: what has a history of its own.

use axum::{
    extract::{Path, State},
    http::{HeaderValue, header::HeaderName},
    response::Response,
};
use serde_json::{Value, json};
use talea_ledger::{Ledger, access::Record};
use talea_types::{AccountId, CaseId, LoanId, ParticipantId, Subject};

use super::{Answer, Asked, Shared, blocks, read};
use crate::{
    LookHead,
    serve::{
        Desk, access,
        answer::{Problem, json_answer},
        base64,
        query::Query,
        words,
    },
};

/// An account.
pub(super) async fn account(
    State(desk): State<Shared>,
    Path(id): Path<String>,
    asked: Asked,
) -> Answer {
    let id: AccountId = read(&id, "an account")?;
    let subject = Subject::Account(id);
    shown(&desk, &asked, subject, "account").await?;
    let mut value = {
        let ledger = desk.ledger.read();
        let account = ledger.account(&id);
        let account = account.ok_or_else(|| Problem::not_found(&format!("account {id}")))?;
        json!({
            "id": id.to_string(),
            "height": ledger.height(),
            "bytes": base64::encode(&account.encode()),
            "sponsor": words::participant(&ledger, &account.sponsor),
            "debtor": ledger.debtor(&id).is_some(),
            "next_nonce": words::next_nonce(&account.nonces),
        })
    };
    // What an account authored tells of disputes and complaints: a list is for the holder, and for who sees blocks.
    let own = asked.caller.is_some_and(|caller| caller.subject == subject);
    value["transactions"] = if own || desk.may(asked.caller.as_ref(), &Record::Body) {
        transactions_of(&desk, &asked.query, subject).await?
    } else {
        Value::Null
    };
    json_answer(&value)
}

/// An organisation.
pub(super) async fn participant(
    State(desk): State<Shared>,
    Path(id): Path<String>,
    asked: Asked,
) -> Answer {
    let id: ParticipantId = read(&id, "an organisation")?;
    let subject = Subject::Participant(id);
    shown(&desk, &asked, subject, "organisation").await?;
    let mut value = {
        let ledger = desk.ledger.read();
        let one = ledger.participant(&id);
        let one = one.ok_or_else(|| Problem::not_found(&format!("organisation {id}")))?;
        json!({
            "id": id.to_string(),
            "height": ledger.height(),
            "bytes": base64::encode(&one.encode()),
            "name": one.name,
            "lei": one.lei,
            "roles": one.roles,
            "active": one.is_active(ledger.time()),
            "history": access::check(&ledger, asked.caller.as_ref(), &Record::History(subject)).is_ok(),
            "next_nonce": words::next_nonce(&one.nonces),
        })
    };
    value["transactions"] = if desk.may(asked.caller.as_ref(), &Record::Body) {
        transactions_of(&desk, &asked.query, subject).await?
    } else {
        Value::Null
    };
    json_answer(&value)
}

/// A loan.
pub(super) async fn loan(
    State(desk): State<Shared>,
    Path(id): Path<String>,
    asked: Asked,
) -> Answer {
    let id: LoanId = read(&id, "a loan")?;
    let look = shown(&desk, &asked, Subject::Loan(id), "loan").await?;
    let value = {
        let ledger = desk.ledger.read();
        let loan = ledger.loan(&id);
        let loan = loan.ok_or_else(|| Problem::not_found(&format!("loan {id}")))?;
        let product = ledger.product(&loan.product);
        json!({
            "id": id.to_string(),
            "height": ledger.height(),
            "business_date": ledger.business_date(),
            "bytes": base64::encode(&loan.encode()),
            "debtor": loan.borrower.to_string(),
            "lender": words::participant(&ledger, &loan.lender),
            "asset": product.map(|one| one.terms.asset.to_string()),
        })
    };
    with_look(json_answer(&value)?, look)
}

/// A case.
pub(super) async fn case(
    State(desk): State<Shared>,
    Path(id): Path<String>,
    asked: Asked,
) -> Answer {
    let id: CaseId = read(&id, "a case")?;
    let look = shown(&desk, &asked, Subject::Case(id), "case").await?;
    let value = {
        let ledger = desk.ledger.read();
        let case = ledger.case(&id);
        let case = case.ok_or_else(|| Problem::not_found(&format!("case {id}")))?;
        let loans: Vec<String> = case.loans.iter().map(ToString::to_string).collect();
        json!({
            "id": id.to_string(),
            "height": ledger.height(),
            "bytes": base64::encode(&case.encode()),
            "debtor": case.debtor.to_string(),
            "collector": words::participant(&ledger, &case.collector),
            "lender": words::participant(&ledger, &case.lender),
            "loans": loans,
            "open": case.is_open(),
        })
    };
    with_look(json_answer(&value)?, look)
}

/// The history of a subject, newest first. Whom an organisation contacted is told to itself alone: for everybody else it
/// stands in the debtor's file.
pub(super) async fn events(
    State(desk): State<Shared>,
    Path(subject): Path<String>,
    asked: Asked,
) -> Answer {
    const ASK: &str = "SELECT sequence, bytes FROM event WHERE subject = $1 AND sequence < $2 \
                       ORDER BY sequence DESC LIMIT $3";
    let subject: Subject = read(&subject, "an account, organisation, debtor, loan or case")?;
    let record = Record::History(subject);
    let look = desk.look(asked.caller.as_ref(), record, "history").await?;
    let length = length_of(&desk.ledger.read(), &subject)?;
    let limit = asked.query.limit()?;
    let (before, _) = asked.query.cursor((i64::MAX, 0))?;
    let rows = desk.readers.ask(move |index| {
        let name = subject.to_bytes();
        let values = [
            name[..].into(),
            crate::Value::Integer(before),
            crate::Value::Integer(limit + 1),
        ];
        Ok(index.ask(ASK, &values)?)
    });
    let rows = rows.await?;
    let ledger = desk.ledger.read();
    let is_own = asked.caller.is_some_and(|caller| caller.subject == subject);
    let is_whole = is_own || !matches!(subject, Subject::Participant(_));
    let each = rows.iter().map(|row| {
        if !is_whole {
            return blocks::event(&ledger, row);
        }
        let event = words::event(&ledger, row.bytes(1)?)?;
        Ok((event, row.integer(0)?.to_string()))
    });
    let rows: Result<Vec<_>, Problem> = each.collect();
    let mut value = words::page(rows?, limit);
    value["length"] = length.into();
    with_look(json_answer(&value)?, look)
}

/// How many events a subject has.
fn length_of(ledger: &Ledger, subject: &Subject) -> Result<u64, Problem> {
    let chain = ledger.events_of(subject);
    let chain = chain.ok_or_else(|| Problem::not_found(&subject.to_string()))?;
    Ok(chain.length())
}

/// Checks that a subject's object may be shown, and writes the look down.
async fn shown(
    desk: &Desk,
    asked: &Asked,
    subject: Subject,
    what: &'static str,
) -> Result<Option<LookHead>, Problem> {
    let record = access::object(&subject);
    desk.look(asked.caller.as_ref(), record, what).await
}

/// Says which look an answer is.
pub(super) fn with_look(mut response: Response, look: Option<LookHead>) -> Answer {
    let text = look.and_then(|look| HeaderValue::try_from(look.to_string()).ok());
    if let Some(text) = text {
        let name = HeaderName::from_static("talea-look");
        response.headers_mut().insert(name, text);
    }
    Ok(response)
}

/// The transactions that a subject authored, newest first.
async fn transactions_of(desk: &Desk, query: &Query, author: Subject) -> Result<Value, Problem> {
    const ASK: &str = "SELECT tx.height, position, id, author, operation, outcome, time_ms \
                       FROM tx JOIN block ON block.height = tx.height \
                       WHERE author = $1 AND (tx.height, position) < ($2, $3) \
                       ORDER BY tx.height DESC, position DESC LIMIT $4";
    let limit = query.limit()?;
    let (height, position) = query.cursor((i64::MAX, 0))?;
    let rows = desk.readers.ask(move |index| {
        let name = author.to_bytes();
        let values = [
            name[..].into(),
            crate::Value::Integer(height),
            crate::Value::Integer(position),
            crate::Value::Integer(limit + 1),
        ];
        Ok(index.ask(ASK, &values)?)
    });
    let rows = rows.await?;
    let ledger = desk.ledger.read();
    let each = rows.iter().map(|row| {
        let cursor = format!("{}.{}", row.integer(0)?, row.integer(1)?);
        Ok((words::transaction(&ledger, row)?, cursor))
    });
    let rows: Result<Vec<_>, Problem> = each.collect();
    Ok(words::page(rows?, limit))
}
