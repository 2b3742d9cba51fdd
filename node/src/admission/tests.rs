//! What bytes from outside get, one verdict for each, and what the pool never does.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use parking_lot::Mutex;
use talea_types::{
    Batch, ChainId, DecodeError, Hash, Operation, Outcome, ParticipantId, SecretKey,
    SignedTransaction, Subject, Timestamp, TransactionBody, TransactionId, ValidatorId, limits,
    operation::ClockAdvance,
};

use tokio::sync::mpsc::{self, Receiver};

use super::*;
use crate::{config::AdmissionConfig, interface::AdmissionError, telemetry::Metrics};

const CONFIG: AdmissionConfig = AdmissionConfig {
    verifier_threads: 2,
    queue_bytes_max: 1 << 20,
    batch_signatures: 64,
    batch_delay_us: 200,
};

const EXPIRY: Timestamp = Timestamp::from_millis(1);

fn chain() -> ChainId {
    ChainId::new(Hash([9; 32]))
}

/// Answers from tables.
#[derive(Default)]
struct State {
    outcomes: Mutex<BTreeMap<TransactionId, Outcome>>,
    places: Mutex<BTreeMap<TransactionId, (u64, u32)>>,
}

impl AdmissionState for State {
    fn check(&self, transactions: &[SignedTransaction]) -> Vec<Result<(), Outcome>> {
        let outcomes = self.outcomes.lock();
        let check = |one: &SignedTransaction| outcomes.get(&one.id()).map_or(Ok(()), |no| Err(*no));
        transactions.iter().map(check).collect()
    }

    fn locate(&self, id: &TransactionId) -> Option<(u64, u32)> {
        self.places.lock().get(id).copied()
    }
}

struct Fixture {
    pool: VerifierPool,
    state: Arc<State>,
    metrics: Arc<Metrics>,
    driver: Receiver<Submission>,
}

fn fixture(config: AdmissionConfig) -> Fixture {
    let state = Arc::new(State::default());
    let metrics = Arc::new(Metrics::new());
    let (sender, driver) = mpsc::channel(4);
    let pool = VerifierPool::start(VerifierConfig {
        chain: chain(),
        admission: config,
        state: Arc::clone(&state) as Arc<dyn AdmissionState>,
        driver: sender,
        metrics: Arc::clone(&metrics),
    });
    Fixture {
        pool: pool.unwrap(),
        state,
        metrics,
        driver,
    }
}

/// Answers submissions until the pool is gone.
fn answer_with(
    mut driver: Receiver<Submission>,
    answer: impl Fn(TransactionId) -> Result<(), AdmissionError> + Send + 'static,
) -> std::thread::JoinHandle<Vec<TransactionId>> {
    std::thread::spawn(move || {
        let mut taken = Vec::new();
        while let Some(Submission {
            transactions,
            reply,
        }) = driver.blocking_recv()
        {
            let ids: Vec<_> = transactions.iter().map(|one| one.id()).collect();
            taken.extend(&ids);
            reply(ids.into_iter().map(|id| (id, answer(id))).collect());
        }
        taken
    })
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed([seed; 32])
}

fn transaction_on(chain: &ChainId, nonce: u64) -> SignedTransaction {
    let body = TransactionBody {
        signers: vec![key(1).public_key()],
        author: Subject::Participant(ParticipantId::from_bytes([2; 16])),
        nonce,
        expires_at: EXPIRY,
        operation: Operation::ClockAdvance(ClockAdvance { by_ms: 1 }),
    };
    SignedTransaction::sign(chain, &body, &[&key(1)]).unwrap()
}

fn transaction(nonce: u64) -> SignedTransaction {
    transaction_on(&chain(), nonce)
}

/// The same body under a signature of somebody else.
fn badly_signed(nonce: u64) -> SignedTransaction {
    let right = transaction(nonce);
    let body = right.body().to_wire();
    let body = Bytes::from(prost::Message::encode_to_vec(&body));
    let wrong = key(2).sign(right.signed_message());
    SignedTransaction::assemble(&chain(), body, &[wrong]).unwrap()
}

