//! Clients' jobs that are worked on together, and the verdicts found so far.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::{Standing, Verdict, queue::ClientJob, verdict::Refusal};
use crate::budget::Permit;

/// A transaction's place: which job, which position in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    job: usize,
    position: usize,
}

impl Place {
    /// Which job.
    pub(super) const fn job(self) -> usize {
        self.job
    }
}

struct Answer {
    standing: Arc<Standing>,
    verdicts: Vec<Option<Verdict>>,
    reply: oneshot::Sender<Vec<Verdict>>,
    permit: Permit,
}

/// The jobs. Kept true: each client gets one verdict for each transaction, in its order.
pub(super) struct Gathered {
    answers: Vec<Answer>,
}

impl Gathered {
    /// Splits jobs into their transactions with their places, and what is owed to the clients.
    pub(super) fn new(jobs: Vec<ClientJob>) -> (Self, Vec<(Place, Bytes)>) {
        let mut answers = Vec::with_capacity(jobs.len());
        let mut transactions = Vec::new();
        for (
            job,
            ClientJob {
                transactions: bytes,
                standing,
                reply,
                permit,
            },
        ) in jobs.into_iter().enumerate()
        {
            answers.push(Answer {
                standing,
                verdicts: vec![None; bytes.len()],
                reply,
                permit,
            });
            let places = bytes.into_iter().enumerate();
            transactions.extend(places.map(|(position, bytes)| (Place { job, position }, bytes)));
        }
        (Self { answers }, transactions)
    }

    /// For each job, how long its connection owes.
    pub(super) fn waits(&self) -> Vec<Duration> {
        let answers = self.answers.iter();
        answers.map(|answer| answer.standing.owes_for()).collect()
    }

    /// Notes a verdict; the connection pays for a signature that did not verify.
    pub(super) fn set(&mut self, place: Place, verdict: Verdict) {
        let answer = self.answers.get_mut(place.job);
        let slot = answer.and_then(|answer| {
            // At once, so that what waits of the connection is not verified as well.
            if matches!(verdict, Err(Refusal::Signature { .. })) {
                answer.standing.charge();
            }
            answer.verdicts.get_mut(place.position)
        });
        let slot = slot.unwrap_or_else(|| unreachable!("places are made beside the slots"));
        *slot = Some(verdict);
    }

    /// Sends every client its verdicts.
    pub(super) fn answer(self) {
        for Answer {
            verdicts,
            reply,
            permit,
            ..
        } in self.answers
        {
            let verdicts = verdicts
                .into_iter()
                .map(|one| one.unwrap_or(Err(Refusal::Stopping)));
            // A client that went away needs no answer.
            let _ = reply.send(verdicts.collect());
            drop(permit);
        }
    }
}
