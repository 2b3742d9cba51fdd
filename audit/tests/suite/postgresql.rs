//! The index in a PostgreSQL server: the same rows, the same answers, exactly once, and TLS to a server elsewhere. One
//! test for each server that is needed; they say so where none is installed.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::support::{
    Made, Network, Node,
    desk::Desk,
    law::in_force_again,
    server::{Identity, Server},
    story::{self, Told},
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use serde_json::Value as Json;
use talea_audit::{
    Index, IndexError, IndexPlace, Source,
    export::{Format, export},
    follow, reindex,
    serve::{Following, FollowingState},
    statement::read_statements,
};
use talea_client::{ClientError, WholeBlock};

/// Questions as pages ask them, about everything in the story.
const QUESTIONS: [&str; 9] = [
    "SELECT kind, count(*) FROM event GROUP BY kind ORDER BY kind",
    "SELECT height, position, id, author FROM tx ORDER BY height DESC, position LIMIT 50",
    "SELECT * FROM contact ORDER BY permit",
    "SELECT * FROM refusal ORDER BY height, position, part",
    "SELECT * FROM breach ORDER BY height, position",
    "SELECT * FROM remedy ORDER BY id",
    "SELECT measure, label, sum(counted) FROM conduct_day GROUP BY measure, label \
     ORDER BY measure, label",
    "SELECT agency, count(*), min(opened_ms), sum(closed_ms - opened_ms) FROM remedy \
     WHERE closed_ms IS NOT NULL GROUP BY agency ORDER BY agency NULLS LAST",
    "SELECT text, operation FROM reference JOIN tx ON tx.height = reference.height \
     AND tx.position = reference.position ORDER BY text",
];

async fn followed(network: &Network, made: &[Made], place: &IndexPlace) -> Index {
    let mut index = Index::open_or_create(place, &network.chain()).unwrap();
    let chain = index.resume(network.record()).unwrap();
    let followed = follow(&Node::of(made), chain, index, None, |_| {}).await;
    followed.end.unwrap();
    followed.index
}

#[tokio::test]
async fn an_index_in_a_server_is_one_in_a_file() {
    let Some(server) = Server::start() else {
        return;
    };
    let told = story::tell();
    let directory = tempfile::tempdir().unwrap();
    let file: IndexPlace = directory.path().join("index.db").into();
    let in_file = followed(&told.network, &told.made, &file).await;
    let place = server.database("whole");
    refused_before_it_is_made(&place);
    let in_server = followed(&told.network, &told.made, &place).await;
    let digest = in_file.digest().unwrap();
    assert_eq!(in_server.digest().unwrap(), digest);
    assert_eq!(in_server.totals().unwrap(), in_file.totals().unwrap());
    assert_eq!(in_server.tip().unwrap(), in_file.tip().unwrap());
    for question in QUESTIONS {
        let answer = in_file.ask(question, &[]).unwrap();
        assert!(!answer.is_empty(), "{question}");
        assert_eq!(in_server.ask(question, &[]).unwrap(), answer, "{question}");
    }
    let ask = "SELECT permit FROM contact WHERE debtor = $1 AND channel = $2 AND from_ms > $3 \
               AND revoked_ms IS NOT DISTINCT FROM $4 LIMIT 10";
    let values = [
        told.debtor.as_bytes()[..].into(),
        "voice_call".into(),
        talea_audit::Value::from(1_u64),
        talea_audit::Value::Null,
    ];
    assert_eq!(in_server.ask(ask, &values).unwrap().len(), 1);
    exported_and_stated_alike(&told, &in_server, &in_file);
    drop(in_server);
    read_by_many_while_it_is_written(&server, &told).await;
    interrupted_at_every_block(&server, &told).await;
    made_again(&server, &told, &place, &in_file);
    altered(&server, &place);
    let other = Network::of_seed(9).chain();
    let refused = Index::open_or_create(&place, &other);
    assert!(matches!(refused, Err(IndexError::OtherNetwork { .. })));
}

/// A node to which blocks are added while it is followed.
#[derive(Clone, Default)]
struct Growing(Arc<Mutex<Node>>);

