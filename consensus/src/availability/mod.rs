//! Batch availability: which batches a quorum holds, and whom to ask for a missing one.
//!
//! A pure machine that knows batches by digest, author and size; the host keeps the bytes. A batch is
//! pushed to every validator ahead of any proposal; who has verified and stored it says so to everybody;
//! a batch that a quorum holds may be put into a block, because it cannot be withheld any more (C-40).
//! What a proposal needs and is not here is fetched from the proposer, the author and whoever says that
//! it holds it, one after the other, so that no single peer can stall a height (C-41). Everything is
//! bounded by author: bytes, batches, early acknowledgements, time (C-42). A batch is put into at most
//! one block (C-43).

mod batches;
mod fetches;
mod machine;

#[cfg(test)]
mod tests;

use talea_types::{BatchDigest, BlockHash, ValidatorId, ValidatorSet};

pub use machine::Availability;

/// Bytes of uncommitted batches, shared equally between the authors of the set.
pub const BATCH_POOL_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Uncommitted batches of one author.
pub const BATCHES_PER_AUTHOR_MAX: usize = 1_024;
/// Acknowledgements of one validator for batches that are not here yet.
pub const EARLY_ACKS_PER_VALIDATOR_MAX: usize = 1_024;
/// Digests in one acknowledgement.
pub const ACK_DIGESTS_MAX: usize = 256;
/// Digests of committed batches that are remembered: about 1 MiB. Only to spare work, since what is in a forgotten batch
/// is refused as done already; at 20 batches a second they reach back seven minutes.
pub const COMMITTED_DIGESTS_MAX: usize = 8_192;
/// Proposals whose batches are being fetched.
pub const PROPOSALS_MAX: usize = 16;
/// How long an asked validator may take before the next one is asked, milliseconds.
pub const FETCH_TIMEOUT_MS: u64 = 400;
/// How long to wait for acknowledgements before an own batch is pushed again, milliseconds.
pub const PUSH_AGAIN_MS: u64 = 2_000;
/// How long an uncommitted batch is kept, milliseconds.
pub const BATCH_EXPIRY_MS: u64 = 600_000;
/// How many heights an uncommitted batch is kept.
pub const BATCH_EXPIRY_HEIGHTS: u64 = 20_000;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AvailabilityInput {
    /// This validator made a batch. The host holds it.
    Sealed {
        /// The batch.
        digest: BatchDigest,
        /// Its size.
        bytes: usize,
    },
    /// A stored batch was found after a restart; it was verified before.
    Restored {
        /// The batch.
        digest: BatchDigest,
        /// Who made it.
        author: ValidatorId,
        /// Its size.
        bytes: usize,
    },
    /// A batch came, pushed or fetched. Its bytes have this digest and name this author.
    Received {
        /// From whom.
        from: ValidatorId,
        /// The batch.
        digest: BatchDigest,
        /// Who made it.
        author: ValidatorId,
        /// Its size.
        bytes: usize,
    },
    /// The answer to [`AvailabilityOutput::Verify`]. A valid batch is stored by now.
    Verified {
        /// The batch.
        digest: BatchDigest,
        /// Whether every transaction in it is well signed.
        valid: bool,
    },
    /// A validator says that it holds batches.
    Acked {
        /// Who.
        from: ValidatorId,
        /// What.
        digests: Vec<BatchDigest>,
    },
    /// A validator says that it does not hold a batch that it was asked for.
    Missing {
        /// Who.
        from: ValidatorId,
        /// What.
        digest: BatchDigest,
    },
    /// A validator can be reached (again).
    PeerConnected {
        /// Who.
        validator: ValidatorId,
    },
    /// A proposal is to be checked and needs these batches.
    Needed {
        /// The proposal.
        proposal: BlockHash,
        /// Who made it.
        proposer: ValidatorId,
        /// The batches, at most [`talea_types::limits::BLOCK_BATCHES_MAX`].
        digests: Vec<BatchDigest>,
    },
    /// Nobody waits for this proposal any more.
    NotNeeded {
        /// The proposal.
        proposal: BlockHash,
    },
    /// A block is committed.
    Committed {
        /// Its height.
        height: u64,
        /// Its batches.
        digests: Vec<BatchDigest>,
    },
    /// Another set of validators is in force.
    ValidatorsChanged(ValidatorSet),
    /// The time of the last [`AvailabilityOutput::WakeAt`] has come.
    Tick,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AvailabilityOutput {
    /// Verify the signatures of a batch and store it.
    Verify {
        /// The batch.
        digest: BatchDigest,
    },
    /// Forget the bytes of a batch.
    Discard {
        /// The batch.
        digest: BatchDigest,
        /// Why.
        reason: DiscardReason,
    },
    /// Send an own batch to every other validator.
    BroadcastBatch {
        /// The batch.
        digest: BatchDigest,
    },
    /// Send an own batch to one validator.
    SendBatch {
        /// To whom.
        to: ValidatorId,
        /// The batch.
        digest: BatchDigest,
    },
    /// Tell every other validator that these batches are held here.
    BroadcastAck {
        /// At most [`ACK_DIGESTS_MAX`].
        digests: Vec<BatchDigest>,
    },
    /// Tell one validator that these batches are held here.
    SendAck {
        /// To whom.
        to: ValidatorId,
        /// At most [`ACK_DIGESTS_MAX`].
        digests: Vec<BatchDigest>,
    },
    /// Ask a validator for a batch.
    Fetch {
        /// Whom.
        from: ValidatorId,
        /// What.
        digest: BatchDigest,
    },
    /// Every batch of a proposal is here.
    Complete {
        /// The proposal.
        proposal: BlockHash,
    },
    /// There is a batch to put into a block, and there was none before (see
    /// [`crate::Input::WorkAvailable`]).
    Ready,
    /// A validator misbehaved.
    Fault {
        /// Who.
        validator: ValidatorId,
        /// What it did.
        fault: BatchFault,
    },
    /// Give [`AvailabilityInput::Tick`] at this time, milliseconds; replaces the time given before.
    WakeAt(u64),
}

/// Why the bytes of a batch are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscardReason {
    /// It is here already, or is being verified.
    Duplicate,
    /// It is in a block already.
    Committed,
    /// Its author is not a validator.
    Stranger,
    /// Its author has too many uncommitted batches.
    OverQuota,
    /// It was not committed for too long.
    Expired,
    /// It is not valid.
    Invalid,
}

/// How a validator misbehaved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchFault {
    /// It made a batch with something in it that is not well signed.
    #[error("a batch that is not valid")]
    InvalidBatch,
    /// It keeps sending batches beyond its share.
    #[error("more uncommitted batches than its share")]
    OverQuota,
    /// It acknowledges more batches that nobody has than it may.
    #[error("acknowledges too many unknown batches")]
    TooManyAcks,
}
