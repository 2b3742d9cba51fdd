//! Messages from other validators: what is listened to, and in which order doubts are raised.
//!
//! Cheap questions come before signatures: is it a message, is it about this height, is it known
//! already, is it this validator's turn. Nothing reaches the state machine unverified (C-13).

use bytes::Bytes;
use talea_types::ValidatorId;

use super::{
    Engine, EngineError, Output, PeerFault, Phase, Surroundings, heights::Cause, surroundings,
};
use crate::{
    core::{ROUNDS_AHEAD_MAX, verify_lock, verify_proposal, verify_round, verify_vote},
    log::LogRecord,
    message::ConsensusMessage,
    peer::PeerId,
    rules,
    safety::signed_record,
};

/// A statement about the height before is normal this long after it was decided, milliseconds.
const BEHIND_GRACE_MS: u64 = 1_000;

impl Engine {
    pub(super) fn on_message(&mut self, from: PeerId, bytes: &Bytes) -> Result<(), EngineError> {
        match ConsensusMessage::decode(bytes) {
            Ok(message) => self.on_decoded(from, bytes.len(), message),
            Err(error) => {
                self.blame(from, PeerFault::Malformed(error));
                Ok(())
            }
        }
    }

    pub(super) fn on_decoded(
        &mut self,
        from: PeerId,
        size: usize,
        message: ConsensusMessage,
    ) -> Result<(), EngineError> {
        let height = message.height();
        if height < self.height {
            self.hint_behind(from, height);
            return Ok(());
        }
        if height > self.height {
            if self.phase != Phase::Created && self.hinted.insert(from) {
                self.outputs.push(Output::PeerAhead { peer: from, height });
            }
            if height == self.height.saturating_add(1) {
                self.inbox.push(from, size, message);
            }
            return Ok(());
        }
        match self.phase {
            Phase::Waiting => {
                if let Err(fault) = self.verify(&message) {
                    self.blame(from, fault);
                    return Ok(());
                }
                self.start_height(Cause::Message)?;
                self.deliver(from, &message)
            }
            Phase::Running => self.deliver(from, &message),
            Phase::Created | Phase::Decided | Phase::Halted => Ok(()),
        }
    }

    fn hint_behind(&mut self, peer: PeerId, height: u64) {
        let long_ago = self.now.saturating_sub(self.height_since) > BEHIND_GRACE_MS;
        let far = height.saturating_add(1) < self.height;
        if (long_ago || far) && self.hinted.insert(peer) {
            self.outputs.push(Output::PeerBehind { peer, height });
        }
    }

    /// Gives a message of the running height to the state machine.
    fn deliver(&mut self, from: PeerId, message: &ConsensusMessage) -> Result<(), EngineError> {
        if self.phase != Phase::Running || self.is_useless(message) {
            return Ok(());
        }
        if let Err(fault) = self.check_speaker(message) {
            self.blame(from, fault);
            return Ok(());
        }
        self.learn_own_statement(message)?;
        let around = surroundings!(self);
        let outcome = match message {
            ConsensusMessage::Vote(vote) => self.core.vote(vote, around)?,
            ConsensusMessage::Proposal(proposal) => self.core.proposal(proposal, around)?,
            ConsensusMessage::Lock(lock) => self.core.lock(lock, around)?,
            ConsensusMessage::Round(certificate) => {
                self.core.round_certificate(certificate, around)?
            }
        };
        if outcome.bad_signature {
            self.blame(from, PeerFault::BadSignature);
        }
        self.on_outcome(outcome);
        Ok(())
    }

    /// Whether the state machine would drop it anyway.
    fn is_useless(&self, message: &ConsensusMessage) -> bool {
        let furthest = self
            .core
            .round()
            .unwrap_or(0)
            .saturating_add(ROUNDS_AHEAD_MAX);
        match message {
            ConsensusMessage::Vote(vote) => {
                vote.vote.round > furthest || self.core.is_useless_vote(vote)
            }
            ConsensusMessage::Proposal(proposal) => proposal.round > furthest,
            ConsensusMessage::Lock(_) | ConsensusMessage::Round(_) => false,
        }
    }

    /// Whether the one who speaks may speak here; signatures are not looked at.
    fn check_speaker(&self, message: &ConsensusMessage) -> Result<(), PeerFault> {
        match message {
            ConsensusMessage::Vote(vote) => self.check_member(vote.vote.validator),
            ConsensusMessage::Proposal(proposal) => {
                self.check_member(proposal.proposer)?;
                if self.members.proposer(proposal.round).address.0 != proposal.proposer {
                    let (proposer, round) = (proposal.proposer, proposal.round);
                    return Err(PeerFault::NotProposer { proposer, round });
                }
                Ok(())
            }
            ConsensusMessage::Lock(lock) => lock
                .signatures
                .iter()
                .try_for_each(|(validator, _)| self.check_member(*validator)),
            ConsensusMessage::Round(certificate) => certificate
                .votes
                .iter()
                .try_for_each(|vote| self.check_member(vote.validator)),
        }
    }

    fn check_member(&self, validator: ValidatorId) -> Result<(), PeerFault> {
        match self.validators.get(&validator) {
            Some(_) => Ok(()),
            None => Err(PeerFault::Stranger(validator)),
        }
    }

    fn verify(&self, message: &ConsensusMessage) -> Result<(), PeerFault> {
        self.check_speaker(message)?;
        let genuine = match message {
            ConsensusMessage::Vote(vote) => verify_vote(&self.chain_id, &self.members, vote),
            ConsensusMessage::Proposal(proposal) => {
                verify_proposal(&self.chain_id, &self.members, proposal)
            }
            ConsensusMessage::Lock(lock) => verify_lock(&self.chain_id, &self.members, lock),
            ConsensusMessage::Round(certificate) => {
                verify_round(&self.chain_id, &self.members, certificate)
            }
        };
        if genuine {
            Ok(())
        } else {
            Err(PeerFault::BadSignature)
        }
    }

    /// C-7: a statement of this validator that comes back from the network binds it as if it were in
    /// its log.
    fn learn_own_statement(&mut self, message: &ConsensusMessage) -> Result<(), EngineError> {
        let record = match message {
            ConsensusMessage::Vote(vote) if self.identity == Some(vote.vote.validator) => {
                LogRecord::Vote(vote.clone())
            }
            ConsensusMessage::Proposal(proposal) if self.identity == Some(proposal.proposer) => {
                LogRecord::Proposal(proposal.clone())
            }
            _ => return Ok(()),
        };
        if self.verify(message).is_err() {
            return Ok(());
        }
        if let (Some(kernel), Some((_, position, statement, signature))) =
            (self.kernel.as_mut(), signed_record(&record))
        {
            if !kernel.has_signed(position) {
                rules::acts("C-7");
            }
            kernel.learn(position, statement, signature)?;
        }
        Ok(())
    }

    fn blame(&mut self, from: PeerId, fault: PeerFault) {
        rules::acts("C-13");
        self.outputs.push(Output::PeerFault { from, fault });
    }
}
