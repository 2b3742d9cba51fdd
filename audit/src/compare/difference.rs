//! What a node can answer about a subject that is not so, each kind by its name.

use std::fmt;

use talea_client::ProofFailure;
use talea_types::{BlockHash, DecodeError, Subject};

/// The first thing in an answer about a subject that is not what was executed.
#[derive(Debug, thiserror::Error)]
pub enum AnswerDifference {
    /// Something that happened is not told.
    #[error("{0} happened and is not told")]
    HiddenEvent(Happened),
    /// In the place of an event stands what never happened.
    #[error("{0} is told otherwise than it happened")]
    AlteredEvent(Happened),
    /// An event that never happened stands between, or after, those that did.
    #[error("in place {position} stands an event that never happened")]
    InventedEvent {
        /// In the answer, from 0.
        position: u64,
    },
    /// An event is told again.
    #[error("{0} is told a second time")]
    RepeatedEvent(Happened),
    /// All is told, in another order.
    #[error("{0} is told later than what followed it")]
    ReorderedEvents(Happened),
    /// An event of somebody else.
    #[error("in place {position} stands an event of {found}")]
    OtherSubject {
        /// In the answer, from 0.
        position: u64,
        /// Whose event it is.
        found: Subject,
    },
    /// Bytes that are no event.
    #[error("in place {position} stands what cannot be read: {reason}")]
    UnreadableEvent {
        /// In the answer, from 0.
        position: u64,
        /// What is wrong.
        reason: DecodeError,
    },
    /// An answer that is none.
    #[error("{reason}")]
    Unreadable {
        /// What is wrong.
        reason: String,
    },
    /// Beside the events stands something that is not so.
    #[error("it says {what} {told}; it is {executed}")]
    Told {
        /// About what.
        what: &'static str,
        /// What the node says.
        told: u64,
        /// What is so.
        executed: u64,
    },
    /// It said a moment ago that it is further.
    #[error("it answers as of block {answered}, after it has said that it is at block {told}")]
    Rewound {
        /// What it said before.
        told: u64,
        /// Of the answer.
        answered: u64,
    },
    /// What it gives as the proof of the subject's state proves nothing.
    #[error("{0}")]
    Proof(ProofFailure),
    /// The proof is of another block than the one that was executed: a quorum signed both.
    #[error("it proves the state of block {height} {found}; executed was {executed}")]
    OtherBlock {
        /// Of the block.
        height: u64,
        /// The executed one.
        executed: BlockHash,
        /// The proved one.
        found: BlockHash,
    },
}

/// An event that was executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// Its place in the subject's history, from 0.
    pub sequence: u64,
    /// Its kind and block; `None` where only the proved state says that it is there.
    pub known: Option<(String, u64)>,
}

impl fmt::Display for Happened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sequence = self.sequence;
        match &self.known {
            Some((kind, height)) => write!(f, "event {sequence} ({kind}, block {height})"),
            None => write!(f, "event {sequence}, which the proved state counts,"),
        }
    }
}

impl AnswerDifference {
    /// A stable name, for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::HiddenEvent(_) => "HIDDEN_EVENT",
            Self::AlteredEvent(_) => "ALTERED_EVENT",
            Self::InventedEvent { .. } => "INVENTED_EVENT",
            Self::RepeatedEvent(_) => "REPEATED_EVENT",
            Self::ReorderedEvents(_) => "REORDERED_EVENTS",
            Self::OtherSubject { .. } => "OTHER_SUBJECT",
            Self::UnreadableEvent { .. } | Self::Unreadable { .. } => "UNREADABLE",
            Self::Told { .. } => "TOLD_OTHERWISE",
            Self::Rewound { .. } => "REWOUND",
            Self::Proof(_) => "PROOF_INVALID",
            Self::OtherBlock { .. } => "OTHER_BLOCK",
        }
    }
}
