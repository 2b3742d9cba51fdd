//! What a refusal may change: the one list, which every block of a test's world is held against.

use std::collections::BTreeMap;

use bytes::Bytes;
use talea_ledger::{BlockContext, Execution, Ledger};
use talea_types::{
    StateKey, Subject, TransactionBody, VerifiedTransaction,
    state::{Account, Participant},
};

/// The objects of a delta by their names.
type Objects = BTreeMap<StateKey, Option<Bytes>>;

/// When every transaction of a block was refused: the block did to the byte what an empty block at the same
/// height and time does (what ends by its time, proposals that are due), but that
///
/// - the author of a transaction that was *rejected* has used its nonce.
///
/// A *void* one leaves not even that. No event tells of a refusal: it is in the block, with its rules.
pub fn check_refused_changes_nothing(
    ledger: &Ledger,
    context: &BlockContext,
    transactions: &[VerifiedTransaction],
    execution: &Execution,
) {
    let results = transactions.iter().zip(&execution.results);
    if transactions.is_empty() || execution.results.iter().any(|one| one.outcome.is_applied()) {
        return;
    }
    let quiet = ledger.execute(context, []).unwrap();
    let mut allowed = objects(&quiet);
    for (transaction, result) in results {
        if !result.outcome.is_void() {
            use_nonce(ledger, &mut allowed, transaction.body());
        }
    }
    let found = objects(execution);
    let outcomes: Vec<&str> = execution
        .results
        .iter()
        .map(|one| one.outcome.name())
        .collect();
    for key in allowed.keys().chain(found.keys()) {
        let (allowed, found) = (allowed.get(key), found.get(key));
        assert_eq!(found, allowed, "{outcomes:?} changed {key:?}");
    }
    let events = |execution: &Execution| {
        let records = execution.events.iter();
        records.map(|one| one.encoded.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        events(execution),
        events(&quiet),
        "{outcomes:?} made events"
    );
    assert_eq!(execution.business_date, quiet.business_date);
    assert_eq!(execution.rule_packs_hash, quiet.rule_packs_hash);
    assert_eq!(execution.next_validators_hash, quiet.next_validators_hash);
}

fn objects(execution: &Execution) -> Objects {
    let entries = execution.delta.entries.iter();
    entries.map(|one| (one.key, one.value.clone())).collect()
}

/// Marks the nonce of a transaction as used in its author's object, and nothing else there.
fn use_nonce(ledger: &Ledger, objects: &mut Objects, body: &TransactionBody) {
    let (key, value) = match body.author {
        Subject::Account(id) => {
            let key = StateKey::Account(id);
            let mut account = match objects.get(&key) {
                Some(value) => Account::decode(value.as_ref().unwrap()).unwrap(),
                None => ledger.account(&id).unwrap().clone(),
            };
            account.nonces.try_use(body.nonce).unwrap();
            (key, account.encode())
        }
        Subject::Participant(id) => {
            let key = StateKey::Participant(id);
            let mut participant = match objects.get(&key) {
                Some(value) => Participant::decode(value.as_ref().unwrap()).unwrap(),
                None => ledger.participant(&id).unwrap().clone(),
            };
            participant.nonces.try_use(body.nonce).unwrap();
            (key, participant.encode())
        }
        other => unreachable!("{other} authors nothing"),
    };
    objects.insert(key, Some(value.into()));
}
