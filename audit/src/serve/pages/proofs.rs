//! `/api/proof/...`: proof files, which a browser verifies by itself against the genesis document's hash.
//!
//! Those of a debtor the desk makes of its own state and index, and verifies before they leave.

use std::time::Duration;

use axum::extract::{Path, State};
use talea_client::{AuditBundle, ObjectProof, PeriodProof, ProofFile, Trust, subject_key};
use talea_ledger::{Ledger, access::Record};
use talea_types::{
    AccountId, CommittedBlock, Subject, Timestamp, TransactionId,
    event::{Event, Period},
    merkle::MapProof,
    receipt::{FinalityProof, SetChange},
    state::StateKey,
};

use super::{Answer, Asked, Shared, content, read, subjects::with_look, transaction::find};
use crate::{
    Index,
    limits::{PROOF_EVENTS_MAX, READER_PATIENCE},
    serve::{
        Desk, access,
        answer::{Problem, file_answer},
    },
};

/// How often it is looked whether the index has the block of the state that is proved.
const BLOCK_PAUSE: Duration = Duration::from_millis(50);

/// The receipt of a transaction with the transaction, for whoever may see its content.
pub(super) async fn transaction(
    State(desk): State<Shared>,
    Path(id): Path<String>,
    asked: Asked,
) -> Answer {
    let id: TransactionId = read(&id, "a transaction id")?;
    let chain = desk.chain;
    let found = desk
        .readers
        .ask(move |index| find(index, &chain, &id, false));
    let records = found.await?.records;
    let caller = asked.caller.as_ref();
    content::check(&desk, caller, &records)?;
    let Some(network) = &desk.network else {
        return Err(Problem::bad_request(
            "this desk has no node that it could ask for a receipt",
            "ask a node with `talea receipt get`",
        ));
    };
    let trust = Trust::from_record(&desk.record);
    let proof = network.receipt(&id, &trust).await?;
    let look = content::look(&desk, caller, &records, "receipt").await?;
    let name = format!("transaction-{id}.proof");
    with_look(
        file_answer(&name, ProofFile::Receipt(proof).encode())?,
        look,
    )
}

/// All that happened to a debtor, to its loans and in its cases, with the proof that it is all.
pub(super) async fn debtor(
    State(desk): State<Shared>,
    Path(id): Path<String>,
    asked: Asked,
) -> Answer {
    let id: AccountId = read(&id, "an account")?;
    let record = Record::History(Subject::Debtor(id));
    let look = desk
        .look(asked.caller.as_ref(), record, "proof file")
        .await?;
    let (height, objects) = objects(&desk, &asked, &id)?;
    let block = block_of(&desk, height).await?;
    let finality = FinalityProof {
        set_changes: set_changes(&desk, height).await?,
        header: block.body.content.header,
        certificate: block.certificate,
    };
    let trust = Trust::from_record(&desk.record);
    let bundle = desk
        .readers
        .ask(move |index| bundle(index, objects, &finality, &trust));
    let bytes = ProofFile::Audit(bundle.await?).encode();
    with_look(file_answer(&format!("debtor-{id}.proof"), bytes)?, look)
}

/// A subject with what the state holds of it, its place under the root, and how many events it has.
struct Proved {
    subject: Subject,
    key: StateKey,
    value: Option<Vec<u8>>,
    map: MapProof,
    length: u64,
}

/// The debtor, its loans and its cases, all of one state.
fn objects(desk: &Desk, asked: &Asked, id: &AccountId) -> Result<(u64, Vec<Proved>), Problem> {
    let ledger = desk.ledger.read();
    if ledger.debtor(id).is_none() {
        return Err(Problem::not_found(&format!("debtor {id}")));
    }
    let loans = ledger.loans().filter(|(_, loan)| loan.borrower == *id);
    let cases = ledger.cases().filter(|(_, case)| case.debtor == *id);
    let subjects = [Subject::Debtor(*id)]
        .into_iter()
        .chain(loans.map(|(loan, _)| Subject::Loan(*loan)))
        .chain(cases.map(|(case, _)| Subject::Case(*case)));
    let proved = subjects.map(|subject| {
        // A file that leaves out a part of the debtor's is worth nothing: all of it or none.
        access::check(&ledger, asked.caller.as_ref(), &access::object(&subject))?;
        Ok(prove(&ledger, subject))
    });
    Ok((ledger.height(), proved.collect::<Result<_, Problem>>()?))
}