impl Source for Growing {
    async fn block(&self, height: u64) -> Result<Option<WholeBlock>, ClientError> {
        let node = self.0.lock().unwrap().clone();
        node.block(height).await
    }

    async fn height(&self) -> Result<u64, ClientError> {
        let node = self.0.lock().unwrap().clone();
        node.height().await
    }

    fn pause(&self) -> Duration {
        Duration::from_millis(1)
    }
}

#[tokio::test]
async fn a_desk_goes_on_when_its_server_was_started_again() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut network = Network::new();
    let made = network.history(4);
    let (before, after) = made.split_at(3);
    let node = Growing::default();
    *node.0.lock().unwrap() = Node::of(before);
    let place = server.database("desk");
    let directory = tempfile::tempdir().unwrap();
    let desk = Desk::open_at(directory, place, &network, node.clone()).await;
    desk.until_height(3).await;
    server.stop();
    *node.0.lock().unwrap() = Node::of(&made);
    let waiting = |one: &Following| matches!(one.state, FollowingState::Waiting { .. });
    desk.until(waiting).await;
    // What was verified and could not be written is not lost: it is verified again.
    server.go_on();
    let height = 3 + after.len() as u64;
    desk.until(|one| one.height == height && one.state == FollowingState::Following)
        .await;
    let shown = desk.json("/api/network", "").await;
    assert_eq!(shown["state_root"], network.state_root().to_string());
    let blocks = desk.json("/api/blocks", "").await;
    assert_eq!(blocks["rows"].as_array().unwrap().len() as u64, height);
    desk.serving.end().await;
}

#[tokio::test]
async fn a_pack_with_text_that_a_server_does_not_take_stops_nobody() {
    let Some(server) = Server::start() else {
        return;
    };
    let told = in_force_again(story::tell(), |pack| {
        for rule in &mut pack.rules {
            rule.title.push_str("\0, and more");
            rule.source.insert(0, '\0');
        }
    });
    let directory = tempfile::tempdir().unwrap();
    let file: IndexPlace = directory.path().join("index.db").into();
    let in_file = followed(&told.network, &told.made, &file).await;
    let in_server = followed(&told.network, &told.made, &server.database("whole")).await;
    assert_eq!(in_server.digest().unwrap(), in_file.digest().unwrap());
    let ask = "SELECT title, source FROM rule WHERE cited LIKE '%@2' ORDER BY cited";
    let rules = in_server.ask(ask, &[]).unwrap();
    assert!(!rules.is_empty());
    for rule in &rules {
        assert!(rule.text(0).unwrap().ends_with("\u{fffd}, and more"));
        assert!(rule.text(1).unwrap().starts_with('\u{fffd}'));
    }
    assert_eq!(in_file.ask(ask, &[]).unwrap(), rules);
}

fn refused_before_it_is_made(place: &IndexPlace) {
    let missing = Index::open(place);
    assert!(matches!(missing, Err(IndexError::Missing { .. })));
    assert!(!Index::is_there(place).unwrap());
    let nowhere: IndexPlace = "postgresql://nobody:secret@127.0.0.1:9/none"
        .parse()
        .unwrap();
    let refused = Index::open(&nowhere).err().unwrap();
    assert!(matches!(refused, IndexError::Store { .. }));
    assert!(!refused.to_string().contains("secret"), "{refused}");
}

fn exported_and_stated_alike(told: &Told, in_server: &Index, in_file: &Index) {
    let directory = tempfile::tempdir().unwrap();
    let day = told.network.ledger().business_date();
    for (format, name) in [
        (Format::Parquet, "parquet"),
        (Format::Csv, "csv"),
        (Format::JsonLines, "lines"),
    ] {
        let [one, other] = [(in_server, "server"), (in_file, "file")].map(|(index, place)| {
            let out = directory.path().join(format!("{name}-{place}"));
            export(index, format, (0, day), &out).unwrap()
        });
        assert_eq!(one, other);
    }
    let [one, other] = [in_server, in_file]
        .map(|index| read_statements(index, told.debtor, (0, day), None).unwrap());
    assert_eq!(one, other);
}

