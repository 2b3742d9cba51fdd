//! Carries out what the state machine wants done.

use talea_types::{
    BlockHash, Certificate, Signature, ValidatorId, VoteKind,
    planted::{self, Bug},
};

use super::{Engine, Marks, Output, Phase, Timer, io::Lane};
use crate::{
    core::{Candidate, Event, Outcome, Standing},
    evidence::{EVIDENCE_MAX, Evidence},
    log::LogRecord,
    message::{ConsensusMessage, SignedProposal},
    rules,
    safety::{Position, StatementKind},
    timeouts::Step,
};

impl Engine {
    /// Does what the events say, in order.
    pub(super) fn on_outcome(&mut self, outcome: Outcome) {
        for event in outcome.events {
            match event {
                Event::Retain(record) => self.retain(record),
                Event::Publish(message) => self.publish(&message),
                Event::Wait { step, round } => {
                    let deadline = self.now.saturating_add(self.timeouts.wait(step, round));
                    self.timers.set(Timer::Step(step, round), deadline);
                }
                Event::StopWaiting { step, round } => self.timers.cancel(Timer::Step(step, round)),
                Event::StopAllWaiting => self.timers.clear(),
                Event::RoundStarted { round, proposer } => {
                    tracing::debug!(height = self.height, round, %proposer, "round started");
                    self.marks = Marks {
                        round: Some(self.now),
                        ..Marks::default()
                    };
                }
                Event::BuildProposal { round } => self.ask_for_proposal(round),
                Event::Evidence(evidence) => self.keep_evidence(evidence),
                Event::Decided {
                    round,
                    block_hash,
                    signatures,
                } => {
                    self.decide(certificate(self.height, round, block_hash, signatures));
                }
            }
        }
        if self.phase != Phase::Running {
            return;
        }
        let core = &self.core;
        let is_proven = |proposal: &mut SignedProposal| {
            let proven = |round| core.has_lock(round, &proposal.block_hash);
            proposal.lock_round.is_some_and(proven)
        };
        if let Some(proposal) = self.unproven.take_if(is_proven) {
            self.take_content(&proposal);
        }
        for evidence in self.core.evidence() {
            self.keep_evidence(evidence);
        }
        // C-21: once a quorum precommitted nil, waiting for the rest cannot lead to a decision.
        if let Some(round) = self.core.round()
            && self.core.has_nil_precommits(round)
        {
            rules::acts("C-21");
            self.timers
                .hasten(Timer::Step(Step::Precommit, round), self.now);
        }
    }

    /// Logs a record, and takes a proposal's content in.
    ///
    /// What counted once can count again: the state machine forgets votes and locks of earlier rounds, and a peer
    /// repeats them. Replay must meet it at both places, so only what replay itself leads to is left out.
    pub(super) fn retain(&mut self, record: LogRecord) {
        if let LogRecord::Proposal(proposal) = &record {
            self.take_content(proposal);
        }
        if !self.replaying || self.in_log.insert(record.fingerprint()) {
            self.records.push(record);
        }
    }

    fn take_content(&mut self, proposal: &SignedProposal) {
        let own = self.identity == Some(proposal.proposer);
        let digest = SignedProposal::content_digest(&proposal.content);
        let candidate = Candidate {
            bytes: proposal.content.clone(),
            round: proposal.round,
            proposer: proposal.proposer,
            // A validator proposes only what its host called valid.
            standing: if own {
                Standing::Valid
            } else {
                Standing::Unknown
            },
        };
        let lock_round = proposal
            .lock_round
            .filter(|round| self.core.has_lock(*round, &proposal.block_hash));
        if lock_round != proposal.lock_round {
            self.unproven = Some(proposal.clone());
        }
        let lock = self.core.locked_block();
        let reconsider = lock_round.is_some();
        let ask = self
            .contents
            .insert(proposal.block_hash, digest, &candidate, lock, reconsider);
        if ask && !self.replaying {
            self.outputs.push(Output::CheckContent {
                height: proposal.height,
                round: proposal.round,
                lock_round,
                block_hash: proposal.block_hash,
                content_digest: digest,
                proposer: proposal.proposer,
                content: proposal.content.clone(),
            });
        }
        if own {
            let message = ConsensusMessage::Proposal(proposal.clone());
            self.own_proposal = Some((proposal.round, message.encode()));
        }
    }

