//! `/api/scorecard`: how agencies, or lenders, treated debtors.
//!
//! Who may see blocks whole sees everybody; any other organisation sees itself.

use std::collections::BTreeMap;

use axum::{extract::State, http::StatusCode};
use serde_json::{Value, json};
use talea_ledger::{Ledger, access::Record};
use talea_rules::{Pack, Provision};
use talea_types::{ParticipantId, Subject};

use super::{
    Answer, Asked, Shared,
    complaints::{Complaints, complaints},
};
use crate::{
    Index, Row,
    serve::{
        answer::{Problem, json_answer},
        caller::{self, Caller},
        words,
    },
};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;
/// Counts by the hour of the debtor's day.
#[derive(Default)]
struct Hours {
    of_day: [i64; 24],
    unknown: i64,
}

impl Hours {
    /// A label is two digits, or another word where the hour is not known.
    fn add(&mut self, label: &str, counted: i64) {
        let hour = label.parse().ok();
        match hour.and_then(|hour: usize| self.of_day.get_mut(hour)) {
            Some(hour) => *hour += counted,
            None => self.unknown += counted,
        }
    }
}

/// What is known of one organisation.
#[derive(Default)]
struct Card {
    hours: Hours,
    reported_hours: Hours,
    channels: BTreeMap<String, i64>,
    results: BTreeMap<String, i64>,
    granted: i64,
    refused: i64,
    revoked: i64,
    rules: BTreeMap<String, i64>,
    breaches: BTreeMap<String, i64>,
    complaints: Complaints,
}

type Cards = BTreeMap<Vec<u8>, Card>;

/// Figures of each agency or lender, of some days.
pub(super) async fn scorecard(State(desk): State<Shared>, asked: Asked) -> Answer {
    let by_lender = match asked.query.get("by") {
        None | Some("agency") => false,
        Some("lender") => true,
        Some(_) => {
            return Err(Problem::bad_request(
                "a scorecard is by agency or by lender",
                "ask with by=agency or by=lender",
            ));
        }
    };
    let only = whose(
        desk.may(asked.caller.as_ref(), &Record::Body),
        asked.caller.as_ref(),
    )?;
    let from = asked.query.parse("from_ms")?.unwrap_or(0_i64).max(0);
    let until = asked.query.parse("until_ms")?.unwrap_or(i64::MAX - DAY_MS);
    let days = (from / DAY_MS, until.saturating_add(DAY_MS - 1) / DAY_MS);
    let read = desk.readers.ask(move |index| {
        let cards = cards(index, by_lender, days)?;
        let cited = cards.values().flat_map(|card| card.rules.keys());
        let rules = words::Rules::of(index, cited.map(String::as_str))?;
        Ok((cards, rules))
    });
    let (cards, rules) = read.await?;
    let ledger = desk.ledger.read();
    let mut rows = Vec::new();
    for (name, card) in &cards {
        let id = ParticipantId::from_bytes(words::array(name)?);
        if only.is_none_or(|only| only == id) {
            rows.push(card.to_json(&ledger, &id, &rules));
        }
    }
    json_answer(&json!({
        "by": if by_lender { "lender" } else { "agency" },
        "from_ms": from,
        "until_ms": asked.query.parse::<i64>("until_ms")?,
        "quiet": quiet_hours(ledger.rules_in_force()),
        "rows": rows,
        "next": null,
    }))
}

/// For each hour of the debtor's day whether a rule in force forbids contact in it, in whole or in part.
fn quiet_hours(packs: &[Pack]) -> Vec<bool> {
    const HOUR_MS: i64 = 3_600_000;
    const MINUTE_MS: i64 = 60_000;
    let rules = packs.iter().flat_map(|pack| &pack.rules);
    let spans: Vec<_> = rules
        .filter_map(|rule| match &rule.provision {
            Provision::QuietHours(quiet) => Some(quiet.hours()),
            _ => None,
        })
        .collect();
    let is_quiet = |hour: i64| {
        let mut minutes = (0..60).map(|minute| hour * HOUR_MS + minute * MINUTE_MS);
        minutes.any(|time| spans.iter().any(|hours| hours.contains(time)))
    };
    (0..24).map(is_quiet).collect()
}

/// Whose figures may be shown; `None` for everybody's.
pub(super) fn whose(
    whole: bool,
    caller: Option<&Caller>,
) -> Result<Option<ParticipantId>, Problem> {
    match caller.map(|caller| caller.subject) {
        _ if whole => Ok(None),
        Some(Subject::Participant(id)) => Ok(Some(id)),
        None => Err(caller::required()),
        Some(_) => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "DENIED",
            "figures of organisations are for regulators, authorities and the organisations themselves",
            "ask as one of them",
        )),
    }
}

