//! One engine among four validators whose other three are played by the test.

use bytes::Bytes;
use talea_consensus::{
    ConsensusMessage, Engine, EngineConfig, EngineError, Input, LogRecord, Output, PeerFault,
    PeerId, Phase, Position, SignedProposal, SignedVote, SignerRefusal, Verdict, VoteSigner, Voter,
};
use talea_types::{
    BlockHash, ChainId, Hash, ParticipantId, SecretKey, Signature, Validator, ValidatorId,
    ValidatorSet, VoteKind, vote::Vote,
};

fn chain_id() -> ChainId {
    ChainId::new(Hash([1; 32]))
}

fn peer() -> PeerId {
    PeerId(SecretKey::from_seed([99; 32]).public_key())
}

fn block(number: u8) -> BlockHash {
    BlockHash::new(Hash([number; 32]))
}

/// Keys in the order of the set.
fn keys() -> Vec<SecretKey> {
    let mut keys: Vec<SecretKey> = (1..=4)
        .map(|seed| SecretKey::from_seed([seed; 32]))
        .collect();
    keys.sort_by_key(|key| ValidatorId::from_voting_key(&key.public_key()));
    keys
}

fn id(place: usize) -> ValidatorId {
    ValidatorId::from_voting_key(&keys()[place].public_key())
}

fn set() -> ValidatorSet {
    let validator = |(place, key): (usize, &SecretKey)| Validator {
        participant: ParticipantId::from_lei(&format!("LEI{place:017}")),
        voting_key: key.public_key(),
        power: 1,
        network_key: SecretKey::from_seed([50 + place as u8; 32]).public_key(),
        name: format!("v{place}"),
    };
    ValidatorSet::new(keys().iter().enumerate().map(validator)).expect("valid set")
}

