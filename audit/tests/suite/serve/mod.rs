//! The desk over HTTP: what it shows, to whom, and what it says when a node lies.

mod access;
mod figures;
mod histories;
mod process;

use crate::support::{
    Network, Node,
    desk::{Desk, base64_of},
    sign, story,
};
use serde_json::Value;
use talea_audit::{Look, LookHead, Looks};
use talea_client::WholeBlock;
use talea_types::{
    Operation, SecretKey, Subject,
    operation::{CollectionsOperation, PreferenceSet, Preferences},
};

fn height_of(node: &Node) -> u64 {
    node.blocks.len() as u64
}

async fn story_desk() -> (story::Told, Desk) {
    let told = story::tell();
    let node = Node::of(&told.made);
    let height = height_of(&node);
    let desk = Desk::open(&told.network, node).await;
    desk.until_height(height).await;
    (told, desk)
}

#[tokio::test]
async fn the_network_is_for_everybody() {
    let (told, desk) = story_desk().await;
    let height = told.made.len() as u64;
    let network = desk.json("/api/network", "").await;
    assert_eq!(network["height"], height);
    assert_eq!(network["network"], told.network.chain().to_string());
    assert_eq!(network["state_root"], told.network.state_root().to_string());
    assert_eq!(network["following"]["state"], "following");
    assert_eq!(network["following"]["difference"], Value::Null);
    let validators = network["validators"].as_array().unwrap();
    let silent: Vec<bool> = validators
        .iter()
        .map(|one| one["silent"].as_bool().unwrap())
        .collect();
    assert_eq!(
        silent.iter().filter(|silent| **silent).count(),
        1,
        "{validators:?}"
    );
    let recent = network["recent"].as_array().unwrap();
    assert_eq!(recent[0]["height"], height);

    let mut seen = Vec::new();
    let mut path = "/api/blocks?limit=5".to_owned();
    loop {
        let page = desk.json(&path, "").await;
        let rows = page["rows"].as_array().unwrap();
        assert!(rows.len() <= 5);
        seen.extend(rows.iter().map(|row| row["height"].as_u64().unwrap()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/api/blocks?limit=5&cursor={next}");
    }
    assert!(seen.iter().copied().eq((1..=height).rev()), "{seen:?}");

    let block = desk.json("/api/block/2", "").await;
    assert_eq!(block["whole"], false);
    assert_eq!(block["transactions"], Value::Null);
    assert_eq!(
        block["signed_power"].as_u64(),
        block["total_power"].as_u64().map(|all| all * 3 / 4)
    );
    let genesis = desk.get("/api/genesis", "").await;
    assert_eq!(genesis.text(), told.network.localnet.document.to_toml());
    desk.serving.end().await;
}

/// Whether what is asked for names a debtor: in this story, all of credit and collections but the terms of lending.
fn is_of_a_debtor(operation: &Operation) -> bool {
    use talea_types::operation::CreditOperation as Lending;
    match operation {
        Operation::Credit(Lending::ProductPublish(_) | Lending::AgreementRegister(_)) => false,
        Operation::Credit(_) | Operation::Collections(_) => true,
        _ => false,
    }
}

#[tokio::test]
async fn a_permit_is_found_with_its_case_and_a_look() {
    let (told, desk) = story_desk().await;
    let path = format!("/api/search?q={}", told.call);
    assert_eq!(desk.json(&path, "").await["rows"], Value::Array(Vec::new()));
    let (subject, key) = &told.agency;
    let agency = desk.token(&told.network, *subject, key).await;
    let answer = desk.get(&path, &agency).await;
    let found = &answer.json()["rows"][0];
    assert_eq!(found["case"], told.case.to_string());
    assert_eq!(found["debtor"], told.debtor.to_string());
    assert!(answer.headers["talea-look"].starts_with("1:"));
    // The debtor itself may look without being written down.
    let debtor = Subject::Account(told.debtor);
    let debtor = desk.token(&told.network, debtor, &told.debtor_key).await;
    let answer = desk.get(&path, &debtor).await;
    assert_eq!(answer.json()["rows"][0]["case"], told.case.to_string());
    assert!(!answer.headers.contains_key("talea-look"));
    desk.serving.end().await;
}

#[tokio::test]
async fn the_regulator_sees_all_and_its_looks_are_written_down() {
    let (told, desk) = story_desk().await;
    let own = desk.own();
    let me = desk.json("/api/me", &own).await;
    assert_eq!(me["sees"]["debtors"], "all");
    assert_eq!(me["roles"][0], "regulator");
    let mut signed = told.transactions();
    let mut looked = 0;
    for (height, made) in (1..).zip(&told.made) {
        let block = desk
            .json(&format!("/api/block/{height}?limit=200"), &own)
            .await;
        let rows = block["transactions"]["rows"].as_array().unwrap();
        assert_eq!(rows.len(), made.results.len());
        for (row, result) in rows.iter().zip(&made.results) {
            assert_eq!(row["outcome_name"], result.outcome.name());
            let id = row["id"].as_str().unwrap();
            let answer = desk.get(&format!("/api/transaction/{id}"), &own).await;
            let one = answer.json();
            assert_eq!(one["height"], height);
            // What it says of a debtor is a part of the debtor's file, whatever page it stands on.
            let signed = signed.next().unwrap();
            assert_eq!(one["bytes"], base64_of(signed.encoded()));
            let named = answer.headers.contains_key("talea-look");
            assert_eq!(named, is_of_a_debtor(&signed.body().operation), "{row}");
            looked += u64::from(named);
            let cited: Vec<&str> = one["rules"]
                .as_array()
                .unwrap()
                .iter()
                .map(|rule| rule["id"].as_str().unwrap())
                .collect();
            assert_eq!(cited, result.rules);
            let titled = |rule: &Value| rule["title"].is_string() && rule["source"].is_string();
            assert!(one["rules"].as_array().unwrap().iter().all(titled));
        }
    }
    assert!(looked > 10, "{looked}");
    let (debtor, loan, case) = (told.debtor, told.loan, told.case);
    let count = &desk.json("/api/network", "").await["looks"]["count"];
    assert_eq!(*count, looked);
    let account = desk.json(&format!("/api/account/{debtor}"), &own).await;
    assert_eq!(account["debtor"], true);
    assert!(
        !account["transactions"]["rows"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let mut heads = Vec::new();
    for path in [
        format!("/api/loan/{loan}"),
        format!("/api/case/{case}"),
        format!("/api/events/debtor:{debtor}"),
        format!("/api/events/{case}"),
    ] {
        let answer = desk.get(&path, &own).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.headers["cache-control"], "no-store");
        let head: LookHead = answer.headers["talea-look"].parse().unwrap();
        heads.push(head);
    }
    let numbers: Vec<u64> = heads.iter().map(|head| head.number).collect();
    assert!(numbers.iter().copied().eq(looked + 1..=looked + 4));
    let path = desk.directory.path().join("looks");
    let mut looks = Vec::new();
    let head = Looks::read(&path, |look| looks.push(look.clone())).unwrap();
    assert_eq!(head, heads[3]);
    let regulator = Subject::Participant(told.network.localnet.regulator().id);
    assert!(
        looks
            .iter()
            .all(|look| look.debtor == debtor && look.reader == regulator)
    );
    let shown = |look: &Look| look.shown == "transaction";
    assert!(looks.iter().take(looked as usize).all(shown));
    assert_eq!(looks[looked as usize].subject, Subject::Loan(loan));
    desk.serving.end().await;
}

#[tokio::test]
async fn the_history_of_a_debtor_is_whole() {
    let (told, desk) = story_desk().await;
    let own = desk.own();
    let mut path = format!("/api/events/debtor:{}?limit=3", told.debtor);
    let mut sequences = Vec::new();
    let length = loop {
        let page = desk.json(&path, &own).await;
        let rows = page["rows"].as_array().unwrap();
        sequences.extend(rows.iter().map(|row| row["sequence"].as_u64().unwrap()));
        match page["next"].as_str() {
            Some(next) => {
                path = format!("/api/events/debtor:{}?limit=3&cursor={next}", told.debtor);
            }
            None => break page["length"].as_u64().unwrap(),
        }
    };
    assert!(length > 5);
    assert!(sequences.iter().copied().eq((0..length).rev()));
    desk.serving.end().await;
}

#[tokio::test]
async fn who_shows_nothing_or_something_worthless_sees_nothing() {
    let (told, desk) = story_desk().await;
    let debtor = told.debtor;
    let path = format!("/api/events/debtor:{debtor}");
    for path in [
        &path,
        &format!("/api/loan/{}", told.loan),
        &format!("/api/account/{debtor}"),
    ] {
        let answer = desk.get(path, "").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (401, "READER_REQUIRED")
        );
        assert_eq!(answer.headers["www-authenticate"], "Talea");
    }
    // Of what may not be seen, not even the absence is told.
    let none = talea_types::LoanId::from_bytes([9; 16]);
    let answer = desk.get(&format!("/api/loan/{none}"), "").await;
    assert_eq!(answer.status, 401);
    for (shown, code) in [
        ("Talea x", "TOKEN_INVALID"),
        ("Talea AAAA", "TOKEN_INVALID"),
        ("Basic AAAA", "TOKEN_INVALID"),
        ("Desk AAAA", "SESSION_ENDED"),
    ] {
        // Also where nothing has to be shown: what is worth nothing is not taken for nothing.
        for path in [path.as_str(), "/api/network"] {
            let answer = desk.get(path, shown).await;
            assert_eq!((answer.status, answer.code().as_str()), (401, code));
        }
    }
    let network = &told.network;
    let stranger = SecretKey::from_seed([77; 32]);
    let token = desk
        .token(network, Subject::Account(debtor), &stranger)
        .await;
    assert_eq!(desk.get(&path, &token).await.code(), "READER_UNKNOWN");
    let bank = network.localnet.banks().nth(1).unwrap();
    let other = desk
        .token(network, Subject::Participant(bank.id), &bank.key)
        .await;
    let answer = desk.get(&path, &other).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "DENIED"));
    let found = desk.json(&format!("/api/search?q={debtor}"), &other).await;
    assert_eq!(found["rows"].as_array().unwrap().len(), 0);
    desk.serving.end().await;
}

