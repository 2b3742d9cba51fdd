//! Plays the other validators, and reads what the engine under test says.

use bytes::Bytes;
use talea_consensus::{
    ConsensusMessage, Engine, EngineConfig, Input, LogRecord, Output, PeerFault, PeerId,
    SignedProposal, SignedVote, Verdict, Voter,
};
use talea_types::{
    BlockHash, ChainId, Hash, ParticipantId, SecretKey, Signature, Validator, ValidatorId,
    ValidatorSet, VoteKind, vote::Vote,
};

pub fn chain_id() -> ChainId {
    ChainId::new(Hash([1; 32]))
}

pub fn peer() -> PeerId {
    PeerId(SecretKey::from_seed([99; 32]).public_key())
}

pub fn block(number: u8) -> BlockHash {
    BlockHash::new(Hash([number; 32]))
}

/// Keys in the order of the set.
pub fn keys() -> Vec<SecretKey> {
    let mut keys: Vec<SecretKey> = (1..=4)
        .map(|seed| SecretKey::from_seed([seed; 32]))
        .collect();
    keys.sort_by_key(|key| ValidatorId::from_voting_key(&key.public_key()));
    keys
}

pub fn id(place: usize) -> ValidatorId {
    ValidatorId::from_voting_key(&keys()[place].public_key())
}

pub fn set() -> ValidatorSet {
    let validator = |(place, key): (usize, &SecretKey)| Validator {
        participant: ParticipantId::from_lei(&format!("LEI{place:017}")),
        voting_key: key.public_key(),
        power: 1,
        network_key: SecretKey::from_seed([50 + place as u8; 32]).public_key(),
        name: format!("v{place}"),
    };
    ValidatorSet::new(keys().iter().enumerate().map(validator)).expect("valid set")
}

pub fn config(voter: Option<Voter>) -> EngineConfig {
    EngineConfig {
        chain_id: chain_id(),
        voter,
        start_height: 1,
        validators: set(),
        validators_since: 1,
        history: Vec::new(),
        timeouts: Default::default(),
        heartbeat_ms: 1_000,
    }
}

/// The engine plays the validator at this place.
pub fn voter(place: usize) -> Option<Voter> {
    Some(Voter {
        id: id(place),
        signer: Box::new(keys()[place].clone()),
        vote_from_height: 0,
    })
}

pub fn vote(place: usize, kind: VoteKind, round: u32, block: Option<BlockHash>) -> Input {
    let vote = Vote {
        kind,
        height: 1,
        round,
        block,
        validator: id(place),
    };
    let signature = keys()[place].sign(&vote.signed_message(&chain_id()));
    message(&ConsensusMessage::Vote(SignedVote { vote, signature }))
}

pub fn proposal(place: usize, round: u32, number: u8) -> SignedProposal {
    let mut proposal = SignedProposal {
        height: 1,
        round,
        lock_round: None,
        block_hash: block(number),
        content: Bytes::from(vec![number; 100]),
        proposer: id(place),
        signature: Signature::from_bytes([0; 64]),
    };
    proposal.signature = keys()[place].sign(&proposal.signed_message(&chain_id()));
    proposal
}

/// A block that is proposed again because a quorum prevoted for it before.
pub fn locked(place: usize, round: u32, number: u8, lock_round: u32) -> SignedProposal {
    let mut proposal = proposal(place, round, number);
    proposal.lock_round = Some(lock_round);
    proposal.signature = keys()[place].sign(&proposal.signed_message(&chain_id()));
    proposal
}

pub fn message(message: &ConsensusMessage) -> Input {
    Input::Message {
        from: peer(),
        bytes: message.encode(),
    }
}

pub fn checked(number: u8, verdict: Verdict) -> Input {
    let content_digest = SignedProposal::content_digest(&[number; 100]);
    Input::ContentChecked {
        height: 1,
        block_hash: block(number),
        content_digest,
        verdict,
    }
}

/// Who proposes in rounds 0 to 3 of height 1.
pub fn order() -> Vec<usize> {
    talea_consensus::schedule::Schedule::new(&[1; 4], 1)
        .order(1)
        .to_vec()
}

