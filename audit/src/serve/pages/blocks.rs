//! `/api/blocks`, `/api/block/{height}`.

use axum::extract::{Path, State};
use prost::Message as _;
use serde_json::{Value, json};
use talea_ledger::{Ledger, access::Record};
use talea_types::{BlockHeader, Certificate, event::Event, wire};

use super::{Answer, Asked, Shared, read};
use crate::{
    Index, Row,
    serve::{
        answer::{Problem, json_answer},
        base64,
        recent::certificate,
        words::{self, BlockShown},
    },
};

/// Blocks, newest first.
pub(super) async fn blocks(State(desk): State<Shared>, asked: Asked) -> Answer {
    const ASK: &str = "SELECT height, hash, time_ms, proposer, round, applied, rejected, void, events \
                       FROM block WHERE height < $1 ORDER BY height DESC LIMIT $2";
    let limit = asked.query.limit()?;
    let (before, _) = asked.query.cursor((i64::MAX, 0))?;
    let rows = desk.readers.ask(move |index| {
        let rows = index.ask(ASK, &[int(before), int(limit + 1)])?;
        rows.iter()
            .map(BlockShown::of)
            .collect::<Result<Vec<_>, _>>()
    });
    let rows = rows.await?;
    let ledger = desk.ledger.read();
    let rows = rows.iter();
    let rows = rows.map(|block| (block.to_json(&ledger), block.height.to_string()));
    json_answer(&words::page(rows.collect(), limit))
}

/// A block: who signed it, and, for whoever may see blocks whole, what is in it.
pub(super) async fn block(
    State(desk): State<Shared>,
    Path(height): Path<String>,
    asked: Asked,
) -> Answer {
    const ASK: &str = "SELECT height, hash, time_ms, proposer, round, applied, rejected, void, events, committed \
                       FROM block WHERE height = $1";
    let height: u64 = read(&height, "a height")?;
    let whole = desk.may(asked.caller.as_ref(), &Record::Body);
    let limit = asked.query.limit()?;
    let (cursor, _) = asked.query.cursor((0, 0))?;
    let part = asked.query.get("part").map(str::to_owned);
    let found = desk.readers.ask(move |index| {
        let rows = index.ask(ASK, &[height.into()])?;
        let Some(row) = rows.first() else {
            return Err(Problem::not_found(&format!("block {height}")));
        };
        let of = |wanted: &str| match part.as_deref() {
            None => Some(0),
            Some(part) => (part == wanted).then_some(cursor),
        };
        let list = |from: Option<i64>, ask: &'static str| match from.filter(|_| whole) {
            Some(from) => rows_of(index, ask, height, from, limit).map(Some),
            None => Ok(None),
        };
        Ok(Found {
            block: BlockShown::of(row)?,
            header: header(row.bytes(9)?)?,
            certificate: certificate(row.bytes(9)?)?,
            transactions: list(of("transactions"), TRANSACTIONS)?,
            events: list(of("events"), EVENTS)?,
        })
    });
    let found = found.await?;
    let ledger = desk.ledger.read();
    let mut value = found.to_json(&ledger, limit)?;
    value["whole"] = whole.into();
    json_answer(&value)
}

const TRANSACTIONS: &str = "SELECT tx.height, position, id, author, operation, outcome, time_ms \
                            FROM tx JOIN block ON block.height = tx.height \
                            WHERE tx.height = $1 AND position >= $2 ORDER BY position LIMIT $3";
const EVENTS: &str = "SELECT position, bytes FROM event WHERE height = $1 AND position >= $2 \
                      ORDER BY position LIMIT $3";

fn rows_of(
    index: &Index,
    ask: &'static str,
    height: u64,
    from: i64,
    limit: i64,
) -> Result<Vec<Row>, Problem> {
    Ok(index.ask(ask, &[height.into(), int(from), int(limit + 1)])?)
}

struct Found {
    block: BlockShown,
    header: BlockHeader,
    certificate: Certificate,
    transactions: Option<Vec<Row>>,
    events: Option<Vec<Row>>,
}

