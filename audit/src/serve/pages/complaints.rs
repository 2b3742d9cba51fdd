//! The complaints of a scorecard: which are open, which were late, how long answers took, and the clocks of those that
//! wait. Of a complaint nothing is told but its times: whose it is stands in the debtor's file.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    Index, Row,
    limits::{ANSWERS_TIMED_MAX, CLOCKS_SHOWN_MAX, CLOCKS_TOTAL_MAX},
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
    answered_in: Vec<i64>,
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

/// By the bytes of the organisation that is complained about.
type ByOrganisation = BTreeMap<Vec<u8>, Complaints>;

/// Complaints about agencies, or about lenders, in the period from `from` to `until`, exclusive, milliseconds since
/// 1970.
pub(super) fn complaints(
    index: &Index,
    by_lender: bool,
    (from, until): (i64, i64),
) -> Result<ByOrganisation, Problem> {
    // Those that had been made by the period's end and were not answered before its beginning.
    const COUNTS_BY_AGENCY: &str = "SELECT agency, count(*), \
         count(CASE WHEN closed_ms < $1 THEN 1 END), count(CASE WHEN overdue_ms < $1 THEN 1 END) \
         FROM remedy WHERE kind = 'complaint' AND opened_ms < $1 \
         AND (closed_ms IS NULL OR closed_ms >= $2) GROUP BY agency";
    const COUNTS_BY_LENDER: &str = "SELECT lender, count(*), \
         count(CASE WHEN closed_ms < $1 THEN 1 END), count(CASE WHEN overdue_ms < $1 THEN 1 END) \
         FROM remedy WHERE kind = 'complaint' AND opened_ms < $1 \
         AND (closed_ms IS NULL OR closed_ms >= $2) GROUP BY lender";
    const ANSWERS_BY_AGENCY: &str = "SELECT agency, closed_ms - opened_ms FROM remedy \
         WHERE kind = 'complaint' AND closed_ms >= $1 AND closed_ms < $2 \
         ORDER BY closed_ms DESC LIMIT $3";
    const ANSWERS_BY_LENDER: &str = "SELECT lender, closed_ms - opened_ms FROM remedy \
         WHERE kind = 'complaint' AND closed_ms >= $1 AND closed_ms < $2 \
         ORDER BY closed_ms DESC LIMIT $3";
    const CLOCKS_BY_AGENCY: &str = "SELECT agency, opened_ms, acknowledge_by_ms, acknowledged_ms, due_ms, overdue_ms \
         FROM (SELECT agency, opened_ms, acknowledge_by_ms, acknowledged_ms, due_ms, overdue_ms, \
         row_number() OVER (PARTITION BY agency ORDER BY opened_ms, id) AS place FROM remedy \
         WHERE kind = 'complaint' AND opened_ms < $1 AND (closed_ms IS NULL OR closed_ms >= $1)) AS waiting \
         WHERE place <= $2 ORDER BY place, agency LIMIT $3";
    const CLOCKS_BY_LENDER: &str = "SELECT lender, opened_ms, acknowledge_by_ms, acknowledged_ms, due_ms, overdue_ms \
         FROM (SELECT lender, opened_ms, acknowledge_by_ms, acknowledged_ms, due_ms, overdue_ms, \
         row_number() OVER (PARTITION BY lender ORDER BY opened_ms, id) AS place FROM remedy \
         WHERE kind = 'complaint' AND opened_ms < $1 AND (closed_ms IS NULL OR closed_ms >= $1)) AS waiting \
         WHERE place <= $2 ORDER BY place, lender LIMIT $3";
    let [counts, answers, clocks] = if by_lender {
        [COUNTS_BY_LENDER, ANSWERS_BY_LENDER, CLOCKS_BY_LENDER]
    } else {
        [COUNTS_BY_AGENCY, ANSWERS_BY_AGENCY, CLOCKS_BY_AGENCY]
    };
    let ask = |sql, values: &[i64]| {
        let values: Vec<crate::Value> = values.iter().copied().map(crate::Value::Integer).collect();
        index.ask(sql, &values)
    };
    let mut found = ByOrganisation::new();
    for row in ask(counts, &[until, from])? {
        if let Some(one) = of_row(&mut found, &row)? {
            one.answered = row.integer(2)?;
            one.open = row.integer(1)? - one.answered;
            one.late = row.integer(3)?;
        }
    }
    for row in ask(answers, &[from, until, ANSWERS_TIMED_MAX])? {
        if let Some(one) = of_row(&mut found, &row)? {
            one.answered_in.push(row.integer(1)?);
        }
    }
    for row in ask(clocks, &[until, CLOCKS_SHOWN_MAX, CLOCKS_TOTAL_MAX])? {
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
    /// How long answers took.
    pub(super) fn resolve_ms_median(&self) -> Option<i64> {
        median(&self.answered_in)
    }

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

/// The middle one; the lower of two.
fn median(times: &[i64]) -> Option<i64> {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len().saturating_sub(1) / 2).copied()
}
