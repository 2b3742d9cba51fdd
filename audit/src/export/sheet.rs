//! What is exported: six sheets, their columns, and where each row comes from.

use bytes::Bytes;
use talea_types::{
    AccountId, CaseId, DecodeError, Event, EventDetail, LoanId, Outcome, ParticipantId, PermitId,
    ProductId, Subject, ValidatorId,
};

use super::{ExportError, retention::Retention};
use crate::{IndexError, Row, Value};

/// What a column holds. Every column can hold nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Text,
}

/// A file of each day.
pub(super) struct Sheet {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
    pub(super) past_retention: PastRetention,
    /// Asks for the rows of blocks `$1` to `$2`.
    pub(super) sql: &'static str,
    /// Makes a row of the file of a row of the answer.
    pub(super) take: fn(&Row, &Retention) -> Result<Taken, ExportError>,
}

impl Sheet {
    /// The value of a row in the column of this name.
    pub(super) fn value<'r>(&self, row: &'r [Value], name: &str) -> Option<&'r Value> {
        let column = self
            .columns
            .iter()
            .position(|(column, _)| *column == name)?;
        row.get(column)
    }
}

/// What becomes of rows of a kind that may no longer be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PastRetention {
    /// They are of no debtor, and are kept.
    Kept,
    /// They stay without what says whose they are.
    Redacted,
    /// They are left out.
    LeftOut,
}

/// What becomes of a row.
pub(super) enum Taken {
    Row(Vec<Value>),
    /// A row without what of it may no longer be kept: counted with the others, so that totals stay.
    Redacted(Vec<Value>),
    /// It may no longer be kept.
    LeftOut,
}

use Kind::{Integer, Text};

/// All of them.
pub(super) const SHEETS: [Sheet; 6] = [
    Sheet {
        name: "blocks",
        columns: &[
            ("height", Integer),
            ("hash", Text),
            ("time_ms", Integer),
            ("business_date", Integer),
            ("proposer", Text),
            ("round", Integer),
            ("state_root", Text),
            ("applied", Integer),
            ("rejected", Integer),
            ("void", Integer),
            ("events", Integer),
        ],
        past_retention: PastRetention::Kept,
        sql: "SELECT height, hash, time_ms, business_date, proposer, round, state_root, applied, \
              rejected, void, events FROM block WHERE height >= $1 AND height <= $2 ORDER BY height",
        take: block,
    },
    Sheet {
        name: "transactions",
        columns: &[
            ("height", Integer),
            ("position", Integer),
            ("id", Text),
            ("author", Text),
            ("operation", Text),
            ("outcome", Integer),
            ("outcome_name", Text),
            ("rules", Text),
        ],
        past_retention: PastRetention::Redacted,
        sql: "SELECT height, position, id, author, operation, outcome, rules FROM tx \
              WHERE height >= $1 AND height <= $2 ORDER BY height, position",
        take: transaction,
    },
    Sheet {
        name: "events",
        columns: &[
            ("height", Integer),
            ("position", Integer),
            ("time_ms", Integer),
            ("subject", Text),
            ("sequence", Integer),
            ("kind", Text),
            ("transaction", Text),
            ("asset", Text),
            ("amount", Integer),
            ("available", Integer),
            ("held", Integer),
            ("counterparty", Text),
            ("reference", Text),
            ("bytes", Text),
        ],
        past_retention: PastRetention::LeftOut,
        sql: "SELECT height, position, subject, kind, bytes FROM event \
              WHERE height >= $1 AND height <= $2 ORDER BY height, position",
        take: event,
    },
    Sheet {
        name: "contacts",
        columns: &[
            ("permit", Text),
            ("case", Text),
            ("loan", Text),
            ("debtor", Text),
            ("agency", Text),
            ("lender", Text),
            ("channel", Text),
            ("party", Text),
            ("purpose", Text),
            ("height", Integer),
            ("granted_ms", Integer),
            ("from_ms", Integer),
            ("until_ms", Integer),
            ("local_hour", Integer),
            ("result", Text),
            ("result_ms", Integer),
            ("result_hour", Integer),
            ("closed_height", Integer),
            ("breach", Text),
            ("revoked_ms", Integer),
        ],
        past_retention: PastRetention::LeftOut,
        sql: "SELECT permit, case_id, loan, debtor, agency, lender, channel, party, purpose, height, \
              granted_ms, from_ms, until_ms, local_hour, result, result_ms, result_hour, closed_height, \
              breach, revoked_ms FROM contact WHERE height >= $1 AND height <= $2 ORDER BY height, permit",
        take: contact,
    },
    Sheet {
        name: "refusals",
        columns: &[
            ("height", Integer),
            ("position", Integer),
            ("part", Integer),
            ("time_ms", Integer),
            ("agency", Text),
            ("lender", Text),
            ("debtor", Text),
            ("case", Text),
            ("channel", Text),
            ("outcome", Integer),
            ("rule", Text),
        ],
        past_retention: PastRetention::LeftOut,
        sql: "SELECT height, position, part, time_ms, agency, lender, debtor, case_id, channel, \
              outcome, rule FROM refusal WHERE height >= $1 AND height <= $2 \
              ORDER BY height, position, part",
        take: refusal,
    },
    Sheet {
        name: "loan_months",
        columns: &[
            ("month_end", Integer),
            ("loan", Text),
            ("lender", Text),
            ("product", Text),
            ("was", Text),
            ("standing", Text),
        ],
        past_retention: PastRetention::LeftOut,
        sql: "SELECT month_end, loan, lender, product, was, standing FROM loan_month \
              JOIN month_end ON month_end.date = loan_month.month_end \
              WHERE month_end.height >= $1 AND month_end.height <= $2 ORDER BY month_end.date, loan",
        take: loan_month,
    },
];

