//! `/api/case-file/{account}`: all that happened to a debtor, newest first: what its own history says, the permits
//! that rules refused, and who looked through this desk.

use axum::extract::{Path, State};
use serde_json::{Value, json};
use talea_ledger::{Ledger, access::Record};
use talea_types::{AccountId, Subject, event::Event};

use super::{Answer, Asked, Shared, looks_through::LooksThrough, read, subjects::with_look};
use crate::{
    Index, Look, Row,
    serve::{
        access,
        answer::{Problem, json_answer},
        base64,
        caller::Caller,
        words::{self, Rules},
    },
};

/// Rows that are read of a source at once.
const BATCH: usize = 200;
/// How often more is read to fill a page of few kinds.
const ROUNDS_MAX: usize = 50;
/// Within a block: first what happened, then what was refused, then who looked.
const REFUSED: i64 = 1 << 32;
pub(super) const LOOKED: i64 = 2 << 32;

/// The kinds of entries.
const KINDS: [&str; 12] = [
    "permit",
    "refusal",
    "outcome",
    "report",
    "notice",
    "dispute",
    "complaint",
    "protection",
    "payment",
    "breach",
    "look",
    "other",
];

/// Height, and place within the block.
pub(super) type Key = (i64, i64);

/// An entry of the file.
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) kind: &'static str,
    pub(super) what: What,
}

pub(super) enum What {
    Event(Event, Vec<u8>),
    Refusal(Refusal),
    Look(Look),
}

/// A permit that rules refused.
pub(super) struct Refusal {
    transaction: Vec<u8>,
    time_ms: i64,
    agency: Vec<u8>,
    lender: Vec<u8>,
    case: Vec<u8>,
    channel: String,
    outcome: i64,
    rules: Vec<String>,
}

/// The file of a debtor.
pub(super) async fn case_file(
    State(desk): State<Shared>,
    Path(id): Path<String>,
    asked: Asked,
) -> Answer {
    let id: AccountId = read(&id, "an account")?;
    let limit = asked.query.limit()?;
    let before = asked.query.cursor((i64::MAX, 0))?;
    let kinds = kinds(asked.query.get("kinds"))?;
    let subject = Subject::Debtor(id);
    let record = Record::History(subject);
    let look = desk
        .look(asked.caller.as_ref(), record, "case file")
        .await?;
    let mut value = head(&desk.ledger.read(), asked.caller.as_ref(), &id)?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    // One more than the page holds, so that it is known whether another follows.
    let shown = if kinds.contains(&"look") {
        wanted.saturating_add(1)
    } else {
        0
    };
    let looks = LooksThrough::read(&desk, id, before, shown).await?;
    let read = desk.readers.ask(move |index| {
        let counts = counts(index, &subject, &id, &looks)?;
        let page = collect(index, &subject, &id, looks, before, &kinds, wanted)?;
        let rules = Rules::of(index, page.entries.iter().flat_map(Entry::rules))?;
        Ok((counts, page, rules))
    });
    let (counts, page, rules) = read.await?;
    value["counts"] = counts;
    let ledger = desk.ledger.read();
    let rows: Result<Vec<Value>, Problem> = page
        .entries
        .iter()
        .map(|entry| entry.to_json(&ledger, &rules))
        .collect();
    value["rows"] = rows?.into();
    value["next"] = page
        .next
        .map(|(height, place)| format!("{height}.{place}"))
        .into();
    drop(ledger);
    with_look(json_answer(&value)?, look)
}

