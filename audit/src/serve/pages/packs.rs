//! `/api/packs`, `/api/pack/{id}`: the law of contacts as the network has it. `/api/rules`: each rule that it ever had.

use axum::extract::{Path, State};
use serde_json::{Value, json};
use talea_ledger::Ledger;
use talea_rules::Pack;
use talea_types::{RulePackId, state::RulePackRecord};

use super::{Answer, Asked, Shared};
use crate::{
    Index,
    serve::{
        Desk,
        answer::{Problem, json_answer},
        words,
    },
};

/// Every pack, in force or retired.
pub(super) async fn packs(State(desk): State<Shared>, _: Asked) -> Answer {
    let all: Vec<(RulePackId, RulePackRecord)> = {
        let ledger = desk.ledger.read();
        let packs = ledger.rule_packs();
        packs.map(|(id, record)| (*id, record.clone())).collect()
    };
    let heights: Vec<u64> = all.iter().map(|(_, record)| record.from_height).collect();
    let times = times(&desk, heights).await?;
    let rows: Result<Vec<Value>, Problem> = all
        .iter()
        .zip(times)
        .map(|((id, record), time)| Ok(row(id, record, &decoded(record)?, time)))
        .collect();
    json_answer(&json!({ "rows": rows?, "next": null }))
}

/// A pack with its text and its rules.
pub(super) async fn pack(State(desk): State<Shared>, Path(id): Path<String>, _: Asked) -> Answer {
    let missing = || Problem::not_found("rule pack of this id");
    let id = RulePackId::new(&id).map_err(|_| missing())?;
    let record = record(&desk.ledger.read(), &id).ok_or_else(missing)?;
    let time = times(&desk, vec![record.from_height]).await?;
    let pack = decoded(&record)?;
    let rules: Vec<Value> = pack
        .rules
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "number": rule.number,
                "title": rule.title,
                "source": rule.source,
                "url": rule.url,
                "unverified": rule.unverified,
                "effect": rule.effect,
            })
        })
        .collect();
    let mut value = row(&id, &record, &pack, time.first().copied().flatten());
    let text = toml::to_string_pretty(&pack);
    value["text"] = text
        .map_err(|error| Problem::internal(error.to_string()))?
        .into();
    value["rules"] = rules.into();
    json_answer(&value)
}

/// Every rule of every version that ever came into force, by the name that refusals and events cite.
pub(super) async fn rules(State(desk): State<Shared>, asked: Asked) -> Answer {
    const ASK: &str = "SELECT cited, pack, title, source, unverified FROM rule \
                       WHERE cited > $1 ORDER BY cited LIMIT $2";
    let limit = asked.query.limit()?;
    let after = asked.query.rule_cursor()?.to_owned();
    let rows = desk.readers.ask(move |index| {
        let values = [after.as_str().into(), crate::Value::Integer(limit + 1)];
        let rows = index.ask(ASK, &values)?;
        let each = rows.iter();
        let each = each.map(|row| Ok((words::rule(row)?, row.text(0)?.to_owned())));
        each.collect::<Result<Vec<_>, Problem>>()
    });
    json_answer(&words::page(rows.await?, limit))
}

fn record(ledger: &Ledger, id: &RulePackId) -> Option<RulePackRecord> {
    ledger.rule_pack(id).cloned()
}

fn decoded(record: &RulePackRecord) -> Result<Pack, Problem> {
    let pack = Pack::decode(&record.document);
    pack.map_err(|_| Problem::internal("a rule pack of the state cannot be read"))
}

fn row(id: &RulePackId, record: &RulePackRecord, pack: &Pack, since: Option<u64>) -> Value {
    let applies = &pack.applies_to;
    let places = applies
        .residence
        .iter()
        .chain(&applies.governing_law)
        .chain(&applies.licence);
    let places: std::collections::BTreeSet<String> = places.map(ToString::to_string).collect();
    let places: Vec<String> = places.into_iter().collect();
    json!({
        "id": id.as_str(),
        "version": record.version,
        "title": pack.title,
        "jurisdiction": places.join(", "),
        "rules": pack.rules.len(),
        "hash": record.hash.to_string(),
        "in_force_since_ms": since,
        "height": record.from_height,
        "retired": !record.is_in_force(),
    })
}

/// The times of blocks; that of genesis at its height.
async fn times(desk: &Desk, heights: Vec<u64>) -> Result<Vec<Option<u64>>, Problem> {
    let genesis = desk.record.time().millis();
    let times = desk.readers.ask(move |index| {
        let each = heights.into_iter().map(|height| match height {
            0 => Ok(Some(genesis)),
            height => time_of(index, height),
        });
        each.collect()
    });
    times.await
}

fn time_of(index: &Index, height: u64) -> Result<Option<u64>, Problem> {
    const ASK: &str = "SELECT time_ms FROM block WHERE height = $1";
    let rows = index.ask(ASK, &[height.into()])?;
    let time = rows.first().map(|row| row.integer(0)).transpose()?;
    Ok(time.map(i64::unsigned_abs))
}