/// Bytes as hexadecimal digits.
fn hex(bytes: &[u8]) -> Value {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    Value::Text(text)
}

fn id<const N: usize, T: ToString>(
    row: &Row,
    column: usize,
    make: fn([u8; N]) -> T,
) -> Result<Value, ExportError> {
    let Some(bytes) = row.optional_bytes(column)? else {
        return Ok(Value::Null);
    };
    let bytes: [u8; N] = bytes.try_into().map_err(|_| DecodeError::Range {
        field: "id",
        reason: "of another length",
    })?;
    Ok(Value::Text(make(bytes).to_string()))
}

fn value(row: &Row, column: usize) -> Result<Value, IndexError> {
    let value = row.values().get(column).cloned();
    value.ok_or_else(|| row.other(column, "a value"))
}

fn block(row: &Row, _: &Retention) -> Result<Taken, ExportError> {
    let mut values = row.values().to_vec();
    values[1] = hex(row.bytes(1)?);
    values[4] = id(row, 4, ValidatorId::from_bytes)?;
    values[6] = hex(row.bytes(6)?);
    Ok(Taken::Row(values))
}

fn transaction(row: &Row, retention: &Retention) -> Result<Taken, ExportError> {
    let outcome = u32::try_from(row.integer(5)?).ok();
    let outcome = outcome.and_then(Outcome::from_number);
    let name = outcome.map_or("UNKNOWN", Outcome::name);
    let author = Subject::from_bytes("author", row.bytes(3)?)?;
    let mut values = vec![
        value(row, 0)?,
        value(row, 1)?,
        hex(row.bytes(2)?),
        Value::Text(author.to_string()),
        value(row, 4)?,
        value(row, 5)?,
        name.into(),
        value(row, 6)?,
    ];
    // What a debtor asked for, as a dispute, is a record about the debtor; that somebody did is a figure.
    match author {
        Subject::Account(id) if !retention.keeps_debtor(id.as_bytes()) => {
            (values[2], values[3]) = (Value::Null, Value::Null);
            Ok(Taken::Redacted(values))
        }
        _ => Ok(Taken::Row(values)),
    }
}

fn event(row: &Row, retention: &Retention) -> Result<Taken, ExportError> {
    let bytes = row.bytes(4)?;
    let event = Event::decode(&Bytes::copy_from_slice(bytes))?;
    if !retention.keeps_event(&event, bytes) {
        return Ok(Taken::LeftOut);
    }
    let cause = event.cause.map(|cause| cause.transaction.to_string());
    let mut values = vec![
        value(row, 0)?,
        value(row, 1)?,
        event.time.millis().into(),
        Value::Text(event.subject.to_string()),
        event.sequence.into(),
        value(row, 3)?,
        cause.map_or(Value::Null, Value::Text),
    ];
    match &*event.detail {
        EventDetail::Posted(posted) => {
            let other = posted.counterparty.map(|id| id.to_string());
            values.extend([
                posted.asset.as_str().into(),
                posted.amount.minor_units().into(),
                posted.available.minor_units().into(),
                posted.held.minor_units().into(),
                other.map_or(Value::Null, Value::Text),
                posted.end_to_end_id.as_str().into(),
            ]);
        }
        _ => values.extend(std::iter::repeat_n(Value::Null, 6)),
    }
    values.push(hex(bytes));
    Ok(Taken::Row(values))
}

fn contact(row: &Row, retention: &Retention) -> Result<Taken, ExportError> {
    if !retention.keeps_debtor(row.bytes(3)?) {
        return Ok(Taken::LeftOut);
    }
    let mut values = row.values().to_vec();
    values[0] = id(row, 0, PermitId::from_bytes)?;
    values[1] = id(row, 1, CaseId::from_bytes)?;
    values[2] = id(row, 2, LoanId::from_bytes)?;
    values[3] = id(row, 3, AccountId::from_bytes)?;
    values[4] = id(row, 4, ParticipantId::from_bytes)?;
    values[5] = id(row, 5, ParticipantId::from_bytes)?;
    Ok(Taken::Row(values))
}

fn loan_month(row: &Row, retention: &Retention) -> Result<Taken, ExportError> {
    let loan: [u8; 16] = row.bytes(1)?.try_into().map_err(|_| DecodeError::Range {
        field: "loan",
        reason: "of another length",
    })?;
    if !retention.keeps(&Subject::Loan(LoanId::from_bytes(loan)).to_bytes()) {
        return Ok(Taken::LeftOut);
    }
    let mut values = row.values().to_vec();
    values[1] = id(row, 1, LoanId::from_bytes)?;
    values[2] = id(row, 2, ParticipantId::from_bytes)?;
    values[3] = id(row, 3, ProductId::from_bytes)?;
    Ok(Taken::Row(values))
}

fn refusal(row: &Row, retention: &Retention) -> Result<Taken, ExportError> {
    if !retention.keeps_debtor(row.bytes(6)?) {
        return Ok(Taken::LeftOut);
    }
    let mut values = row.values().to_vec();
    values[4] = id(row, 4, ParticipantId::from_bytes)?;
    values[5] = id(row, 5, ParticipantId::from_bytes)?;
    values[6] = id(row, 6, AccountId::from_bytes)?;
    values[7] = id(row, 7, CaseId::from_bytes)?;
    Ok(Taken::Row(values))
}
