//! The tables of conduct: what they hold is what the events say, read one by one.

use std::{collections::BTreeMap, path::Path};

use crate::support::{
    Node,
    story::{self, Told},
};
use bytes::Bytes;
use talea_audit::{Index, Row, Value, follow, reindex};
use talea_types::{Event, EventDetail, Subject, event::CollectionsEvent};

async fn followed(told: &Told, path: &Path) -> Index {
    let mut index = Index::open_or_create(path, &told.network.chain()).unwrap();
    let chain = index.resume(told.network.record()).unwrap();
    let followed = follow(&Node::of(&told.made), chain, index, None, |_| {}).await;
    followed.end.unwrap();
    followed.index
}

/// Events of the debtor, with the name of what happened.
fn events_of_debtor(index: &Index, told: &Told) -> Vec<(Event, CollectionsEvent)> {
    let subject = Subject::Debtor(told.debtor).to_bytes();
    let ask = "SELECT bytes FROM event WHERE subject = $1 ORDER BY sequence LIMIT 1000";
    let rows = index.ask(ask, &[subject[..].into()]).unwrap();
    let events = rows
        .iter()
        .map(|row| Event::decode(&Bytes::copy_from_slice(row.bytes(0).unwrap())).unwrap());
    events
        .filter_map(|event| match &*event.detail {
            EventDetail::Collections(detail) => Some((event.clone(), detail.clone())),
            _ => None,
        })
        .collect()
}

fn one(index: &Index, sql: &'static str, values: &[Value]) -> Row {
    let mut rows = index.ask(sql, values).unwrap();
    assert_eq!(rows.len(), 1, "{sql}");
    rows.remove(0)
}

fn count(index: &Index, sql: &'static str) -> i64 {
    one(index, sql, &[]).integer(0).unwrap()
}

#[tokio::test]
async fn contacts_are_what_the_events_say() {
    let told = story::tell();
    let directory = tempfile::tempdir().unwrap();
    let index = followed(&told, &directory.path().join("index.db")).await;
    let events = events_of_debtor(&index, &told);
    let mut permitted = 0;
    for (event, detail) in &events {
        let CollectionsEvent::ContactPermitted(contact) = detail else {
            continue;
        };
        permitted += 1;
        let permit = contact.permit.as_bytes()[..].into();
        let row = one(
            &index,
            "SELECT case_id, loan, debtor, agency, lender, channel, party, purpose, height, \
             granted_ms, from_ms, until_ms, local_hour, result, revoked_ms FROM contact \
             WHERE permit = $1",
            &[permit],
        );
        let ids = [
            told.case.as_bytes(),
            told.loan.as_bytes(),
            told.debtor.as_bytes(),
        ];
        for (column, id) in ids.into_iter().enumerate() {
            assert_eq!(row.bytes(column).unwrap(), id);
        }
        let agency = told.agency.0.to_bytes();
        let lender = told.lender.0.to_bytes();
        assert_eq!(row.bytes(3).unwrap(), &agency[1..]);
        assert_eq!(row.bytes(4).unwrap(), &lender[1..]);
        assert_eq!(row.text(5).unwrap(), contact.request.channel.as_str());
        assert_eq!(row.text(6).unwrap(), contact.request.party.as_str());
        assert_eq!(row.text(7).unwrap(), contact.request.purpose.as_str());
        assert_eq!(row.integer(8).unwrap().unsigned_abs(), event.height);
        assert_eq!(row.integer(9).unwrap().unsigned_abs(), event.time.millis());
        assert_eq!(
            row.integer(10).unwrap().unsigned_abs(),
            contact.from.millis()
        );
        assert_eq!(
            row.integer(11).unwrap().unsigned_abs(),
            contact.until.millis()
        );
        // New York is four hours behind in September.
        let hour = (contact.from.millis() / 3_600_000 - 4) % 24;
        assert_eq!(row.integer(12).unwrap().unsigned_abs(), hour);
    }
    assert_eq!(permitted, count(&index, "SELECT count(*) FROM contact"));
    let ask = "SELECT result, result_ms, closed_height, breach, revoked_ms, result_hour FROM contact \
               WHERE permit = $1";
    let call = one(&index, ask, &[told.call.as_bytes()[..].into()]);
    let closed = events.iter().find_map(|(event, detail)| match detail {
        CollectionsEvent::ContactClosed(closed) => Some((event.height, closed.outcome.at)),
        _ => None,
    });
    let (height, at) = closed.unwrap();
    assert_eq!(call.text(0).unwrap(), "conversation");
    assert_eq!(call.integer(1).unwrap().unsigned_abs(), at.millis());
    assert_eq!(call.integer(2).unwrap().unsigned_abs(), height);
    let hour = (at.millis() / 3_600_000 - 4) % 24;
    assert_eq!(call.integer(5).unwrap().unsigned_abs(), hour);
    assert_eq!(call.optional_text(3).unwrap(), None);
    let revoked: BTreeMap<_, _> = events
        .iter()
        .filter_map(|(_, detail)| match detail {
            CollectionsEvent::ContactRevoked(revoked) => Some((revoked.permit, revoked.at)),
            _ => None,
        })
        .collect();
    let letter = told.letter.unwrap();
    let row = one(&index, ask, &[letter.as_bytes()[..].into()]);
    let expected = revoked.get(&letter).map(|at| at.millis());
    let found = row.optional_integer(4).unwrap().map(i64::unsigned_abs);
    assert_eq!(found, expected);
    assert_eq!(row.optional_text(0).unwrap(), None);
}

