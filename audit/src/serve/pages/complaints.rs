//! The complaints of a scorecard: which are open, which were late, how long answers took, and the clocks of those that
//! wait. Of a complaint nothing is told but its times: whose it is stands in the debtor's file.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    Index, Row,
    limits::{CLOCKS_SHOWN_MAX, CLOCKS_TOTAL_MAX},
    serve::answer::Problem,
};

/// About one organisation, in a period.
#[derive(Default)]
pub(super) struct Complaints {
    /// Not answered when the period ends, whenever they were made.
    open: i64,
    /// A clock ran out before the period ends, and they were not answered before it began.
    late: i64,
    /// Answered in the period.
    answered: i64,
    /// How long the middle one of those answers took, the lower of two; milliseconds.
    pub(super) resolve_ms_median: Option<i64>,
    clocks: Vec<Clock>,
}

/// The times of a complaint that is open, milliseconds since 1970.
struct Clock {
    opened_ms: i64,
    acknowledge_by_ms: Option<i64>,
    acknowledged_ms: Option<i64>,
    due_ms: Option<i64>,
    overdue_ms: Option<i64>,
}

/// The questions about those of whom complaints are made, each row beginning with whom.
struct Questions {
    /// All that had been made by the period's end and were not answered before its beginning; of them, those that were
    /// answered in it, and those of which a clock had run out.
    counts: &'static str,
    /// How long the middle one of the answers of the period took: of all of them, for one of a part is none.
    medians: &'static str,
    /// The times of those that are open at the period's end.
    clocks: &'static str,
}

/// Of a column of the table: who is complained about in one role.
macro_rules! questions_by {
    ($who:literal) => {
        Questions {
            counts: concat!(
                "SELECT ", $who, ", count(*), \
                 count(CASE WHEN closed_ms < $1 THEN 1 END), count(CASE WHEN overdue_ms < $1 THEN 1 END) \
                 FROM remedy WHERE kind = 'complaint' AND opened_ms < $1 \
                 AND (closed_ms IS NULL OR closed_ms >= $2) GROUP BY ", $who
            ),
            medians: concat!(
                "SELECT who, took FROM (SELECT ", $who, " AS who, closed_ms - opened_ms AS took, \
                 row_number() OVER (PARTITION BY ", $who, " ORDER BY closed_ms - opened_ms, id) AS place, \
                 count(*) OVER (PARTITION BY ", $who, ") AS answers FROM remedy \
                 WHERE kind = 'complaint' AND closed_ms >= $1 AND closed_ms < $2) AS answered \
                 WHERE place = (answers + 1) / 2"
            ),
            clocks: concat!(
                "SELECT who, opened_ms, acknowledge_by_ms, acknowledged_ms, due_ms, overdue_ms \
                 FROM (SELECT ", $who, " AS who, opened_ms, acknowledge_by_ms, acknowledged_ms, due_ms, overdue_ms, \
                 row_number() OVER (PARTITION BY ", $who, " ORDER BY opened_ms, id) AS place FROM remedy \
                 WHERE kind = 'complaint' AND opened_ms < $1 AND (closed_ms IS NULL OR closed_ms >= $1)) AS waiting \
                 WHERE place <= $2 ORDER BY place, who LIMIT $3"
            ),
        }
    };
}

const BY_AGENCY: Questions = questions_by!("agency");
const BY_LENDER: Questions = questions_by!("lender");

/// By the bytes of the organisation that is complained about.
type ByOrganisation = BTreeMap<Vec<u8>, Complaints>;

/// Complaints about agencies, or about lenders, in the period from `from` to `until`, exclusive, milliseconds since
/// 1970.
pub(super) fn complaints(
    index: &Index,
    by_lender: bool,
    (from, until): (i64, i64),
) -> Result<ByOrganisation, Problem> {
    let asked = if by_lender { BY_LENDER } else { BY_AGENCY };
    let ask = |sql, values: &[i64]| {
        let values: Vec<crate::Value> = values.iter().copied().map(crate::Value::Integer).collect();
        index.ask(sql, &values)
    };
    let mut found = ByOrganisation::new();
    for row in ask(asked.counts, &[until, from])? {
        if let Some(one) = of_row(&mut found, &row)? {
            one.answered = row.integer(2)?;
            one.open = row.integer(1)? - one.answered;
            one.late = row.integer(3)?;
        }
    }
    for row in ask(asked.medians, &[from, until])? {
        if let Some(one) = of_row(&mut found, &row)? {
            one.resolve_ms_median = Some(row.integer(1)?);
        }
    }
    for row in ask(asked.clocks, &[until, CLOCKS_SHOWN_MAX, CLOCKS_TOTAL_MAX])? {
        if let Some(one) = of_row(&mut found, &row)? {
            one.clocks.push(Clock {
                opened_ms: row.integer(1)?,
                acknowledge_by_ms: row.optional_integer(2)?,
                acknowledged_ms: row.optional_integer(3)?,
                due_ms: row.optional_integer(4)?,
                overdue_ms: row.optional_integer(5)?,
            });
        }
    }
    Ok(found)
}

/// Those of a row's organisation; `None` where nobody is complained about in this role.
fn of_row<'f>(
    found: &'f mut ByOrganisation,
    row: &Row,
) -> Result<Option<&'f mut Complaints>, Problem> {
    let name = row.optional_bytes(0)?;
    Ok(name.map(|name| found.entry(name.to_vec()).or_default()))
}

impl Complaints {
    pub(super) fn to_json(&self) -> Value {
        let clocks = self.clocks.iter().map(|clock| {
            json!({
                "opened_ms": clock.opened_ms,
                "acknowledge_by_ms": clock.acknowledge_by_ms,
                "acknowledged_ms": clock.acknowledged_ms,
                "resolve_by_ms": clock.due_ms,
                "overdue_ms": clock.overdue_ms,
            })
        });
        json!({
            "open": self.open,
            "late": self.late,
            "answered": self.answered,
            "clocks": clocks.collect::<Vec<_>>(),
        })
    }
}