/// Who the debtor is, with the loans and cases that whoever asks may see.
fn head(ledger: &Ledger, caller: Option<&Caller>, id: &AccountId) -> Result<Value, Problem> {
    let missing = || Problem::not_found(&format!("debtor {id}"));
    let debtor = ledger.debtor(id).ok_or_else(missing)?;
    let account = ledger.account(id).ok_or_else(missing)?;
    let may = |subject| access::check(ledger, caller, &access::object(&subject)).is_ok();
    let loans = ledger.loans();
    let loans = loans.filter(|(loan, one)| one.borrower == *id && may(Subject::Loan(**loan)));
    let loans = loans.map(|(loan, one)| {
        json!({
            "id": loan.to_string(),
            "lender": words::participant(ledger, &one.lender),
            "asset": ledger.product(&one.product).map(|one| one.terms.asset.to_string()),
            "open": debtor.loans.contains(loan),
        })
    });
    let cases = ledger.cases();
    let cases = cases.filter(|(case, one)| one.debtor == *id && may(Subject::Case(**case)));
    let cases = cases.map(|(case, one)| {
        json!({
            "id": case.to_string(),
            "collector": words::participant(ledger, &one.collector),
            "lender": words::participant(ledger, &one.lender),
            "open": one.is_open(),
        })
    });
    Ok(json!({
        "debtor": id.to_string(),
        "bytes": base64::encode(&debtor.encode()),
        "sponsor": words::participant(ledger, &account.sponsor),
        "height": ledger.height(),
        "time_ms": ledger.time().millis(),
        "loans": loans.collect::<Vec<Value>>(),
        "cases": cases.collect::<Vec<Value>>(),
    }))
}

fn kinds(asked: Option<&str>) -> Result<Vec<&'static str>, Problem> {
    let Some(asked) = asked else {
        return Ok(KINDS.to_vec());
    };
    let each = asked.split(',').map(|wanted| {
        let found = KINDS.into_iter().find(|kind| *kind == wanted);
        found.ok_or_else(|| {
            Problem::bad_request(
                format!("'{wanted}' is no kind of entry"),
                format!("choose of: {}", KINDS.join(", ")),
            )
        })
    });
    each.collect()
}

/// The kind of an event, by its name.
fn kind_of(name: &str) -> &'static str {
    match name {
        "ContactPermitted" | "ContactRevoked" => "permit",
        "ContactClosed" => "outcome",
        "ContactReported" => "report",
        "NoticeServed" => "notice",
        "DisputeOpened" | "DisputeResolved" => "dispute",
        "ComplaintOpened" | "ComplaintAnswered" => "complaint",
        "ProtectionChanged" => "protection",
        "LoanEntry" => "payment",
        "Breach" => "breach",
        "RecordRead" => "look",
        _ => "other",
    }
}

fn counts(
    index: &Index,
    subject: &Subject,
    id: &AccountId,
    looks: &LooksThrough,
) -> Result<Value, Problem> {
    const EVENTS: &str = "SELECT kind, count(*) FROM event WHERE subject = $1 GROUP BY kind";
    const REFUSALS: &str = "SELECT count(*) FROM refusal WHERE debtor = $1 AND part = 0";
    let mut counts = serde_json::Map::new();
    for kind in KINDS {
        counts.insert(kind.to_owned(), 0.into());
    }
    let mut add = |kind: &str, more: i64| {
        let before = counts.get(kind).and_then(Value::as_i64).unwrap_or(0);
        counts.insert(kind.to_owned(), (before + more).into());
    };
    for row in index.ask(EVENTS, &[subject.to_bytes()[..].into()])? {
        add(kind_of(row.text(0)?), row.integer(1)?);
    }
    for row in index.ask(REFUSALS, &[id.as_bytes()[..].into()])? {
        add("refusal", row.integer(0)?);
    }
    add("look", looks.count);
    Ok(Value::Object(counts))
}

/// Entries, and where the next page begins.
struct Page {
    entries: Vec<Entry>,
    next: Option<Key>,
}

