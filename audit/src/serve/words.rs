//! How rows and references stand in answers.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use talea_ledger::Ledger;
use talea_types::{
    Amount, Asset, Hash, Outcome, ParticipantId, Subject, TransactionId, ValidatorId,
    event::Event,
    limits::NONCE_WINDOW,
    state::{NonceRefusal, NonceWindow},
};

use super::{answer::Problem, base64};
use crate::{Index, Row};

/// A block in short.
#[derive(Clone, Debug)]
pub(super) struct BlockShown {
    pub(super) height: u64,
    hash: Hash,
    time_ms: u64,
    pub(super) proposer: ValidatorId,
    round: u64,
    applied: u64,
    transactions: u64,
    events: u64,
}

impl BlockShown {
    /// Of a row of height, hash, time, proposer, round, applied, rejected, void, events.
    pub(super) fn of(row: &Row) -> Result<Self, Problem> {
        let number = |column| row.integer(column).map(i64::unsigned_abs);
        let applied = number(5)?;
        Ok(Self {
            height: number(0)?,
            hash: Hash(array(row.bytes(1)?)?),
            time_ms: number(2)?,
            proposer: ValidatorId::from_bytes(array(row.bytes(3)?)?),
            round: number(4)?,
            applied,
            transactions: applied + number(6)? + number(7)?,
            events: number(8)?,
        })
    }

    pub(super) fn to_json(&self, ledger: &Ledger) -> Value {
        json!({
            "height": self.height,
            "hash": self.hash.to_string(),
            "time_ms": self.time_ms,
            "proposer": validator(ledger, &self.proposer),
            "round": self.round,
            "transactions": self.transactions,
            "applied": self.applied,
            "events": self.events,
        })
    }
}

/// A transaction in short, of a row of height, position, id, author, operation, outcome, time.
pub(super) fn transaction(ledger: &Ledger, row: &Row) -> Result<Value, Problem> {
    let author = Subject::from_bytes("author", row.bytes(3)?)
        .map_err(|_| Problem::internal("an author in the index cannot be read"))?;
    Ok(json!({
        "id": transaction_id(row.bytes(2)?)?,
        "height": row.integer(0)?,
        "position": row.integer(1)?,
        "time_ms": row.integer(6)?,
        "author": subject(ledger, &author),
        "operation": snake_case(row.text(4)?),
        "outcome": row.integer(5)?,
        "outcome_name": outcome_name(row.integer(5)?),
    }))
}

/// The id of a transaction, as the index has it.
pub(super) fn transaction_id(bytes: &[u8]) -> Result<String, Problem> {
    Ok(TransactionId::new(Hash(array(bytes)?)).to_string())
}

/// The name of an outcome.
pub(super) fn outcome_name(number: i64) -> Option<&'static str> {
    let outcome = u32::try_from(number).ok().and_then(Outcome::from_number);
    outcome.map(|outcome| outcome.name())
}

/// An event, of its canonical bytes.
pub(super) fn event(ledger: &Ledger, encoded: &[u8]) -> Result<Value, Problem> {
    let event = Event::decode(&bytes::Bytes::copy_from_slice(encoded))
        .map_err(|_| Problem::internal("an event in the index cannot be read"))?;
    let mut value = event_head(ledger, &event);
    value["bytes"] = base64::encode(encoded).into();
    Ok(value)
}

/// An event without what it says.
pub(super) fn event_head(ledger: &Ledger, event: &Event) -> Value {
    json!({
        "subject": subject(ledger, &event.subject),
        "sequence": event.sequence,
        "height": event.height,
        "time_ms": event.time.millis(),
        "kind": event.detail.name(),
        "transaction": event.cause.map(|cause| cause.transaction.to_string()),
    })
}

/// A subject with its name, where it has one.
pub(super) fn subject(ledger: &Ledger, subject: &Subject) -> Value {
    let kind = match subject {
        Subject::Account(_) => "account",
        Subject::Participant(id) => return participant(ledger, id),
        Subject::Debtor(_) => "debtor",
        Subject::Loan(_) => "loan",
        Subject::Case(_) => "case",
    };
    json!({ "kind": kind, "id": subject.to_string(), "name": null })
}