fn prove(ledger: &Ledger, subject: Subject) -> Proved {
    let key = subject_key(&subject);
    let (value, map) = ledger.prove(&key);
    Proved {
        subject,
        key,
        value,
        map,
        length: ledger.events_of(&subject).map_or(0, |chain| chain.length()),
    }
}

/// The block of a height: the state is a moment ahead of the index.
async fn block_of(desk: &Desk, height: u64) -> Result<CommittedBlock, Problem> {
    let waiting = async {
        loop {
            let found = desk.readers.ask(move |index| Ok(index.block(height)?));
            if let Some(found) = found.await? {
                return Ok(found.committed);
            }
            tokio::time::sleep(BLOCK_PAUSE).await;
        }
    };
    let committed = tokio::time::timeout(READER_PATIENCE, waiting).await;
    let committed: Result<bytes::Bytes, Problem> =
        committed.map_err(|_| Problem::busy("the newest block is not written yet"))?;
    CommittedBlock::decode(&committed?)
        .map_err(|_| Problem::internal("a block in the index cannot be read"))
}

/// The changes of the validators before a height, as a node has them; they are verified with the whole.
async fn set_changes(desk: &Desk, height: u64) -> Result<Vec<SetChange>, Problem> {
    let founding = desk.record.validator_set().hash();
    let unchanged = desk.ledger.read().validators().hash() == founding;
    match &desk.network {
        Some(network) if !unchanged => {
            let trust = Trust::from_record(&desk.record);
            let proof = network.proven_state(&StateKey::Network, &trust).await?;
            let mut changes = proof.finality.set_changes;
            changes.retain(|change| change.header.height < height);
            Ok(changes)
        }
        _ => Ok(Vec::new()),
    }
}

fn bundle(
    index: &Index,
    objects: Vec<Proved>,
    finality: &FinalityProof,
    trust: &Trust,
) -> Result<AuditBundle, Problem> {
    let total: u64 = objects.iter().map(|one| one.length).sum();
    if total > PROOF_EVENTS_MAX {
        return Err(Problem::bad_request(
            format!("{total} events are more than a desk puts into one file"),
            "ask a node for a period with `talea audit`",
        ));
    }
    let to = finality.header.time.plus_millis(1);
    let periods = objects.into_iter().map(|one| {
        let events = events(index, &one.subject, one.length)?;
        Ok(PeriodProof {
            period: Period::of_history(one.subject, &events, Timestamp::default(), to),
            object: ObjectProof {
                key: one.key,
                value: one.value.map(Into::into),
                map: one.map,
                finality: finality.clone(),
            },
        })
    });
    let bundle = AuditBundle {
        periods: periods.collect::<Result<_, Problem>>()?,
    };
    let verified = bundle.verify(trust);
    verified.map_err(|error| Problem::internal(format!("the proof does not hold: {error}")))?;
    Ok(bundle)
}

fn events(index: &Index, subject: &Subject, length: u64) -> Result<Vec<Event>, Problem> {
    const ASK: &str =
        "SELECT bytes FROM event WHERE subject = $1 AND sequence < $2 ORDER BY sequence LIMIT $3";
    let name = subject.to_bytes();
    let rows = index.ask(ASK, &[name[..].into(), length.into(), length.into()])?;
    let each = rows.iter().map(|row| {
        let encoded = bytes::Bytes::copy_from_slice(row.bytes(0)?);
        Event::decode(&encoded)
            .map_err(|_| Problem::internal("an event in the index cannot be read"))
    });
    each.collect()
}
