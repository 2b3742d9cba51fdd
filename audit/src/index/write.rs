//! Writing: all rows of some blocks in one transaction, the same rows into every store.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use talea_types::{EventDetail, PermitId, state::StateKey};

use super::{
    Index, IndexError, StoreError, days::Days, month_ends::write_month_end, rules::write_rules,
    tables, tables::Table, value::Cell,
};
use crate::{
    Audited,
    checked::Counts,
    conduct::{ContactGranted, ContactStep, RemedyChange, RemedyStep},
};

const META: &str = "INSERT INTO meta (name, value) VALUES ($1, $2) \
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const OUTCOME: &str = "INSERT INTO outcome_total (outcome, transactions) VALUES ($1, $2) \
                       ON CONFLICT (outcome) DO UPDATE \
                       SET transactions = outcome_total.transactions + excluded.transactions";
const REMEDY_ENDED: &str = "UPDATE remedy SET closed_ms = due_ms, result = 'ended' \
                            WHERE debtor = $1 AND kind = $2 AND topic = $3 AND closed_ms IS NULL";
const REMEDY_ACKNOWLEDGED: &str = "UPDATE remedy SET acknowledged_ms = coalesce(acknowledged_ms, $1) \
                                   WHERE debtor = $2 AND kind = $3 AND topic = $4 \
                                   AND closed_ms IS NULL";
const REMEDY_OVERDUE: &str = "UPDATE remedy SET overdue_ms = coalesce(overdue_ms, $1) \
                              WHERE debtor = $2 AND kind = $3 AND topic = $4 \
                              AND closed_ms IS NULL";
const REMEDY_CLOSED: &str = "UPDATE remedy SET closed_ms = $1, result = $2 \
                             WHERE debtor = $3 AND kind = $4 AND topic = $5 \
                             AND closed_ms IS NULL";

/// Where rows are written to, within one transaction.
pub(super) trait Sink {
    /// Adds a row.
    fn insert(&mut self, table: &'static Table, cells: &[Cell<'_>]) -> Result<(), StoreError>;

    /// Runs a statement about rows that are there, after all rows that were inserted before.
    fn run(&mut self, sql: &'static str, cells: &[Cell<'_>]) -> Result<(), StoreError>;

    /// Sets an object of the state, or removes it; each key once in a transaction.
    fn set_object(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), StoreError>;

    /// Changes a contact that an earlier transaction wrote; each once in a transaction.
    fn change_contact(&mut self, change: &ContactChange) -> Result<(), StoreError>;
}

/// What became of a contact. Absent: as it was.
#[derive(Debug, Default)]
pub(super) struct ContactChange {
    permit: Vec<u8>,
    result: Option<&'static str>,
    result_ms: Option<u64>,
    result_hour: Option<u8>,
    closed_height: Option<u64>,
    breach: Option<&'static str>,
    revoked_ms: Option<u64>,
}

impl ContactChange {
    /// What changes, then the permit.
    pub(super) fn cells(&self) -> [Cell<'_>; 7] {
        [
            Cell::optional_text(self.result),
            Cell::optional_number(self.result_ms),
            Cell::optional_number(self.result_hour.map(u64::from)),
            Cell::optional_number(self.closed_height),
            Cell::optional_text(self.breach),
            Cell::optional_number(self.revoked_ms),
            Cell::Bytes(&self.permit),
        ]
    }
}

/// What several blocks change together, each thing once.
#[derive(Default)]
struct Gathered {
    contacts: BTreeMap<PermitId, (Option<Box<ContactGranted>>, ContactChange)>,
    days: Days,
    outcomes: BTreeMap<u32, u64>,
    objects: BTreeMap<Vec<u8>, Option<Bytes>>,
}

/// How much there is before a block.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    transactions: u64,
    events: u64,
}

