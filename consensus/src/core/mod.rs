//! The agreement library behind a door of our own.
//!
//! Everything generic, asynchronous-looking or named after the library stays in this module. The rest
//! of the crate sees [`Core`]: typed inputs in, a list of [`Event`]s out, no clock. How the library is
//! set up: proposal and content are separate (content may turn out valid late), no target time (its
//! only clock), no vote extensions, and its queue of future heights is never used.

mod contents;
mod context;
mod convert;
mod effects;
mod verify;

use arc_malachitebft_core_consensus as library;
use arc_malachitebft_core_types as malachite;
use bytes::Bytes;
use library::{Input, LocallyProposedValue, Params, ProposedValue, State};
use malachite::{
    Round, Threshold, Timeout, Validity, ValueOrigin, ValuePayload, VoteExtensionPolicy, VoteType,
};
use talea_types::{BlockHash, ChainId, Hash, ValidatorId};

pub use contents::{Candidate, Contents, Standing};
pub use context::Members;
pub use effects::Event;

use context::{Address, Context, Height, Value};
use effects::Effects;

use crate::{
    evidence::Evidence,
    log::{ContentVerdict, LogRecord},
    message::{ConsensusMessage, LockCertificate, RoundCertificate, SignedProposal, SignedVote},
    rules,
    safety::SafetyKernel,
    timeouts::Step,
};

/// Rounds ahead of the own that votes and proposals may be.
pub const ROUNDS_AHEAD_MAX: u32 = library::MAX_FUTURE_ROUND_LOOKAHEAD;
/// Rounds behind the own of which votes are kept.
const ROUNDS_BEHIND_MAX: u32 = 32;

/// What replay of the log found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "replaying the consensus log of height {height} led to another {kind} in round {round} than the one that was signed: the log or this program is damaged; do not vote with this key until it is understood"
)]
pub struct Divergence {
    /// Height.
    pub height: u64,
    /// Round.
    pub round: u32,
    /// Prevote, precommit or proposal.
    pub kind: String,
}

/// What an input led to.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In order.
    pub events: Vec<Event>,
    /// A signature of the input did not verify.
    pub bad_signature: bool,
}

/// What the state machine does not own but needs while it handles an input.
pub struct Surroundings<'a> {
    pub chain_id: &'a ChainId,
    pub kernel: Option<&'a mut SafetyKernel>,
    pub contents: &'a Contents,
}

/// The Tendermint state machine of one height at a time.
pub struct Core {
    state: State<Context>,
    members: Members,
}

impl Core {
    /// A state machine that has not started a height yet. `None` follows without voting.
    pub fn new(identity: Option<ValidatorId>, members: Members, height: u64) -> Self {
        let params = Params {
            address: Address(identity.unwrap_or(ValidatorId::from_bytes([0; 16]))),
            threshold_params: effects::thresholds(),
            value_payload: ValuePayload::ProposalAndParts,
            enabled: identity.is_some(),
        };
        let state = State::new(Context, Height(height), members.clone(), params, 1, 1);
        Self { state, members }
    }

    /// Starts a height with the set that decides it.
    pub fn start_height(
        &mut self,
        height: u64,
        members: Members,
        around: Surroundings<'_>,
    ) -> Result<Outcome, Divergence> {
        self.members = members.clone();
        let policy = VoteExtensionPolicy::Disabled;
        self.feed(
            Input::StartHeight(Height(height), members, false, None, policy),
            None,
            around,
        )
    }

    /// Announces that records of a height are replayed next, and in which of them this validator's own statements are
    /// ones that replay must lead to again.
    pub fn begin_replay(&mut self, binding: &[LogRecord]) {
        let inputs: Vec<Input<Context>> = binding.iter().filter_map(replay_input).collect();
        self.state.index_wal_entries(&inputs);
    }

    /// Replays one record.
    pub fn replay(
        &mut self,
        record: &LogRecord,
        around: Surroundings<'_>,
    ) -> Result<Outcome, Divergence> {
        let incoming = match record {
            LogRecord::Proposal(proposal) => Some(&proposal.content),
            _ => None,
        };
        match replay_input(record) {
            Some(input) => self.feed(input, incoming, around),
            None => Ok(Outcome::default()),
        }
    }

    /// The records of the height are replayed.
    pub fn end_replay(&mut self) {
        self.state.reset_entries_index();
    }

    /// A vote of the running height.
    pub fn vote(
        &mut self,
        vote: &SignedVote,
        around: Surroundings<'_>,
    ) -> Result<Outcome, Divergence> {
        self.feed(Input::Vote(convert::vote_in(vote)), None, around)
    }

    /// A proposal of the running height.
    pub fn proposal(
        &mut self,
        proposal: &SignedProposal,
        around: Surroundings<'_>,
    ) -> Result<Outcome, Divergence> {
        self.feed(
            Input::Proposal(convert::proposal_in(proposal)),
            Some(&proposal.content),
            around,
        )
    }

    /// A quorum of prevotes of the running height.
    pub fn lock(
        &mut self,
        lock: &LockCertificate,
        around: Surroundings<'_>,
    ) -> Result<Outcome, Divergence> {
        self.feed(
            Input::PolkaCertificate(convert::lock_in(lock)),
            None,
            around,
        )
    }

