//! `/api/settlement`: what banks hold in reserve and owe their customers, by asset.

use axum::extract::State;
use serde_json::{Value, json};
use talea_ledger::access::Record;
use talea_types::state::StateKey;

use super::{Answer, Asked, Shared};
use crate::serve::{access, answer::json_answer, caller, words};

/// Totals of each asset for everybody; positions of those that whoever asks may see.
pub(super) async fn settlement(State(desk): State<Shared>, asked: Asked) -> Answer {
    let shown = asked.caller.as_ref().ok_or_else(caller::required)?;
    let ledger = desk.ledger.read();
    let may = |record: Record| access::check(&ledger, Some(shown), &record).is_ok();
    let assets: Vec<Value> = ledger
        .assets()
        .map(|(asset, totals)| {
            json!({
                "asset": asset.to_string(),
                "decimals": totals.decimals,
                "kind": totals.kind.word(),
                "reserves": words::decimal(&ledger, totals.reserves, *asset),
                "liabilities": words::decimal(&ledger, totals.liabilities, *asset),
            })
        })
        .collect();
    let positions = ledger.positions();
    let positions =
        positions.filter(|((id, asset), _)| may(Record::Object(StateKey::Position(*id, *asset))));
    let positions: Vec<Value> = positions
        .map(|((id, asset), position)| {
            // What is left of the reserve when every customer was paid out; never below nothing.
            let free = position.reserve.try_sub(position.liabilities);
            json!({
                "participant": words::participant(&ledger, id),
                "asset": asset.to_string(),
                "reserve": words::decimal(&ledger, position.reserve, *asset),
                "liabilities": words::decimal(&ledger, position.liabilities, *asset),
                "position": free.map(|free| words::decimal(&ledger, free, *asset)),
            })
        })
        .collect();
    json_answer(&json!({
        "height": ledger.height(),
        "assets": assets,
        "positions": positions,
        "next": null,
    }))
}
