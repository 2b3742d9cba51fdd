//! Figures, the law, and proofs.

use serde_json::Value;
use talea_audit::{Index, follow};
use talea_client::{ProofFile, Trust};
use talea_types::Subject;

use super::story_desk;
use crate::support::{Node, START, desk::Desk, law::in_force_again, story};

#[tokio::test]
async fn figures_are_whole_for_the_regulator_and_its_own_for_an_agency() {
    let (told, desk) = story_desk().await;
    let own = desk.own();
    let (agency, key) = &told.agency;
    let token = desk.token(&told.network, *agency, key).await;
    for (by, shown) in [("agency", &own), ("lender", &own), ("agency", &token)] {
        let card = desk.json(&format!("/api/scorecard?by={by}"), shown).await;
        let rows = card["rows"].as_array().unwrap();
        assert!(!rows.is_empty(), "{by}");
        // Of the pack that is in force in the story: not before eight, not after nine in the evening.
        let quiet = card["quiet"].as_array().unwrap().iter().enumerate();
        let quiet: Vec<usize> = quiet
            .filter_map(|(hour, quiet)| quiet.as_bool().unwrap().then_some(hour))
            .collect();
        assert_eq!(quiet, [0, 1, 2, 3, 4, 5, 6, 7, 21, 22, 23]);
        let sum = |name: &str| {
            rows.iter()
                .map(|row| row[name].as_u64().unwrap())
                .sum::<u64>()
        };
        // Contacts that were made, and not what was permitted: the letter was taken back.
        for name in ["hours", "reported_hours"] {
            let hours = rows.iter().flat_map(|row| row[name].as_array().unwrap());
            let hours: Vec<u64> = hours.map(|hour| hour.as_u64().unwrap()).collect();
            // The debtor's report names its case, and so the lender too.
            assert_eq!((hours[10], hours.iter().sum()), (1, 1), "{name} {by}");
        }
        assert!(sum("granted") == 2 && sum("refused") > 0);
        assert!(
            rows.iter()
                .any(|row| !row["refusals"].as_array().unwrap().is_empty())
        );
    }
    let card = desk.json("/api/scorecard?by=agency", &token).await;
    assert_eq!(card["rows"][0]["id"], agency.to_string());
    assert_eq!(card["rows"].as_array().unwrap().len(), 1);
    let none = desk.json("/api/scorecard?until_ms=1", &own).await;
    assert_eq!(none["rows"].as_array().unwrap().len(), 0);

    let book = desk.json("/api/loan-book", &own).await;
    assert_eq!(book["rows"][0]["loans"], 1);
    assert_eq!(book["rows"][0]["bucket"], "current");
    assert_eq!(book["rows"][0]["outstanding"]["asset"], "USD");
    let others = desk.json("/api/loan-book", &token).await;
    assert_eq!(others["rows"].as_array().unwrap().len(), 0);
    for path in ["/api/scorecard", "/api/loan-book", "/api/settlement"] {
        assert_eq!(desk.get(path, "").await.status, 401, "{path}");
    }
    let holder = desk
        .token(
            &told.network,
            Subject::Account(told.debtor),
            &told.debtor_key,
        )
        .await;
    assert_eq!(desk.get("/api/scorecard", &holder).await.status, 403);

    let settlement = desk.json("/api/settlement", &own).await;
    assert!(!settlement["positions"].as_array().unwrap().is_empty());
    let bank = desk
        .token(&told.network, told.lender.0, &told.lender.1)
        .await;
    let positions = desk.json("/api/settlement", &bank).await["positions"].clone();
    let positions = positions.as_array().unwrap();
    let its_own = |one: &Value| one["participant"]["id"] == told.lender.0.to_string();
    assert!(!positions.is_empty() && positions.iter().all(its_own));
    desk.serving.end().await;
}

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;

/// A desk over the story with more complaints: each is the one of the story with other times, in days after it; and what
/// `more` adds.
async fn desk_of_complaints(others: &[(i64, Option<i64>)], more: &str) -> Desk {
    let told = story::tell();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    let mut index = Index::open_or_create(&path, &told.network.chain()).unwrap();
    let chain = index.resume(told.network.record()).unwrap();
    let followed = follow(&Node::of(&told.made), chain, index, None, |_| {}).await;
    followed.end.unwrap();
    drop(followed.index);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let clock = "UPDATE remedy SET acknowledge_by_ms = opened_ms + 3 * 86400000, \
                 due_ms = opened_ms + 30 * 86400000, overdue_ms = opened_ms + 30 * 86400000 \
                 WHERE kind = 'complaint'";
    assert_eq!(connection.execute(clock, []).unwrap(), 1);
    for (number, (opened, closed)) in others.iter().enumerate() {
        let copy = "INSERT INTO remedy SELECT $1, kind, debtor, $2, loan, agency, lender, what, height, \
                    opened_ms + $3, NULL, NULL, NULL, NULL, opened_ms + $4, result FROM remedy \
                    WHERE kind = 'complaint' AND topic = '1'";
        let values = (
            [u8::try_from(number).unwrap(); 32],
            format!("of {number}"),
            opened * 86_400_000,
            closed.map(|closed| closed * 86_400_000),
        );
        assert_eq!(connection.execute(copy, values).unwrap(), 1);
    }
    connection.execute_batch(more).unwrap();
    drop(connection);
    let desk = Desk::open_in(directory, &told.network, Node::of(&told.made)).await;
    desk.until_height(told.made.len() as u64).await;
    desk
}