    /// A reason to enter a round of the running height.
    pub fn round_certificate(
        &mut self,
        certificate: &RoundCertificate,
        around: Surroundings<'_>,
    ) -> Result<Outcome, Divergence> {
        self.feed(
            Input::RoundCertificate(convert::round_in(certificate)),
            None,
            around,
        )
    }

    /// The block that this validator proposes; its content must be known as valid.
    pub fn propose(
        &mut self,
        round: u32,
        hash: BlockHash,
        content: Hash,
        around: Surroundings<'_>,
    ) -> Result<Outcome, Divergence> {
        let value = LocallyProposedValue::new(
            self.state.height(),
            Round::new(round),
            Value { hash, content },
        );
        self.feed(Input::Propose(value), None, around)
    }

    /// The host's verdict about a content.
    pub fn content(
        &mut self,
        verdict: &ContentVerdict,
        around: Surroundings<'_>,
    ) -> Result<Outcome, Divergence> {
        self.feed(verdict_input(verdict), None, around)
    }

    /// A wait ended.
    pub fn timeout(
        &mut self,
        step: Step,
        round: u32,
        around: Surroundings<'_>,
    ) -> Result<Outcome, Divergence> {
        self.feed(Input::TimeoutElapsed(timeout_of(step, round)), None, around)
    }

    /// The running round; `None` before the height started.
    pub fn round(&self) -> Option<u32> {
        self.state.round().as_u32()
    }

    /// Whether a proposal is awaited in the running round.
    pub fn awaits_proposal(&self) -> bool {
        self.state.driver.step_is_propose()
    }

    /// Whether this vote would change nothing: it is known, of a round long past, or contradicts another one and is no
    /// new evidence. Repeating it must cost nobody a record.
    pub fn is_useless_vote(&self, vote: &SignedVote) -> bool {
        let vote = convert::vote_in(vote);
        let votes = self.state.driver.votes();
        let contradicts = votes.conflicting_vote(&vote).is_some();
        votes.has_vote(&vote)
            || (contradicts && !votes.can_record_equivocation(&vote))
            || vote.round < self.oldest_round()
    }

    /// The block for which a quorum prevoted last.
    pub fn locked_block(&self) -> Option<BlockHash> {
        self.state
            .driver
            .valid_value()
            .map(|valid| valid.value.hash)
    }

    /// Whether a quorum is known to have prevoted for this block in `round`.
    pub fn has_lock(&self, round: u32, hash: &BlockHash) -> bool {
        let round = Round::new(round);
        let votes = self.state.driver.votes();
        self.state.polka_certificate(round, hash).is_some()
            || votes.is_threshold_met(&round, VoteType::Prevote, Threshold::Value(*hash))
    }

    /// Whether a quorum precommitted nil in `round`: no block can be decided there any more.
    pub fn has_nil_precommits(&self, round: u32) -> bool {
        let votes = self.state.driver.votes();
        votes.is_threshold_met(&Round::new(round), VoteType::Precommit, Threshold::Nil)
    }

    /// Validators of which a prevote of the running round is known.
    pub fn prevoters(&self) -> Vec<ValidatorId> {
        self.voters(VoteType::Prevote)
    }

    /// Validators of which a precommit of the running round is known.
    pub fn precommitters(&self) -> Vec<ValidatorId> {
        self.voters(VoteType::Precommit)
    }

    fn voters(&self, kind: VoteType) -> Vec<ValidatorId> {
        let votes = self.state.driver.votes().per_round(self.state.round());
        let voted =
            |address: &Address| votes.is_some_and(|votes| votes.get_vote(kind, address).is_some());
        self.members
            .iter()
            .filter(|member| voted(&member.address))
            .map(|member| member.address.0)
            .collect()
    }

    /// What this validator last said in the running round, to say it again.
    pub fn last_words(&self) -> Vec<ConsensusMessage> {
        let votes = [
            &self.state.last_signed_prevote,
            &self.state.last_signed_precommit,
        ];
        let votes = votes
            .into_iter()
            .flatten()
            .filter_map(convert::vote_out)
            .map(ConsensusMessage::Vote);
        let round = self
            .state
            .round_certificate()
            .filter(|entered| entered.enter_round == self.state.round());
        let round =
            round.map(|entered| ConsensusMessage::Round(convert::round_out(&entered.certificate)));
        votes.chain(round).collect()
    }

    /// The quorum of prevotes behind this validator's lock, if it is of the running round.
    pub fn lock_certificate(&self) -> Option<LockCertificate> {
        let valid = self.state.driver.valid_value()?;
        self.state
            .polka_certificate(valid.round, &valid.value.hash)
            .map(convert::lock_out)
    }

    /// Whether this validator is a member that votes.
    pub fn is_voting(&self) -> bool {
        self.state.is_active_validator()
    }

