//! `/api/loan-rolls`: how many loans went from where to where between the ends of months, the newest month last.
//!
//! Who may see blocks whole sees every lender's; a lender sees its own.

use std::collections::BTreeMap;

use axum::extract::State;
use serde_json::{Value, json};
use talea_ledger::access::Record;
use talea_types::ParticipantId;

use super::{Answer, Asked, Shared, scorecard::whose};
use crate::{
    Index, Row,
    limits::{ROLL_MONTHS_DEFAULT, ROLL_MONTHS_MAX},
    serve::answer::{Problem, json_answer},
};

/// Loans that went one way.
struct Way {
    was: String,
    standing: String,
    loans: i64,
}

/// Ways by the end of a month, with the block that moved the business date past it.
type Months = BTreeMap<i64, (i64, Vec<Way>)>;

/// Rolls of some months.
pub(super) async fn loan_rolls(State(desk): State<Shared>, asked: Asked) -> Answer {
    let whole = desk.may(asked.caller.as_ref(), &Record::Body);
    let own = whose(whole, asked.caller.as_ref())?;
    let wanted: Option<ParticipantId> = asked.query.parse("lender")?;
    let months = asked.query.parse("months")?.unwrap_or(ROLL_MONTHS_DEFAULT);
    let months = months.clamp(1, ROLL_MONTHS_MAX);
    let is_others = own.zip(wanted).is_some_and(|(own, wanted)| own != wanted);
    let lender = wanted.or(own);
    let read = desk.readers.ask(move |index| {
        let mut read = month_ends(index, months)?;
        if let Some(first) = read.keys().next().copied().filter(|_| !is_others) {
            for row in rolls(index, first, lender)? {
                let way = Way {
                    was: row.text(1)?.to_owned(),
                    standing: row.text(2)?.to_owned(),
                    loans: row.integer(3)?,
                };
                if let Some((_, ways)) = read.get_mut(&row.integer(0)?) {
                    ways.push(way);
                }
            }
        }
        Ok(read)
    });
    let read = read.await?;
    let months: Vec<Value> = read.iter().map(month_to_json).collect();
    json_answer(&json!({ "months": months, "next": null }))
}

/// The newest of them.
fn month_ends(index: &Index, months: i64) -> Result<Months, Problem> {
    const ASK: &str = "SELECT date, height FROM month_end ORDER BY date DESC LIMIT $1";
    let rows = index.ask(ASK, &[crate::Value::Integer(months)])?;
    let each = rows.iter().map(|row| {
        let month = (row.integer(1)?, Vec::new());
        Ok((row.integer(0)?, month))
    });
    each.collect()
}

fn rolls(index: &Index, first: i64, lender: Option<ParticipantId>) -> Result<Vec<Row>, Problem> {
    const OF_ALL: &str = "SELECT month_end, was, standing, CAST(sum(loans) AS BIGINT) FROM loan_roll \
                          WHERE month_end >= $1 GROUP BY month_end, was, standing \
                          ORDER BY month_end, was, standing";
    const OF_ONE: &str = "SELECT month_end, was, standing, CAST(sum(loans) AS BIGINT) FROM loan_roll \
                          WHERE month_end >= $1 AND lender = $2 GROUP BY month_end, was, standing \
                          ORDER BY month_end, was, standing";
    let first = crate::Value::Integer(first);
    Ok(match lender {
        None => index.ask(OF_ALL, &[first])?,
        Some(lender) => index.ask(OF_ONE, &[first, lender.as_bytes()[..].into()])?,
    })
}

fn month_to_json((end, (height, ways)): (&i64, &(i64, Vec<Way>))) -> Value {
    let rows = ways
        .iter()
        .map(|way| json!({ "from": way.was, "to": way.standing, "loans": way.loans }));
    json!({ "month_end": end, "height": height, "rows": rows.collect::<Vec<Value>>() })
}
