//! Proof that a validator said two different things in one place.

use talea_types::{Hash, ValidatorId};

use crate::message::{SignedProposal, SignedVote};

/// Most pieces of evidence kept by an engine; older ones are dropped first.
pub const EVIDENCE_MAX: usize = 64;

/// Two conflicting statements, both with a verified signature of the same validator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Two votes of one kind in one round.
    Votes {
        /// The one seen first.
        first: SignedVote,
        /// The one that conflicts.
        second: SignedVote,
    },
    /// Two proposals in one round. Their contents are left out.
    Proposals {
        /// The one seen first.
        first: Box<SignedProposal>,
        /// The one that conflicts.
        second: Box<SignedProposal>,
        /// Digests of the two contents, which the signatures cover.
        content_digests: (Hash, Hash),
    },
}

impl Evidence {
    /// Who said both.
    #[must_use]
    pub fn validator(&self) -> ValidatorId {
        match self {
            Self::Votes { first, .. } => first.vote.validator,
            Self::Proposals { first, .. } => first.proposer,
        }
    }

    /// At which height.
    #[must_use]
    pub fn height(&self) -> u64 {
        match self {
            Self::Votes { first, .. } => first.vote.height,
            Self::Proposals { first, .. } => first.height,
        }
    }
}
