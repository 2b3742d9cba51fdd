//! Answers what the library asks for while it handles an input, and notes what it wants done.

use std::convert::Infallible;

use arc_malachitebft_core_consensus::{
    Effect, Input, LivenessMsg, Resumable, Resume, SignedConsensusMsg,
};
use arc_malachitebft_core_types as malachite;
use bytes::Bytes;
use malachite::{Proposal as _, SignedMessage, ThresholdParams, Timeout, TimeoutKind, ValueOrigin};
use talea_types::{
    BlockHash, ChainId, Hash, Signature, ValidatorId,
    planted::{self, Bug},
};

use super::{
    contents::Contents,
    context::MaybeSignature,
    context::{Context, Members, Proposal, Value, Vote},
    convert, verify,
};
use crate::{
    evidence::Evidence,
    log::{ContentVerdict, LogRecord},
    message::{ConsensusMessage, proposal_sign_bytes},
    rules,
    safety::{Position, SafetyKernel, Statement, StatementKind, signed_record},
    timeouts::Step,
};

/// Something that the library wants done after an input, in order.
#[derive(Debug)]
pub enum Event {
    /// Remember this across a crash.
    Retain(LogRecord),
    /// Tell every validator.
    Publish(ConsensusMessage),
    /// Wait.
    Wait { step: Step, round: u32 },
    /// Stop waiting.
    StopWaiting { step: Step, round: u32 },
    /// Stop waiting for anything.
    StopAllWaiting,
    /// A round began.
    RoundStarted { round: u32, proposer: ValidatorId },
    /// It is this validator's turn and no block is locked.
    BuildProposal { round: u32 },
    /// A validator contradicted itself.
    Evidence(Evidence),
    /// The height is decided.
    Decided {
        round: u32,
        block_hash: BlockHash,
        signatures: Vec<(ValidatorId, Signature)>,
    },
}

/// What an input needs to be handled.
pub struct Effects<'a> {
    pub chain_id: &'a ChainId,
    pub height: u64,
    pub members: Members,
    pub kernel: Option<&'a mut SafetyKernel>,
    pub contents: &'a Contents,
    /// Content of the proposal that is the input, by its digest.
    pub incoming: Option<(Hash, Bytes)>,
    pub events: Vec<Event>,
    /// Signatures that were made while handling the input: nobody need verify them.
    pub fresh: Vec<Signature>,
    /// Set when a signature of the input did not verify.
    pub bad_signature: bool,
}

