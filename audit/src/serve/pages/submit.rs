//! `POST /api/transaction`: hands a signed transaction to the network and says how it ended.
//!
//! The desk signs nothing and adds nothing. What it says of the outcome is the node's word until the block is
//! verified, a moment later.

use axum::{body::Bytes, extract::State};
use serde_json::{Value, json};
use talea_client::Finality;
use talea_types::{Outcome, SignedTransaction};

use super::{Answer, Asked, Shared};
use crate::{
    limits::SUBMIT_PATIENCE,
    serve::answer::{Problem, json_answer},
};

/// Hands a transaction over and waits until it is final.
pub(super) async fn submit(State(desk): State<Shared>, _: Asked, body: Bytes) -> Answer {
    let Some(network) = &desk.network else {
        return Err(Problem::bad_request(
            "this desk only reads",
            "submit the transaction to a node with `talea tx submit`",
        ));
    };
    let transaction = SignedTransaction::decode(&desk.chain, body).map_err(|error| {
        Problem::bad_request(
            format!("the body is no signed transaction of this network: {error}"),
            "send the canonical bytes of a SignedTransaction",
        )
    })?;
    let settlement = network.submit(&transaction, SUBMIT_PATIENCE).await?;
    let (outcome, name, height, help): (Option<u32>, String, Option<u64>, Value) =
        match settlement.finality {
            Finality::Committed { height, .. } => {
                let applied = Outcome::Applied;
                let name = applied.name().to_owned();
                (Some(applied.number()), name, Some(height), Value::Null)
            }
            Finality::Rejected {
                rejection, height, ..
            } => (
                Some(rejection.number),
                rejection.name,
                Some(height),
                rejection.help.into(),
            ),
            Finality::Expired => (None, "EXPIRED".to_owned(), None, Value::Null),
        };
    json_answer(&json!({
        "id": settlement.id.to_string(),
        "outcome": outcome,
        "outcome_name": name,
        "height": height,
        "help": help,
    }))
}
