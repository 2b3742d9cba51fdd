//! Wire structs to typed messages and back.

use bytes::Bytes;
use talea_types::{
    BlockHash, Signature, ValidatorId, VoteKind,
    decode::DecodeError,
    limits::{BLOCK_CONTENT_BYTES_MAX, VALIDATORS_MAX},
    vote::Vote,
    wire::CommitSignature,
};

use super::{
    LockCertificate, RoundCertificate, RoundReason, RoundVote, SignedProposal, SignedVote, wire,
};

pub(crate) fn signature(field: &'static str, bytes: &[u8]) -> Result<Signature, DecodeError> {
    <[u8; 64]>::try_from(bytes)
        .map(Signature::from_bytes)
        .map_err(|_| DecodeError::Length {
            field,
            expected: 64,
            found: bytes.len(),
        })
}

fn signature_to_wire(signature: &Signature) -> Bytes {
    Bytes::copy_from_slice(signature.as_bytes())
}

fn optional_hash(field: &'static str, bytes: &[u8]) -> Result<Option<BlockHash>, DecodeError> {
    if bytes.is_empty() {
        Ok(None)
    } else {
        BlockHash::from_wire(field, bytes).map(Some)
    }
}

fn optional_hash_to_wire(hash: Option<&BlockHash>) -> Bytes {
    hash.map(BlockHash::to_wire).unwrap_or_default()
}

fn check_height(height: u64) -> Result<u64, DecodeError> {
    if height == 0 {
        return Err(DecodeError::Range {
            field: "height",
            reason: "heights start at 1",
        });
    }
    Ok(height)
}

/// The largest round number that still has a successor.
fn check_round(field: &'static str, round: u32) -> Result<u32, DecodeError> {
    if round == u32::MAX {
        return Err(DecodeError::Range {
            field,
            reason: "no round follows",
        });
    }
    Ok(round)
}

fn vote_kind(kind: i32) -> Result<VoteKind, DecodeError> {
    match talea_types::wire::VoteKind::try_from(kind) {
        Ok(talea_types::wire::VoteKind::Prevote) => Ok(VoteKind::Prevote),
        Ok(talea_types::wire::VoteKind::Precommit) => Ok(VoteKind::Precommit),
        _ => Err(DecodeError::Range {
            field: "kind",
            reason: "neither prevote nor precommit",
        }),
    }
}

fn vote_kind_to_wire(kind: VoteKind) -> i32 {
    match kind {
        VoteKind::Prevote => talea_types::wire::VoteKind::Prevote.into(),
        VoteKind::Precommit => talea_types::wire::VoteKind::Precommit.into(),
    }
}

impl TryFrom<wire::SignedVote> for SignedVote {
    type Error = DecodeError;

    fn try_from(message: wire::SignedVote) -> Result<Self, DecodeError> {
        let vote = Vote::from_wire(&message.vote.ok_or(DecodeError::Missing { field: "vote" })?)?;
        check_height(vote.height)?;
        check_round("round", vote.round)?;
        Ok(Self {
            vote,
            signature: signature("signature", &message.signature)?,
        })
    }
}

impl From<&SignedVote> for wire::SignedVote {
    fn from(signed: &SignedVote) -> Self {
        Self {
            vote: Some(signed.vote.to_wire()),
            signature: signature_to_wire(&signed.signature),
        }
    }
}

impl TryFrom<wire::Proposal> for SignedProposal {
    type Error = DecodeError;

    fn try_from(message: wire::Proposal) -> Result<Self, DecodeError> {
        let round = check_round("round", message.round)?;
        if message
            .lock_round
            .is_some_and(|lock_round| lock_round >= round)
        {
            return Err(DecodeError::Range {
                field: "lock_round",
                reason: "must be before the round",
            });
        }
        if message.content.len() > BLOCK_CONTENT_BYTES_MAX {
            return Err(DecodeError::TooLarge {
                what: "content",
                bytes: message.content.len(),
                max: BLOCK_CONTENT_BYTES_MAX,
            });
        }
        Ok(Self {
            height: check_height(message.height)?,
            round,
            lock_round: message.lock_round,
            block_hash: BlockHash::from_wire("block_hash", &message.block_hash)?,
            content: message.content,
            proposer: ValidatorId::from_wire("proposer", &message.proposer)?,
            signature: signature("signature", &message.signature)?,
        })
    }
}

