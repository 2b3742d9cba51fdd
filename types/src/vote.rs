//! What a validator signs when it votes.

use prost::Message;

use crate::{
    ids::{BlockHash, ChainId, ValidatorId},
    wire,
};

const SIGNING_TAG: &[u8] = b"talea/vote/v1";

/// The two votes of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VoteKind {
    /// First: "this proposal is valid and my lock allows it".
    Prevote,
    /// Second: "a quorum prevoted it; I am locked on it".
    Precommit,
}

/// A vote. `block` is `None` for nil.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Vote {
    /// Prevote or precommit.
    pub kind: VoteKind,
    /// Height voted on.
    pub height: u64,
    /// Round within the height.
    pub round: u32,
    /// The block voted for; nil when absent.
    pub block: Option<BlockHash>,
    /// Who votes.
    pub validator: ValidatorId,
}

impl Vote {
    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::Vote {
        let kind = match self.kind {
            VoteKind::Prevote => wire::VoteKind::Prevote,
            VoteKind::Precommit => wire::VoteKind::Precommit,
        };
        wire::Vote {
            kind: kind.into(),
            height: self.height,
            round: self.round,
            block_hash: self
                .block
                .as_ref()
                .map(BlockHash::to_wire)
                .unwrap_or_default(),
            validator: self.validator.to_wire(),
        }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`crate::DecodeError`] naming the field.
    pub fn from_wire(vote: &wire::Vote) -> Result<Self, crate::DecodeError> {
        let kind = match wire::VoteKind::try_from(vote.kind) {
            Ok(wire::VoteKind::Prevote) => VoteKind::Prevote,
            Ok(wire::VoteKind::Precommit) => VoteKind::Precommit,
            _ => {
                return Err(crate::DecodeError::Range {
                    field: "vote.kind",
                    reason: "prevote or precommit",
                });
            }
        };
        let block = if vote.block_hash.is_empty() {
            None
        } else {
            Some(BlockHash::from_wire("vote.block_hash", &vote.block_hash)?)
        };
        Ok(Self {
            kind,
            height: vote.height,
            round: vote.round,
            block,
            validator: ValidatorId::from_wire("vote.validator", &vote.validator)?,
        })
    }

    /// The bytes that its signature covers.
    #[must_use]
    pub fn signed_message(&self, chain: &ChainId) -> Vec<u8> {
        [
            SIGNING_TAG,
            chain.as_bytes().as_slice(),
            &self.to_wire().encode_to_vec(),
        ]
        .concat()
    }
}