async fn read_by_many_while_it_is_written(server: &Server, told: &Told) {
    let place = server.database("many");
    let half = told.made.len() / 2;
    drop(followed(&told.network, &told.made[..half], &place).await);
    let readers: Vec<Index> = (0..4).map(|_| Index::open(&place).unwrap()).collect();
    let before = readers[0].digest().unwrap();
    let moments = readers[0].at_once(|reader| {
        let first = reader.height()?;
        let mut index = Index::open_or_create(&place, &told.network.chain())?;
        let mut chain = index.resume(told.network.record())?;
        let mut keys = talea_types::crypto::KeyCache::new();
        let bytes = told.made[half].block.encode();
        let due = half as u64 + 1;
        let checked = talea_audit::CheckedBlock::of_bytes(chain.id(), &mut keys, due, bytes, None);
        let audited = chain.follow(checked.unwrap()).unwrap();
        index.append(&[audited])?;
        Ok::<_, IndexError>((first, reader.height()?, index.height()?))
    });
    let height = half as u64;
    assert_eq!(moments.unwrap(), (height, height, height + 1));
    for reader in &readers {
        assert_eq!(reader.height().unwrap(), height + 1);
        assert_ne!(reader.digest().unwrap(), before);
    }
}

async fn interrupted_at_every_block(server: &Server, told: &Told) {
    let place = server.database("steps");
    for height in 1..=told.made.len() {
        let index = followed(&told.network, &told.made[..height], &place).await;
        assert_eq!(index.height().unwrap(), height as u64);
    }
    let whole = followed(&told.network, &told.made, &server.database("again")).await;
    let steps = Index::open(&place).unwrap();
    assert_eq!(steps.digest().unwrap(), whole.digest().unwrap());
}

fn made_again(server: &Server, told: &Told, place: &IndexPlace, in_file: &Index) {
    let digest = in_file.digest().unwrap();
    let old = Index::open(place).unwrap();
    let new = server.database("reindexed");
    let new = reindex(&old, told.network.record(), new, |_| {}).unwrap();
    assert_eq!(new.digest().unwrap(), digest);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("reindexed.db");
    let new = reindex(&old, told.network.record(), file, |_| {}).unwrap();
    assert_eq!(new.digest().unwrap(), digest);
}

fn altered(server: &Server, place: &IndexPlace) {
    let whole = Index::open(place).unwrap().digest().unwrap();
    for change in [
        "UPDATE tx SET outcome = 0 WHERE outcome <> 0",
        "UPDATE event SET kind = 'Received' WHERE height = 3 AND position = 0",
        "UPDATE state SET value = key WHERE key = (SELECT key FROM state ORDER BY key LIMIT 1)",
        "UPDATE contact SET local_hour = 3 WHERE result IS NOT NULL",
        "UPDATE conduct_day SET counted = counted + 1 WHERE measure = 'hour'",
    ] {
        let altered = server.copy("altered", "whole");
        assert!(
            !server.run("altered", change).contains("UPDATE 0"),
            "{change}"
        );
        let digest = Index::open(&altered).unwrap().digest().unwrap();
        assert_ne!(digest, whole, "{change}");
        server.remove("altered");
    }
}