impl From<&SignedProposal> for wire::Proposal {
    fn from(proposal: &SignedProposal) -> Self {
        Self {
            height: proposal.height,
            round: proposal.round,
            lock_round: proposal.lock_round,
            block_hash: proposal.block_hash.to_wire(),
            content: proposal.content.clone(),
            proposer: proposal.proposer.to_wire(),
            signature: signature_to_wire(&proposal.signature),
        }
    }
}

impl TryFrom<wire::LockCertificate> for LockCertificate {
    type Error = DecodeError;

    fn try_from(message: wire::LockCertificate) -> Result<Self, DecodeError> {
        if message.signatures.is_empty() || message.signatures.len() > VALIDATORS_MAX {
            return Err(DecodeError::Range {
                field: "signatures",
                reason: "none or too many",
            });
        }
        let mut signatures: Vec<(ValidatorId, Signature)> =
            Vec::with_capacity(message.signatures.len());
        for entry in &message.signatures {
            let validator = ValidatorId::from_wire("validator", &entry.validator)?;
            if signatures
                .last()
                .is_some_and(|(last, _)| *last >= validator)
            {
                return Err(DecodeError::Order {
                    field: "signatures",
                });
            }
            signatures.push((validator, signature("signature", &entry.signature)?));
        }
        Ok(Self {
            height: check_height(message.height)?,
            round: check_round("round", message.round)?,
            block_hash: BlockHash::from_wire("block_hash", &message.block_hash)?,
            signatures,
        })
    }
}

impl From<&LockCertificate> for wire::LockCertificate {
    fn from(lock: &LockCertificate) -> Self {
        let signature = |(validator, signature): &(ValidatorId, Signature)| CommitSignature {
            validator: validator.to_wire(),
            signature: signature_to_wire(signature),
        };
        Self {
            height: lock.height,
            round: lock.round,
            block_hash: lock.block_hash.to_wire(),
            signatures: lock.signatures.iter().map(signature).collect(),
        }
    }
}

impl TryFrom<wire::RoundCertificate> for RoundCertificate {
    type Error = DecodeError;

    fn try_from(message: wire::RoundCertificate) -> Result<Self, DecodeError> {
        if message.votes.is_empty() || message.votes.len() > VALIDATORS_MAX {
            return Err(DecodeError::Range {
                field: "votes",
                reason: "none or too many",
            });
        }
        let mut votes: Vec<RoundVote> = Vec::with_capacity(message.votes.len());
        for entry in &message.votes {
            let vote = RoundVote {
                kind: vote_kind(entry.kind)?,
                block_hash: optional_hash("block_hash", &entry.block_hash)?,
                validator: ValidatorId::from_wire("validator", &entry.validator)?,
                signature: signature("signature", &entry.signature)?,
            };
            if votes
                .last()
                .is_some_and(|last| last.validator >= vote.validator)
            {
                return Err(DecodeError::Order { field: "votes" });
            }
            votes.push(vote);
        }
        let reason = match message.reason {
            1 => RoundReason::Skip,
            2 => RoundReason::Precommits,
            _ => {
                return Err(DecodeError::Range {
                    field: "reason",
                    reason: "neither skip nor precommits",
                });
            }
        };
        Ok(Self {
            height: check_height(message.height)?,
            round: check_round("round", message.round)?,
            reason,
            votes,
        })
    }
}

impl From<&RoundCertificate> for wire::RoundCertificate {
    fn from(certificate: &RoundCertificate) -> Self {
        let vote = |vote: &RoundVote| wire::RoundVote {
            kind: vote_kind_to_wire(vote.kind),
            block_hash: optional_hash_to_wire(vote.block_hash.as_ref()),
            validator: vote.validator.to_wire(),
            signature: signature_to_wire(&vote.signature),
        };
        Self {
            height: certificate.height,
            round: certificate.round,
            reason: match certificate.reason {
                RoundReason::Skip => 1,
                RoundReason::Precommits => 2,
            },
            votes: certificate.votes.iter().map(vote).collect(),
        }
    }
}