impl Effects<'_> {
    /// Answers one effect.
    pub fn handle(&mut self, effect: Effect<Context>) -> Result<Resume<Context>, Infallible> {
        Ok(match effect {
            Effect::CancelAllTimeouts(resume) => {
                self.events.push(Event::StopAllWaiting);
                resume.resume_with(())
            }
            Effect::CancelTimeout(timeout, resume) => {
                if let Some((step, round)) = wait_of(timeout) {
                    self.events.push(Event::StopWaiting { step, round });
                }
                resume.resume_with(())
            }
            Effect::ScheduleTimeout(timeout, resume) => {
                if let Some((step, round)) = wait_of(timeout) {
                    self.events.push(Event::Wait { step, round });
                }
                resume.resume_with(())
            }
            Effect::StartRound(_, round, proposer, _, resume) => {
                self.events.push(Event::RoundStarted {
                    round: convert::round_of(round),
                    proposer: proposer.0,
                });
                resume.resume_with(())
            }
            Effect::PublishConsensusMsg(message, resume) => {
                match message {
                    SignedConsensusMsg::Vote(vote) => self.publish_vote(&vote),
                    SignedConsensusMsg::Proposal(proposal) => self.publish_proposal(&proposal),
                }
                resume.resume_with(())
            }
            Effect::PublishLivenessMsg(message, resume) => {
                match message {
                    LivenessMsg::Vote(vote) => self.publish_vote(&vote),
                    LivenessMsg::PolkaCertificate(lock) => {
                        self.publish(ConsensusMessage::Lock(convert::lock_out(&lock)));
                    }
                    LivenessMsg::SkipRoundCertificate(round) => {
                        self.publish(ConsensusMessage::Round(convert::round_out(&round)));
                    }
                }
                resume.resume_with(())
            }
            Effect::RepublishVote(vote, resume) => {
                self.publish_vote(&vote);
                resume.resume_with(())
            }
            Effect::RepublishRoundCertificate(round, resume) => {
                self.publish(ConsensusMessage::Round(convert::round_out(&round)));
                resume.resume_with(())
            }
            Effect::GetValue(_, round, _, resume) => {
                self.events.push(Event::BuildProposal {
                    round: convert::round_of(round),
                });
                resume.resume_with(())
            }
            // A proposal always carries its content.
            Effect::RestreamProposal(_, _, _, _, _, resume) => resume.resume_with(()),
            Effect::Decide(certificate, _, resume) => {
                let signatures =
                    certificate.commit_signatures.iter().filter_map(|entry| {
                        match entry.signature {
                            MaybeSignature::Given(signature) => Some((entry.address.0, signature)),
                            MaybeSignature::Withheld => None,
                        }
                    });
                self.events.push(Event::Decided {
                    round: convert::round_of(certificate.round),
                    block_hash: certificate.value_id,
                    signatures: signatures.collect(),
                });
                resume.resume_with(())
            }
            // The library hands over its evidence here and forgets it.
            Effect::Finalize(_, _, evidence, resume) => {
                let votes = evidence.votes.iter().flat_map(|(_, pairs)| pairs);
                let proposals = evidence.proposals.iter().flat_map(|(_, pairs)| pairs);
                let proposals = proposals.filter_map(convert::proposal_evidence);
                let found = votes.filter_map(convert::vote_evidence).chain(proposals);
                self.events.extend(found.map(Event::Evidence));
                resume.resume_with(())
            }
            Effect::SignVote(vote, resume) => resume.resume_with(self.sign_vote(vote)),
            Effect::SignProposal(proposal, resume) => {
                resume.resume_with(self.sign_proposal(proposal))
            }
            Effect::VerifySignature(message, _, resume) => {
                let fresh = matches!(message.signature, MaybeSignature::Given(signature) if self.fresh.contains(&signature));
                let valid = fresh || verify::message(self.chain_id, &self.members, &message);
                self.bad_signature |=
                    !valid && !matches!(message.signature, MaybeSignature::Withheld);
                resume.resume_with(valid)
            }
            // The library builds this one from precommits that were verified one by one.
            Effect::VerifyCommitCertificate(certificate, members, thresholds, resume) => {
                resume.resume_with(verify::commit_power(&certificate, &members, thresholds))
            }
            // Certificates from outside decide in the engine and never reach the library.
            Effect::VerifyExtendedCommitCertificate(_, _, _, _, resume) => {
                resume.resume_with(Err(malachite::CertificateError::VerificationError(None)))
            }
            Effect::CertVerifiedSyncValue(_, _, resume) => resume.resume_with(()),
            Effect::CertRejectedSyncValue(_, _, _, resume) => resume.resume_with(()),
            Effect::VerifyPolkaCertificate(lock, members, thresholds, resume) => {
                let result = verify::lock(self.chain_id, &lock, &members, thresholds);
                self.bad_signature |= result.is_err();
                resume.resume_with(result)
            }
            Effect::VerifyRoundCertificate(round, members, thresholds, resume) => {
                let result = verify::round(self.chain_id, &round, &members, thresholds);
                self.bad_signature |= result.is_err();
                resume.resume_with(result)
            }
            Effect::WalAppend(_, input, resume) => {
                let record = self.record_of(&input);
                if let Some(record) = record.filter(|record| !self.is_just_signed(record)) {
                    self.events.push(Event::Retain(record));
                }
                resume.resume_with(())
            }
            // Vote extensions are disabled.
            Effect::ExtendVote(_, _, _, _, resume) => resume.resume_with(None),
            Effect::VerifyVoteExtension(_, _, _, _, _, _, resume) => resume.resume_with(Ok(())),
        })
    }

    fn publish(&mut self, message: ConsensusMessage) {
        self.events.push(Event::Publish(message));
    }

    fn publish_vote(&mut self, vote: &malachite::SignedVote<Context>) {
        if let Some(vote) = convert::vote_out(vote) {
            self.publish(ConsensusMessage::Vote(vote));
        }
    }

    fn publish_proposal(&mut self, proposal: &malachite::SignedProposal<Context>) {
        let value = proposal.message.value();
        let Some((digest, candidate)) = self.contents.valid(value.hash) else {
            return;
        };
        if digest != value.content {
            return;
        }
        if let Some(proposal) = convert::proposal_out(proposal, candidate.bytes.clone()) {
            self.publish(ConsensusMessage::Proposal(proposal));
        }
    }

    fn sign_vote(&mut self, vote: Vote) -> malachite::SignedVote<Context> {
        let said = convert::statement(&vote);
        let statement = Statement {
            block_hash: said.block,
            lock_round: None,
        };
        let chain_id = self.chain_id;
        let signature = self.sign(Position::of_vote(&said), statement, || {
            said.signed_message(chain_id)
        });
        let signed = SignedMessage::new(vote, signature);
        // C-2: into the log before the library publishes it.
        if let Some(vote) = convert::vote_out(&signed) {
            rules::acts("C-2");
            self.events.push(Event::Retain(LogRecord::Vote(vote)));
        }
        signed
    }

    fn sign_proposal(&mut self, mut proposal: Proposal) -> malachite::SignedProposal<Context> {
        let hash = proposal.value.hash;
        let contents = self.contents;
        let Some((digest, candidate)) = contents.valid(hash) else {
            return SignedMessage::new(proposal, MaybeSignature::Withheld);
        };
        proposal.value = Value {
            hash,
            content: digest,
        };
        let (height, round) = (proposal.height.0, convert::round_of(proposal.round));
        let lock_round = proposal.lock_round.as_u32();
        let position = Position {
            height,
            round,
            kind: StatementKind::Proposal,
        };
        let statement = Statement {
            block_hash: Some(hash),
            lock_round,
        };
        let (chain_id, proposer) = (self.chain_id, proposal.address.0);
        let signature = self.sign(position, statement, || {
            proposal_sign_bytes(
                chain_id, height, round, lock_round, &hash, &digest, &proposer,
            )
        });
        let signed = SignedMessage::new(proposal, signature);
        // C-2, as for votes.
        if let Some(proposal) = convert::proposal_out(&signed, candidate.bytes.clone()) {
            self.events
                .push(Event::Retain(LogRecord::Proposal(proposal)));
        }
        signed
    }

    fn sign(
        &mut self,
        position: Position,
        statement: Statement,
        bytes: impl FnOnce() -> Vec<u8>,
    ) -> MaybeSignature {
        let Some(kernel) = self.kernel.as_deref_mut() else {
            return MaybeSignature::Withheld;
        };
        match kernel.sign(position, statement, bytes) {
            Ok(signature) => {
                self.fresh.push(signature);
                MaybeSignature::Given(signature)
            }
            Err(refusal) => {
                tracing::debug!(%refusal, "statement withheld");
                MaybeSignature::Withheld
            }
        }
    }

    /// Whether a record is of a statement that was signed while handling this input, and was retained then.
    fn is_just_signed(&self, record: &LogRecord) -> bool {
        signed_record(record).is_some_and(|(_, _, _, signature)| self.fresh.contains(&signature))
    }

    /// The log record of an input that the library wants to find again after a crash.
    fn record_of(&self, input: &Input<Context>) -> Option<LogRecord> {
        match input {
            Input::Vote(vote) => convert::vote_out(vote).map(LogRecord::Vote),
            Input::Proposal(proposal) => {
                let digest = proposal.message.value.content;
                let incoming = self
                    .incoming
                    .as_ref()
                    .filter(|(incoming, _)| *incoming == digest);
                let own = || {
                    self.contents
                        .valid(proposal.message.value.hash)
                        .map(|(_, known)| known.bytes.clone())
                };
                let content = incoming.map(|(_, bytes)| bytes.clone()).or_else(own)?;
                convert::proposal_out(proposal, content).map(LogRecord::Proposal)
            }
            Input::PolkaCertificate(lock) => Some(LogRecord::Lock(convert::lock_out(lock))),
            Input::ProposedValue(proposed, ValueOrigin::Consensus) => {
                Some(LogRecord::Content(ContentVerdict {
                    height: proposed.height.0,
                    round: convert::round_of(proposed.round),
                    block_hash: proposed.value.hash,
                    content_digest: proposed.value.content,
                    proposer: proposed.proposer.0,
                    valid: proposed.validity.is_valid(),
                }))
            }
            Input::TimeoutElapsed(timeout) => {
                let (step, round) = wait_of(*timeout)?;
                Some(LogRecord::Timeout {
                    height: self.height,
                    round,
                    step,
                })
            }
            _ => None,
        }
    }
}

/// Quorums of Tendermint: more than two thirds, and more than one third.
pub fn thresholds() -> ThresholdParams {
    let usual = ThresholdParams::default();
    if planted::is(Bug::QuorumOfThird) {
        return ThresholdParams {
            quorum: usual.honest,
            ..usual
        };
    }
    usual
}

fn wait_of(timeout: Timeout) -> Option<(Step, u32)> {
    let step = match timeout.kind {
        TimeoutKind::Propose => Step::Propose,
        TimeoutKind::Prevote => Step::Prevote,
        TimeoutKind::Precommit => Step::Precommit,
        TimeoutKind::Rebroadcast => Step::Rebroadcast,
        // Without a target time the library finalizes at once.
        TimeoutKind::FinalizeHeight(_) => return None,
    };
    Some((step, convert::round_of(timeout.round)))
}
