//! Proof that a validator said two different things in one place.

use talea_types::{ChainId, Hash, Signature, ValidatorId};

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

    /// In which round.
    #[must_use]
    pub fn round(&self) -> u32 {
        match self {
            Self::Votes { first, .. } => first.vote.round,
            Self::Proposals { first, .. } => first.round,
        }
    }

    /// The two statements as they were signed, each with its signature.
    #[must_use]
    pub fn statements(&self, chain: &ChainId) -> [(Vec<u8>, Signature); 2] {
        match self {
            Self::Votes { first, second } => {
                [first, second].map(|one| (one.vote.signed_message(chain), one.signature))
            }
            Self::Proposals {
                first,
                second,
                content_digests,
            } => [(first, &content_digests.0), (second, &content_digests.1)]
                .map(|(one, content)| (one.signed_message_of(chain, content), one.signature)),
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
