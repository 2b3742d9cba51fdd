//! One engine among four validators whose other three are played by the test.

mod play;
mod replay;

use bytes::Bytes;
use play::*;
use talea_consensus::{
    ConsensusMessage, Engine, EngineConfig, EngineError, Input, LogRecord, Output, PeerFault,
    Phase, Position, SignedVote, SignerRefusal, Verdict, VoteSigner, Voter,
};
use talea_types::{SecretKey, Signature, ValidatorId, VoteKind, vote::Vote};

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
    let again = ConsensusMessage::Proposal(locked(second, 1, 7, 0));
    let claimed = run.step(message(&again));
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
    assert_eq!(status.prevoted, [id(proposers().0)]);
}

#[test]
fn an_engine_can_live_on_any_thread() {
    fn assert_send<T: Send>(_: &T) {}
    assert_send(&Run::new(voter(0)).engine);
}
