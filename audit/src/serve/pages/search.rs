//! `/api/search`: from what a person has in hand to where it is shown.
//!
//! What somebody may not see is not found: that it is there is an answer too.

use axum::extract::State;
use serde_json::{Value, json};
use talea_ledger::{Ledger, access::Record};
use talea_types::{
    ParticipantId, PermitId, ProposalId, StateKey, Subject, TransactionId, ValidatorId,
};

use super::{Answer, Asked, Shared, subjects::with_look};
use crate::{
    LookHead,
    serve::{
        Desk, access,
        answer::{Problem, json_answer},
        caller::Caller,
        words,
    },
};

/// Organisations and rule packs that are found by a part of their name, transactions by a reference.
const NAMED_MAX: usize = 20;

/// Looks for an id, a Legal Entity Identifier, a height, a name, a reference.
pub(super) async fn search(State(desk): State<Shared>, asked: Asked) -> Answer {
    let text = asked.query.get("q").unwrap_or_default().trim().to_owned();
    let mut found = by_state(&desk, asked.caller.as_ref(), &text);
    let permit = match text.parse() {
        Ok(id) => by_permit(&desk, asked.caller.as_ref(), id).await,
        Err(_) => None,
    };
    let look = permit.and_then(|(row, look)| {
        found.push(row);
        look
    });
    if let Ok(id) = text.parse::<TransactionId>() {
        const ASK: &str = "SELECT height FROM tx WHERE id = $1 LIMIT 1";
        let known = desk
            .readers
            .ask(move |index| Ok(!index.ask(ASK, &[id.as_bytes()[..].into()])?.is_empty()));
        if known.await? {
            found.push(row("transaction", &id.to_string(), None));
        }
    }
    // Whose payments carry a reference is for whoever may see blocks whole.
    if desk.may(asked.caller.as_ref(), &Record::Body) && !text.is_empty() {
        found.extend(by_reference(&desk, text).await?);
    }
    with_look(json_answer(&json!({ "rows": found, "next": null }))?, look)
}

/// The case and the debtor of a permit are a part of the file, and finding them is a look.
async fn by_permit(
    desk: &Desk,
    caller: Option<&Caller>,
    id: PermitId,
) -> Option<(Value, Option<LookHead>)> {
    let record = Record::Object(StateKey::Permit(id));
    let permit = desk.ledger.read().permit(&id).cloned()?;
    let look = desk.look(caller, record, "search").await.ok()?;
    let mut found = row("permit", &id.to_string(), None);
    found["case"] = permit.case.to_string().into();
    found["debtor"] = permit.debtor.to_string().into();
    Some((found, look))
}

/// Transactions that carry a reference, newest first.
async fn by_reference(desk: &Desk, text: String) -> Result<Vec<Value>, Problem> {
    const ASK: &str = "SELECT tx.id FROM reference \
                       JOIN tx ON tx.height = reference.height AND tx.position = reference.position \
                       WHERE text = $1 ORDER BY reference.height DESC, reference.position DESC LIMIT $2";
    let named = text.clone();
    let rows = desk.readers.ask(move |index| {
        let limit = i64::try_from(NAMED_MAX).unwrap_or(i64::MAX);
        Ok(index.ask(ASK, &[text.as_str().into(), crate::Value::Integer(limit)])?)
    });
    let rows = rows.await?;
    let each = rows.iter().map(|found| {
        let id = words::transaction_id(found.bytes(0)?)?;
        Ok(row("transaction", &id, Some(&named)))
    });
    each.collect()
}

fn by_state(desk: &Desk, caller: Option<&Caller>, text: &str) -> Vec<Value> {
    let ledger = desk.ledger.read();
    let may = |record: &Record| access::check(&ledger, caller, record).is_ok();
    let mut found = Vec::new();
    if text.is_empty() {
        return found;
    }
    if let Ok(height) = text.parse::<u64>()
        && (1..=ledger.height()).contains(&height)
    {
        found.push(row("block", text, None));
    }
    if let Ok(subject) = text.parse::<Subject>() {
        found.extend(by_subject(&ledger, &subject, &may));
        if let Subject::Account(id) = subject {
            found.extend(by_subject(&ledger, &Subject::Debtor(id), &may));
        }
    }
    if let Ok(id) = text.parse::<ValidatorId>()
        && let Some(validator) = ledger.validators().get(&id)
    {
        found.push(row("validator", text, Some(&validator.name)));
    }
    if let Ok(id) = text.parse::<ProposalId>()
        && ledger.proposal(&id).is_some()
    {
        found.push(row("proposal", text, None));
    }
    found.extend(by_name(&ledger, text, &may));
    found
}

fn by_subject(ledger: &Ledger, subject: &Subject, may: &impl Fn(&Record) -> bool) -> Option<Value> {
    ledger.events_of(subject)?;
    may(&access::object(subject)).then(|| {
        let shown = words::subject(ledger, subject);
        let kind = shown["kind"].as_str().unwrap_or_default().to_owned();
        let id = match subject {
            // The page of a debtor is named by the account.
            Subject::Debtor(id) => id.to_string(),
            other => other.to_string(),
        };
        row(&kind, &id, shown["name"].as_str())
    })
}

/// Organisations by name, identifier or BIC, and rule packs by id.
fn by_name(ledger: &Ledger, text: &str, may: &impl Fn(&Record) -> bool) -> Vec<Value> {
    let wanted = text.to_lowercase();
    let contains = |name: &str| name.to_lowercase().contains(&wanted);
    let matches = |id: &ParticipantId| {
        let one = ledger.participant(id);
        one.filter(|one| {
            contains(&one.name) || one.lei.eq_ignore_ascii_case(text) || contains(&one.bic)
        })
    };
    let organisations = ledger.participants().filter_map(|(id, _)| {
        let one = matches(id)?;
        may(&Record::Object(StateKey::Participant(*id)))
            .then(|| row("participant", &id.to_string(), Some(&one.name)))
    });
    let packs = ledger
        .rule_packs()
        .filter(|(id, _)| contains(&id.to_string()));
    let packs = packs.map(|(id, _)| row("pack", &id.to_string(), None));
    organisations
        .take(NAMED_MAX)
        .chain(packs.take(NAMED_MAX))
        .collect()
}

fn row(kind: &str, id: &str, name: Option<&str>) -> Value {
    json!({ "kind": kind, "id": id, "name": name })
}