/// An authority, and a certificate by it for a name.
fn identity(name: &str) -> (String, String, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut terms = CertificateParams::new(Vec::new()).unwrap();
    terms.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = terms.self_signed(&authority_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let terms = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = terms.signed_by(&key, &authority, &authority_key).unwrap();
    (authority.pem(), certificate.pem(), key.serialize_pem())
}

#[tokio::test]
async fn a_server_elsewhere_is_spoken_to_by_tls_and_is_the_one_that_is_named() {
    const ENCRYPTED: &str = "SELECT count(*) FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl";
    let (authority, certificate, key) = identity("localhost");
    let identity_of_server = Identity {
        certificate: &certificate,
        key: &key,
    };
    let Some(server) = Server::start_with_tls(&identity_of_server) else {
        return;
    };
    server.database("tls");
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let good = file("authority.pem", &authority);
    let url = |host: &str, options: &str| -> IndexPlace {
        let port = server.port;
        let url = format!("postgresql://talea@{host}:{port}/tls?{options}");
        url.parse().unwrap()
    };
    let told = story::tell();
    for mode in ["verify-full", "require"] {
        let place = url("localhost", &format!("sslmode={mode}&sslrootcert={good}"));
        let index = followed(&told.network, &told.made, &place).await;
        assert_eq!(index.height().unwrap(), told.made.len() as u64);
        let encrypted = index.ask(ENCRYPTED, &[]).unwrap();
        assert_eq!(encrypted[0].integer(0).unwrap(), 1);
    }
    let plain = Index::open(url("localhost", "")).unwrap();
    assert_eq!(plain.ask(ENCRYPTED, &[]).unwrap()[0].integer(0).unwrap(), 0);
    let refused = |place: IndexPlace| Index::open(place).err().unwrap().to_string();
    let other = file("other.pem", &identity("localhost").0);
    let empty = file("empty.pem", "");
    for (host, options, said) in [
        // Another authority, the ones of this machine, another name of the same server, no certificate at all.
        (
            "localhost",
            format!("sslmode=verify-full&sslrootcert={other}"),
            "certificate",
        ),
        ("localhost", "sslmode=require".to_owned(), "certificate"),
        (
            "127.0.0.1",
            format!("sslmode=verify-full&sslrootcert={good}"),
            "certificate",
        ),
        (
            "localhost",
            format!("sslmode=verify-full&sslrootcert={empty}"),
            "sslrootcert",
        ),
        ("localhost", "sslmode=prefer".to_owned(), "verify-full"),
    ] {
        let found = refused(url(host, &options));
        assert!(found.contains(said), "{options}: {found}");
    }
}

#[tokio::test]
async fn a_desk_shows_the_same_from_a_server_as_from_a_file() {
    let Some(server) = Server::start() else {
        return;
    };
    let told = story::tell();
    let node = || Node::of(&told.made);
    let directory = || tempfile::tempdir().unwrap();
    let in_file = Desk::open_in(directory(), &told.network, node()).await;
    let place = server.database("desk");
    let in_server = Desk::open_at(directory(), place, &told.network, node()).await;
    let height = told.made.len() as u64;
    in_file.until_height(height).await;
    in_server.until_height(height).await;
    let (account, case, loan) = (told.debtor, told.case, told.loan);
    for path in [
        "/api/blocks?limit=3&cursor=9".to_owned(),
        "/api/block/5".to_owned(),
        format!("/api/account/{account}"),
        format!("/api/loan/{loan}"),
        format!("/api/case/{case}"),
        format!("/api/events/debtor:{account}?limit=4"),
        format!("/api/case-file/{account}"),
        "/api/scorecard?by=agency".to_owned(),
        "/api/scorecard?by=lender".to_owned(),
        "/api/rules?limit=5&cursor=us".to_owned(),
        "/api/packs".to_owned(),
        "/api/loan-book".to_owned(),
        "/api/loan-rolls".to_owned(),
        "/api/settlement".to_owned(),
        "/api/search?q=FUND-10000".to_owned(),
    ] {
        // Looks have the time of the clock.
        let without_time = |mut answer: Json| {
            for row in answer["rows"].as_array_mut().into_iter().flatten() {
                if row["kind"] == "look" {
                    row["time_ms"] = Json::Null;
                }
            }
            answer
        };
        let shown = without_time(in_file.json(&path, &in_file.own()).await);
        let other = without_time(in_server.json(&path, &in_server.own()).await);
        assert_eq!(shown, other, "{path}");
    }
    // What no text of an index holds is refused before a server is asked.
    for path in [
        "/api/rules?cursor=%00",
        "/api/rules?cursor=%01",
        "/api/search?q=%00",
        "/api/search?q=FUND%00",
        "/api/blocks?cursor=%00",
    ] {
        for desk in [&in_file, &in_server] {
            let refused = desk.get(path, &desk.own()).await;
            assert_eq!(refused.status, 400, "{path}: {}", refused.text());
        }
    }
    let card = in_server.json("/api/scorecard", &in_server.own()).await;
    let complaints = &card["rows"][0]["complaints"];
    assert_eq!(complaints["open"], 1);
    assert_eq!(complaints["clocks"].as_array().unwrap().len(), 1);
    in_file.serving.end().await;
    in_server.serving.end().await;
}