#[tokio::test]
async fn a_token_begins_a_session_which_ends() {
    let (told, desk) = story_desk().await;
    let subject = Subject::Account(told.debtor);
    let token = desk.token(&told.network, subject, &told.debtor_key).await;
    let begun = desk.send("POST", "/api/session", &token, &[]).await.json();
    let session = format!("Desk {}", begun["secret"].as_str().unwrap());
    for shown in [&token, &session] {
        let me = desk.json("/api/me", shown).await;
        assert_eq!(me["debtor"], told.debtor.to_string());
        let path = format!("/api/events/debtor:{}", told.debtor);
        assert_eq!(desk.get(&path, shown).await.status, 200);
        let found = desk
            .json(&format!("/api/search?q={}", told.debtor), shown)
            .await;
        let kinds: Vec<&Value> = found["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| &row["kind"])
            .collect();
        assert_eq!(kinds, ["account", "debtor"]);
    }
    // A session does not beget another, and ends when it is told to.
    assert_eq!(
        desk.send("POST", "/api/session", &session, &[])
            .await
            .status,
        401
    );
    assert_eq!(
        desk.send("DELETE", "/api/session", &session, &[])
            .await
            .status,
        204
    );
    assert_eq!(desk.get("/api/me", &session).await.code(), "SESSION_ENDED");
    desk.serving.end().await;
}

#[tokio::test]
async fn a_desk_says_loudly_that_a_node_lies_and_stays_open() {
    let mut network = Network::new();
    let made = network.history(6);
    let mut node = Node::of(&made);
    let sent: &mut WholeBlock = &mut node.blocks[4];
    sent.results.last_mut().unwrap().outcome = talea_types::Outcome::Applied;
    sent.info.applied += 1;
    sent.info.rejected -= 1;
    let desk = Desk::open(&network, node).await;
    desk.until_ended().await;
    let shown = desk.json("/api/network", "").await;
    assert_eq!(shown["height"], 4);
    assert_eq!(shown["following"]["state"], "ended");
    let difference = &shown["following"]["difference"];
    assert_eq!(difference["name"], "TOLD_OUTCOME");
    assert_eq!(difference["height"], 5);
    assert_eq!(
        desk.json("/api/blocks", "").await["rows"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    desk.serving.end().await;
}

#[tokio::test]
async fn an_empty_network_is_shown_as_such() {
    let network = Network::new();
    let desk = Desk::open(&network, Node::default()).await;
    desk.until(|one| one.last_block_ms > 0).await;
    let shown = desk.json("/api/network", "").await;
    assert_eq!(
        (&shown["height"], &shown["recent"]),
        (&0.into(), &Value::Array(Vec::new()))
    );
    assert_eq!(shown["state_root"], Value::Null);
    assert_eq!(desk.get("/api/block/1", "").await.code(), "NOT_FOUND");
    let me = desk.json("/api/me", &desk.own()).await;
    assert_eq!(me["sees"]["blocks"], "all");
    desk.serving.end().await;
}

#[tokio::test]
async fn answers_are_bounded_and_never_run_what_is_not_the_desks() {
    let network = Network::new();
    let desk = Desk::open(&network, Node::default()).await;
    let page = desk.get("/verify.html", "").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let policy = &page.headers["content-security-policy"];
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    assert!(!policy.contains("unsafe") && !policy.contains('*'));
    let head = desk.send("HEAD", "/verify.html", "", &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.headers["content-length"], page.body.len().to_string());
    assert_eq!(desk.send("HEAD", "/api/network", "", &[]).await.status, 200);
    assert_eq!(desk.get("/", "").await.status, 303);
    for path in [
        "/no.html",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/verify",
        "/tests/golden.test.js",
    ] {
        assert_eq!(desk.get(path, "").await.status, 404, "{path}");
    }
    assert_eq!(desk.send("POST", "/verify.html", "", &[]).await.status, 405);
    assert_eq!(desk.get("/api/nothing", "").await.code(), "NO_SUCH_ADDRESS");
    let wrong = desk.send("DELETE", "/api/network", "", &[]).await;
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (405, "METHOD_NOT_ALLOWED")
    );
    let large = vec![0; 2 * 1024 * 1024];
    let refused = desk.send("POST", "/api/transaction", "", &large).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (413, "TOO_LARGE")
    );
    for path in [
        "/api/block/x",
        "/api/blocks?cursor=x",
        "/api/events/nobody",
        "/api/blocks?limit=x",
    ] {
        let answer = desk.get(path, "").await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "BAD_REQUEST"),
            "{path}"
        );
    }
    desk.serving.end().await;
}