/// Reads all sources side by side until there are enough entries.
fn collect(
    index: &Index,
    subject: &Subject,
    id: &AccountId,
    mut looks: LooksThrough,
    mut before: Key,
    kinds: &[&str],
    limit: usize,
) -> Result<Page, Problem> {
    let mut entries = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let events = events(index, subject, before, kinds)?;
        let refusals = match kinds.contains(&"refusal") {
            true => refusals(index, id, before)?,
            false => Batch::default(),
        };
        // Below the last entry of a source that has more, others would come too early.
        let floor = [events.1, refusals.1, looks.floor()]
            .into_iter()
            .flatten()
            .max();
        let mut batch: Vec<Entry> = events.0.into_iter().chain(refusals.0).collect();
        let in_reach = |entry: &Entry| floor.is_none_or(|floor| entry.key >= floor);
        looks.take_while(in_reach, &mut batch);
        batch.retain(in_reach);
        batch.sort_by_key(|entry| std::cmp::Reverse(entry.key));
        entries.extend(
            batch
                .into_iter()
                .filter(|entry| kinds.contains(&entry.kind)),
        );
        if entries.len() > limit {
            entries.truncate(limit);
            let next = entries.last().map(|entry: &Entry| entry.key);
            return Ok(Page { entries, next });
        }
        match floor {
            Some(floor) => before = floor,
            None => {
                return Ok(Page {
                    entries,
                    next: None,
                });
            }
        }
    }
    let next = Some(before);
    Ok(Page { entries, next })
}

/// Entries of a source, newest first, and the key of the last where there are more.
type Batch = (Vec<Entry>, Option<Key>);

fn events(index: &Index, subject: &Subject, before: Key, kinds: &[&str]) -> Result<Batch, Problem> {
    const ASK: &str = "SELECT height, position, kind, bytes FROM event \
                       WHERE subject = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3";
    let values = [
        subject.to_bytes()[..].into(),
        crate::Value::Integer(sequence_at(index, subject, before)?),
        crate::Value::Integer(i64::try_from(BATCH).unwrap_or(i64::MAX)),
    ];
    let rows = index.ask(ASK, &values)?;
    let key = |row: &Row| Ok::<Key, Problem>((row.integer(0)?, row.integer(1)?));
    let mut entries = Vec::new();
    for row in &rows {
        let kind = kind_of(row.text(2)?);
        if !kinds.contains(&kind) {
            continue;
        }
        let encoded = row.bytes(3)?.to_vec();
        let event = Event::decode(&bytes::Bytes::copy_from_slice(&encoded))
            .map_err(|_| Problem::internal("an event in the index cannot be read"))?;
        entries.push(Entry {
            key: key(row)?,
            kind,
            what: What::Event(event, encoded),
        });
    }
    let last = rows.last().filter(|_| rows.len() == BATCH);
    Ok((entries, last.map(key).transpose()?))
}

/// How many events of a subject come before a key: halved again and again, for a history is in order.
fn sequence_at(index: &Index, subject: &Subject, before: Key) -> Result<i64, Problem> {
    const LENGTH: &str = "SELECT coalesce(max(sequence), -1) + 1 FROM event WHERE subject = $1";
    const AT: &str = "SELECT height, position FROM event WHERE subject = $1 AND sequence = $2";
    let name = subject.to_bytes();
    let length = index.ask(LENGTH, &[name[..].into()])?;
    let length = length.first().map_or(Ok(0), |row| row.integer(0))?;
    let (mut low, mut high) = (0, length);
    if before.0 == i64::MAX {
        return Ok(high);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        let rows = index.ask(AT, &[name[..].into(), crate::Value::Integer(middle)])?;
        let found = rows
            .first()
            .map(|row| Ok::<Key, Problem>((row.integer(0)?, row.integer(1)?)));
        match found.transpose()? {
            Some(key) if key >= before => high = middle,
            _ => low = middle + 1,
        }
    }
    Ok(low)
}

