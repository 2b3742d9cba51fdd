//! The engine: agreement on one opaque value a height, as one deterministic function.
//!
//! [`Engine::step`] takes the time and an [`Input`] and gives a list of [`Output`]s. There is no clock, no
//! thread and no randomness: the same inputs at the same times give the same outputs. What it keeps
//! true is written in the crate's README (C-1 to C-22); what each file keeps true is in its header.

mod config;
mod heights;
mod inbox;
mod io;
mod messages;
mod outcome;
mod timers;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use talea_types::{
    BlockHash, Certificate, ChainId, Hash, ValidatorId, ValidatorSet, crypto::KeyCache,
};

pub use config::{EngineConfig, EngineError, Voter};
pub use io::{Input, Lane, Output, PeerFault, Verdict};

use crate::{
    core::{Candidate, Contents, Core, Members, Standing, Surroundings},
    evidence::Evidence,
    log::{ContentVerdict, LogRecord},
    message::SignedProposal,
    peer::PeerId,
    rules,
    safety::{SafetyKernel, signed_record},
    schedule::Schedule,
    timeouts::{Step, Timeouts},
};
use inbox::Inbox;
use timers::{Timer, Timers};

/// Where a height stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// [`Input::Start`] has not come yet.
    Created,
    /// The height waits for work, a message or the heartbeat.
    Waiting,
    /// Votes are cast.
    Running,
    /// Decided; waits for [`Input::Applied`].
    Decided,
    /// Stopped for good.
    Halted,
}

/// What `status` can say about agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineStatus {
    /// The height being decided.
    pub height: u64,
    /// Its round; 0 before it runs.
    pub round: u32,
    /// Where it stands.
    pub phase: Phase,
    /// Since the height became the current one, milliseconds.
    pub age_ms: u64,
    /// Who proposes in the round.
    pub proposer: ValidatorId,
    /// Whether the round still waits for its proposal or for the verdict about it.
    pub awaits_proposal: bool,
    /// Validators whose prevotes of the round are known, ascending.
    pub prevoted: Vec<ValidatorId>,
    /// Validators whose precommits of the round are known, ascending.
    pub precommitted: Vec<ValidatorId>,
    /// Validators of which neither is known.
    pub silent: Vec<ValidatorId>,
    /// Waits of the round, milliseconds: for its proposal, for prevotes, for precommits.
    pub waits_ms: [u64; 3],
}

/// When things happened in the running round, to measure how long they take.
#[derive(Debug, Default, Clone, Copy)]
struct Marks {
    /// Start of the round; absent when a message started it, so that waiting is not measured.
    round: Option<u64>,
    prevote: Option<u64>,
    precommit: Option<u64>,
}

/// Agreement on this node. See the module's header.
pub struct Engine {
    chain_id: ChainId,
    identity: Option<ValidatorId>,
    kernel: Option<SafetyKernel>,
    heartbeat_ms: u64,

    now: u64,
    height: u64,
    /// When the height became the current one.
    height_since: u64,
    phase: Phase,
    validators: ValidatorSet,
    schedule: Schedule,
    members: Members,

    core: Core,
    contents: Contents,
    inbox: Inbox,
    timers: Timers,
    timeouts: Timeouts,
    marks: Marks,
    keys: KeyCache,

    /// Records of heights not started yet.
    recovered: BTreeMap<u64, Vec<LogRecord>>,
    /// Fingerprints of the records that are replayed.
    in_log: BTreeSet<Hash>,
    replaying: bool,
    /// The round whose proposal was asked for while replaying.
    build_asked: Option<u32>,
    /// This validator's proposal, to send it again.
    own_proposal: Option<(u32, Bytes)>,
    /// The last proposal that names a lock for which no quorum is known yet: its host is asked again
    /// once one is.
    unproven: Option<SignedProposal>,
    /// Peers that the host was told about at this height.
    hinted: BTreeSet<PeerId>,
    evidence: VecDeque<Evidence>,

    /// Records come before everything else of the same step (C-2).
    records: Vec<LogRecord>,
    outputs: Vec<Output>,
    wake_at: Option<u64>,
}