#[tokio::test]
async fn each_transaction_gets_its_own_verdict() {
    let fixture = fixture(CONFIG);
    let good = transaction(1);
    let full = transaction(2);
    let rejected = transaction(3);
    let used = transaction(4);
    let replayed = transaction(5);
    let expired = transaction(6);
    let final_long_ago = transaction(7);
    let forged = badly_signed(8);
    let elsewhere = transaction_on(&ChainId::new(Hash([8; 32])), 9);
    for (transaction, outcome) in [
        (&rejected, Outcome::NotPermitted),
        (&used, Outcome::NonceUsed),
        (&replayed, Outcome::NonceUsed),
        (&expired, Outcome::Expired),
        (&final_long_ago, Outcome::Expired),
    ] {
        fixture
            .state
            .outcomes
            .lock()
            .insert(transaction.id(), outcome);
    }
    fixture.state.places.lock().insert(replayed.id(), (12, 3));
    fixture
        .state
        .places
        .lock()
        .insert(final_long_ago.id(), (1, 0));
    let full_id = full.id();
    let driver = answer_with(fixture.driver, move |id| {
        if id == full_id {
            Err(AdmissionError::Full { bytes: 7 })
        } else {
            Ok(())
        }
    });

    let truncated = good.encoded().slice(..good.encoded().len() - 1);
    let trailing = [good.encoded().as_ref(), &[0]].concat();
    let oversized = vec![0x0a; limits::TRANSACTION_BYTES_MAX + 1];
    let submitted: Vec<Bytes> = vec![
        good.encoded().clone(),
        full.encoded().clone(),
        rejected.encoded().clone(),
        used.encoded().clone(),
        replayed.encoded().clone(),
        expired.encoded().clone(),
        final_long_ago.encoded().clone(),
        forged.encoded().clone(),
        elsewhere.encoded().clone(),
        Bytes::new(),
        Bytes::from_static(b"garbage"),
        truncated,
        trailing.into(),
        oversized.into(),
        good.encoded().clone(),
    ];
    let verdicts = fixture
        .pool
        .admission()
        .submit(submitted, &Arc::default())
        .await;

    // What was signed for another network has another id here, and its signature does not verify.
    let id_here = SignedTransaction::decode(&chain(), elsewhere.encoded().clone())
        .unwrap()
        .id();
    let outcome = |transaction: &SignedTransaction, outcome| {
        Err(Refusal::Outcome {
            id: transaction.id(),
            outcome,
        })
    };
    let expected = [
        Ok(Accepted::Waiting {
            id: good.id(),
            expires_at: EXPIRY,
        }),
        Err(Refusal::Mempool {
            id: full.id(),
            error: AdmissionError::Full { bytes: 7 },
        }),
        outcome(&rejected, Outcome::NotPermitted),
        outcome(&used, Outcome::NonceUsed),
        Ok(Accepted::Final {
            id: replayed.id(),
            height: 12,
            index: 3,
        }),
        outcome(&expired, Outcome::Expired),
        Ok(Accepted::Final {
            id: final_long_ago.id(),
            height: 1,
            index: 0,
        }),
        Err(Refusal::Signature { id: forged.id() }),
        Err(Refusal::Signature { id: id_here }),
    ];
    assert_eq!(verdicts[..9], expected);
    for (index, verdict) in verdicts[9..14].iter().enumerate() {
        assert!(
            matches!(verdict, Err(Refusal::Decode(_))),
            "{index}: {verdict:?}"
        );
    }
    assert!(matches!(
        verdicts[13],
        Err(Refusal::Decode(DecodeError::TooLarge { .. }))
    ));
    assert_eq!(
        verdicts[14],
        Ok(Accepted::Waiting {
            id: good.id(),
            expires_at: EXPIRY
        })
    );
    drop(fixture.pool);
    assert_eq!(
        driver.join().unwrap(),
        [good.id(), full.id(), good.id()],
        "only these are valid"
    );
    assert!(
        fixture
            .metrics
            .encode()
            .contains("talea_refusals_total{reason=\"SIGNATURE_INVALID\"} 2")
    );
}