fn config(voter: Option<Voter>) -> EngineConfig {
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
fn voter(place: usize) -> Option<Voter> {
    Some(Voter {
        id: id(place),
        signer: Box::new(keys()[place].clone()),
        vote_from_height: 0,
    })
}

fn vote(place: usize, kind: VoteKind, round: u32, block: Option<BlockHash>) -> Input {
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

fn proposal(place: usize, round: u32, number: u8) -> SignedProposal {
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

fn message(message: &ConsensusMessage) -> Input {
    Input::Message {
        from: peer(),
        bytes: message.encode(),
    }
}

fn checked(number: u8, verdict: Verdict) -> Input {
    let content_digest = SignedProposal::content_digest(&[number; 100]);
    Input::ContentChecked {
        height: 1,
        block_hash: block(number),
        content_digest,
        verdict,
    }
}

/// Who proposes in round 0 and 1 of height 1.
fn proposers() -> (usize, usize) {
    let order = talea_consensus::schedule::Schedule::new(&[1; 4], 1)
        .order(1)
        .to_vec();
    (order[0], order[1])
}

/// A place that does not propose in the first rounds.
fn bystander() -> usize {
    let (first, second) = proposers();
    (0..4)
        .find(|place| *place != first && *place != second)
        .expect("four places")
}

fn said(outputs: &[Output]) -> Vec<ConsensusMessage> {
    let message = |output: &Output| match output {
        Output::Broadcast { bytes, .. } => {
            Some(ConsensusMessage::decode(bytes).expect("own words decode"))
        }
        _ => None,
    };
    outputs.iter().filter_map(message).collect()
}

fn votes(outputs: &[Output]) -> Vec<(VoteKind, u32, Option<BlockHash>)> {
    let vote = |message: ConsensusMessage| match message {
        ConsensusMessage::Vote(signed) => {
            Some((signed.vote.kind, signed.vote.round, signed.vote.block))
        }
        _ => None,
    };
    said(outputs).into_iter().filter_map(vote).collect()
}

fn records(outputs: &[Output]) -> Vec<LogRecord> {
    let record = |output: &Output| match output {
        Output::Persist(record) => Some(record.clone()),
        _ => None,
    };
    outputs.iter().filter_map(record).collect()
}

struct Run {
    own: Option<ValidatorId>,
    engine: Engine,
    log: Vec<LogRecord>,
    now: u64,
}

impl Run {
    fn new(voter: Option<Voter>) -> Self {
        Self::resume(voter, Vec::new())
    }

    fn resume(voter: Option<Voter>, log: Vec<LogRecord>) -> Self {
        let own = voter.as_ref().map(|voter| voter.id);
        let engine = Engine::new(config(voter), log.clone()).expect("a sound log");
        Self {
            own,
            engine,
            log,
            now: 0,
        }
    }

    fn step(&mut self, input: Input) -> Vec<Output> {
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
fn decide(run: &mut Run, proposer: usize) -> Vec<Output> {
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
    fn place(&self) -> Option<usize> {
        (0..4).find(|place| self.own == Some(id(*place)))
    }
}

fn decided(outputs: &[Output]) -> Option<BlockHash> {
    outputs.iter().find_map(|output| match output {
        Output::Decided { block_hash, .. } => Some(*block_hash),
        _ => None,
    })
}

fn faults(outputs: &[Output]) -> Vec<PeerFault> {
    let fault = |output: &Output| match output {
        Output::PeerFault { fault, .. } => Some(fault.clone()),
        _ => None,
    };
    outputs.iter().filter_map(fault).collect()
}

#[test]
fn a_height_from_proposal_to_decision() {
    let mut run = Run::new(voter(bystander()));
    let outputs = decide(&mut run, proposers().0);
    let expected = [VoteKind::Prevote, VoteKind::Precommit].map(|kind| (kind, 0, Some(block(7))));
    assert_eq!(votes(&outputs), expected);
    assert_eq!(decided(&outputs), Some(block(7)));
    let certificate = outputs.iter().find_map(|output| match output {
        Output::Decided {
            certificate,
            content,
            ..
        } => {
            assert_eq!(content.as_deref(), Some([7; 100].as_slice()));
            Some(certificate.clone())
        }
        _ => None,
    });
    let mut keys = talea_types::crypto::KeyCache::new();
    certificate
        .expect("decided")
        .verify(&chain_id(), &set(), &mut keys)
        .expect("a quorum");
    assert_eq!(run.engine.status().phase, Phase::Decided);
}

#[test]
fn the_proposer_asks_for_a_block_and_proposes_it() {
    let first = proposers().0;
    let mut run = Run::new(voter(first));
    run.step(Input::Start);
    let outputs = run.step(Input::WorkAvailable);
    let asked = outputs.iter().any(|output| matches!(output, Output::BuildProposal { height: 1, round: 0, deadline } if *deadline > 0));
    assert!(asked, "{outputs:?}");
    let built = Input::ProposalBuilt {
        height: 1,
        round: 0,
        block_hash: block(7),
        content: Bytes::from(vec![7; 100]),
    };
    let outputs = run.step(built);
    assert!(said(&outputs).contains(&ConsensusMessage::Proposal(proposal(first, 0, 7))));
    assert_eq!(votes(&outputs), [(VoteKind::Prevote, 0, Some(block(7)))]);
}

#[test]
fn content_that_turns_out_valid_late_can_still_be_decided() {
    let mut run = Run::new(voter(bystander()));
    run.step(Input::Start);
    run.step(message(&ConsensusMessage::Proposal(proposal(
        proposers().0,
        0,
        7,
    ))));
    assert_eq!(
        votes(&run.step(checked(7, Verdict::Invalid))),
        [(VoteKind::Prevote, 0, None)]
    );
    let mut outputs = Vec::new();
    for kind in [VoteKind::Prevote, VoteKind::Precommit] {
        for place in (0..4).filter(|place| *place != bystander()) {
            outputs.extend(run.step(vote(place, kind, 0, Some(block(7)))));
        }
    }
    assert_eq!(
        decided(&outputs),
        None,
        "what is invalid here is not decided here"
    );
    assert_eq!(
        decided(&run.step(checked(7, Verdict::Valid))),
        Some(block(7))
    );
}

#[test]
fn a_block_called_invalid_is_asked_about_again_when_a_quorum_stands_behind_it() {
    let asked = |outputs: &[Output]| {
        let lock_rounds = outputs.iter().filter_map(|output| match output {
            Output::CheckContent { lock_round, .. } => Some(*lock_round),
            _ => None,
        });
        lock_rounds.collect::<Vec<_>>()
    };
    let (first, second) = proposers();
    let mut run = Run::new(voter(bystander()));
    run.step(Input::Start);
    assert_eq!(
        asked(&run.step(message(&ConsensusMessage::Proposal(proposal(first, 0, 7))))),
        [None]
    );
    run.step(checked(7, Verdict::Invalid));
    for place in (0..4).filter(|place| *place != bystander()) {
        run.step(vote(place, VoteKind::Precommit, 0, None));
    }
    assert_eq!(run.engine.status().round, 1);
    let mut again = proposal(second, 1, 7);
    again.lock_round = Some(0);
    again.signature = keys()[second].sign(&again.signed_message(&chain_id()));
    let claimed = run.step(message(&ConsensusMessage::Proposal(again)));
    assert!(
        asked(&claimed).is_empty(),
        "the proposer's word is not enough"
    );
    let mut outputs = Vec::new();
    for place in (0..4).filter(|place| *place != bystander()) {
        outputs.extend(run.step(vote(place, VoteKind::Prevote, 0, Some(block(7)))));
    }
    assert_eq!(asked(&outputs), [Some(0)]);
    // Too late for this round, in time for the next one.
    assert_eq!(votes(&outputs), [(VoteKind::Prevote, 1, None)]);
    run.step(checked(7, Verdict::Valid));
    let mut outputs = Vec::new();
    for place in (0..4).filter(|place| *place != bystander()) {
        outputs.extend(run.step(vote(place, VoteKind::Prevote, 1, Some(block(7)))));
    }
    assert_eq!(votes(&outputs), [(VoteKind::Precommit, 1, Some(block(7)))]);
}

#[test]
fn a_validator_that_restarts_repeats_itself_and_nothing_else() {
    let mut run = Run::new(voter(bystander()));
    let mut before = run.step(Input::Start);
    before.extend(run.step(message(&ConsensusMessage::Proposal(proposal(
        proposers().0,
        0,
        7,
    )))));
    before.extend(run.step(checked(7, Verdict::Valid)));
    let mut again = Run::resume(voter(bystander()), run.log.clone());
    let outputs = again.step(Input::Start);
    assert_eq!(said(&outputs), said(&before));
    assert!(
        records(&outputs).is_empty(),
        "nothing is logged twice: {outputs:?}"
    );
    let other = message(&ConsensusMessage::Proposal(proposal(proposers().0, 0, 8)));
    again.step(other);
    assert!(
        votes(&again.step(checked(8, Verdict::Valid))).is_empty(),
        "no second prevote"
    );
}

#[test]
fn every_cut_of_the_log_is_a_sound_place_to_restart() {
    let mut run = Run::new(voter(bystander()));
    let all = votes(&decide(&mut run, proposers().0));
    for cut in 0..=run.log.len() {
        let mut again = Run::resume(voter(bystander()), run.log[..cut].to_vec());
        let outputs = decide(&mut again, proposers().0);
        for vote in votes(&outputs) {
            assert!(all.contains(&vote), "cut at {cut}: {vote:?}");
        }
        assert_eq!(decided(&outputs), Some(block(7)), "cut at {cut}");
    }
}

#[test]
fn forged_foreign_and_untimely_statements_are_faults_and_start_nothing() {
    let mut run = Run::new(voter(bystander()));
    run.step(Input::Start);
    let vote_of = |validator, signer: &SecretKey| {
        let vote = Vote {
            kind: VoteKind::Prevote,
            height: 1,
            round: 0,
            block: None,
            validator,
        };
        let signature = signer.sign(&vote.signed_message(&chain_id()));
        message(&ConsensusMessage::Vote(SignedVote { vote, signature }))
    };
    let stranger = SecretKey::from_seed([77; 32]);
    let stranger_id = ValidatorId::from_voting_key(&stranger.public_key());
    let (first, second) = proposers();
    let turn = PeerFault::NotProposer {
        proposer: id(second),
        round: 0,
    };
    let mut tampered = proposal(first, 0, 7);
    tampered.content = Bytes::from_static(b"other content");
    let cases = [
        (vote_of(id(first), &stranger), PeerFault::BadSignature),
        (
            vote_of(stranger_id, &stranger),
            PeerFault::Stranger(stranger_id),
        ),
        (
            message(&ConsensusMessage::Proposal(proposal(second, 0, 7))),
            turn,
        ),
        (
            message(&ConsensusMessage::Proposal(tampered)),
            PeerFault::BadSignature,
        ),
    ];
    for started in [false, true] {
        if started {
            run.step(Input::WorkAvailable);
        }
        for (input, fault) in &cases {
            let outputs = run.step(input.clone());
            assert_eq!(faults(&outputs), std::slice::from_ref(fault));
            assert!(said(&outputs).is_empty() && records(&outputs).is_empty());
        }
    }
    let outputs = run.step(Input::Message {
        from: peer(),
        bytes: Bytes::from_static(b"\xff"),
    });
    assert!(matches!(faults(&outputs)[..], [PeerFault::Malformed(_)]));
}

#[test]
fn a_log_that_contradicts_itself_is_refused() {
    let vote = |block| {
        let vote = Vote {
            kind: VoteKind::Prevote,
            height: 1,
            round: 0,
            block,
            validator: id(0),
        };
        LogRecord::Vote(SignedVote {
            vote,
            signature: keys()[0].sign(&vote.signed_message(&chain_id())),
        })
    };
    let log = vec![vote(None), vote(Some(block(3)))];
    assert!(matches!(
        Engine::new(config(voter(0)), log),
        Err(EngineError::DoubleStatement(_))
    ));
}

#[test]
fn a_log_that_does_not_lead_to_what_was_signed_halts_the_engine() {
    let mut run = Run::new(voter(bystander()));
    run.step(Input::Start);
    run.step(message(&ConsensusMessage::Proposal(proposal(
        proposers().0,
        0,
        7,
    ))));
    run.step(checked(7, Verdict::Valid));
    let nil = Vote {
        kind: VoteKind::Prevote,
        height: 1,
        round: 0,
        block: None,
        validator: id(bystander()),
    };
    for record in &mut run.log {
        if let LogRecord::Vote(signed) = record {
            signed.vote = nil;
            signed.signature = keys()[bystander()].sign(&nil.signed_message(&chain_id()));
        }
    }
    let mut again = Run::resume(voter(bystander()), run.log.clone());
    assert!(matches!(
        again.step(Input::Start)[..],
        [Output::Halt(EngineError::Divergence(_))]
    ));
    assert!(
        again.step(Input::WorkAvailable).is_empty(),
        "nothing comes out any more"
    );
}

#[test]
fn own_words_from_the_network_bind_and_contradictions_halt() {
    let own = bystander();
    let mut run = Run::new(voter(own));
    run.step(Input::Start);
    run.step(vote(own, VoteKind::Prevote, 0, Some(block(9))));
    run.step(message(&ConsensusMessage::Proposal(proposal(
        proposers().0,
        0,
        7,
    ))));
    assert!(
        votes(&run.step(checked(7, Verdict::Valid))).is_empty(),
        "it said something else in another life"
    );

    let mut run = Run::new(voter(own));
    run.step(Input::Start);
    run.step(message(&ConsensusMessage::Proposal(proposal(
        proposers().0,
        0,
        7,
    ))));
    assert_eq!(votes(&run.step(checked(7, Verdict::Valid))).len(), 1);
    let outputs = run.step(vote(own, VoteKind::Prevote, 0, Some(block(9))));
    assert!(
        matches!(outputs[..], [Output::Halt(EngineError::DoubleStatement(_))]),
        "{outputs:?}"
    );
}

#[test]
fn observers_and_those_who_may_not_vote_follow_in_silence() {
    struct Locked;
    impl VoteSigner for Locked {
        fn sign(&mut self, _: Position, _: &[u8]) -> Result<Signature, SignerRefusal> {
            Err(SignerRefusal {
                reason: "locked".into(),
            })
        }
    }
    let own = bystander();
    let late = voter(own).map(|voter| Voter {
        vote_from_height: 2,
        ..voter
    });
    let locked = Some(Voter {
        id: id(own),
        signer: Box::new(Locked),
        vote_from_height: 0,
    });
    for voter in [None, late, locked] {
        let mut run = Run::new(voter);
        let outputs = decide(&mut run, proposers().0);
        assert!(said(&outputs).is_empty(), "{:?}", said(&outputs));
        assert_eq!(decided(&outputs), Some(block(7)));
    }
}

#[test]
fn a_certificate_from_elsewhere_decides_and_a_bad_one_does_not() {
    let mut run = Run::new(voter(bystander()));
    let outputs = decide(&mut run, proposers().0);
    let certificate = outputs.iter().find_map(|output| match output {
        Output::Decided { certificate, .. } => Some(certificate.clone()),
        _ => None,
    });
    let certificate = certificate.expect("decided");
    let mut other = Run::new(None);
    other.step(Input::Start);
    let mut short = certificate.clone();
    short.signatures.truncate(2);
    let outputs = other.step(Input::Synced { certificate: short });
    assert!(matches!(
        outputs[..],
        [Output::CertificateRefused { height: 1, .. }]
    ));
    assert_eq!(
        decided(&other.step(Input::Synced { certificate })),
        Some(block(7))
    );
}

#[test]
fn missing_history_is_refused() {
    let config = EngineConfig {
        start_height: 10,
        ..config(None)
    };
    assert!(matches!(
        Engine::new(config, Vec::new()),
        Err(EngineError::History {
            expected: 8,
            found: 0
        })
    ));
}

#[test]
fn messages_of_the_next_height_wait_and_later_ones_do_not() {
    let mut run = Run::new(voter(bystander()));
    run.step(Input::Start);
    let early = |height: u64| {
        let vote = Vote {
            kind: VoteKind::Prevote,
            height,
            round: 0,
            block: None,
            validator: id(proposers().0),
        };
        let signature = keys()[proposers().0].sign(&vote.signed_message(&chain_id()));
        message(&ConsensusMessage::Vote(SignedVote { vote, signature }))
    };
    let outputs = run.step(early(2));
    assert!(
        outputs
            .iter()
            .any(|output| matches!(output, Output::PeerAhead { height: 2, .. }))
    );
    run.step(early(3));
    decide_rest(&mut run);
    let applied = Input::Applied {
        height: 1,
        next_validators: set(),
        parent_round: 0,
        work_pending: false,
    };
    run.step(applied);
    let status = run.engine.status();
    assert_eq!(
        (status.height, status.phase),
        (2, Phase::Running),
        "the waiting vote starts the height"
    );
    assert_eq!(status.heard, [id(proposers().0)]);
}

fn decide_rest(run: &mut Run) {
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

#[test]
fn an_engine_can_live_on_any_thread() {
    fn assert_send<T: Send>(_: &T) {}
    assert_send(&Run::new(voter(0)).engine);
}
