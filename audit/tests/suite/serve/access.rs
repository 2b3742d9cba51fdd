//! Who gets what over HTTP: every cell of [the table](access.txt), asked of a desk that runs.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use talea_audit::{Look, Looks};
use talea_types::{
    AccountId, CaseId, LoanId, Operation, Outcome, ParticipantId, SecretKey, Subject,
    TransactionId,
    operation::{AccessEntry, AccessLog, AssuranceOperation, DataFields, DataPurpose},
};

use crate::support::{
    Node,
    desk::{Answer, Desk},
    story::{self, Told},
};

const TABLE: &str = include_str!("access.txt");
/// Where the addresses are.
const ROUTES: &str = include_str!("../../../src/serve/pages/mod.rs");

/// A line of the table.
struct Line {
    method: &'static str,
    address: &'static str,
    pointer: &'static str,
    /// By the names of the head.
    cells: Vec<(&'static str, &'static str)>,
}

fn table() -> Vec<Line> {
    let mut lines = TABLE
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let readers: Vec<&str> = lines.next().unwrap().split_whitespace().skip(2).collect();
    let read = |line: &'static str| {
        let mut words = line.split_whitespace();
        let [method, address, pointer] = [(); 3].map(|()| words.next().unwrap());
        let cells: Vec<_> = readers.iter().copied().zip(words).collect();
        assert_eq!(cells.len(), readers.len(), "{line}");
        Line {
            method,
            address,
            pointer,
            cells,
        }
    };
    lines.map(read).collect()
}

#[test]
fn every_address_has_a_line() {
    // Several lines may be about one address, with something else in its braces or at another pointer.
    let listed: BTreeSet<(&str, String)> = table()
        .iter()
        .map(|line| (line.method, without_braces(line.address)))
        .collect();
    let mut missing = Vec::new();
    let routes: Vec<&str> = ROUTES.split(".route(\"").skip(1).collect();
    assert!(routes.len() > 20);
    let mut asked = 0;
    for route in routes {
        let (address, rest) = route.split_once('"').unwrap();
        let handlers = rest.split(".fallback").next().unwrap();
        let address = format!("/api{address}");
        for (word, method) in [("get(", "GET"), ("post(", "POST"), ("delete(", "DELETE")] {
            if handlers.contains(word) {
                asked += 1;
                if !listed.contains(&(method, without_braces(&address))) {
                    missing.push(format!("{method} {address}"));
                }
            }
        }
    }
    let pages = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/web")).unwrap();
    let pages = pages.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    for page in pages.filter(|name| name.ends_with(".html")) {
        asked += 1;
        if !listed.contains(&("GET", format!("/{page}"))) {
            missing.push(page);
        }
    }
    assert!(missing.is_empty(), "no line for {missing:?}");
    // Nothing is listed that is not there: `/` and `/desk/` are beside the interface and the pages.
    assert_eq!(listed.len(), asked + 2);
}

/// An address without the names of what stands in its braces.
fn without_braces(address: &str) -> String {
    match address.split_once('{') {
        Some((before, _)) => format!("{before}{{}}"),
        None => address.to_owned(),
    }
}

/// Everybody of the table, with what it shows.
struct Reader {
    name: &'static str,
    subject: Option<Subject>,
    authorization: String,
}

/// An organisation of the network with its key.
fn named(told: &Told, name: &str) -> (Subject, SecretKey) {
    let all = &told.network.localnet.organisations;
    let one = all.iter().find(|one| one.name == name).unwrap();
    (Subject::Participant(one.id), one.key.clone())
}

fn organisation(subject: &Subject) -> ParticipantId {
    match subject {
        Subject::Participant(id) => *id,
        other => panic!("{other} is no organisation"),
    }
}

/// The story, in which the lender also records that it read the debtor's record, and the book has rolled past the end of a
/// month.
fn told() -> Told {
    let told = story::tell_apart();
    let lender = told.lender.clone();
    let read = AccessEntry {
        subject: Subject::Debtor(told.debtor),
        reader: organisation(&lender.0),
        purpose: DataPurpose::Collection,
        fields: DataFields::LOANS,
        read_at: told.network.ledger().time(),
    };
    let log = AssuranceOperation::AccessLog(AccessLog {
        entries: vec![read],
    });
    let mut told = told.then(&lender, &[], Operation::Assurance(log));
    let rolled = told.network.advance_date(FIRST_OF_OCTOBER, 0);
    told.made.push(rolled);
    told
}