/// On a connection of its own.
async fn admit(admission: &AdmissionHandle, transaction: &SignedTransaction) -> Verdict {
    let bytes = transaction.encoded().clone();
    admission.submit_one(bytes, &Arc::default()).await
}

#[tokio::test]
async fn a_connection_that_owes_is_refused_and_others_do_not_notice() {
    let fixture = fixture(CONFIG);
    let admission = fixture.pool.admission();
    let driver = answer_with(fixture.driver, |_| Ok(()));
    let standing = Arc::default();
    let burst = u64::try_from(crate::limits::admission::BAD_SIGNATURES.burst).unwrap();
    let bad: Vec<Bytes> = (0..burst + 100)
        .map(|nonce| badly_signed(nonce).encoded().clone())
        .collect();
    for verdict in admission.submit(bad, &standing).await {
        assert!(
            matches!(verdict, Err(Refusal::Signature { .. })),
            "{verdict:?}"
        );
    }
    let verified = fixture.metrics.signatures_verified.get();
    let good = transaction(1);
    let owing = admission
        .submit_one(good.encoded().clone(), &standing)
        .await;
    assert!(
        matches!(owing, Err(Refusal::Owing { wait }) if wait.as_secs() >= 2),
        "{owing:?}"
    );
    assert_eq!(fixture.metrics.signatures_verified.get(), verified);
    assert!(admit(&admission, &good).await.is_ok());
    drop(fixture.pool);
    assert_eq!(driver.join().unwrap(), [good.id()]);
}

#[tokio::test]
async fn more_bytes_than_fit_are_refused_at_once() {
    let config = AdmissionConfig {
        queue_bytes_max: 3_000,
        ..CONFIG
    };
    let mut fixture = fixture(config);
    let admission = fixture.pool.admission();
    let waiting = tokio::spawn({
        let admission = admission.clone();
        async move { admit(&admission, &transaction(1)).await }
    });
    let Submission {
        transactions,
        reply,
    } = fixture.driver.recv().await.unwrap();
    // The first is with the driver and still counts.
    let many: Vec<Bytes> = (2..6)
        .map(|nonce| transaction(nonce).encoded().clone())
        .collect();
    for verdict in admission.submit(many, &Arc::default()).await {
        assert!(matches!(verdict, Err(Refusal::Busy { waiting_bytes }) if waiting_bytes > 0));
    }
    let id = transactions[0].id();
    reply(vec![(id, Ok(()))]);
    assert_eq!(
        waiting.await.unwrap(),
        Ok(Accepted::Waiting {
            id,
            expires_at: EXPIRY
        })
    );
    assert_eq!(admission.budget.used(), 0, "everything is given back");
}

#[tokio::test]
async fn a_driver_that_does_not_keep_up_is_not_waited_for() {
    let fixture = fixture(AdmissionConfig {
        batch_signatures: 1,
        ..CONFIG
    });
    let admission = fixture.pool.admission();
    let mut waiting = tokio::task::JoinSet::new();
    for nonce in 0..16 {
        let admission = admission.clone();
        waiting.spawn(async move { admit(&admission, &transaction(nonce)).await });
    }
    // The channel holds four; the twelve others have their refusal while nobody takes from it.
    for _ in 0..12 {
        let verdict = waiting.join_next().await.unwrap().unwrap();
        assert!(matches!(verdict, Err(Refusal::Busy { .. })), "{verdict:?}");
    }
    // A driver that goes away leaves nobody waiting.
    drop(fixture.driver);
    drop(fixture.pool);
    while let Some(verdict) = waiting.join_next().await {
        assert_eq!(verdict.unwrap(), Err(Refusal::Stopping));
    }
    assert_eq!(
        admission.submit_one(Bytes::new(), &Arc::default()).await,
        Err(Refusal::Stopping)
    );
}