    /// Conflicting statements seen at the running height.
    pub fn evidence(&self) -> Vec<Evidence> {
        let votes = self
            .state
            .driver
            .votes()
            .evidence()
            .iter()
            .flat_map(|(_, pairs)| pairs);
        let proposals = self
            .state
            .driver
            .proposals()
            .evidence()
            .iter()
            .flat_map(|(_, pairs)| pairs);
        let proposals = proposals.filter_map(convert::proposal_evidence);
        votes
            .filter_map(convert::vote_evidence)
            .chain(proposals)
            .collect()
    }

    fn feed(
        &mut self,
        input: Input<Context>,
        incoming: Option<&Bytes>,
        around: Surroundings<'_>,
    ) -> Result<Outcome, Divergence> {
        let height = match &input {
            Input::StartHeight(height, ..) => height.0,
            _ => self.state.height().0,
        };
        let mut effects = Effects {
            chain_id: around.chain_id,
            height,
            members: self.members.clone(),
            kernel: around.kernel,
            contents: around.contents,
            incoming: incoming
                .map(|content| (SignedProposal::content_digest(content), content.clone())),
            events: Vec::new(),
            fresh: Vec::new(),
            bad_signature: false,
        };
        let before = self.state.round();
        let result: Result<(), library::Error<Context>> = library::process!(
            input: input,
            state: &mut self.state,
            metrics: &(),
            with: effect => effects.handle(effect)
        );
        match result {
            Ok(()) => {}
            Err(library::Error::ReplayDivergence(kind, height, round)) => {
                return Err(Divergence {
                    height: height.0,
                    round: round.as_u32().unwrap_or(0),
                    kind: kind.to_string(),
                });
            }
            Err(error) => tracing::warn!(%error, "an input to consensus was given up"),
        }
        if self.state.round() != before {
            self.prune();
        }
        Ok(Outcome {
            events: effects.events,
            bad_signature: effects.bad_signature,
        })
    }

    /// The oldest round whose votes are kept (C-22): none that a lock still needs goes.
    fn oldest_round(&self) -> Round {
        let oldest = Round::new(self.round().unwrap_or(0).saturating_sub(ROUNDS_BEHIND_MAX));
        let lock = self.state.driver.valid_value().map(|valid| valid.round);
        lock.map_or(oldest, |lock| lock.min(oldest))
    }

    /// Drops votes of rounds long past.
    fn prune(&mut self) {
        let oldest = self.oldest_round();
        if oldest > Round::new(0) {
            rules::acts("C-22");
            self.state.driver.prune_votes_and_certificates(oldest);
        }
    }
}

fn timeout_of(step: Step, round: u32) -> Timeout {
    let round = Round::new(round);
    match step {
        Step::Propose => Timeout::propose(round),
        Step::Prevote => Timeout::prevote(round),
        Step::Precommit => Timeout::precommit(round),
        Step::Rebroadcast => Timeout::rebroadcast(round),
    }
}

fn verdict_input(verdict: &ContentVerdict) -> Input<Context> {
    let value = ProposedValue {
        height: Height(verdict.height),
        round: Round::new(verdict.round),
        valid_round: Round::Nil,
        proposer: Address(verdict.proposer),
        value: Value {
            hash: verdict.block_hash,
            content: verdict.content_digest,
        },
        validity: Validity::from_bool(verdict.valid),
    };
    Input::ProposedValue(value, ValueOrigin::Consensus)
}

fn replay_input(record: &LogRecord) -> Option<Input<Context>> {
    Some(match record {
        LogRecord::Started { .. } => return None,
        LogRecord::Proposal(proposal) => Input::Proposal(convert::proposal_in(proposal)),
        LogRecord::Vote(vote) => Input::Vote(convert::vote_in(vote)),
        LogRecord::Lock(lock) => Input::PolkaCertificate(convert::lock_in(lock)),
        LogRecord::Content(verdict) => verdict_input(verdict),
        LogRecord::Timeout { round, step, .. } => Input::TimeoutElapsed(timeout_of(*step, *round)),
    })
}

/// Whether a vote carries the signature of the member that it names.
pub fn verify_vote(chain_id: &ChainId, members: &Members, vote: &SignedVote) -> bool {
    let vote = convert::vote_in(vote);
    verify::vote(chain_id, members, &vote.message, vote.signature)
}

/// Whether a proposal carries the signature of the member that it names.
pub fn verify_proposal(chain_id: &ChainId, members: &Members, proposal: &SignedProposal) -> bool {
    let proposal = convert::proposal_in(proposal).map(library::ConsensusMsg::Proposal);
    verify::message(chain_id, members, &proposal)
}

/// Whether a quorum of prevotes is behind a lock certificate.
pub fn verify_lock(chain_id: &ChainId, members: &Members, lock: &LockCertificate) -> bool {
    verify::lock(
        chain_id,
        &convert::lock_in(lock),
        members,
        effects::thresholds(),
    )
    .is_ok()
}

/// Whether a round certificate justifies entering its round.
pub fn verify_round(chain_id: &ChainId, members: &Members, certificate: &RoundCertificate) -> bool {
    verify::round(
        chain_id,
        &convert::round_in(certificate),
        members,
        effects::thresholds(),
    )
    .is_ok()
}