#[tokio::test]
async fn a_complaint_stays_open_until_it_is_answered() {
    // Answered before the period, in it after 12 and 2 days, and made after it.
    let others = [(0, Some(20)), (20, Some(32)), (31, Some(33)), (60, None)];
    let desk = desk_of_complaints(&others, "").await;
    let own = desk.own();
    let (from, until) = (START + 31 * DAY, START + 40 * DAY);
    let path = format!("/api/scorecard?from_ms={from}&until_ms={until}");
    let card = desk.json(&path, &own).await;
    let rows = card["rows"].as_array().unwrap();
    // Nothing else happened then.
    assert_eq!(rows.len(), 1, "{card}");
    let complaints = &rows[0]["complaints"];
    assert_eq!(complaints["open"], 1);
    assert_eq!(complaints["late"], 1);
    assert_eq!(complaints["answered"], 2);
    assert_eq!(rows[0]["resolve_ms_median"], 2 * DAY);
    let clocks = complaints["clocks"].as_array().unwrap();
    assert_eq!(clocks.len(), 1);
    let clock = |name: &str| clocks[0][name].as_u64();
    let opened = clock("opened_ms").unwrap();
    assert!(opened < from);
    assert_eq!(clock("acknowledge_by_ms"), Some(opened + 3 * DAY));
    assert!(clock("acknowledged_ms").is_some());
    assert_eq!(clock("resolve_by_ms"), Some(opened + 30 * DAY));
    assert_eq!(clock("overdue_ms"), Some(opened + 30 * DAY));
    // Before it ran out, it was open and not late.
    let (from, until) = (START + 2 * DAY, START + 19 * DAY);
    let path = format!("/api/scorecard?from_ms={from}&until_ms={until}");
    let before = desk.json(&path, &own).await;
    let complaints = &before["rows"][0]["complaints"];
    let counts = ["open", "late", "answered"].map(|name| complaints[name].as_u64().unwrap());
    assert_eq!(counts, [2, 0, 0]);
    desk.serving.end().await;
}

#[tokio::test]
async fn the_median_of_an_organisation_is_of_all_its_own_answers() {
    // Answered after 12, 2 and 11 days; another agency gives very many answers, later, each at once.
    let others = [(20, Some(32)), (31, Some(33)), (22, Some(33)), (60, None)];
    let many = "WITH RECURSIVE counted(number) AS \
                (SELECT 1 UNION ALL SELECT number + 1 FROM counted WHERE number < 60000) \
                INSERT INTO remedy SELECT CAST(printf('%032d', number) AS BLOB), kind, debtor, topic || '-' || number, \
                loan, x'07070707070707070707070707070707', x'08080808080808080808080808080808', what, height, opened_ms + 35 * 86400000, NULL, NULL, \
                NULL, NULL, opened_ms + 35 * 86400000 + number % 3, result \
                FROM remedy, counted WHERE kind = 'complaint' AND topic = '1'";
    let desk = desk_of_complaints(&others, many).await;
    let (from, until) = (START + 31 * DAY, START + 40 * DAY);
    let path = |by: &str| format!("/api/scorecard?by={by}&from_ms={from}&until_ms={until}");
    let card = desk.json(&path("agency"), &desk.own()).await;
    let figures = |card: &Value| -> Vec<_> {
        let each = card["rows"].as_array().unwrap().iter().map(|row| {
            let answered = row["complaints"]["answered"].as_u64();
            (answered.unwrap(), row["resolve_ms_median"].as_u64())
        });
        each.collect()
    };
    let mut found = figures(&card);
    found.sort_unstable();
    assert_eq!(found, [(3, Some(11 * DAY)), (60_000, Some(1))]);
    let card = desk.json(&path("lender"), &desk.own()).await;
    assert_eq!(figures(&card), [(60_000, Some(1))]);
    desk.serving.end().await;
}