#[tokio::test]
async fn news_come_as_they_are_and_end_with_the_desk() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut network = Network::new();
    let made = network.history(2);
    let desk = Desk::open(&network, Node::of(&made)).await;
    let mut stream = tokio::net::TcpStream::connect(desk.serving.address)
        .await
        .unwrap();
    let ask = b"GET /api/live HTTP/1.1\r\nHost: desk\r\n\r\n";
    stream.write_all(ask).await.unwrap();
    let mut text = String::new();
    while !text.contains(&format!("\"height\":{}", made.len())) {
        let mut bytes = [0; 4_096];
        let read = stream.read(&mut bytes).await.unwrap();
        assert!(read > 0, "{text}");
        text.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    assert!(text.contains("text/event-stream"));
    assert!(text.contains("event: following") && text.contains("event: block"));
    desk.serving.end().await;
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
}

#[tokio::test]
async fn a_log_of_looks_that_was_altered_opens_no_desk() {
    let (told, desk) = story_desk().await;
    let path = format!("/api/loan/{}", told.loan);
    assert_eq!(desk.get(&path, &desk.own()).await.status, 200);
    let Desk {
        serving, directory, ..
    } = desk;
    serving.end().await;
    let looks = directory.path().join("looks");
    let text = std::fs::read_to_string(&looks).unwrap();
    std::fs::write(
        &looks,
        text.replace("\"shown\":\"loan\"", "\"shown\":\"none\""),
    )
    .unwrap();
    assert!(Looks::open(&looks).is_err());
    std::fs::write(&looks, text).unwrap();
    let node = Node::of(&told.made);
    let again = Desk::open_in(directory, &told.network, node).await;
    assert_eq!(again.json("/api/network", "").await["looks"]["count"], 1);
    again.serving.end().await;
}

