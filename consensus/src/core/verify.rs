//! Verification of votes, proposals and certificates against the set that decides the height.
//!
//! One rule says which signatures count: the member named must be in the set, counts once, and its
//! Ed25519 signature must hold by `talea-types`' one equation.

use std::collections::BTreeSet;

use arc_malachitebft_core_consensus::ConsensusMsg;
use arc_malachitebft_core_types as malachite;
use malachite::{
    CertificateError, CommitCertificate, PolkaCertificate, Round, RoundCertificate,
    RoundCertificateType, SignedMessage, ThresholdParam, ThresholdParams, VoteType,
};
use talea_types::{
    ChainId,
    planted::{self, Bug},
};

use super::{
    context::{Address, Context, MaybeSignature, Members, Vote},
    convert,
};
use crate::message::proposal_sign_bytes;

type Verdict = Result<(), CertificateError<Context>>;

/// Whether a vote or proposal carries the signature of the member that it names.
pub fn message(
    chain_id: &ChainId,
    members: &Members,
    signed: &SignedMessage<Context, ConsensusMsg<Context>>,
) -> bool {
    match &signed.message {
        ConsensusMsg::Vote(said) => vote(chain_id, members, said, signed.signature),
        ConsensusMsg::Proposal(proposal) => {
            let bytes = proposal_sign_bytes(
                chain_id,
                proposal.height.0,
                convert::round_of(proposal.round),
                proposal.lock_round.as_u32(),
                &proposal.value.hash,
                &proposal.value.content,
                &proposal.address.0,
            );
            holds(members, &proposal.address, &bytes, signed.signature)
        }
    }
}

/// Whether a vote carries the signature of the member that it names.
pub fn vote(chain_id: &ChainId, members: &Members, vote: &Vote, signature: MaybeSignature) -> bool {
    holds(
        members,
        &vote.address,
        &convert::statement(vote).signed_message(chain_id),
        signature,
    )
}

fn holds(members: &Members, address: &Address, bytes: &[u8], signature: MaybeSignature) -> bool {
    if planted::is(Bug::SignatureUnchecked) {
        return true;
    }
    let MaybeSignature::Given(signature) = signature else {
        return false;
    };
    members
        .get(address)
        .is_some_and(|member| member.verifying_key.verify(bytes, &signature).is_ok())
}

/// Counts the power of distinct members.
struct Tally<'a> {
    members: &'a Members,
    counted: BTreeSet<Address>,
    power: u64,
}

impl<'a> Tally<'a> {
    fn new(members: &'a Members) -> Self {
        Self {
            members,
            counted: BTreeSet::new(),
            power: 0,
        }
    }

    fn add(&mut self, address: &Address) -> Verdict {
        let member = self
            .members
            .get(address)
            .ok_or(CertificateError::UnknownValidator(*address))?;
        if !self.counted.insert(*address) {
            return Err(CertificateError::DuplicateVote(*address));
        }
        self.power = self.power.saturating_add(member.power);
        Ok(())
    }

    fn check(&self, threshold: ThresholdParam) -> Verdict {
        let total = self.members.total_power();
        if threshold.is_met(self.power, total) {
            return Ok(());
        }
        Err(CertificateError::NotEnoughVotingPower {
            signed: self.power,
            total,
            expected: threshold.min_expected(total),
        })
    }
}

/// Whether the signers of a certificate whose signatures are verified already are a quorum.
pub fn commit_power(
    certificate: &CommitCertificate<Context>,
    members: &Members,
    thresholds: ThresholdParams,
) -> Verdict {
    let mut tally = Tally::new(members);
    for entry in &certificate.commit_signatures {
        tally.add(&entry.address)?;
    }
    tally.check(thresholds.quorum)
}

/// Whether a quorum prevoted for one block. Power is counted before any signature is verified.
pub fn lock(
    chain_id: &ChainId,
    certificate: &PolkaCertificate<Context>,
    members: &Members,
    thresholds: ThresholdParams,
) -> Verdict {
    let mut tally = Tally::new(members);
    for entry in &certificate.polka_signatures {
        tally.add(&entry.address)?;
    }
    tally.check(thresholds.quorum)?;
    for signed in certificate.votes(&Context) {
        if !vote(chain_id, members, &signed.message, signed.signature) {
            let address = signed.message.address;
            return Err(CertificateError::InvalidPolkaSignature(
                malachite::PolkaSignature::new(address, signed.signature),
            ));
        }
    }
    Ok(())
}

/// Whether a round may be entered: a third and more voted in it, or a quorum precommitted before it.
pub fn round(
    chain_id: &ChainId,
    certificate: &RoundCertificate<Context>,
    members: &Members,
    thresholds: ThresholdParams,
) -> Verdict {
    if certificate.round == Round::Nil {
        return Err(CertificateError::VerificationError(None));
    }
    let precommits_only = certificate.cert_type == RoundCertificateType::Precommit;
    let threshold = if precommits_only {
        thresholds.quorum
    } else {
        thresholds.honest
    };
    let mut tally = Tally::new(members);
    for entry in &certificate.round_signatures {
        if precommits_only && entry.vote_type != VoteType::Precommit {
            return Err(CertificateError::InvalidVoteType(entry.address));
        }
        tally.add(&entry.address)?;
    }
    tally.check(threshold)?;
    for (signed, entry) in certificate
        .votes(&Context)
        .zip(&certificate.round_signatures)
    {
        if !vote(chain_id, members, &signed.message, signed.signature) {
            return Err(CertificateError::InvalidRoundSignature(entry.clone()));
        }
    }
    Ok(())
}