fn cards(index: &Index, by_lender: bool, days: (i64, i64)) -> Result<Cards, Problem> {
    const BY_AGENCY: &str = "SELECT agency, measure, label, CAST(sum(counted) AS BIGINT) FROM conduct_day \
                             WHERE day >= $1 AND day < $2 GROUP BY agency, measure, label";
    const BY_LENDER: &str = "SELECT lender, measure, label, CAST(sum(counted) AS BIGINT) FROM conduct_day \
                             WHERE day >= $1 AND day < $2 GROUP BY lender, measure, label";
    let counts = if by_lender { BY_LENDER } else { BY_AGENCY };
    let number = crate::Value::Integer;
    let times = (days.0.saturating_mul(DAY_MS), days.1.saturating_mul(DAY_MS));
    let mut cards = Cards::new();
    for row in index.ask(counts, &[number(days.0), number(days.1)])? {
        if let Some(card) = card_of(&mut cards, &row)? {
            card.count(row.text(1)?, row.text(2)?, row.integer(3)?);
        }
    }
    for (name, complaints) in complaints(index, by_lender, times)? {
        cards.entry(name).or_default().complaints = complaints;
    }
    Ok(cards)
}

/// The card of a row's organisation; `None` where it is unknown.
fn card_of<'c>(cards: &'c mut Cards, row: &Row) -> Result<Option<&'c mut Card>, Problem> {
    let name = row.optional_bytes(0)?.filter(|name| !name.is_empty());
    Ok(name.map(|name| cards.entry(name.to_vec()).or_default()))
}

impl Card {
    fn count(&mut self, measure: &str, label: &str, counted: i64) {
        let add = |counts: &mut BTreeMap<String, i64>| {
            *counts.entry(label.to_owned()).or_default() += counted;
        };
        match measure {
            "granted" => {
                self.granted += counted;
                add(&mut self.channels);
            }
            "hour" => self.hours.add(label, counted),
            "reported_hour" => self.reported_hours.add(label, counted),
            "result" => add(&mut self.results),
            "revoked" => self.revoked += counted,
            "refused" => self.refused += counted,
            "rule" => add(&mut self.rules),
            "breach" => add(&mut self.breaches),
            // Of a newer index.
            _ => {}
        }
    }

    fn to_json(&self, ledger: &Ledger, id: &ParticipantId, rules: &words::Rules) -> Value {
        let list = |name: &str, counts: &BTreeMap<String, i64>| -> Vec<Value> {
            let mut rows: Vec<(&String, &i64)> = counts.iter().collect();
            rows.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            rows.into_iter()
                .map(|(label, count)| json!({ name: label, "count": count }))
                .collect()
        };
        let mut refusals = list("rule", &self.rules);
        for row in &mut refusals {
            row["rule"] = rules.get(row["rule"].as_str().unwrap_or_default());
        }
        json!({
            "id": id.to_string(),
            "name": ledger.participant(id).map(|one| one.name.as_str()),
            "hours": self.hours.of_day,
            "hour_unknown": self.hours.unknown,
            "reported_hours": self.reported_hours.of_day,
            "reported_hour_unknown": self.reported_hours.unknown,
            "channels": list("channel", &self.channels),
            "results": list("result", &self.results),
            "granted": self.granted,
            "refused": self.refused,
            "revoked": self.revoked,
            "refusals": refusals,
            "breaches": list("kind", &self.breaches),
            "complaints": self.complaints.to_json(),
            "resolve_ms_median": self.complaints.resolve_ms_median,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_quiet_when_a_minute_of_it_is() {
        let all = talea_rules::packs::all().unwrap();
        let hours = |id: &str| -> Vec<usize> {
            let packs: Vec<Pack> = all.iter().filter(|pack| pack.id == id).cloned().collect();
            assert_eq!(packs.len(), 1);
            let quiet = quiet_hours(&packs);
            (0..24).filter(|hour| quiet[*hour]).collect()
        };
        // 12 CFR 1006.6(b)(1)(i): before 08:00 and after 21:00.
        assert_eq!(hours("us-reg-f"), [0, 1, 2, 3, 4, 5, 6, 7, 21, 22, 23]);
        assert_eq!(quiet_hours(&[]), [false; 24]);
    }
}