#[tokio::test]
async fn the_case_file_has_everything_once_newest_first() {
    let (told, desk) = story_desk().await;
    let own = desk.own();
    let whole = desk
        .json(&format!("/api/case-file/{}?limit=200", told.debtor), &own)
        .await;
    let rows = whole["rows"].as_array().unwrap();
    assert_eq!(whole["next"], Value::Null);
    let counted: u64 = whole["counts"]
        .as_object()
        .unwrap()
        .values()
        .map(|one| one.as_u64().unwrap())
        .sum();
    // A look is written down before its answer leaves: it is in the file that it is of.
    assert_eq!(
        (rows.len() as u64, &whole["counts"]["look"]),
        (counted, &1.into())
    );
    assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse(row["height"].as_u64().unwrap())));
    for kind in [
        "permit",
        "refusal",
        "outcome",
        "report",
        "dispute",
        "complaint",
        "protection",
        "payment",
    ] {
        let count = whole["counts"][kind].as_u64().unwrap();
        assert!(count > 0, "the story has a {kind}");
        let path = format!("/api/case-file/{}?limit=200&kinds={kind}", told.debtor);
        let chosen = desk.json(&path, &own).await;
        assert_eq!(chosen["rows"].as_array().unwrap().len() as u64, count);
    }
    let refusal = rows.iter().find(|row| row["kind"] == "refusal").unwrap();
    let rules = refusal["refusal"]["rules"].as_array().unwrap();
    assert!(
        rules
            .iter()
            .all(|rule| rule["source"].as_str().unwrap().contains("CFR"))
    );
    assert_eq!(whole["loans"][0]["id"], told.loan.to_string());
    assert_eq!(whole["cases"][0]["id"], told.case.to_string());

    // Page by page it is the same, without what was looked at meanwhile.
    let mut paged = Vec::new();
    let mut path = format!("/api/case-file/{}?limit=4", told.debtor);
    loop {
        let page = desk.json(&path, &own).await;
        paged.extend(page["rows"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/api/case-file/{}?limit=4&cursor={next}", told.debtor);
    }
    let happened = |rows: &[Value]| -> Vec<Value> {
        rows.iter()
            .filter(|row| row["kind"] != "look")
            .cloned()
            .collect()
    };
    assert_eq!(happened(&paged), happened(rows));
    let wrong = desk
        .get(&format!("/api/case-file/{}?kinds=none", told.debtor), &own)
        .await;
    assert_eq!(wrong.status, 400);
    desk.serving.end().await;
}

#[tokio::test]
async fn every_look_is_in_the_file_of_the_debtor_but_its_own() {
    let (told, desk) = story_desk().await;
    let (subject, key) = &told.agency;
    let agency = desk.token(&told.network, *subject, key).await;
    let debtor = Subject::Account(told.debtor);
    let debtor = desk.token(&told.network, debtor, &told.debtor_key).await;
    let looks = 240;
    let path = format!("/api/loan/{}", told.loan);
    for _ in 0..looks {
        assert_eq!(desk.get(&path, &agency).await.status, 200);
    }
    // Twice: the debtor's own visits of the first time were no looks.
    for _ in 0..2 {
        for kinds in ["", "&kinds=look", "&kinds=payment,look"] {
            let path = format!("/api/case-file/{}?limit=33{kinds}", told.debtor);
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = desk.json(&format!("{path}{cursor}"), &debtor).await;
                assert_eq!(page["counts"]["look"], looks);
                let rows = page["rows"].as_array().unwrap().clone();
                let shown = rows.iter().filter(|row| row["kind"] == "look");
                seen.extend(shown.map(|row| row["look"]["number"].as_u64().unwrap()));
                match page["next"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break,
                }
            }
            assert!(
                seen.iter().copied().eq((1..=looks).rev()),
                "{kinds} {seen:?}"
            );
        }
    }
    desk.serving.end().await;
}

