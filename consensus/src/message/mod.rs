//! What validators say to one another about the next block: bytes from outside become typed messages
//! here or are refused.
//!
//! A message that decodes is well formed and within its limits; nothing is said yet about who signed it.

mod convert;
mod wire;

use bytes::Bytes;
use prost::Message as _;
use talea_types::{
    BlockHash, ChainId, Hash, Signature, ValidatorId, VoteKind,
    decode::DecodeError,
    hash::tagged,
    limits::{BLOCK_CONTENT_BYTES_MAX, CERTIFICATE_BYTES_MAX},
    vote::Vote,
};

pub(crate) use wire::{ContentVerdict as WireContentVerdict, TimeoutElapsed as WireTimeoutElapsed};
pub(crate) use wire::{LogRecord as WireLogRecord, LogRecordKind as WireLogRecordKind};

/// Largest message between validators, bytes.
pub const MESSAGE_BYTES_MAX: usize = BLOCK_CONTENT_BYTES_MAX + 2 * CERTIFICATE_BYTES_MAX;

/// Separates what proposers sign from everything else that is signed.
const PROPOSAL_TAG: &str = "talea/proposal/v1";

/// A vote with the signature that its validator is said to have made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedVote {
    /// What was voted.
    pub vote: Vote,
    /// Not verified yet.
    pub signature: Signature,
}

/// A block proposed for a round, with everything needed to execute it but the batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedProposal {
    /// Height of the block.
    pub height: u64,
    /// Round of the height.
    pub round: u32,
    /// The earlier round in which a quorum prevoted for this block, if it is proposed again.
    pub lock_round: Option<u32>,
    /// Hash of the header.
    pub block_hash: BlockHash,
    /// The host's encoding of the block's content, opaque here.
    pub content: Bytes,
    /// Who proposes.
    pub proposer: ValidatorId,
    /// Over [`SignedProposal::signed_message`]; not verified yet.
    pub signature: Signature,
}

/// Prevotes of a quorum for one block in one round: a proof that locking on it was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockCertificate {
    /// Height of the block.
    pub height: u64,
    /// The round in which the prevotes were cast.
    pub round: u32,
    /// What they are for.
    pub block_hash: BlockHash,
    /// Strictly ascending by validator.
    pub signatures: Vec<(ValidatorId, Signature)>,
}

/// Why a round may be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundReason {
    /// More than a third of the power voted in the certificate's round: enter that round.
    Skip,
    /// A quorum precommitted in the certificate's round: enter the round after it.
    Precommits,
}

/// Votes that justify entering a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundCertificate {
    /// The height.
    pub height: u64,
    /// The round in which the votes were cast.
    pub round: u32,
    /// What they justify.
    pub reason: RoundReason,
    /// At most one vote of each validator.
    pub votes: Vec<RoundVote>,
}

/// One vote of a [`RoundCertificate`]; height and round are the certificate's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundVote {
    /// Prevote or precommit.
    pub kind: VoteKind,
    /// What it is for; `None` is nil.
    pub block_hash: Option<BlockHash>,
    /// Who voted.
    pub validator: ValidatorId,
    /// Not verified yet.
    pub signature: Signature,
}

/// A message between validators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsensusMessage {
    /// A proposal for a round.
    Proposal(SignedProposal),
    /// A prevote or precommit.
    Vote(SignedVote),
    /// A quorum of prevotes.
    Lock(LockCertificate),
    /// A reason to enter a round.
    Round(RoundCertificate),
}

impl ConsensusMessage {
    /// Reads a message.
    ///
    /// # Errors
    /// When the bytes are too many, not canonical, or a field is out of its range.
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let message: wire::ConsensusMessage =
            talea_types::wire::decode_canonical("consensus message", bytes, MESSAGE_BYTES_MAX)?;
        match message.kind.ok_or(DecodeError::Missing { field: "kind" })? {
            wire::ConsensusMessageKind::Proposal(proposal) => {
                proposal.try_into().map(Self::Proposal)
            }
            wire::ConsensusMessageKind::Vote(vote) => vote.try_into().map(Self::Vote),
            wire::ConsensusMessageKind::Lock(lock) => lock.try_into().map(Self::Lock),
            wire::ConsensusMessageKind::Round(round) => round.try_into().map(Self::Round),
        }
    }

    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let kind = match self {
            Self::Proposal(proposal) => wire::ConsensusMessageKind::Proposal(proposal.into()),
            Self::Vote(vote) => wire::ConsensusMessageKind::Vote(vote.into()),
            Self::Lock(lock) => wire::ConsensusMessageKind::Lock(lock.into()),
            Self::Round(round) => wire::ConsensusMessageKind::Round(round.into()),
        };
        wire::ConsensusMessage { kind: Some(kind) }
            .encode_to_vec()
            .into()
    }

    /// The height it speaks about.
    #[must_use]
    pub const fn height(&self) -> u64 {
        match self {
            Self::Proposal(proposal) => proposal.height,
            Self::Vote(vote) => vote.vote.height,
            Self::Lock(lock) => lock.height,
            Self::Round(round) => round.height,
        }
    }

    /// The round it speaks about.
    #[must_use]
    pub const fn round(&self) -> u32 {
        match self {
            Self::Proposal(proposal) => proposal.round,
            Self::Vote(vote) => vote.vote.round,
            Self::Lock(lock) => lock.round,
            Self::Round(round) => round.round,
        }
    }
}

impl SignedProposal {
    /// Digest of a block's content, which the proposer's signature covers.
    #[must_use]
    pub fn content_digest(content: &[u8]) -> Hash {
        tagged("talea/proposal-content/v1", &[content])
    }

    /// What the proposer signs.
    #[must_use]
    pub fn signed_message(&self, chain_id: &ChainId) -> Vec<u8> {
        self.signed_message_of(chain_id, &Self::content_digest(&self.content))
    }

    /// The same where only the digest of the content is known.
    #[must_use]
    pub fn signed_message_of(&self, chain_id: &ChainId, content: &Hash) -> Vec<u8> {
        proposal_sign_bytes(
            chain_id,
            self.height,
            self.round,
            self.lock_round,
            &self.block_hash,
            content,
            &self.proposer,
        )
    }
}

/// `tag || chain id || canonical ProposalStatement`.
pub(crate) fn proposal_sign_bytes(
    chain_id: &ChainId,
    height: u64,
    round: u32,
    lock_round: Option<u32>,
    block_hash: &BlockHash,
    content_digest: &Hash,
    proposer: &ValidatorId,
) -> Vec<u8> {
    let statement = wire::ProposalStatement {
        height,
        round,
        lock_round,
        block_hash: block_hash.to_wire(),
        content_digest: Bytes::copy_from_slice(content_digest.as_bytes()),
        proposer: proposer.to_wire(),
    };
    let mut bytes = Vec::with_capacity(PROPOSAL_TAG.len().saturating_add(192));
    bytes.extend_from_slice(PROPOSAL_TAG.as_bytes());
    bytes.extend_from_slice(chain_id.as_bytes());
    bytes.extend_from_slice(&statement.encode_to_vec());
    bytes
}