impl Engine {
    /// An engine that continues where the log ends. Nothing happens before [`Input::Start`].
    ///
    /// `log` holds the recovered records in order; those of committed heights may be left out.
    ///
    /// # Errors
    /// When the history is incomplete, a key cannot be used, or the log proves a double vote.
    pub fn new(config: EngineConfig, log: Vec<LogRecord>) -> Result<Self, EngineError> {
        let EngineConfig {
            chain_id,
            voter,
            start_height,
            validators,
            validators_since,
            history,
            timeouts,
            heartbeat_ms,
        } = config;
        let height = start_height.max(1);
        let since = Schedule::history_start(height, validators_since);
        let expected = height.saturating_sub(1).saturating_sub(since);
        if u64::try_from(history.len()) != Ok(expected) {
            return Err(EngineError::History {
                expected,
                found: history.len(),
            });
        }
        let schedule = Schedule::from_history(&powers(&validators), since, history);
        let members = Members::new(&validators, schedule.order(height))?;
        let identity = voter.as_ref().map(|voter| voter.id);
        let mut kernel = voter.map(|voter| SafetyKernel::new(voter.signer, voter.vote_from_height));
        let mut recovered: BTreeMap<u64, Vec<LogRecord>> = BTreeMap::new();
        for record in log {
            if let Some(kernel) = kernel.as_mut() {
                // C-3: nothing below the newest height in the log.
                kernel.raise(record.height());
                if let Some((validator, position, statement, signature)) = signed_record(&record)
                    && identity == Some(validator)
                {
                    kernel.learn(position, statement, signature)?;
                }
            }
            if record.height() >= height {
                recovered.entry(record.height()).or_default().push(record);
            }
        }
        Ok(Self {
            chain_id,
            identity,
            kernel,
            heartbeat_ms,
            now: 0,
            height,
            height_since: 0,
            phase: Phase::Created,
            core: Core::new(identity, members.clone(), height),
            validators,
            schedule,
            members,
            contents: Contents::default(),
            inbox: Inbox::default(),
            timers: Timers::default(),
            timeouts: Timeouts::new(timeouts),
            marks: Marks::default(),
            keys: KeyCache::new(),
            recovered,
            in_log: BTreeSet::new(),
            replaying: false,
            build_asked: None,
            own_proposal: None,
            unproven: None,
            hinted: BTreeSet::new(),
            evidence: VecDeque::new(),
            records: Vec::new(),
            outputs: Vec::new(),
            wake_at: None,
        })
    }

    /// Handles one input at time `now` (milliseconds of a clock that never goes back).
    pub fn step(&mut self, now: u64, input: Input) -> Vec<Output> {
        if self.phase == Phase::Halted {
            return Vec::new();
        }
        self.now = self.now.max(now);
        let result = self.on_input(input).and_then(|()| self.fire_due_timers());
        if let Err(error) = result {
            self.phase = Phase::Halted;
            self.records.clear();
            self.outputs.clear();
            return vec![Output::Halt(error)];
        }
        let wake_at = self.timers.next();
        if let Some(time) = wake_at
            && wake_at != self.wake_at
        {
            self.outputs.push(Output::WakeAt(time));
        }
        self.wake_at = wake_at;
        let records = self.records.drain(..).map(Output::Persist);
        records.chain(self.outputs.drain(..)).collect()
    }

    /// Lets a validator that was set up not to vote do so from `height` on (C-6). Never lowers what its
    /// own signed statements require.
    pub fn vote_from(&mut self, height: u64) {
        if let Some(kernel) = self.kernel.as_mut() {
            kernel.vote_from(height);
        }
    }

    /// The height from which this validator votes; `None` where nobody votes.
    #[must_use]
    pub fn votes_from(&self) -> Option<u64> {
        self.kernel.as_ref().map(SafetyKernel::votes_from)
    }

    /// The height being decided.
    #[must_use]
    pub const fn height(&self) -> u64 {
        self.height
    }

    /// Conflicting statements of validators, oldest first; bounded.
    pub fn evidence(&self) -> impl Iterator<Item = &Evidence> {
        self.evidence.iter()
    }

    /// Where agreement stands.
    #[must_use]
    pub fn status(&self) -> EngineStatus {
        let running = self.phase == Phase::Running;
        let round = self.core.round().filter(|_| running).unwrap_or(0);
        let votes = |known: Vec<ValidatorId>| if running { known } else { Vec::new() };
        let prevoted = votes(self.core.prevoters());
        let precommitted = votes(self.core.precommitters());
        let silent = self
            .members
            .iter()
            .map(|member| member.address.0)
            .filter(|id| !prevoted.contains(id) && !precommitted.contains(id))
            .collect();
        let steps = [Step::Propose, Step::Prevote, Step::Precommit];
        EngineStatus {
            height: self.height,
            round,
            phase: self.phase,
            age_ms: self.now.saturating_sub(self.height_since),
            proposer: self.members.proposer(round).address.0,
            awaits_proposal: running && self.core.awaits_proposal(),
            prevoted,
            precommitted,
            silent,
            waits_ms: steps.map(|step| self.timeouts.wait(step, round)),
        }
    }