#[tokio::test]
async fn the_law_can_be_read_and_asked() {
    let (told, desk) = story_desk().await;
    let own = desk.own();
    let packs = desk.json("/api/packs", "").await;
    assert_eq!(packs["rows"][0]["id"], "us-reg-f");
    assert_eq!(packs["rows"][0]["retired"], false);
    let pack = desk.json("/api/pack/us-reg-f", "").await;
    assert!(!pack["rules"].as_array().unwrap().is_empty());
    assert!(pack["text"].as_str().unwrap().contains("us-reg-f"));
    assert_eq!(desk.get("/api/pack/none", "").await.status, 404);

    let now = desk.json("/api/network", "").await["time_ms"]
        .as_u64()
        .unwrap();
    let asked = |from: u64, channel: &str| {
        serde_json::json!({
            "case": told.case.to_string(),
            "loan": told.loan.to_string(),
            "channel": channel,
            "party": "debtor",
            "purpose": "payment",
            "from_ms": from,
            "until_ms": from + 600_000,
        })
        .to_string()
    };
    let mut verdicts = std::collections::BTreeSet::new();
    for hour in 0..24 {
        let body = asked(now + hour * 3_600_000, "voice_call");
        let answer = desk
            .send("POST", "/api/explain", &own, body.as_bytes())
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.headers.contains_key("talea-look"));
        let answer = answer.json();
        verdicts.insert(answer["verdict"].as_str().unwrap().to_owned());
        assert_eq!(answer["local"][0]["zone"], "America/New_York");
        let rules = answer["rules"].as_array().unwrap();
        assert!(rules.iter().all(|rule| rule["source"].is_string()) && !rules.is_empty());
    }
    assert!(verdicts.contains("REFUSED"), "{verdicts:?}");
    let body = asked(now, "pigeon");
    let wrong = desk
        .send("POST", "/api/explain", &own, body.as_bytes())
        .await;
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "BAD_REQUEST"));
    let body = asked(now, "voice_call");
    let nobody = desk.send("POST", "/api/explain", "", body.as_bytes()).await;
    assert_eq!(nobody.status, 401);
    desk.serving.end().await;
}

#[tokio::test]
async fn a_debtor_takes_the_proof_of_its_own_file_home() {
    let (told, desk) = story_desk().await;
    let holder = desk
        .token(
            &told.network,
            Subject::Account(told.debtor),
            &told.debtor_key,
        )
        .await;
    let path = format!("/api/proof/debtor/{}", told.debtor);
    let answer = desk.get(&path, &holder).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let file = ProofFile::decode(&answer.body.into()).unwrap();
    file.verify(&Trust::from_record(told.network.record()))
        .unwrap();
    let ProofFile::Audit(bundle) = file else {
        panic!("it is a bundle");
    };
    assert_eq!(bundle.periods.len(), 3);
    assert_eq!(desk.get(&path, "").await.status, 401);
    desk.serving.end().await;
}

#[tokio::test]
async fn a_refusal_cites_its_source_when_another_version_is_in_force() {
    let told = story::tell();
    let cited: Vec<String> = told
        .made
        .iter()
        .flat_map(|made| made.results.iter().flat_map(|one| one.rules.clone()))
        .collect();
    assert!(cited.iter().all(|one| one.ends_with("@1")) && cited.len() > 1);
    let told = in_force_again(told, |pack| {
        for rule in &mut pack.rules {
            rule.source = "another source".to_owned();
        }
    });
    let pack = told.network.ledger().rules_in_force()[0].clone();
    assert_eq!((pack.id.as_str(), pack.version), ("us-reg-f", 2));
    let node = Node::of(&told.made);
    let desk = Desk::open(&told.network, node).await;
    desk.until_height(told.made.len() as u64).await;
    let own = desk.own();
    let is_told = |rule: &Value| {
        assert!(rule["id"].as_str().unwrap().ends_with("@1"), "{rule}");
        assert!(
            rule["source"].as_str().unwrap().starts_with("12 CFR"),
            "{rule}"
        );
        assert!(rule["title"].is_string(), "{rule}");
        assert_eq!(rule["pack"], "us-reg-f");
    };
    let card = desk.json("/api/scorecard", &own).await;
    let refusals = card["rows"][0]["refusals"].as_array().unwrap();
    assert!(!refusals.is_empty());
    refusals.iter().for_each(|one| is_told(&one["rule"]));
    let path = format!("/api/case-file/{}?kinds=refusal", told.debtor);
    let file = desk.json(&path, &own).await;
    let rows = file["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        let rules = row["refusal"]["rules"].as_array().unwrap();
        assert!(!rules.is_empty());
        rules.iter().for_each(is_told);
        let id = row["transaction"].as_str().unwrap();
        let transaction = desk.json(&format!("/api/transaction/{id}"), &own).await;
        assert_eq!(&transaction["rules"], &row["refusal"]["rules"]);
    }
    // Both versions, a part at a time.
    let mut all = Vec::new();
    let mut path = "/api/rules?limit=7".to_owned();
    loop {
        let page = desk.json(&path, "").await;
        let rows = page["rows"].as_array().unwrap();
        all.extend(
            rows.iter()
                .map(|row| row["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/api/rules?limit=7&cursor={}", next.replace('+', "%2B"));
    }
    assert_eq!(all.len(), 2 * pack.rules.len());
    assert!(all.is_sorted() && cited.iter().all(|one| all.contains(one)));
    desk.serving.end().await;
}
