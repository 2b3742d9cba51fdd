//! Typed messages to the library's types and back.

use arc_malachitebft_core_types as malachite;
use bytes::Bytes;
use malachite::{
    NilOrVal, PolkaSignature, Round, RoundCertificateType, RoundSignature, SignedMessage, VoteType,
};
use talea_types::{BlockHash, ValidatorId, VoteKind, vote};

use super::context::{Address, Context, Height, MaybeSignature, Proposal, Value, Vote};
use crate::evidence::Evidence;
use crate::message::{
    LockCertificate, RoundCertificate, RoundReason, RoundVote, SignedProposal, SignedVote,
};

pub fn vote_type(kind: VoteKind) -> VoteType {
    match kind {
        VoteKind::Prevote => VoteType::Prevote,
        VoteKind::Precommit => VoteType::Precommit,
    }
}

pub fn vote_kind(kind: VoteType) -> VoteKind {
    match kind {
        VoteType::Prevote => VoteKind::Prevote,
        VoteType::Precommit => VoteKind::Precommit,
    }
}

pub fn value_of(hash: Option<BlockHash>) -> NilOrVal<BlockHash> {
    hash.map_or(NilOrVal::Nil, NilOrVal::Val)
}

pub fn hash_of(value: &NilOrVal<BlockHash>) -> Option<BlockHash> {
    match value {
        NilOrVal::Nil => None,
        NilOrVal::Val(hash) => Some(*hash),
    }
}

/// Votes and proposals always have a round.
pub fn round_of(round: Round) -> u32 {
    let Some(round) = round.as_u32() else {
        unreachable!("a message has a round")
    };
    round
}

/// What is signed in a vote.
pub fn statement(vote: &Vote) -> vote::Vote {
    vote::Vote {
        kind: vote_kind(vote.kind),
        height: vote.height.0,
        round: round_of(vote.round),
        block: hash_of(&vote.value),
        validator: vote.address.0,
    }
}

pub fn vote_in(signed: &SignedVote) -> malachite::SignedVote<Context> {
    let vote = &signed.vote;
    SignedMessage::new(
        Vote {
            kind: vote_type(vote.kind),
            height: Height(vote.height),
            round: Round::new(vote.round),
            value: value_of(vote.block),
            address: Address(vote.validator),
        },
        MaybeSignature::Given(signed.signature),
    )
}

/// `None` when its signature was withheld.
pub fn vote_out(signed: &malachite::SignedVote<Context>) -> Option<SignedVote> {
    let MaybeSignature::Given(signature) = signed.signature else {
        return None;
    };
    Some(SignedVote {
        vote: statement(&signed.message),
        signature,
    })
}

pub fn proposal_in(signed: &SignedProposal) -> malachite::SignedProposal<Context> {
    SignedMessage::new(
        Proposal {
            height: Height(signed.height),
            round: Round::new(signed.round),
            value: Value {
                hash: signed.block_hash,
                content: SignedProposal::content_digest(&signed.content),
            },
            lock_round: Round::from(signed.lock_round),
            address: Address(signed.proposer),
        },
        MaybeSignature::Given(signed.signature),
    )
}

/// `None` when its signature was withheld.
pub fn proposal_out(
    signed: &malachite::SignedProposal<Context>,
    content: Bytes,
) -> Option<SignedProposal> {
    let MaybeSignature::Given(signature) = signed.signature else {
        return None;
    };
    let proposal = &signed.message;
    Some(SignedProposal {
        height: proposal.height.0,
        round: round_of(proposal.round),
        lock_round: proposal.lock_round.as_u32(),
        block_hash: proposal.value.hash,
        content,
        proposer: proposal.address.0,
        signature,
    })
}

pub fn lock_in(lock: &LockCertificate) -> malachite::PolkaCertificate<Context> {
    malachite::PolkaCertificate {
        height: Height(lock.height),
        round: Round::new(lock.round),
        value_id: lock.block_hash,
        polka_signatures: lock
            .signatures
            .iter()
            .map(|(validator, signature)| {
                PolkaSignature::new(Address(*validator), MaybeSignature::Given(*signature))
            })
            .collect(),
    }
}

pub fn lock_out(lock: &malachite::PolkaCertificate<Context>) -> LockCertificate {
    let mut signatures: Vec<_> = lock
        .polka_signatures
        .iter()
        .filter_map(|entry| match entry.signature {
            MaybeSignature::Given(signature) => Some((entry.address.0, signature)),
            MaybeSignature::Withheld => None,
        })
        .collect();
    signatures.sort_unstable();
    signatures.dedup_by_key(|(validator, _): &mut (ValidatorId, _)| *validator);
    LockCertificate {
        height: lock.height.0,
        round: round_of(lock.round),
        block_hash: lock.value_id,
        signatures,
    }
}

pub fn round_in(certificate: &RoundCertificate) -> malachite::RoundCertificate<Context> {
    malachite::RoundCertificate {
        height: Height(certificate.height),
        round: Round::new(certificate.round),
        cert_type: match certificate.reason {
            RoundReason::Skip => RoundCertificateType::Skip,
            RoundReason::Precommits => RoundCertificateType::Precommit,
        },
        round_signatures: certificate
            .votes
            .iter()
            .map(|vote| {
                RoundSignature::new(
                    vote_type(vote.kind),
                    value_of(vote.block_hash),
                    Address(vote.validator),
                    MaybeSignature::Given(vote.signature),
                )
            })
            .collect(),
    }
}

pub fn round_out(certificate: &malachite::RoundCertificate<Context>) -> RoundCertificate {
    let mut votes: Vec<RoundVote> = certificate
        .round_signatures
        .iter()
        .filter_map(|entry| match entry.signature {
            MaybeSignature::Given(signature) => Some(RoundVote {
                kind: vote_kind(entry.vote_type),
                block_hash: hash_of(&entry.value_id),
                validator: entry.address.0,
                signature,
            }),
            MaybeSignature::Withheld => None,
        })
        .collect();
    votes.sort_by_key(|vote| vote.validator);
    votes.dedup_by_key(|vote| vote.validator);
    RoundCertificate {
        height: certificate.height.0,
        round: round_of(certificate.round),
        reason: match certificate.cert_type {
            RoundCertificateType::Skip => RoundReason::Skip,
            RoundCertificateType::Precommit => RoundReason::Precommits,
        },
        votes,
    }
}

pub fn vote_evidence(pair: &malachite::DoubleVote<Context>) -> Option<Evidence> {
    let (first, second) = pair;
    Some(Evidence::Votes {
        first: vote_out(first)?,
        second: vote_out(second)?,
    })
}

pub fn proposal_evidence(pair: &malachite::DoubleProposal<Context>) -> Option<Evidence> {
    let (first, second) = pair;
    Some(Evidence::Proposals {
        first: Box::new(proposal_out(first, Bytes::new())?),
        second: Box::new(proposal_out(second, Bytes::new())?),
        content_digests: (first.message.value.content, second.message.value.content),
    })
}
