//! One verifier thread: decodes, checks, verifies, hands over.

use std::sync::Arc;

use talea_types::{
    Batch, ChainId, SignedTransaction, Timestamp, VerifiedTransaction, crypto::KeyCache,
    transaction::verify_all,
};
use tokio::sync::mpsc::{Sender, error::TrySendError};

use super::{
    Accepted, AdmissionState, BatchRefusal, BatchVerdict, Refusal, Submission, Verdict,
    gathered::{Gathered, Place},
    queue::{BatchJob, ClientJob, Queue, Work},
};
use crate::{
    interface::{Admission, AdmissionError},
    telemetry::Metrics,
};

pub(super) struct Worker {
    pub(super) chain: ChainId,
    pub(super) queue: Arc<Queue>,
    pub(super) state: Arc<dyn AdmissionState>,
    pub(super) driver: Sender<Submission>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) keys: KeyCache,
}

impl Worker {
    /// Works until the queue is stopped.
    pub(super) fn run(mut self) {
        while let Some(work) = self.queue.next() {
            match work {
                Work::Batch(BatchJob {
                    batch,
                    reply,
                    permit,
                }) => {
                    let verdict = self.verify_batch(&batch);
                    drop(permit);
                    reply(batch, verdict);
                }
                Work::Clients(jobs) => self.admit(jobs),
            }
        }
    }

    fn verify_batch(&mut self, batch: &Batch) -> BatchVerdict {
        let decode = |(index, bytes): (usize, &bytes::Bytes)| {
            SignedTransaction::decode(&self.chain, bytes.clone())
                .map_err(|error| BatchRefusal::Decode { index, error })
        };
        let transactions = batch.transactions().iter().enumerate().map(decode);
        let transactions = transactions.collect::<Result<Vec<_>, _>>()?;
        let verified = self.verify(transactions).into_iter().enumerate();
        let verified = verified.map(|(index, verdict)| {
            verdict.map_err(|refused| BatchRefusal::Signature {
                index,
                id: refused.id(),
            })
        });
        let verified = verified.collect::<Result<Vec<_>, _>>()?;
        self.metrics.batches_verified.inc();
        Ok(verified)
    }

    fn verify(
        &mut self,
        transactions: Vec<SignedTransaction>,
    ) -> Vec<Result<VerifiedTransaction, SignedTransaction>> {
        let signatures: usize = transactions.iter().map(|one| one.signatures().len()).sum();
        self.metrics.signature_batch.observe(signatures as f64);
        let verdicts = verify_all(&mut self.keys, transactions);
        let refused = verdicts.iter().filter(|verdict| verdict.is_err()).count() as u64;
        self.metrics.signatures_verified.inc_by(signatures as u64);
        self.metrics.signatures_refused.inc_by(refused);
        verdicts
    }

    fn admit(&mut self, jobs: Vec<ClientJob>) {
        let (mut gathered, submitted) = Gathered::new(jobs);
        let waits = gathered.waits();
        let mut places = Vec::with_capacity(submitted.len());
        let mut decoded = Vec::with_capacity(submitted.len());
        for (place, bytes) in submitted {
            let wait = waits.get(place.job()).copied().unwrap_or_default();
            if !wait.is_zero() {
                self.refuse(&mut gathered, place, Refusal::Owing { wait });
                continue;
            }
            match SignedTransaction::decode(&self.chain, bytes) {
                Ok(transaction) => {
                    places.push(place);
                    decoded.push(transaction);
                }
                Err(error) => self.refuse(&mut gathered, place, error.into()),
            }
        }
        let (places, possible) = self.check(&mut gathered, places, decoded);
        let mut verified_places = Vec::with_capacity(places.len());
        let mut verified = Vec::with_capacity(places.len());
        for (place, verdict) in places.into_iter().zip(self.verify(possible)) {
            match verdict {
                Ok(transaction) => {
                    verified_places.push(place);
                    verified.push(transaction);
                }
                Err(refused) => {
                    self.refuse(
                        &mut gathered,
                        place,
                        Refusal::Signature { id: refused.id() },
                    );
                }
            }
        }
        if verified.is_empty() {
            gathered.answer();
        } else {
            self.hand_over(gathered, verified_places, verified);
        }
    }

