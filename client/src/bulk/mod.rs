//! Submitting many transactions over one stream, with a bounded number in flight.
//!
//! The same promise as for one: every transaction gets exactly one result, and none is applied twice.
//! When a connection breaks, everything unfinished goes to the next node, the same bytes.

mod pending;
mod session;

pub use session::BulkResults;

use std::time::Duration;

use talea_proto::limits;
use talea_types::SignedTransaction;
use tokio::sync::mpsc;

use crate::{Client, ClientError, Settlement};

/// How to submit.
#[derive(Clone, Debug)]
pub struct BulkOptions {
    /// Most transactions that are sent and not final. Bounds memory, here and at the node.
    pub in_flight: usize,
    /// Most transactions in one message.
    pub batch: usize,
    /// How long one transaction is tried before its result is an error.
    pub give_up_after: Duration,
    /// How long the node may say nothing while transactions wait for it.
    pub silence: Duration,
}

impl Default for BulkOptions {
    fn default() -> Self {
        Self {
            in_flight: 4_000,
            batch: 250,
            give_up_after: Duration::from_secs(60),
            silence: Duration::from_secs(10),
        }
    }
}

impl BulkOptions {
    /// Within what the API allows.
    fn bounded(mut self) -> Self {
        self.in_flight = self.in_flight.max(1);
        self.batch = self.batch.clamp(1, limits::SUBMIT_BATCH_TRANSACTIONS_MAX);
        self
    }
}

/// How one transaction ended.
#[derive(Debug)]
pub struct BulkResult {
    /// The transaction.
    pub transaction: SignedTransaction,
    /// Its end; an error as of [`Client::submit`].
    pub result: Result<Settlement, ClientError>,
}

/// Takes transactions. Drop it when there are no more.
#[derive(Clone, Debug)]
pub struct BulkSender(mpsc::Sender<SignedTransaction>);

impl BulkSender {
    /// Hands a transaction over; waits while too many are in flight.
    ///
    /// # Errors
    /// The transaction, when the results are no longer received.
    pub async fn send(&self, transaction: SignedTransaction) -> Result<(), Box<SignedTransaction>> {
        self.0
            .send(transaction)
            .await
            .map_err(|refused| Box::new(refused.0))
    }
}

impl Client {
    /// Starts to submit in bulk. Results come in the order in which they become final; every transaction
    /// that was sent gets one. Receive them while sending: when nobody does, sending waits.
    #[must_use]
    pub fn bulk(&self, options: BulkOptions) -> (BulkSender, BulkResults) {
        let options = options.bounded();
        let (sender, input) = mpsc::channel(options.batch);
        let results = session::start(self.clone(), options, input);
        (BulkSender(sender), results)
    }
}
