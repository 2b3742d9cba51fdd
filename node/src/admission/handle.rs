//! The clients' entrance.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::oneshot;

use super::{
    Refusal, Standing, Verdict,
    queue::{ClientJob, Queue},
};
use crate::{budget::Budget, limits::admission::TRANSACTION_OVERHEAD_BYTES, telemetry::Metrics};

/// Submits transactions. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AdmissionHandle {
    pub(super) queue: Arc<Queue>,
    pub(super) budget: Arc<Budget>,
    pub(super) metrics: Arc<Metrics>,
}

impl AdmissionHandle {
    /// Submits one transaction.
    ///
    /// # Errors
    /// [`Refusal`].
    pub async fn submit_one(&self, transaction: Bytes, standing: &Arc<Standing>) -> Verdict {
        let verdicts = self.submit(vec![transaction], standing).await;
        verdicts
            .into_iter()
            .next()
            .unwrap_or(Err(Refusal::Stopping))
    }

    /// Submits transactions of a connection; one verdict for each, in order. They are taken or refused one by
    /// one, but for a connection that owes.
    pub async fn submit(&self, transactions: Vec<Bytes>, standing: &Arc<Standing>) -> Vec<Verdict> {
        let count = transactions.len();
        let cost = |bytes: &Bytes| bytes.len().saturating_add(TRANSACTION_OVERHEAD_BYTES);
        let bytes = transactions.iter().map(cost).fold(0, usize::saturating_add);
        let permit = match self.budget.try_take(bytes) {
            Ok(permit) => permit,
            Err(waiting_bytes) => {
                let refusal = Refusal::Busy { waiting_bytes };
                self.metrics.on_refusal(refusal.name());
                return vec![Err(refusal); count];
            }
        };
        self.note_queue();
        let (reply, answer) = oneshot::channel();
        self.queue.push_client(ClientJob {
            transactions,
            standing: Arc::clone(standing),
            reply,
            permit,
        });
        let verdicts = answer.await;
        self.note_queue();
        verdicts.unwrap_or_else(|_| vec![Err(Refusal::Stopping); count])
    }

    fn note_queue(&self) {
        let bytes = i64::try_from(self.budget.used()).unwrap_or(i64::MAX);
        self.metrics.verifier_queue_bytes.set(bytes);
    }
}