impl Found {
    fn to_json(&self, ledger: &Ledger, limit: i64) -> Result<Value, Problem> {
        let transactions = self.transactions.as_ref().map(|rows| {
            let each = rows.iter().map(|row| {
                let position = row.integer(1)?;
                Ok((words::transaction(ledger, row)?, position.to_string()))
            });
            let rows: Result<Vec<_>, Problem> = each.collect();
            Ok::<_, Problem>(words::page(rows?, limit))
        });
        let events = self.events.as_ref().map(|rows| {
            let rows: Result<Vec<_>, Problem> = rows.iter().map(|row| event(ledger, row)).collect();
            Ok::<_, Problem>(words::page(rows?, limit))
        });
        // The set that decided it is known while it is that of the state.
        let deciding = ledger.validators();
        let known = deciding.hash() == self.header.validators_hash;
        let signed = |id| self.certificate.signatures.iter().any(|(one, _)| one == id);
        let signers: Vec<Value> = if known {
            let each = deciding.iter();
            each.map(|(id, one)| {
                json!({
                    "id": id.to_string(),
                    "name": one.name,
                    "power": one.power,
                    "signed": signed(id),
                })
            })
            .collect()
        } else {
            let each = self.certificate.signatures.iter();
            each.map(|(id, _)| {
                json!({ "id": id.to_string(), "name": null, "power": null, "signed": true })
            })
            .collect()
        };
        let signing = deciding.iter().filter(|(id, _)| signed(*id));
        let power: u64 = signing.map(|(_, one)| one.power).sum();
        Ok(json!({
            "block": self.block.to_json(ledger),
            "header": base64::encode(&self.header.to_wire().encode_to_vec()),
            "certificate": base64::encode(&self.certificate.to_wire().encode_to_vec()),
            "signers": signers,
            "signed_power": known.then_some(power),
            "total_power": known.then_some(deciding.total_power()),
            "transactions": transactions.transpose()?,
            "events": events.transpose()?,
        }))
    }
}

/// An event as a block lists it, and as others than an organisation itself are shown its history: what it says of a
/// debtor, a loan or a case stands in their own files, where a look is written down.
pub(super) fn event(ledger: &Ledger, row: &Row) -> Result<(Value, String), Problem> {
    use talea_types::Subject::{Account, Case, Debtor, Loan, Participant};
    let encoded = row.bytes(1)?;
    let event = Event::decode(&bytes::Bytes::copy_from_slice(encoded))
        .map_err(|_| Problem::internal("an event in the index cannot be read"))?;
    let mut value = words::event_head(ledger, &event);
    value["bytes"] = match event.subject {
        Account(_) => base64::encode(encoded).into(),
        Participant(_) if !is_of_a_debtor(&event) => base64::encode(encoded).into(),
        Participant(_) | Debtor(_) | Loan(_) | Case(_) => Value::Null,
    };
    Ok((value, row.integer(0)?.to_string()))
}

/// Whether an event in an organisation's history is about a debtor too: terms of lending and business dates are not.
fn is_of_a_debtor(event: &Event) -> bool {
    use talea_types::{
        EventDetail::{Collections, Credit},
        event::CreditEvent::{AgreementRegistered, BusinessDateAdvanced, ProductPublished},
    };
    match &*event.detail {
        Credit(ProductPublished(_) | AgreementRegistered(_) | BusinessDateAdvanced(_)) => false,
        detail => matches!(detail, Collections(_) | Credit(_)),
    }
}

/// The header of a block, without reading its transactions.
fn header(committed: &[u8]) -> Result<BlockHeader, Problem> {
    let damaged = || Problem::internal("a block in the index cannot be read");
    let block = wire::CommittedBlock::decode(bytes::Bytes::copy_from_slice(committed));
    let body = block.ok().and_then(|block| block.body);
    let content = body.and_then(|body| body.content).ok_or_else(damaged)?;
    let header = content.header.ok_or_else(damaged)?;
    BlockHeader::from_wire(&header).map_err(|_| damaged())
}

fn int(number: i64) -> crate::Value {
    crate::Value::Integer(number)
}