    /// Sends a message, unless it is only remembered.
    pub(super) fn publish(&mut self, message: &ConsensusMessage) {
        if self.replaying {
            return;
        }
        if let ConsensusMessage::Vote(signed) = message
            && self.identity == Some(signed.vote.validator)
            && self.core.round() == Some(signed.vote.round)
        {
            self.mark_vote(signed.vote.kind, signed.vote.block);
        }
        let lane = match message {
            ConsensusMessage::Proposal(_) => Lane::Proposals,
            _ => Lane::Votes,
        };
        self.outputs.push(Output::Broadcast {
            lane,
            bytes: message.encode(),
        });
    }

    fn mark_vote(&mut self, kind: VoteKind, block: Option<BlockHash>) {
        match kind {
            VoteKind::Prevote if self.marks.prevote.is_none() => {
                self.marks.prevote = Some(self.now);
            }
            VoteKind::Precommit if self.marks.precommit.is_none() => {
                self.marks.precommit = Some(self.now);
                if block.is_some() {
                    self.measure(Step::Prevote, self.marks.prevote);
                }
            }
            _ => {}
        }
    }

    /// Sends this validator's proposal of the round and the reason for its lock again (C-18).
    pub(super) fn repeat_proposal_and_lock(&mut self) {
        if self.phase != Phase::Running || !self.core.is_voting() {
            return;
        }
        rules::acts("C-18");
        if let Some((round, bytes)) = &self.own_proposal
            && self.core.round() == Some(*round)
        {
            self.outputs.push(Output::Broadcast {
                lane: Lane::Proposals,
                bytes: bytes.clone(),
            });
        }
        if let Some(lock) = self.core.lock_certificate() {
            self.publish(&ConsensusMessage::Lock(lock));
        }
    }

    /// Asks the host for a block, unless this validator proposed in the round before a restart.
    pub(super) fn ask_for_proposal(&mut self, round: u32) {
        if self.replaying {
            self.build_asked = Some(round);
            return;
        }
        let position = Position {
            height: self.height,
            round,
            kind: StatementKind::Proposal,
        };
        if self
            .kernel
            .as_ref()
            .is_none_or(|kernel| kernel.has_signed(position))
        {
            return;
        }
        let half = self.timeouts.wait(Step::Propose, round) / 2;
        let deadline = self.now.saturating_add(half);
        self.outputs.push(Output::BuildProposal {
            height: self.height,
            round,
            deadline,
        });
    }

    /// The height is decided, by votes or by a certificate from elsewhere.
    pub(super) fn decide(&mut self, certificate: Certificate) {
        self.measure(Step::Precommit, self.marks.precommit);
        self.phase = Phase::Decided;
        self.timers.clear();
        let content = self
            .contents
            .valid(certificate.block)
            .map(|(_, candidate)| candidate.bytes.clone());
        self.outputs.push(Output::Decided {
            height: certificate.height,
            round: certificate.round,
            block_hash: certificate.block,
            certificate,
            content,
        });
    }

    fn keep_evidence(&mut self, evidence: Evidence) {
        if self.evidence.contains(&evidence) && !planted::is(Bug::EvidenceTwice) {
            return;
        }
        if self.evidence.len() >= EVIDENCE_MAX {
            self.evidence.pop_front();
        }
        self.evidence.push_back(evidence.clone());
        self.outputs.push(Output::Evidence(evidence));
    }
}

fn certificate(
    height: u64,
    round: u32,
    block: BlockHash,
    mut signatures: Vec<(ValidatorId, Signature)>,
) -> Certificate {
    signatures.sort_unstable();
    Certificate {
        height,
        round,
        block,
        signatures,
    }
}
