//! `POST /api/explain`: what every rule would say if a permit were asked for now. Nothing is asked of the network.

use axum::{body::Bytes, extract::State};
use serde_json::{Value, json};
use talea_ledger::Ledger;
use talea_rules::{Decision, Zone, explain::Explanation};
use talea_types::{
    CaseId, Hash, Outcome, Subject, Timestamp,
    operation::{ContactPermit, Strategy},
};

use super::{Answer, Asked, Shared, subjects::with_look};
use crate::serve::{
    access,
    answer::{Problem, json_answer},
};

/// Explains a contact.
pub(super) async fn explain(State(desk): State<Shared>, asked: Asked, body: Bytes) -> Answer {
    let request = request(&body)?;
    let record = access::object(&Subject::Case(request.case));
    let look = desk.look(asked.caller.as_ref(), record, "what-if").await?;
    let value = explained(&desk.ledger.read(), &request)?;
    with_look(json_answer(&value)?, look)
}

fn request(body: &[u8]) -> Result<ContactPermit, Problem> {
    let wrong = |what: &str| {
        Problem::bad_request(
            format!("'{what}' is missing or cannot be read"),
            "send JSON with case, loan, channel, party, purpose, from_ms and until_ms; contact_point (a hash), \
             recorded and opt_out_statement where they matter",
        )
    };
    let json: Value = serde_json::from_slice(body).map_err(|_| wrong("body"))?;
    let text = |name: &str| {
        json.get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| wrong(name))
    };
    let time = |name: &str| {
        let number = json.get(name).and_then(Value::as_u64);
        number
            .map(Timestamp::from_millis)
            .ok_or_else(|| wrong(name))
    };
    let switch = |name: &str| json.get(name).and_then(Value::as_bool).unwrap_or(false);
    let contact_point = match json.get("contact_point").and_then(Value::as_str) {
        None | Some("") => Hash::ZERO,
        Some(text) => text.parse().map_err(|_| wrong("contact_point"))?,
    };
    Ok(ContactPermit {
        case: text("case")?.parse::<CaseId>().map_err(|_| wrong("case"))?,
        loan: text("loan")?.parse().map_err(|_| wrong("loan"))?,
        channel: text("channel")?
            .to_lowercase()
            .parse()
            .map_err(|_| wrong("channel"))?,
        party: text("party")?
            .to_lowercase()
            .parse()
            .map_err(|_| wrong("party"))?,
        purpose: text("purpose")?
            .to_lowercase()
            .parse()
            .map_err(|_| wrong("purpose"))?,
        contact_point,
        from: time("from_ms")?,
        until: time("until_ms")?,
        template: String::new(),
        language: String::new(),
        opt_out_statement: switch("opt_out_statement"),
        recorded: switch("recorded"),
        strategy: Strategy {
            grade: 0,
            model: String::new(),
            version: 0,
        },
        override_reason: 0,
    })
}

fn explained(ledger: &Ledger, request: &ContactPermit) -> Result<Value, Problem> {
    let case = ledger.case(&request.case);
    let case = case.ok_or_else(|| Problem::not_found(&format!("case {}", request.case)))?;
    let from = request.from.max(ledger.time());
    let zones: Vec<Zone> = ledger
        .debtor(&case.debtor)
        .into_iter()
        .flat_map(|debtor| &debtor.residence.time_zones)
        .filter_map(|name| Zone::find(name))
        .collect();
    let local: Vec<Value> = zones
        .iter()
        .map(|zone| {
            json!({
                "zone": zone.name(),
                "from": zone.describe(from),
                "until": zone.describe(request.until),
            })
        })
        .collect();
    let mut value = json!({
        "case": request.case.to_string(),
        "from_ms": from.millis(),
        "until_ms": request.until.millis(),
        "local": local,
        "rules": [],
        "not_binding": [],
        "possible_from_ms": null,
        "help": null,
    });
    let (verdict, outcome) = match ledger.explain_contact(case.collector, request) {
        Err(outcome) => {
            value["help"] = outcome.help().into();
            ("REJECTED", outcome)
        }
        Ok(explanation) => {
            let possible = explanation.verdict.possible_from;
            value["possible_from_ms"] = possible.map(Timestamp::millis).into();
            value["not_binding"] = explanation.not_binding.clone().into();
            value["rules"] = rules(ledger, &explanation).into();
            match explanation.verdict.decision {
                Decision::Allow => ("PERMITTED", Outcome::Applied),
                Decision::NeedsOverride => ("OVERRIDE_NEEDED", Outcome::OverrideNeeded),
                Decision::Deny => ("REFUSED", Outcome::ContactRefused),
            }
        }
    };
    value["verdict"] = verdict.into();
    value["outcome_name"] = outcome.name().into();
    Ok(value)
}

fn rules(ledger: &Ledger, explanation: &Explanation) -> Vec<Value> {
    let answers = explanation.answers.iter();
    answers
        .map(|answer| {
            let packs = ledger.rules_in_force().iter();
            let mut packs = packs.filter(|pack| pack.rules.iter().any(|rule| rule.id == answer.rule));
            let pack = packs.next();
            json!({
                "id": answer.rule,
                "title": answer.title,
                "source": answer.source,
                "pack": pack.map(|pack| pack.id.as_str()),
                "unverified": answer.unverified,
                "verdict": answer.refuses.map_or_else(|| "allows".to_owned(), |effect| effect.to_string()),
                "possible_from_ms": answer.possible_from.map(Timestamp::millis),
            })
        })
        .collect()
}
