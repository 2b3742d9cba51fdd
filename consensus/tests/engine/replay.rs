//! What the log must hold so that replay leads to what was signed, and no more than that.

use talea_consensus::{
    ConsensusMessage, EngineError, Input, LogRecord, Output, SignedProposal, Verdict, Voter,
};
use talea_types::{BlockHash, ValidatorId, VoteKind};

use crate::play::*;

/// Later than any wait of the first rounds, milliseconds.
const LONG: u64 = 3_600_000;

fn everybody_else(own: usize) -> impl Iterator<Item = usize> {
    (0..4).filter(move |place| *place != own)
}

fn say(run: &mut Run, kind: VoteKind, round: u32, block: Option<BlockHash>) -> Vec<Output> {
    let own = run.place().unwrap();
    everybody_else(own)
        .flat_map(|place| run.step(vote(place, kind, round, block)))
        .collect()
}

fn propose(run: &mut Run, proposal: SignedProposal) -> Vec<Output> {
    run.step(message(&ConsensusMessage::Proposal(proposal)))
}

/// Starts again from what is logged, and goes on until every wait of the round has ended.
fn restarted(voter: Option<Voter>, log: Vec<LogRecord>) -> (Run, Vec<Output>) {
    let mut run = Run::resume(voter, log);
    let outputs = run.step(Input::Start);
    run.now += LONG;
    run.step(Input::Tick);
    (run, outputs)
}

/// The state machine forgets the prevotes of round 0 once it precommits in round 1. They come again with a proposal that
/// stands on them, and lead to a prevote: replay needs them at both places.
#[test]
fn prevotes_that_were_forgotten_and_came_again_are_replayed_at_both_places() {
    let own = order()[3];
    let mut run = Run::new(voter(own));
    run.step(Input::Start);
    propose(&mut run, proposal(order()[0], 0, 7));
    run.step(checked(7, Verdict::Valid));
    for round in [0, 1] {
        if round == 1 {
            propose(&mut run, locked(order()[1], 1, 7, 0));
        }
        let outputs = say(&mut run, VoteKind::Prevote, round, Some(block(7)));
        assert!(votes(&outputs).contains(&(VoteKind::Precommit, round, Some(block(7)))));
        say(&mut run, VoteKind::Precommit, round, None);
        assert_eq!(run.engine.status().round, round + 1);
    }
    assert!(votes(&propose(&mut run, locked(order()[2], 2, 7, 0))).is_empty());
    let prevote = (VoteKind::Prevote, 2, Some(block(7)));
    let outputs = say(&mut run, VoteKind::Prevote, 0, Some(block(7)));
    assert_eq!(votes(&outputs), [prevote]);
    let mut log = run.log;
    for time in 0..3 {
        let (run, outputs) = restarted(voter(own), log);
        assert!(votes(&outputs).contains(&prevote), "{time}: {outputs:?}");
        log = run.log;
    }
}

/// Its disk is gone, and a peer repeats what it said before: that is in its new log, and follows from nothing there.
#[test]
fn own_words_of_before_the_log_was_lost_need_not_follow_from_it() {
    let own = bystander();
    let from = |vote_from_height| {
        voter(own).map(|voter| Voter {
            vote_from_height,
            ..voter
        })
    };
    let mut run = Run::new(from(u64::MAX));
    run.step(Input::Start);
    run.step(vote(own, VoteKind::Precommit, 0, Some(block(7))));
    propose(&mut run, proposal(proposers().0, 0, 8));
    run.step(checked(8, Verdict::Invalid));
    say(&mut run, VoteKind::Prevote, 0, None);
    let heard = |record: &LogRecord| matches!(record, LogRecord::Vote(signed) if signed.vote.validator == id(own));
    assert_eq!(run.log.iter().filter(|record| heard(record)).count(), 1);
    for height in [2, u64::MAX] {
        let (_, outputs) = restarted(from(height), run.log.clone());
        assert!(said(&outputs).is_empty(), "{outputs:?}");
        assert!(
            !outputs
                .iter()
                .any(|output| matches!(output, Output::Halt(_)))
        );
    }
    // Where it votes, the log says that it said what it cannot have said.
    let (_, outputs) = restarted(from(1), run.log);
    assert!(
        matches!(outputs[..], [Output::Halt(EngineError::Divergence(_))]),
        "{outputs:?}"
    );
}

/// One contradiction is evidence; repeating it costs nobody a record.
#[test]
fn a_contradiction_is_logged_once_however_often_it_is_repeated() {
    let own = bystander();
    let mut run = Run::new(voter(own));
    run.step(Input::Start);
    run.step(Input::WorkAvailable);
    let liar = everybody_else(own).next().unwrap();
    let mut logged = |number: Option<u8>| {
        let said = vote(liar, VoteKind::Prevote, 0, number.map(block));
        records(&run.step(said)).len()
    };
    assert_eq!(logged(None), 1);
    assert_eq!(logged(Some(9)), 1);
    let repeated: usize = (0..1_000)
        .map(|time| logged(Some(9).filter(|_| time % 2 == 0)))
        .sum();
    assert_eq!(repeated, 0);
}

/// Votes of rounds long past are dropped, and not taken again.
#[test]
fn votes_of_rounds_long_past_are_not_taken_again() {
    let own = bystander();
    let mut run = Run::new(voter(own));
    run.step(Input::Start);
    for round in 0..40 {
        say(&mut run, VoteKind::Precommit, round, None);
    }
    assert_eq!(run.engine.status().round, 40);
    let again = |run: &mut Run, round| records(&say(run, VoteKind::Precommit, round, None)).len();
    assert_eq!(again(&mut run, 3), 0, "longer ago than is kept");
    assert_eq!(again(&mut run, 20), 0, "known");
    let liar: ValidatorId = id(everybody_else(own).next().unwrap());
    assert!(run.engine.status().silent.contains(&liar));
}