/// Wishes of the debtor, more than are read at once.
const WISHES: u64 = 450;

#[tokio::test]
async fn a_long_case_file_is_read_part_by_part_each_entry_once() {
    let mut told = story::tell();
    let holder = Subject::Account(told.debtor);
    let window = &told.network.ledger().account(&told.debtor).unwrap().nonces;
    let first = (0..).find(|nonce| window.check(*nonce).is_ok()).unwrap();
    let wishes = (first..first + WISHES).map(|nonce| {
        let wish = PreferenceSet {
            debtor: told.debtor,
            preferences: Preferences::default(),
        };
        let wish = Operation::Collections(CollectionsOperation::PreferenceSet(wish));
        sign(
            &told.network.chain(),
            holder,
            nonce,
            wish,
            &[&told.debtor_key],
        )
    });
    let wishes: Vec<_> = wishes.collect();
    // Several blocks, so that parts begin within one and at the edge of one.
    for part in wishes.chunks(100) {
        let made = told.network.block(part);
        assert!(made.results.iter().all(|one| one.outcome.is_applied()));
        told.made.push(made);
    }
    let desk = Desk::open(&told.network, Node::of(&told.made)).await;
    desk.until_height(told.made.len() as u64).await;
    let own = desk.own();
    for kinds in [
        "",
        "&kinds=permit,refusal,outcome,look",
        "&kinds=refusal",
        "&kinds=notice",
    ] {
        for limit in [7, 200] {
            let path = format!("/api/case-file/{}?limit={limit}{kinds}", told.debtor);
            // Without the looks that asking makes.
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            let counts = loop {
                let page = desk.json(&format!("{path}{cursor}"), &own).await;
                let rows = page["rows"].as_array().unwrap().clone();
                seen.extend(rows.into_iter().filter(|row| row["kind"] != "look"));
                match page["next"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => break page["counts"].clone(),
                }
            };
            let wanted = |kind: &str| kinds.is_empty() || kinds.contains(kind);
            let counts = counts.as_object().unwrap();
            let counts = counts
                .iter()
                .filter(|(kind, _)| *kind != "look" && wanted(kind));
            let expected: u64 = counts.map(|(_, count)| count.as_u64().unwrap()).sum();
            assert_eq!(seen.len() as u64, expected, "{path}");
            let heights: Vec<_> = seen.iter().map(|row| row["height"].as_u64()).collect();
            assert!(heights.is_sorted_by(|one, next| one >= next), "{path}");
            let mut texts: Vec<String> = seen.iter().map(ToString::to_string).collect();
            texts.sort_unstable();
            texts.dedup();
            assert_eq!(texts.len(), seen.len(), "{path}: something twice");
        }
    }
    desk.serving.end().await;
}

#[tokio::test]
async fn a_payment_is_found_by_its_reference_by_whoever_sees_all() {
    let (_, desk) = story_desk().await;
    let own = desk.own();
    let blocks = desk.json("/api/search?q=3", &own).await;
    assert_eq!(blocks["rows"][0]["kind"], "block");
    let found = desk.json("/api/search?q=FUND-900000", &own).await;
    let id = found["rows"][0]["id"].as_str().unwrap();
    let payment = desk.json(&format!("/api/transaction/{id}"), "").await;
    assert_eq!(payment["operation"], "issue");
    let nothing = desk.json("/api/search?q=FUND-900000", "").await;
    assert_eq!(nothing["rows"].as_array().unwrap().len(), 0);
    desk.serving.end().await;
}