impl Index {
    /// Adds the next blocks, all or none. The objects of a new index's genesis state are written with the
    /// first.
    ///
    /// # Errors
    /// [`IndexError::Store`]; also when a block is there already.
    pub fn append(&mut self, blocks: &[Audited]) -> Result<(), IndexError> {
        let mut before = self.before()?;
        let written = self.store.write(|sink| {
            let mut gathered = Gathered::default();
            for block in blocks {
                write_block(sink, block, &mut before)?;
                gathered.add(block);
            }
            for block in blocks {
                for end in &block.month_ends {
                    write_month_end(sink, block.tip.height, end)?;
                }
                for entry in &block.delta.entries {
                    if let Some(value) = &entry.value {
                        write_rules(sink, &entry.key, value)?;
                    }
                }
            }
            for block in blocks {
                for step in &block.conduct.remedies {
                    write_remedy(sink, block.tip.height, step)?;
                }
            }
            gathered.write(sink)?;
            match blocks.last() {
                Some(last) => {
                    let validators = last.tip.validators_bytes();
                    sink.run(META, &[Cell::Text("validators"), Cell::Bytes(&validators)])
                }
                None => Ok(()),
            }
        });
        self.done(written)
    }

    /// Keeps the objects of the state before the first block, from which the state goes on.
    ///
    /// # Errors
    /// [`IndexError::Store`].
    pub fn begin(
        &mut self,
        objects: impl IntoIterator<Item = (StateKey, Vec<u8>)>,
    ) -> Result<(), IndexError> {
        let written = self.store.write(|sink| {
            for (key, value) in objects {
                sink.set_object(&key.to_bytes(), Some(&value))?;
                write_rules(sink, &key, &value)?;
            }
            Ok(())
        });
        self.done(written)
    }

    fn before(&self) -> Result<Before, IndexError> {
        let newest = "SELECT transactions_total, events_total FROM block \
                      ORDER BY height DESC LIMIT 1";
        let rows = self.ask(newest, &[])?;
        let Some(row) = rows.first() else {
            return Ok(Before::default());
        };
        Ok(Before {
            transactions: row.integer(0)?.unsigned_abs(),
            events: row.integer(1)?.unsigned_abs(),
        })
    }
}

fn write_block(
    sink: &mut dyn Sink,
    audited: &Audited,
    before: &mut Before,
) -> Result<(), StoreError> {
    let header = &audited.block.body.content.header;
    let height = Cell::number(header.height);
    let time = Cell::number(header.time.millis());
    let counts = Counts::of(&audited.results);
    before.transactions += audited.results.len() as u64;
    before.events += audited.events.len() as u64;
    sink.insert(
        &tables::BLOCK,
        &[
            height,
            Cell::Bytes(audited.tip.hash.as_bytes()),
            time,
            Cell::Integer(header.business_date.into()),
            Cell::Bytes(header.proposer.as_bytes()),
            Cell::Integer(audited.block.certificate.round.into()),
            Cell::Bytes(header.state_root.as_bytes()),
            Cell::Integer(counts.applied.into()),
            Cell::Integer(counts.rejected.into()),
            Cell::Integer(counts.void.into()),
            Cell::number(audited.events.len() as u64),
            Cell::number(before.transactions),
            Cell::number(before.events),
            Cell::Bytes(&audited.bytes),
        ],
    )?;
    let results = audited.transactions.iter().zip(&audited.results);
    for (position, (transaction, result)) in (0_u32..).zip(results) {
        sink.insert(
            &tables::TX,
            &[
                height,
                Cell::Integer(position.into()),
                Cell::Bytes(result.transaction.as_bytes()),
                Cell::Bytes(&transaction.body().author.to_bytes()),
                Cell::Text(transaction.body().operation.name()),
                Cell::Integer(result.outcome.number().into()),
                Cell::Text(&result.rules.join(" ")),
            ],
        )?;
    }
    for (position, record) in (0_u32..).zip(&audited.events) {
        let event = &record.event;
        let cause = event.cause.map(|cause| u64::from(cause.index));
        sink.insert(
            &tables::EVENT,
            &[
                height,
                Cell::Integer(position.into()),
                Cell::Bytes(&event.subject.to_bytes()),
                Cell::number(event.sequence),
                Cell::Text(event.detail.name()),
                Cell::optional_number(cause),
                Cell::Bytes(&record.encoded),
            ],
        )?;
    }
    write_references(sink, audited, height)?;
    write_refusals(sink, audited, height, time)?;
    write_breaches(sink, audited, height, time)
}