/// An organisation with its name.
pub(super) fn participant(ledger: &Ledger, id: &ParticipantId) -> Value {
    let name = ledger.participant(id).map(|one| one.name.as_str());
    json!({ "kind": "participant", "id": id.to_string(), "name": name })
}

/// A validator with its name, where it is one now.
pub(super) fn validator(ledger: &Ledger, id: &ValidatorId) -> Value {
    let name = ledger.validators().get(id).map(|one| one.name.as_str());
    json!({ "kind": "validator", "id": id.to_string(), "name": name })
}

/// An amount with the decimals of its asset.
pub(super) fn amount(ledger: &Ledger, amount: Amount, asset: Asset) -> Value {
    json!({ "amount": decimal(ledger, amount, asset), "asset": asset.to_string() })
}

/// An amount as a decimal.
pub(super) fn decimal(ledger: &Ledger, amount: Amount, asset: Asset) -> String {
    let places = ledger.asset(asset).map_or(0, |totals| totals.decimals);
    amount.to_decimal(places.into())
}

/// Rules with their titles and legal sources, of whatever version.
pub(super) struct Rules(BTreeMap<String, Value>);

impl Rules {
    /// What the index has of rules, as results cite them: `PACK/RULE@VERSION`.
    pub(super) fn of<'a>(
        index: &Index,
        cited: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Problem> {
        const ASK: &str =
            "SELECT cited, pack, title, source, unverified FROM rule WHERE cited = $1";
        let mut found = BTreeMap::new();
        for cited in cited {
            if !found.contains_key(cited)
                && let Some(row) = index.ask(ASK, &[cited.into()])?.first()
            {
                found.insert(cited.to_owned(), rule(row)?);
            }
        }
        Ok(Self(found))
    }

    /// One of them.
    pub(super) fn get(&self, cited: &str) -> Value {
        self.0.get(cited).cloned().unwrap_or_else(|| {
            json!({
                "id": cited,
                "title": null,
                "source": null,
                "pack": null,
                "unverified": false,
            })
        })
    }
}

/// A rule, of a row of cited, pack, title, source, unverified.
pub(super) fn rule(row: &Row) -> Result<Value, Problem> {
    Ok(json!({
        "id": row.text(0)?,
        "title": row.text(2)?,
        "source": row.text(3)?,
        "pack": row.text(1)?,
        "unverified": row.integer(4)? != 0,
    }))
}

/// Rules as the index has them with a transaction, separated by spaces.
pub(super) fn rules(index: &Index, cited: &str) -> Result<Value, Problem> {
    let rules = Rules::of(index, cited.split_whitespace())?;
    Ok(cited.split_whitespace().map(|one| rules.get(one)).collect())
}

/// One above the highest nonce that was used.
pub(super) fn next_nonce(window: &NonceWindow) -> u64 {
    let base = window.base();
    let used = |nonce: &u64| window.check(*nonce) == Err(NonceRefusal::Used);
    let highest = (base..base.saturating_add(NONCE_WINDOW)).rev().find(used);
    highest.map_or(base, |nonce| nonce.saturating_add(1))
}

/// The name of an operation in the contract: `ContactPermit` is `contact_permit`.
pub(super) fn snake_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    for (at, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && at > 0 {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

/// Bytes of a fixed length, as the index has them.
pub(super) fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Problem> {
    let read = bytes.try_into();
    read.map_err(|_| Problem::internal("the index holds bytes of another length than it should"))
}

/// A page of a list: `rows` that were asked for with one more than `limit`, and where the next begins.
pub(super) fn page(mut rows: Vec<(Value, String)>, limit: i64) -> Value {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|(_, cursor)| cursor.clone());
    let rows: Vec<Value> = rows.into_iter().map(|(row, _)| row).collect();
    json!({ "rows": rows, "next": next })
}