async fn readers(told: &Told, desk: &Desk) -> Vec<Reader> {
    let network = &told.network;
    let regulator = network.localnet.regulator();
    let regulator = (Subject::Participant(regulator.id), regulator.key.clone());
    let debtor = (Subject::Account(told.debtor), told.debtor_key.clone());
    let all: Vec<(&'static str, (Subject, SecretKey))> = vec![
        ("regulator", regulator.clone()),
        ("validator", named(told, "bank-1")),
        ("sponsor", told.sponsor.clone()),
        ("lender", told.lender.clone()),
        ("bank", named(told, "bank-6")),
        ("agency", told.agency.clone()),
        ("agency2", told.others[0].clone()),
        ("debtor", debtor),
        ("other", told.others[1].clone()),
    ];
    let mut readers = vec![Reader {
        name: "nobody",
        subject: None,
        authorization: String::new(),
    }];
    for (name, (subject, key)) in all {
        readers.push(Reader {
            name,
            subject: Some(subject),
            authorization: desk.token(network, subject, &key).await,
        });
    }
    let now = network.ledger().time().millis();
    let expired = desk
        .token_until(network, regulator.0, &regulator.1, now)
        .await;
    let mut forged = desk.token(network, regulator.0, &regulator.1).await;
    // The last character holds bits of the signature alone.
    let last = if forged.ends_with('A') { 'Q' } else { 'A' };
    forged.pop();
    forged.push(last);
    for (name, authorization) in [("forged", forged), ("expired", expired)] {
        readers.push(Reader {
            name,
            subject: None,
            authorization,
        });
    }
    readers
}

/// What is put for the braces of an address, and into a body.
struct Ids {
    account: AccountId,
    participant: ParticipantId,
    loan: LoanId,
    case: CaseId,
    transaction: TransactionId,
    /// The agency that has the case.
    collector: ParticipantId,
    /// Another bank that runs a validator.
    neighbour: ParticipantId,
    /// That asked for a permit.
    permit: TransactionId,
    /// The same, and rules refused it.
    refused: TransactionId,
    /// That the lender read the debtor's record.
    log: TransactionId,
    height: u64,
    pack: &'static str,
}

impl Ids {
    fn there(told: &Told) -> Self {
        let made = &told.made[1];
        let mut results = told.made.iter().flat_map(|made| &made.results);
        let refused = results.find(|result| result.outcome == Outcome::ContactRefused);
        Self {
            account: told.debtor,
            participant: organisation(&told.lender.0),
            collector: organisation(&told.agency.0),
            neighbour: organisation(&named(told, "bank-2").0),
            loan: told.loan,
            case: told.case,
            transaction: made.results[0].transaction,
            permit: told.of_operation("ContactPermit"),
            refused: refused.unwrap().transaction,
            log: told.of_operation("AccessLog"),
            height: 2,
            pack: "us-reg-f",
        }
    }

    /// Of which nothing is on the ledger.
    fn absent() -> Self {
        Self {
            account: AccountId::from_bytes([9; 16]),
            participant: ParticipantId::from_bytes([9; 16]),
            loan: LoanId::from_bytes([9; 16]),
            case: CaseId::from_bytes([9; 16]),
            transaction: TransactionId::new(talea_types::Hash([9; 32])),
            collector: ParticipantId::from_bytes([9; 16]),
            neighbour: ParticipantId::from_bytes([9; 16]),
            permit: TransactionId::new(talea_types::Hash([9; 32])),
            refused: TransactionId::new(talea_types::Hash([9; 32])),
            log: TransactionId::new(talea_types::Hash([9; 32])),
            height: 1_000_000,
            pack: "none",
        }
    }

    fn path(&self, address: &str) -> String {
        let Some((before, braces)) = address.split_once('{') else {
            return match address {
                "/api/search" => format!("/api/search?q={}", self.account),
                other => other.to_owned(),
            };
        };
        let id = match (before, braces) {
            (_, "height}") => self.height.to_string(),
            (_, "subject}") => Subject::Debtor(self.account).to_string(),
            (_, "permit}") => self.permit.to_string(),
            (_, "refused}") => self.refused.to_string(),
            (_, "log}") => self.log.to_string(),
            (_, "organisation}") => self.participant.to_string(),
            (_, "collector}") => self.collector.to_string(),
            (_, "neighbour}") => self.neighbour.to_string(),
            ("/api/transaction/" | "/api/proof/transaction/", _) => self.transaction.to_string(),
            ("/api/account/" | "/api/case-file/" | "/api/proof/debtor/", _) => {
                self.account.to_string()
            }
            ("/api/participant/", _) => self.participant.to_string(),
            ("/api/loan/", _) => self.loan.to_string(),
            ("/api/case/", _) => self.case.to_string(),
            ("/api/pack/", _) => self.pack.to_owned(),
            _ => panic!("{address} holds something new"),
        };
        format!("{before}{id}")
    }