fn verify(pool: &VerifierPool, transactions: Vec<Bytes>) -> BatchVerdict {
    let batch = Batch::seal(ValidatorId::from_bytes([1; 16]), 1, transactions).unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let reply: BatchReply = Box::new(move |_, verdict| sender.send(verdict).unwrap());
    pool.try_verify_batch(batch, reply).unwrap();
    receiver.recv().unwrap()
}

#[test]
fn a_batch_is_taken_or_refused_as_a_whole() {
    let fixture = fixture(CONFIG);
    let encoded = |one: &SignedTransaction| one.encoded().clone();
    let (first, second) = (transaction(1), transaction(2));
    let verified = verify(&fixture.pool, vec![encoded(&first), encoded(&second)]).unwrap();
    let ids: Vec<_> = verified.iter().map(|one| one.id()).collect();
    assert_eq!(ids, [first.id(), second.id()]);
    let forged = badly_signed(3);
    assert_eq!(
        verify(&fixture.pool, vec![encoded(&first), encoded(&forged)]).unwrap_err(),
        BatchRefusal::Signature {
            index: 1,
            id: forged.id()
        }
    );
    let refused = verify(
        &fixture.pool,
        vec![encoded(&first), Bytes::from_static(b"x")],
    );
    assert!(
        matches!(refused, Err(BatchRefusal::Decode { index: 1, .. })),
        "{refused:?}"
    );
}

#[test]
fn batches_go_before_clients_and_clients_are_gathered_by_standing() {
    use super::queue::{BatchJob, ClientJob, Queue, Work};
    use crate::budget::Budget;

    let queue = Queue::new(2, std::time::Duration::ZERO);
    let budget = Budget::new(1 << 20);
    let client = |standing: &Arc<Standing>| {
        let (reply, _) = tokio::sync::oneshot::channel();
        let permit = budget.try_take(1).unwrap();
        ClientJob {
            transactions: vec![Bytes::new()],
            standing: Arc::clone(standing),
            reply,
            permit,
        }
    };
    let clean = Arc::default();
    for _ in 0..3 {
        queue.push_client(client(&clean));
    }
    let encoded = transaction(1).encoded().clone();
    let batch = Batch::seal(ValidatorId::from_bytes([1; 16]), 1, vec![encoded]).unwrap();
    let permit = budget.try_take(batch.encoded().len()).unwrap();
    queue.push_batch(BatchJob {
        batch,
        reply: Box::new(|_, _| ()),
        permit,
    });
    assert!(matches!(queue.next(), Some(Work::Batch(_))));
    assert!(matches!(queue.next(), Some(Work::Clients(jobs)) if jobs.len() == 2));
    assert!(matches!(queue.next(), Some(Work::Clients(jobs)) if jobs.len() == 1));
    // Who sent what does not verify waits apart, and gets every other turn.
    let suspect = Arc::new(Standing::default());
    suspect.charge();
    for standing in [&suspect, &clean, &suspect, &clean, &clean, &clean] {
        queue.push_client(client(standing));
    }
    let of_suspect = |work: Option<Work>| match work {
        Some(Work::Clients(jobs)) => {
            let suspects = jobs
                .iter()
                .filter(|job| Arc::ptr_eq(&job.standing, &suspect));
            (suspects.count(), jobs.len())
        }
        _ => (0, 0),
    };
    let turns = [(); 3].map(|()| of_suspect(queue.next()));
    assert_eq!(turns, [(2, 2), (0, 2), (0, 2)]);
    queue.push_client(client(&clean));
    queue.stop();
    assert!(queue.next().is_none());
    assert_eq!(budget.used(), 0, "what is dropped is given back");
}
