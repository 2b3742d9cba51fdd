//! `/api/transaction/{id}`: a transaction, for whoever knows its id, as with a receipt of paper; what it says of a
//! debtor, for whoever may see that, with a look.

use axum::extract::{Path, State};
use serde_json::{Value, json};
use talea_ledger::access::Record;
use talea_types::{ChainId, CommittedBlock, SignedTransaction, TransactionId};

use super::{Answer, Asked, Shared, blocks, content, read, subjects::with_look};
use crate::{
    Index, Row,
    limits::ROWS_MAX,
    serve::{
        answer::{Problem, json_answer},
        base64, words,
    },
};

/// A transaction with its outcome; its content, and by which rules it was refused, where that may be shown; and the
/// events that it caused for whoever may see blocks whole.
pub(super) async fn transaction(
    State(desk): State<Shared>,
    Path(id): Path<String>,
    asked: Asked,
) -> Answer {
    let id: TransactionId = read(&id, "a transaction id")?;
    let whole = desk.may(asked.caller.as_ref(), &Record::Body);
    let chain = desk.chain;
    let read = desk.readers.ask(move |index| {
        let found = find(index, &chain, &id, whole)?;
        let rules = words::rules(index, found.row.text(7)?)?;
        Ok((found, rules))
    });
    let (found, rules) = read.await?;
    let caller = asked.caller.as_ref();
    let look = content::look(&desk, caller, &found.records, "transaction").await;
    let ledger = desk.ledger.read();
    let mut value = words::transaction(&ledger, &found.row)?;
    let events = found.events.as_ref().map(|rows| {
        let each = rows.iter().map(|row| blocks::event(&ledger, row));
        let rows: Result<Vec<Value>, Problem> = each.map(|one| Ok(one?.0)).collect();
        rows
    });
    // Who may not see the content sees that there is some.
    value["bytes"] = look.is_ok().then(|| base64::encode(&found.bytes)).into();
    // Why a debtor may not be contacted is a part of the debtor's file too.
    value["rules"] = look.is_ok().then_some(rules).into();
    value["events"] = json!(events.transpose()?);
    with_look(json_answer(&value)?, look.unwrap_or_default())
}

/// What the index has of a transaction.
pub(super) struct Found {
    /// Height, position, id, author, operation, outcome, time, rules.
    pub(super) row: Row,
    /// Canonical bytes of the signed transaction.
    pub(super) bytes: Vec<u8>,
    /// Of debtors, of which its content is a part.
    pub(super) records: Vec<Record>,
    events: Option<Vec<Row>>,
}

/// Finds a transaction, with its events where they are to be shown.
pub(super) fn find(
    index: &Index,
    chain: &ChainId,
    id: &TransactionId,
    whole: bool,
) -> Result<Found, Problem> {
    // An id can be there again, without effect: what counts is where it had one, and that came first.
    const ASK: &str = "SELECT tx.height, position, id, author, operation, outcome, time_ms, rules \
                       FROM tx JOIN block ON block.height = tx.height \
                       WHERE id = $1 ORDER BY tx.height, position LIMIT 1";
    const EVENTS: &str = "SELECT position, bytes FROM event \
                          WHERE height = $1 AND transaction_position = $2 ORDER BY position LIMIT $3";
    let row = index
        .ask(ASK, &[id.as_bytes()[..].into()])?
        .into_iter()
        .next();
    let row = row.ok_or_else(|| Problem::not_found("transaction with this id"))?;
    let (height, position) = (row.integer(0)?, row.integer(1)?);
    let events = whole.then(|| {
        let values = [height, position, ROWS_MAX].map(crate::Value::Integer);
        index.ask(EVENTS, &values)
    });
    let bytes = bytes_of(index, height.unsigned_abs(), position)?;
    let signed = SignedTransaction::decode(chain, bytes.clone().into())
        .map_err(|_| Problem::internal("a transaction in the index cannot be read"))?;
    Ok(Found {
        records: content::records(index, signed.body())?,
        bytes,
        events: events.transpose()?,
        row,
    })
}

/// The signed bytes of the transaction at a place.
fn bytes_of(index: &Index, height: u64, position: i64) -> Result<Vec<u8>, Problem> {
    let damaged = || Problem::internal("a block in the index cannot be read");
    let block = index.block(height)?.ok_or_else(damaged)?;
    let block = CommittedBlock::decode(&block.committed).map_err(|_| damaged())?;
    let mut all = block
        .body
        .batches
        .iter()
        .flat_map(|batch| batch.transactions());
    let at = usize::try_from(position).map_err(|_| damaged())?;
    all.nth(at).map(|bytes| bytes.to_vec()).ok_or_else(damaged)
}