fn refusals(index: &Index, id: &AccountId, before: Key) -> Result<Batch, Problem> {
    const ASK: &str = "SELECT refusal.height, refusal.position, time_ms, agency, lender, case_id, channel, \
                       refusal.outcome, rule, tx.id FROM refusal \
                       JOIN tx ON tx.height = refusal.height AND tx.position = refusal.position \
                       WHERE debtor = $1 AND (refusal.height, refusal.position) < ($2, $3) \
                       ORDER BY refusal.height DESC, refusal.position DESC, part LIMIT $4";
    const { assert!(BATCH > talea_types::limits::RULES_NAMED_MAX) };
    let limit = BATCH;
    // A key of this source below the given one: in its block, all of them are above what happened.
    let (height, place) = before;
    let position = if place > LOOKED {
        i64::MAX
    } else {
        (place - REFUSED).max(0)
    };
    let rows = index.ask(
        ASK,
        &[
            id.as_bytes()[..].into(),
            crate::Value::Integer(height),
            crate::Value::Integer(position),
            crate::Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)),
        ],
    )?;
    let more = rows.len() == limit;
    let mut entries: Vec<Entry> = Vec::new();
    for row in &rows {
        let key = (row.integer(0)?, REFUSED + row.integer(1)?);
        let rule = row.text(8)?.to_owned();
        match entries.last_mut() {
            Some(Entry {
                key: last,
                what: What::Refusal(refusal),
                ..
            }) if *last == key => refusal.rules.push(rule),
            _ => entries.push(Entry {
                key,
                kind: "refusal",
                what: What::Refusal(Refusal {
                    time_ms: row.integer(2)?,
                    agency: row.bytes(3)?.to_vec(),
                    lender: row.bytes(4)?.to_vec(),
                    case: row.bytes(5)?.to_vec(),
                    channel: row.text(6)?.to_owned(),
                    outcome: row.integer(7)?,
                    rules: vec![rule],
                    transaction: row.bytes(9)?.to_vec(),
                }),
            }),
        }
    }
    if more {
        // Its rules may go on in the next batch.
        entries.pop();
    }
    let last = entries.last().filter(|_| more).map(|entry| entry.key);
    Ok((entries, last))
}

impl Entry {
    /// Rules that are cited.
    fn rules(&self) -> impl Iterator<Item = &str> {
        let rules = match &self.what {
            What::Refusal(refusal) => refusal.rules.as_slice(),
            What::Event(..) | What::Look(_) => &[],
        };
        rules.iter().map(String::as_str)
    }

    fn to_json(&self, ledger: &Ledger, rules: &Rules) -> Result<Value, Problem> {
        let mut value = json!({
            "kind": self.kind,
            "height": self.key.0,
            "event": null,
            "refusal": null,
            "look": null,
        });
        match &self.what {
            What::Event(event, encoded) => {
                let shown = words::event(ledger, encoded)?;
                value["time_ms"] = event.time.millis().into();
                value["transaction"] = shown["transaction"].clone();
                value["event"] = shown;
            }
            What::Refusal(refusal) => {
                value["time_ms"] = refusal.time_ms.into();
                value["transaction"] = words::transaction_id(&refusal.transaction)?.into();
                value["refusal"] = refusal.to_json(ledger, rules)?;
            }
            What::Look(look) => {
                value["time_ms"] = look.time_ms.into();
                value["transaction"] = Value::Null;
                value["look"] = json!({
                    "number": look.number,
                    "reader": words::subject(ledger, &look.reader),
                    "subject": words::subject(ledger, &look.subject),
                    "shown": look.shown,
                });
            }
        }
        Ok(value)
    }
}

impl Refusal {
    fn to_json(&self, ledger: &Ledger, rules: &Rules) -> Result<Value, Problem> {
        use talea_types::{CaseId, ParticipantId};
        let organisation = |bytes: &[u8]| {
            let id = ParticipantId::from_bytes(words::array(bytes)?);
            Ok::<_, Problem>(words::participant(ledger, &id))
        };
        let rules: Vec<Value> = self.rules.iter().map(|rule| rules.get(rule)).collect();
        Ok(json!({
            "agency": organisation(&self.agency)?,
            "lender": organisation(&self.lender)?,
            "case": CaseId::from_bytes(words::array(&self.case)?).to_string(),
            "channel": self.channel,
            "rules": rules,
            "outcome": self.outcome,
            "outcome_name": words::outcome_name(self.outcome),
        }))
    }
}