    fn on_input(&mut self, input: Input) -> Result<(), EngineError> {
        match input {
            Input::Start => self.on_start(),
            Input::Message { from, bytes } => self.on_message(from, &bytes),
            Input::WorkAvailable => self.on_work(),
            Input::ProposalBuilt {
                height,
                round,
                block_hash,
                content,
            } => self.on_proposal_built(height, round, block_hash, content),
            Input::ContentChecked {
                height,
                block_hash,
                content_digest,
                verdict,
            } => self.on_content_checked(height, block_hash, content_digest, verdict),
            Input::Synced { certificate } => {
                self.on_synced(certificate);
                Ok(())
            }
            Input::Applied {
                height,
                next_validators,
                parent_round,
                work_pending,
            } => self.on_applied(height, next_validators, parent_round, work_pending),
            Input::Tick => Ok(()),
        }
    }

    fn on_proposal_built(
        &mut self,
        height: u64,
        round: u32,
        block_hash: BlockHash,
        content: Bytes,
    ) -> Result<(), EngineError> {
        let (Phase::Running, Some(proposer)) = (self.phase, self.identity) else {
            return Ok(());
        };
        if height != self.height || self.core.round() != Some(round) {
            return Ok(());
        }
        let digest = SignedProposal::content_digest(&content);
        let candidate = Candidate {
            bytes: content,
            round,
            proposer,
            standing: Standing::Valid,
        };
        self.contents.insert(
            block_hash,
            digest,
            &candidate,
            self.core.locked_block(),
            false,
        );
        let outcome = self
            .core
            .propose(round, block_hash, digest, surroundings!(self))?;
        self.on_outcome(outcome);
        Ok(())
    }

    fn on_content_checked(
        &mut self,
        height: u64,
        block_hash: BlockHash,
        content_digest: Hash,
        verdict: Verdict,
    ) -> Result<(), EngineError> {
        if self.phase != Phase::Running || height != self.height {
            return Ok(());
        }
        let valid = verdict == Verdict::Valid;
        let Some(candidate) = self.contents.judge(block_hash, content_digest, valid) else {
            return Ok(());
        };
        let (round, proposer) = (candidate.round, candidate.proposer);
        if valid {
            rules::acts("C-8");
        }
        if valid && self.core.round() == Some(round) {
            self.measure(Step::Propose, self.marks.round);
        }
        let verdict = ContentVerdict {
            height,
            round,
            block_hash,
            content_digest,
            proposer,
            valid,
        };
        let outcome = self.core.content(&verdict, surroundings!(self))?;
        self.on_outcome(outcome);
        Ok(())
    }

    fn on_synced(&mut self, certificate: Certificate) {
        let undecided = matches!(self.phase, Phase::Waiting | Phase::Running);
        if !undecided || certificate.height != self.height {
            return;
        }
        match certificate.verify(&self.chain_id, &self.validators, &mut self.keys) {
            Ok(()) => self.decide(certificate),
            Err(error) => self.outputs.push(Output::CertificateRefused {
                height: certificate.height,
                error,
            }),
        }
    }

    fn fire_due_timers(&mut self) -> Result<(), EngineError> {
        while let Some(timer) = self.timers.take_due(self.now) {
            match timer {
                Timer::Heartbeat => {
                    rules::acts("C-15");
                    self.start_height(heights::Cause::Due)?;
                }
                Timer::Step(step, round) => {
                    let outcome = self.core.timeout(step, round, surroundings!(self))?;
                    self.on_outcome(outcome);
                    if step == Step::Rebroadcast {
                        self.repeat_proposal_and_lock();
                    }
                }
            }
        }
        Ok(())
    }

    fn measure(&mut self, step: Step, since: Option<u64>) {
        if let Some(since) = since
            && !self.replaying
        {
            self.timeouts.measured(step, self.now.saturating_sub(since));
        }
    }
}

fn powers(validators: &ValidatorSet) -> Vec<u64> {
    validators
        .iter()
        .map(|(_, validator)| validator.power)
        .collect()
}

/// Lends the parts of an engine that its core needs while the core itself is borrowed.
macro_rules! surroundings {
    ($engine:expr) => {
        Surroundings {
            chain_id: &$engine.chain_id,
            kernel: $engine.kernel.as_mut(),
            contents: &$engine.contents,
        }
    };
}
use surroundings;
