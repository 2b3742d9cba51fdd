//! The history of an organisation: all of it for itself; for others without what it says of debtors.

use serde_json::Value;
use talea_types::Subject;

use super::story_desk;
use crate::support::desk::{Desk, base64};

/// Every event of a history, and whether asking for one was a look.
async fn history(desk: &Desk, of: Subject, authorization: &str) -> (Vec<Value>, bool) {
    let (mut rows, mut cursor, mut looked) = (Vec::new(), String::new(), false);
    loop {
        let path = format!("/api/events/{of}?limit=3{cursor}");
        let answer = desk.get(&path, authorization).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        looked |= answer.headers.contains_key("talea-look");
        let page = answer.json();
        rows.extend(page["rows"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return (rows, looked),
        }
    }
}

fn bytes_of(row: &Value) -> Option<Vec<u8>> {
    row["bytes"].as_str().map(base64)
}

#[tokio::test]
async fn whom_an_organisation_contacted_is_told_to_itself_alone() {
    let (told, desk) = story_desk().await;
    // By its account, or by what leads to it.
    let ids: [&[u8]; 5] = [
        told.debtor.as_bytes(),
        told.case.as_bytes(),
        told.loan.as_bytes(),
        told.call.as_bytes(),
        told.letter.as_ref().unwrap().as_bytes(),
    ];
    let names_debtor = |row: &Value| {
        let bytes = bytes_of(row).unwrap_or_default();
        let is_named = |id: &&[u8]| bytes.windows(id.len()).any(|part| part == *id);
        ids.iter().any(is_named)
    };
    let (agency, key) = &told.agency;
    let token = desk.token(&told.network, *agency, key).await;
    let (own, looked) = history(&desk, *agency, &token).await;
    assert!(own.iter().all(|row| row["bytes"].is_string()) && !looked);
    assert!(own.iter().filter(|row| names_debtor(row)).count() > 2);
    // The regulator may read it, and reads whom it is about in the debtor's file, with a look.
    let (shown, looked) = history(&desk, *agency, &desk.own()).await;
    assert!(!looked);
    assert_eq!(shown.len(), own.len());
    for (row, own) in shown.iter().zip(&own) {
        assert_eq!(row["kind"], own["kind"]);
        assert_eq!(row["transaction"], own["transaction"]);
        assert!(!names_debtor(row), "{row}");
        assert_eq!(row["bytes"].is_null(), names_debtor(own), "{row}");
    }
    // What names nobody is there: terms of lending.
    let (shown, _) = history(&desk, told.lender.0, &desk.own()).await;
    for kind in ["ProductPublished", "AgreementRegistered"] {
        let row = shown.iter().find(|row| row["kind"] == kind).unwrap();
        assert!(row["bytes"].is_string(), "{row}");
    }
    desk.serving.end().await;
}