/// Who proposes in round 0 and 1 of height 1.
pub fn proposers() -> (usize, usize) {
    (order()[0], order()[1])
}

/// A place that does not propose in the first rounds.
pub fn bystander() -> usize {
    let (first, second) = proposers();
    (0..4)
        .find(|place| *place != first && *place != second)
        .expect("four places")
}

pub fn said(outputs: &[Output]) -> Vec<ConsensusMessage> {
    let message = |output: &Output| match output {
        Output::Broadcast { bytes, .. } => {
            Some(ConsensusMessage::decode(bytes).expect("own words decode"))
        }
        _ => None,
    };
    outputs.iter().filter_map(message).collect()
}

pub fn votes(outputs: &[Output]) -> Vec<(VoteKind, u32, Option<BlockHash>)> {
    let vote = |message: ConsensusMessage| match message {
        ConsensusMessage::Vote(signed) => {
            Some((signed.vote.kind, signed.vote.round, signed.vote.block))
        }
        _ => None,
    };
    said(outputs).into_iter().filter_map(vote).collect()
}

pub fn records(outputs: &[Output]) -> Vec<LogRecord> {
    let record = |output: &Output| match output {
        Output::Persist(record) => Some(record.clone()),
        _ => None,
    };
    outputs.iter().filter_map(record).collect()
}

pub struct Run {
    own: Option<ValidatorId>,
    pub engine: Engine,
    pub log: Vec<LogRecord>,
    pub now: u64,
}

impl Run {
    pub fn new(voter: Option<Voter>) -> Self {
        Self::resume(voter, Vec::new())
    }

    pub fn resume(voter: Option<Voter>, log: Vec<LogRecord>) -> Self {
        let own = voter.as_ref().map(|voter| voter.id);
        let engine = Engine::new(config(voter), log.clone()).expect("a sound log");
        Self {
            own,
            engine,
            log,
            now: 0,
        }
    }

    pub fn step(&mut self, input: Input) -> Vec<Output> {
        let outputs = self.engine.step(self.now, input);
        let first_other = outputs
            .iter()
            .position(|output| !matches!(output, Output::Persist(_)));
        let rest = &outputs[first_other.unwrap_or(outputs.len())..];
        assert!(records(rest).is_empty(), "records come first: {outputs:?}");
        self.log.extend(records(&outputs));
        outputs
    }
}

/// Everything that a height leads a bystander to say, up to the decision.
pub fn decide(run: &mut Run, proposer: usize) -> Vec<Output> {
    let others: Vec<usize> = (0..4).filter(|place| Some(*place) != run.place()).collect();
    let mut outputs = run.step(Input::Start);
    outputs.extend(run.step(message(&ConsensusMessage::Proposal(proposal(
        proposer, 0, 7,
    )))));
    outputs.extend(run.step(checked(7, Verdict::Valid)));
    for kind in [VoteKind::Prevote, VoteKind::Precommit] {
        for place in &others {
            outputs.extend(run.step(vote(*place, kind, 0, Some(block(7)))));
        }
    }
    outputs
}

impl Run {
    pub fn place(&self) -> Option<usize> {
        (0..4).find(|place| self.own == Some(id(*place)))
    }
}

pub fn decided(outputs: &[Output]) -> Option<BlockHash> {
    outputs.iter().find_map(|output| match output {
        Output::Decided { block_hash, .. } => Some(*block_hash),
        _ => None,
    })
}

pub fn faults(outputs: &[Output]) -> Vec<PeerFault> {
    let fault = |output: &Output| match output {
        Output::PeerFault { fault, .. } => Some(fault.clone()),
        _ => None,
    };
    outputs.iter().filter_map(fault).collect()
}

pub fn decide_rest(run: &mut Run) {
    run.step(message(&ConsensusMessage::Proposal(proposal(
        proposers().0,
        0,
        7,
    ))));
    run.step(checked(7, Verdict::Valid));
    for kind in [VoteKind::Prevote, VoteKind::Precommit] {
        for place in (0..4).filter(|place| *place != bystander()) {
            run.step(vote(place, kind, 0, Some(block(7))));
        }
    }
}
