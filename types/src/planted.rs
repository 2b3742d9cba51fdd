//! Faults that are planted on purpose, so that the simulator can show that it finds them.
//!
//! Without the feature `planted-bugs`, which nothing but the simulator enables and a node refuses to run
//! with, [`is`] is the constant `false` and what it guards is not compiled in.

/// A classic fault of systems like this one, at the one place where it would be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bug {
    /// A vote leaves before the consensus log is synced.
    LogNotSynced,
    /// The consensus log is not read after a restart.
    LogIgnored,
    /// A restart forgets the lock, though not what was signed.
    LockForgotten,
    /// A quorum is more than one third.
    QuorumOfThird,
    /// Signatures of votes are not verified.
    SignatureUnchecked,
    /// Signatures of transactions are not verified.
    TransactionUnchecked,
    /// It does not matter whose keys signed a transaction.
    SignedByAnybody,
    /// Certificates of fetched blocks and of parents are not verified.
    CertificateUnverified,
    /// A parent's certificate may be of any height.
    CertificateOfAnyHeight,
    /// A proposed header is not compared with what execution gives.
    HeaderUnchecked,
    /// A block's time may be any time ahead.
    TimeUnbounded,
    /// One contradiction is counted again and again.
    EvidenceTwice,
    /// The nonce right below the window is accepted.
    NonceBelowWindow,
    /// A nonce that was used is accepted again.
    NonceReused,
    /// Expired transactions are applied.
    ExpiryIgnored,
    /// A block is called final before it is synced.
    CommitNotSynced,
    /// A validator that lost its disk votes at once.
    RejoinAtOnce,
    /// A cap on contacts allows one more.
    CapOffByOne,
    /// An answer counts whether or not it was asked for.
    AnswersUnmatched,
    /// The objects of a snapshot are not compared with the root that was decided.
    SnapshotUnverified,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::LogNotSynced,
        Self::LogIgnored,
        Self::LockForgotten,
        Self::QuorumOfThird,
        Self::SignatureUnchecked,
        Self::TransactionUnchecked,
        Self::SignedByAnybody,
        Self::CertificateUnverified,
        Self::CertificateOfAnyHeight,
        Self::HeaderUnchecked,
        Self::TimeUnbounded,
        Self::EvidenceTwice,
        Self::NonceBelowWindow,
        Self::NonceReused,
        Self::ExpiryIgnored,
        Self::CommitNotSynced,
        Self::RejoinAtOnce,
        Self::CapOffByOne,
        Self::AnswersUnmatched,
        Self::SnapshotUnverified,
    ];
}

#[cfg(not(feature = "planted-bugs"))]
mod switch {
    use super::Bug;

    /// Whether faults can be planted in this build.
    pub const POSSIBLE: bool = false;

    /// Whether this fault is planted.
    #[must_use]
    pub const fn is(_: Bug) -> bool {
        false
    }
}

#[cfg(feature = "planted-bugs")]
mod switch {
    use std::cell::Cell;

    use super::Bug;

    /// Whether faults can be planted in this build.
    pub const POSSIBLE: bool = true;

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Whether this fault is planted.
    #[must_use]
    pub fn is(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }

    /// Plants a fault on this thread, or none.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }
}

#[cfg(feature = "planted-bugs")]
pub use switch::plant;
pub use switch::{POSSIBLE, is};