#[tokio::test]
async fn a_reference_leads_to_its_transactions() {
    let told = story::tell();
    let directory = tempfile::tempdir().unwrap();
    let index = followed(&told, &directory.path().join("index.db")).await;
    let ask = "SELECT tx.operation FROM reference JOIN tx ON tx.height = reference.height \
               AND tx.position = reference.position WHERE text = $1";
    let found = one(&index, ask, &["FUND-10000".into()]);
    assert_eq!(found.text(0).unwrap(), "Issue");
    assert_eq!(count(&index, "SELECT count(*) FROM reference"), 2);
}

#[tokio::test]
async fn refusals_name_each_rule_that_spoke() {
    let told = story::tell();
    let directory = tempfile::tempdir().unwrap();
    let index = followed(&told, &directory.path().join("index.db")).await;
    let mut expected = Vec::new();
    for made in &told.made {
        let height = made.block.body.content.header.height;
        for (position, result) in made.results.iter().enumerate() {
            for rule in &result.rules {
                expected.push((
                    height,
                    position as u64,
                    rule.clone(),
                    result.outcome.number(),
                ));
            }
        }
    }
    assert!(expected.len() >= 2, "the law speaks twice");
    let ask = "SELECT height, position, rule, outcome, debtor, case_id FROM refusal \
               ORDER BY height, position, part LIMIT 1000";
    let rows = index.ask(ask, &[]).unwrap();
    let found: Vec<_> = rows
        .iter()
        .map(|row| {
            assert_eq!(row.bytes(4).unwrap(), told.debtor.as_bytes());
            assert_eq!(row.bytes(5).unwrap(), told.case.as_bytes());
            (
                row.integer(0).unwrap().unsigned_abs(),
                row.integer(1).unwrap().unsigned_abs(),
                row.text(2).unwrap().to_owned(),
                u32::try_from(row.integer(3).unwrap()).unwrap(),
            )
        })
        .collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn remedies_are_opened_and_closed_by_the_events_that_say_so() {
    let told = story::tell();
    let directory = tempfile::tempdir().unwrap();
    let index = followed(&told, &directory.path().join("index.db")).await;
    let events = events_of_debtor(&index, &told);
    let time = |wanted: fn(&CollectionsEvent) -> bool| {
        let found = events.iter().find(|(_, detail)| wanted(detail));
        found.map(|(event, _)| event.time.millis()).unwrap()
    };
    let ask = "SELECT opened_ms, closed_ms, result, due_ms, acknowledged_ms, topic, agency FROM \
               remedy WHERE kind = $1";
    let dispute = one(&index, ask, &["dispute".into()]);
    let opened = time(|detail| matches!(detail, CollectionsEvent::DisputeOpened(_)));
    let resolved = time(|detail| matches!(detail, CollectionsEvent::DisputeResolved(_)));
    assert_eq!(dispute.integer(0).unwrap().unsigned_abs(), opened);
    assert_eq!(dispute.integer(1).unwrap().unsigned_abs(), resolved);
    assert_eq!(dispute.text(2).unwrap(), "rejected");
    assert_eq!(dispute.text(5).unwrap(), told.loan.to_string());
    let agency = told.agency.0.to_bytes();
    assert_eq!(dispute.bytes(6).unwrap(), &agency[1..]);
    let complaint = one(&index, ask, &["complaint".into()]);
    let acknowledged = time(|detail| matches!(detail, CollectionsEvent::ComplaintAnswered(_)));
    assert_eq!(complaint.optional_integer(1).unwrap(), None);
    assert_eq!(complaint.integer(4).unwrap().unsigned_abs(), acknowledged);
    assert_eq!(complaint.text(5).unwrap(), "1");
    assert_eq!(complaint.bytes(6).unwrap(), &agency[1..]);
    let protection = one(&index, ask, &["protection".into()]);
    assert_eq!(protection.text(2).unwrap(), "lifted");
    assert_eq!(protection.text(5).unwrap(), "hardship");
}

#[tokio::test]
async fn days_count_what_the_other_tables_list() {
    let told = story::tell();
    let directory = tempfile::tempdir().unwrap();
    let index = followed(&told, &directory.path().join("index.db")).await;
    for (measure, listed) in [
        ("granted", "SELECT count(*) FROM contact"),
        (
            "hour",
            "SELECT count(*) FROM contact WHERE result IS NOT NULL AND channel <> 'letter'",
        ),
        (
            "result",
            "SELECT count(*) FROM contact WHERE result IS NOT NULL",
        ),
        (
            "revoked",
            "SELECT count(*) FROM contact WHERE revoked_ms IS NOT NULL",
        ),
        ("refused", "SELECT count(*) FROM refusal WHERE part = 0"),
        ("rule", "SELECT count(*) FROM refusal"),
        ("breach", "SELECT count(*) FROM breach"),
    ] {
        let ask = "SELECT coalesce(sum(counted), 0) FROM conduct_day WHERE measure = $1";
        let counted = one(&index, ask, &[measure.into()]).integer(0).unwrap();
        assert_eq!(counted, count(&index, listed), "{measure}");
    }
    assert_eq!(count(&index, "SELECT count(*) FROM breach"), 1);
    // The call was made at ten, as the debtor says too. The letter that was permitted for eleven was never sent.
    let hours = "SELECT label, counted FROM conduct_day WHERE measure = $1";
    for measure in ["hour", "reported_hour"] {
        let made = one(&index, hours, &[measure.into()]);
        assert_eq!((made.text(0).unwrap(), made.integer(1).unwrap()), ("10", 1));
    }
}

#[tokio::test]
async fn made_again_or_followed_block_by_block_they_are_the_same() {
    let told = story::tell();
    let directory = tempfile::tempdir().unwrap();
    let whole = followed(&told, &directory.path().join("whole.db")).await;
    let path = directory.path().join("steps.db");
    for height in 1..=told.made.len() {
        let mut index = Index::open_or_create(&path, &told.network.chain()).unwrap();
        let chain = index.resume(told.network.record()).unwrap();
        let node = Node::of(&told.made[..height]);
        let followed = follow(&node, chain, index, None, |_| {}).await;
        followed.end.unwrap();
    }
    let digest = whole.digest().unwrap();
    assert_eq!(Index::open(&path).unwrap().digest().unwrap(), digest);
    let path = directory.path().join("again.db");
    let again = reindex(&whole, told.network.record(), &path, |_| {}).unwrap();
    assert_eq!(again.digest().unwrap(), digest);
}

#[tokio::test]
async fn a_digest_covers_every_table_of_conduct() {
    let told = story::tell();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    let whole = followed(&told, &path).await.digest().unwrap();
    for change in [
        "UPDATE contact SET local_hour = 3 WHERE result IS NOT NULL",
        "UPDATE contact SET result_hour = 3 WHERE result IS NOT NULL",
        "UPDATE contact SET breach = 'no_permit' WHERE result IS NOT NULL",
        "DELETE FROM refusal WHERE part = 0",
        "UPDATE breach SET time_ms = time_ms + 1",
        "UPDATE remedy SET result = 'upheld' WHERE kind = 'dispute'",
        "UPDATE conduct_day SET counted = counted + 1 WHERE measure = 'hour'",
        "UPDATE outcome_total SET transactions = 0",
        "UPDATE reference SET text = 'another' WHERE height = 4",
        "UPDATE block SET events_total = 0 WHERE height = 2",
    ] {
        let altered = directory.path().join("altered.db");
        std::fs::copy(&path, &altered).unwrap();
        let connection = rusqlite::Connection::open(&altered).unwrap();
        assert!(connection.execute(change, []).unwrap() > 0, "{change}");
        drop(connection);
        let digest = Index::open(&altered).unwrap().digest().unwrap();
        assert_ne!(digest, whole, "{change}");
    }
}