fn write_references(
    sink: &mut dyn Sink,
    audited: &Audited,
    height: Cell<'_>,
) -> Result<(), StoreError> {
    let references: BTreeSet<(&str, u32)> = audited
        .events
        .iter()
        .filter_map(|record| match (&*record.event.detail, record.event.cause) {
            (EventDetail::Posted(posted), Some(cause)) => {
                Some((posted.end_to_end_id.as_str(), cause.index))
            }
            _ => None,
        })
        .filter(|(text, _)| !text.is_empty())
        .collect();
    for (text, position) in references {
        let row = [Cell::Text(text), height, Cell::Integer(position.into())];
        sink.insert(&tables::REFERENCE, &row)?;
    }
    Ok(())
}

fn write_refusals(
    sink: &mut dyn Sink,
    audited: &Audited,
    height: Cell<'_>,
    time: Cell<'_>,
) -> Result<(), StoreError> {
    for refused in &audited.conduct.refusals {
        for (part, rule) in (0_u32..).zip(&refused.rules) {
            sink.insert(
                &tables::REFUSAL,
                &[
                    height,
                    Cell::Integer(refused.position.into()),
                    Cell::Integer(part.into()),
                    time,
                    Cell::Bytes(refused.agency.as_bytes()),
                    Cell::Bytes(refused.lender.as_bytes()),
                    Cell::Bytes(refused.debtor.as_bytes()),
                    Cell::Bytes(refused.case.as_bytes()),
                    Cell::Text(refused.channel.as_str()),
                    Cell::Integer(refused.outcome.number().into()),
                    Cell::Text(rule),
                ],
            )?;
        }
    }
    Ok(())
}

fn write_breaches(
    sink: &mut dyn Sink,
    audited: &Audited,
    height: Cell<'_>,
    time: Cell<'_>,
) -> Result<(), StoreError> {
    for found in &audited.conduct.breaches {
        let breach = &found.breach;
        let lender = found.lender.as_ref().map(|id| &id.as_bytes()[..]);
        let case = breach.case.as_ref().map(|id| &id.as_bytes()[..]);
        let permit = breach.permit.as_ref().map(|id| &id.as_bytes()[..]);
        sink.insert(
            &tables::BREACH,
            &[
                height,
                Cell::Integer(found.position.into()),
                time,
                Cell::Text(breach.kind.as_str()),
                Cell::Bytes(breach.by.as_bytes()),
                Cell::optional_bytes(lender),
                Cell::Bytes(breach.debtor.as_bytes()),
                Cell::optional_bytes(case),
                Cell::optional_bytes(permit),
                Cell::Integer(breach.complaint.into()),
            ],
        )?;
    }
    Ok(())
}

fn write_remedy(sink: &mut dyn Sink, height: u64, step: &RemedyStep) -> Result<(), StoreError> {
    let debtor = Cell::Bytes(step.debtor.as_bytes());
    let kind = Cell::Text(step.kind.name());
    let topic = Cell::Text(&step.topic);
    match &step.change {
        RemedyChange::Acknowledged(at) => {
            let at = Cell::number(at.millis());
            sink.run(REMEDY_ACKNOWLEDGED, &[at, debtor, kind, topic])
        }
        RemedyChange::Overdue(at) => {
            let at = Cell::number(at.millis());
            sink.run(REMEDY_OVERDUE, &[at, debtor, kind, topic])
        }
        RemedyChange::Closed { at, result } => {
            let (at, result) = (Cell::number(at.millis()), Cell::Text(result));
            sink.run(REMEDY_CLOSED, &[at, result, debtor, kind, topic])
        }
        RemedyChange::Opened(opened) => {
            // Only a protection can still be open here: one whose time has passed.
            sink.run(REMEDY_ENDED, &[debtor, kind, topic])?;
            let loan = opened.loan.as_ref().map(|id| &id.as_bytes()[..]);
            let agency = opened.agency.as_ref().map(|id| &id.as_bytes()[..]);
            let lender = opened.lender.as_ref().map(|id| &id.as_bytes()[..]);
            let acknowledge_by = opened.acknowledge_by.map(|time| time.millis());
            sink.insert(
                &tables::REMEDY,
                &[
                    Cell::Bytes(opened.id.as_bytes()),
                    kind,
                    debtor,
                    topic,
                    Cell::optional_bytes(loan),
                    Cell::optional_bytes(agency),
                    Cell::optional_bytes(lender),
                    Cell::Text(&opened.what),
                    Cell::number(height),
                    Cell::number(opened.at.millis()),
                    Cell::optional_number(acknowledge_by),
                    Cell::optional_number(opened.due.map(|time| time.millis())),
                    Cell::Null,
                    Cell::Null,
                    Cell::Null,
                    Cell::Null,
                ],
            )
        }
    }
}