    fn body(&self, line: &Line, told: &Told) -> Vec<u8> {
        if line.address != "/api/explain" {
            return Vec::new();
        }
        let from = told.network.next_time().millis() + 3_600_000;
        let body = json!({
            "case": self.case.to_string(),
            "loan": self.loan.to_string(),
            "channel": "voice_call",
            "party": "debtor",
            "purpose": "payment",
            "from_ms": from,
            "until_ms": from + 600_000,
        });
        body.to_string().into_bytes()
    }
}

async fn ask(desk: &Desk, told: &Told, line: &Line, ids: &Ids, reader: &Reader) -> Answer {
    let (path, body) = (ids.path(line.address), ids.body(line, told));
    if line.address == "/api/live" {
        return desk.head_of(&path, &reader.authorization).await;
    }
    let authorization = &reader.authorization;
    desk.send(line.method, &path, authorization, &body).await
}

fn looks(desk: &Desk) -> Vec<Look> {
    let mut looks = Vec::new();
    let path = desk.directory.path().join("looks");
    Looks::read(&path, |look| looks.push(look.clone())).unwrap();
    looks
}

/// What stands at the pointer of a line; nothing where the line has none.
fn shown(line: &Line, answer: &Answer) -> Option<Value> {
    let pointer = Some(line.pointer).filter(|pointer| *pointer != "-")?;
    let value = answer.json();
    let found = value.pointer(pointer);
    Some(
        found
            .unwrap_or_else(|| panic!("no {pointer} in the answer of {}", line.address))
            .clone(),
    )
}

/// How much of it is there.
fn amount(value: Option<&Value>) -> usize {
    match value {
        None | Some(Value::Null) => 0,
        Some(Value::Array(rows)) => rows.len(),
        Some(Value::Object(page)) => amount(page.get("rows")),
        Some(_) => 1,
    }
}

/// How many of its events do not say what happened.
fn closed(rows: Option<&Value>) -> usize {
    let rows = rows.and_then(Value::as_array).unwrap();
    rows.iter().filter(|row| row["bytes"].is_null()).count()
}

/// 2026-10-01, days since 1970: the story is of September.
const FIRST_OF_OCTOBER: u32 = 20_727;

#[tokio::test]
async fn every_cell_is_as_the_table_says() {
    let told = told();
    let node = Node::of(&told.made);
    let height = node.blocks.len() as u64;
    let desk = Desk::open(&told.network, node).await;
    desk.until_height(height).await;
    let (there, absent) = (Ids::there(&told), Ids::absent());
    let readers = readers(&told, &desk).await;
    let regulator = &readers[1];
    let mut wrong = Vec::new();
    let (mut asked, mut looked) = (0, 0);
    for line in table() {
        let whole = ask(&desk, &told, &line, &there, regulator).await;
        let whole = (whole.status == 200)
            .then(|| shown(&line, &whole))
            .flatten();
        for reader in &readers {
            let (_, cell) = line
                .cells
                .iter()
                .find(|(name, _)| *name == reader.name)
                .unwrap();
            let before = looks(&desk).len();
            let answer = ask(&desk, &told, &line, &there, reader).await;
            let new = looks(&desk).split_off(before);
            let own: Vec<bool> = new
                .iter()
                .map(|look| Some(look.reader) == reader.subject && look.debtor == told.debtor)
                .collect();
            let part = || shown(&line, &answer);
            let is_so = match *cell {
                "yes" => answer.status == 200 && own.is_empty() && part() == whole,
                "part" => {
                    answer.status == 200
                        && own.is_empty()
                        && amount(part().as_ref()) < amount(whole.as_ref())
                }
                "own" => {
                    answer.status == 200
                        && own.is_empty()
                        && amount(part().as_ref()) == amount(whole.as_ref())
                        && closed(part().as_ref()) < closed(whole.as_ref())
                }
                "look" => {
                    let head = new.last().map(|look| look.number.to_string());
                    let named = answer
                        .headers
                        .get("talea-look")
                        .and_then(|look| look.split(':').next());
                    answer.status == 200
                        && own == [true]
                        && head.as_deref() == named
                        && part() == whole
                }
                refused @ ("-" | "bad") => {
                    let other = ask(&desk, &told, &line, &absent, reader).await;
                    let status = match (refused, reader.subject) {
                        ("-", Some(_)) => 403,
                        _ => 401,
                    };
                    // Whether it is there is not told either.
                    answer.status == status
                        && own.is_empty()
                        && looks(&desk).len() == before
                        && (other.status, &other.body) == (answer.status, &answer.body)
                }
                status => answer.status == status.parse::<u16>().unwrap() && own.is_empty(),
            };
            if !is_so {
                wrong.push(format!(
                    "{} {} {}: {cell} in the table, {} {own:?} {}",
                    line.method,
                    line.address,
                    reader.name,
                    answer.status,
                    answer.text().chars().take(200).collect::<String>()
                ));
            }
            asked += 1;
            looked += own.len();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{asked} cells, {looked} looks");
    desk.serving.end().await;
}
