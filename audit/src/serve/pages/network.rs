//! `/api/network`, `/api/genesis`: the network now.

use axum::{extract::State, http::header, response::IntoResponse as _};
use serde_json::{Value, json};
use talea_ledger::Ledger;

use super::{Answer, Asked, Shared};
use crate::{
    limits::SILENT_BLOCKS,
    serve::{
        Desk,
        answer::json_answer,
        base64, now_ms,
        recent::{Recent, RecentBlock},
        words,
    },
};

/// Blocks that are listed with the network.
const BLOCKS_SHOWN: usize = 20;

/// The network now: height, validators, who is silent, how following goes.
pub(super) async fn network(State(desk): State<Shared>, _: Asked) -> Answer {
    let known = desk.recent.lock().clone();
    let read = desk.readers.ask(move |index| {
        let mut recent = known;
        recent.refresh(index)?;
        Ok((recent, index.totals()?))
    });
    let (recent, totals) = read.await?;
    let value = {
        let ledger = desk.ledger.read();
        let blocks = recent.iter().take(BLOCKS_SHOWN);
        let blocks: Vec<Value> = blocks.map(|one| one.block.to_json(&ledger)).collect();
        json!({
            "network": desk.chain.to_string(),
            "name": desk.record.network(),
            "sandbox": ledger.network().sandbox,
            "height": totals.blocks,
            "time_ms": if totals.blocks == 0 { ledger.time().millis() } else { totals.time_ms },
            "business_date": ledger.business_date(),
            "state_root": totals.state_root.map(|root| root.to_string()),
            "transactions": totals.transactions,
            "events": totals.events,
            "desk_key": base64::encode(desk.key.as_bytes()),
            "following": desk.following.borrow().to_json(now_ms()),
            "validators": validators(&ledger, &recent),
            "recent": blocks,
            "looks": looks(&desk),
        })
    };
    *desk.recent.lock() = recent;
    json_answer(&value)
}

/// The genesis document, as the desk was given it.
pub(super) async fn genesis(State(desk): State<Shared>, _: Asked) -> Answer {
    let headers = [(header::CONTENT_TYPE, "application/toml; charset=utf-8")];
    Ok((headers, desk.genesis.clone()).into_response())
}

/// Number and hash of the newest look: who writes them down can ask for them later.
fn looks(desk: &Desk) -> Value {
    let head = desk.looks.lock().head();
    json!({ "count": head.number, "head": head.to_string() })
}

fn validators(ledger: &Ledger, recent: &Recent) -> Vec<Value> {
    let each = ledger.validators().iter().map(|(id, validator)| {
        let signed = |one: &&RecentBlock| one.signers.contains(id);
        let last = recent.iter().find(signed);
        let newest: Vec<&RecentBlock> = recent.iter().take(SILENT_BLOCKS).collect();
        let organisation = ledger.participant(&validator.participant);
        json!({
            "id": id.to_string(),
            "name": validator.name,
            "participant": words::participant(ledger, &validator.participant),
            "lei": organisation.map(|one| one.lei.as_str()),
            "power": validator.power,
            "proposed": recent.iter().filter(|one| one.block.proposer == *id).count(),
            "signed_of_recent": recent.iter().filter(signed).count(),
            "of_recent": recent.iter().count(),
            "last_signed_height": last.map(|one| one.block.height),
            "silent": newest.len() == SILENT_BLOCKS && !newest.iter().any(signed),
        })
    });
    each.collect()
}
