//! From bytes that a client sent to a transaction in the mempool, and the threads that verify
//! signatures for clients and peers.
//!
//! ```text
//! bytes -> decode -> check against the committed state -> signatures, many at once -> driver
//! ```
//!
//! Kept true: a connection pays for what does not
//! verify on it, and what is verified with it later does not; only [`VerifiedTransaction`](talea_types::VerifiedTransaction)s reach the driver; bytes
//! on their way are bounded, and what does not fit is refused at once; batches of peers go before
//! clients' transactions; a transaction that is final already is answered with where it is.

mod gathered;
mod handle;
mod pool;
mod queue;
mod standing;
mod state;
#[cfg(test)]
mod tests;
mod verdict;
mod worker;

pub use handle::AdmissionHandle;
pub use pool::{VerifierConfig, VerifierPool};
pub use queue::{BatchRefusal, BatchReply, BatchVerdict};
pub use standing::Standing;
pub use state::{AdmissionState, CommittedState};
pub use verdict::{Accepted, Refusal, Reply, Submission, Verdict};