impl Gathered {
    fn add(&mut self, audited: &Audited) {
        for result in &audited.results {
            *self.outcomes.entry(result.outcome.number()).or_default() += 1;
        }
        for entry in &audited.delta.entries {
            let value = entry.value.clone();
            self.objects.insert(entry.key.to_bytes(), value);
        }
        for step in &audited.conduct.contacts {
            self.add_contact(step);
        }
        let header = &audited.block.body.content.header;
        self.days.add(header.time, &audited.conduct);
    }

    fn add_contact(&mut self, step: &ContactStep) {
        let (granted, change) = self.contacts.entry(step.permit()).or_default();
        match step {
            ContactStep::Granted(_, contact) => *granted = Some(contact.clone()),
            ContactStep::Revoked { at, .. } => change.revoked_ms = Some(at.millis()),
            ContactStep::Closed {
                result,
                at,
                local_hour,
                height,
                ..
            } => {
                change.result = Some(result.as_str());
                change.result_ms = Some(at.millis());
                change.result_hour = *local_hour;
                change.closed_height = Some(*height);
            }
            ContactStep::Breached { kind, .. } => change.breach = Some(kind.as_str()),
        }
    }

    fn write(mut self, sink: &mut dyn Sink) -> Result<(), StoreError> {
        for (permit, (granted, change)) in &mut self.contacts {
            change.permit = permit.as_bytes().to_vec();
            match granted {
                Some(contact) => write_contact(sink, contact, change)?,
                None => sink.change_contact(change)?,
            }
        }
        for (outcome, count) in &self.outcomes {
            sink.run(
                OUTCOME,
                &[Cell::Integer((*outcome).into()), Cell::number(*count)],
            )?;
        }
        self.days.write(sink)?;
        for (key, value) in &self.objects {
            sink.set_object(key, value.as_deref())?;
        }
        Ok(())
    }
}

fn write_contact(
    sink: &mut dyn Sink,
    contact: &ContactGranted,
    change: &ContactChange,
) -> Result<(), StoreError> {
    let lender = contact.parties.lender.as_ref().map(|id| &id.as_bytes()[..]);
    let [
        result,
        result_ms,
        result_hour,
        closed_height,
        breach,
        revoked_ms,
        permit,
    ] = change.cells();
    sink.insert(
        &tables::CONTACT,
        &[
            permit,
            Cell::Bytes(contact.case.as_bytes()),
            Cell::Bytes(contact.loan.as_bytes()),
            Cell::Bytes(contact.debtor.as_bytes()),
            Cell::Bytes(contact.parties.agency.as_bytes()),
            Cell::optional_bytes(lender),
            Cell::Text(contact.channel.as_str()),
            Cell::Text(contact.party.as_str()),
            Cell::Text(contact.purpose.as_str()),
            Cell::number(contact.height),
            Cell::number(contact.granted_at.millis()),
            Cell::number(contact.from.millis()),
            Cell::number(contact.until.millis()),
            Cell::optional_number(contact.local_hour.map(u64::from)),
            result,
            result_ms,
            result_hour,
            closed_height,
            breach,
            revoked_ms,
        ],
    )
}