    /// Keeps the transactions that the committed state does not speak against.
    fn check(
        &self,
        gathered: &mut Gathered,
        places: Vec<Place>,
        decoded: Vec<SignedTransaction>,
    ) -> (Vec<Place>, Vec<SignedTransaction>) {
        let checks = self.state.check(&decoded);
        assert_eq!(
            checks.len(),
            decoded.len(),
            "one answer for each transaction"
        );
        let mut possible = (Vec::new(), Vec::new());
        for ((place, transaction), check) in places.into_iter().zip(decoded).zip(checks) {
            let id = transaction.id();
            match check {
                Ok(()) => {
                    possible.0.push(place);
                    possible.1.push(transaction);
                }
                // Void may mean: final long ago. The same bytes get the same answer as then.
                Err(outcome) if outcome.is_void() => match self.state.locate(&id) {
                    Some((height, index)) => {
                        gathered.set(place, Ok(Accepted::Final { id, height, index }));
                    }
                    None => self.refuse(gathered, place, Refusal::Outcome { id, outcome }),
                },
                Err(outcome) => self.refuse(gathered, place, Refusal::Outcome { id, outcome }),
            }
        }
        possible
    }

    fn refuse(&self, gathered: &mut Gathered, place: Place, refusal: Refusal) {
        self.metrics.on_refusal(refusal.name());
        gathered.set(place, Err(refusal));
    }

    fn hand_over(
        &self,
        gathered: Gathered,
        places: Vec<Place>,
        transactions: Vec<VerifiedTransaction>,
    ) {
        let (state, metrics) = (Arc::clone(&self.state), Arc::clone(&self.metrics));
        let bytes = transactions.iter().map(|one| one.encoded().len()).sum();
        let expiries: Vec<_> = transactions
            .iter()
            .map(|one| one.body().expires_at)
            .collect();
        // The client's jobs wait in a place of their own, so that a full channel can be answered.
        let owed = Arc::new(parking_lot::Mutex::new(Some((gathered, places))));
        let owed_to_driver = Arc::clone(&owed);
        let reply = Box::new(move |admissions: Vec<Admission>| {
            let Some((mut gathered, places)) = owed_to_driver.lock().take() else {
                return;
            };
            assert_eq!(
                admissions.len(),
                places.len(),
                "one answer for each transaction"
            );
            for ((place, admission), expires_at) in places.into_iter().zip(admissions).zip(expiries)
            {
                let verdict = verdict_of(admission, expires_at, &*state);
                if let Err(refusal) = &verdict {
                    metrics.on_refusal(refusal.name());
                }
                gathered.set(place, verdict);
            }
            gathered.answer();
        });
        let refusal = match self.driver.try_send(Submission {
            transactions,
            reply,
        }) {
            Ok(()) => return,
            Err(TrySendError::Full(_)) => Refusal::Busy {
                waiting_bytes: bytes,
            },
            Err(TrySendError::Closed(_)) => Refusal::Stopping,
        };
        let Some((mut gathered, places)) = owed.lock().take() else {
            return;
        };
        for place in places {
            self.refuse(&mut gathered, place, refusal.clone());
        }
        gathered.answer();
    }
}

/// The driver's answer as a verdict. The state may have moved on since the first check.
fn verdict_of(
    (id, admission): Admission,
    expires_at: Timestamp,
    state: &dyn AdmissionState,
) -> Verdict {
    match admission {
        Ok(()) => Ok(Accepted::Waiting { id, expires_at }),
        Err(AdmissionError::Outcome { outcome }) if outcome.is_void() => {
            let place = state.locate(&id);
            place
                .map(|(height, index)| Accepted::Final { id, height, index })
                .ok_or(Refusal::Outcome { id, outcome })
        }
        Err(AdmissionError::Outcome { outcome }) => Err(Refusal::Outcome { id, outcome }),
        Err(error) => Err(Refusal::Mempool { id, error }),
    }
}
