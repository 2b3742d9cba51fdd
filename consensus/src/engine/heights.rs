//! From one height to the next: when a height begins, and how it is taken up again after a crash.
//!
//! No empty blocks are spun: a height begins when there is work, when another validator began it, or
//! after the heartbeat (C-15). The waits of a round are measured from then, so an idle chain does not
//! look like a dead proposer.

use talea_types::{
    ValidatorSet,
    planted::{self, Bug},
};

use super::{Engine, EngineError, Marks, Output, Phase, Surroundings, Timer, powers, surroundings};
use crate::{
    core::Members,
    log::LogRecord,
    message::ConsensusMessage,
    rules,
    schedule::{Schedule, TERM_HEIGHTS},
};

/// Why a height begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Work, the heartbeat, or the log.
    Due,
    /// Another validator began it, nobody knows when.
    Message,
}

impl Engine {
    pub(super) fn on_start(&mut self) -> Result<(), EngineError> {
        assert_eq!(self.phase, Phase::Created, "an engine starts once");
        self.enter_height(false)
    }

    pub(super) fn on_work(&mut self) -> Result<(), EngineError> {
        if self.phase == Phase::Waiting {
            self.start_height(Cause::Due)
        } else {
            Ok(())
        }
    }

    pub(super) fn on_applied(
        &mut self,
        height: u64,
        next_validators: ValidatorSet,
        parent_round: u32,
        work_pending: bool,
    ) -> Result<(), EngineError> {
        if height < self.height || self.phase == Phase::Created {
            return Ok(());
        }
        assert_eq!(height, self.height, "blocks are applied height by height");
        self.schedule.record(height.saturating_sub(1), parent_round);
        let next = height.saturating_add(1);
        let set_changes = next_validators != self.validators;
        if set_changes {
            self.validators = next_validators;
        }
        if set_changes || next.is_multiple_of(TERM_HEIGHTS) {
            self.schedule = Schedule::new(&powers(&self.validators), next);
        }
        self.height = next;
        let order = self.schedule.order(next);
        self.members = if set_changes {
            Members::new(&self.validators, order)?
        } else {
            self.members.reordered(order)
        };
        self.enter_height(work_pending)
    }

    /// Waits at the current height for a reason to start it.
    fn enter_height(&mut self, work_pending: bool) -> Result<(), EngineError> {
        self.phase = Phase::Waiting;
        self.height_since = self.now;
        self.hinted.clear();
        self.timers.clear();
        self.timers
            .set(Timer::Heartbeat, self.now.saturating_add(self.heartbeat_ms));
        self.recovered = self.recovered.split_off(&self.height);
        if work_pending || self.recovered.contains_key(&self.height) {
            self.start_height(Cause::Due)?;
        }
        for (from, message) in self.inbox.take() {
            self.on_decoded(from, 0, message)?;
        }
        Ok(())
    }

    /// Begins the height, or takes it up again where the log ends.
    pub(super) fn start_height(&mut self, cause: Cause) -> Result<(), EngineError> {
        assert_eq!(self.phase, Phase::Waiting, "a height starts once");
        self.phase = Phase::Running;
        self.timers.clear();
        self.contents.clear();
        self.own_proposal = None;
        self.unproven = None;
        self.build_asked = None;
        self.marks = Marks::default();
        if let Some(kernel) = self.kernel.as_mut() {
            kernel.start_height(self.height);
        }
        let recovered = self.recovered.remove(&self.height).unwrap_or_default();
        self.replaying = !recovered.is_empty();
        self.in_log
            .extend(recovered.iter().map(LogRecord::fingerprint));
        self.retain(LogRecord::Started {
            height: self.height,
        });
        if self.replaying {
            // Below the height from which it votes, its statements may be of before it lost its log, or of after the copy of
            // it was made: what they followed from need not be here.
            let voted = self.votes_from().is_some_and(|from| from <= self.height);
            self.core.begin_replay(if voted { &recovered } else { &[] });
        }
        let outcome =
            self.core
                .start_height(self.height, self.members.clone(), surroundings!(self))?;
        self.on_outcome(outcome);
        if cause == Cause::Message {
            self.marks.round = None;
        }
        if self.replaying {
            self.replay(&recovered)?;
        }
        Ok(())
    }

    /// C-4: the same inputs in the same order lead to the same votes, or the engine halts.
    fn replay(&mut self, recovered: &[LogRecord]) -> Result<(), EngineError> {
        rules::acts("C-4");
        for record in recovered {
            if planted::is(Bug::LockForgotten) {
                continue;
            }
            if let LogRecord::Content(verdict) = record {
                self.contents
                    .judge(verdict.block_hash, verdict.content_digest, verdict.valid);
            }
            let outcome = self.core.replay(record, surroundings!(self))?;
            self.on_outcome(outcome);
        }
        self.core.end_replay();
        self.replaying = false;
        self.in_log.clear();
        self.marks = Marks::default();
        if self.phase == Phase::Running {
            self.resume();
        }
        Ok(())
    }

    /// Says again what was said last, and asks the host again what was not answered (C-5).
    fn resume(&mut self) {
        rules::acts("C-5");
        let unanswered: Vec<Output> = self
            .contents
            .unknown()
            .map(
                |(block_hash, content_digest, candidate)| Output::CheckContent {
                    height: self.height,
                    round: candidate.round,
                    lock_round: None,
                    block_hash,
                    content_digest,
                    proposer: candidate.proposer,
                    content: candidate.bytes.clone(),
                },
            )
            .collect();
        self.outputs.extend(unanswered);
        let round = self.core.round();
        if self.build_asked.is_some() && self.build_asked == round && self.core.awaits_proposal() {
            self.ask_for_proposal(round.unwrap_or(0));
        }
        let last_words: Vec<ConsensusMessage> = self.core.last_words();
        for message in &last_words {
            self.publish(message);
        }
        self.repeat_proposal_and_lock();
    }
}
