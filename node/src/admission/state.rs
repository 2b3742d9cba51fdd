//! What admission asks of the committed state.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use talea_types::{Outcome, SignedTransaction, Timestamp, TransactionId};

use crate::{api::ReadHistory, interface::SharedLedger};

/// The questions, so that tests can answer them without a ledger.
pub trait AdmissionState: Send + Sync {
    /// For each transaction, whether the next block could take it as far as its author, nonce, keys and
    /// expiry say. Cheap: no signature is verified.
    fn check(&self, transactions: &[SignedTransaction]) -> Vec<Result<(), Outcome>>;

    /// Where a final transaction is: height and index.
    fn locate(&self, id: &TransactionId) -> Option<(u64, u32)>;
}

/// The node's own committed state.
#[derive(Clone)]
pub struct CommittedState {
    /// The ledger.
    pub ledger: SharedLedger,
    /// Blocks and their index.
    pub history: Arc<dyn ReadHistory>,
}

impl AdmissionState for CommittedState {
    fn check(&self, transactions: &[SignedTransaction]) -> Vec<Result<(), Outcome>> {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let wall_ms = u64::try_from(wall.as_millis()).unwrap_or(u64::MAX);
        let ledger = self.ledger.read();
        let clock = ledger.clock();
        // The time of the next block, as this node would give it.
        let now = Timestamp::from_millis(wall_ms).plus_millis(clock.offset_ms);
        let now = now.max(clock.time);
        let check = |transaction| ledger.check_admission(transaction, now);
        transactions.iter().map(check).collect()
    }

    fn locate(&self, id: &TransactionId) -> Option<(u64, u32)> {
        self.history.locate(id)
    }
}
