//! A pack of a network comes into force anew.

use talea_rules::Pack;
use talea_types::{
    Operation, ProposalId, RulePackId, Subject,
    operation::{Approve, Change, Propose, RulePackActivate},
};

use super::story::Told;

/// Blocks until a proposal takes effect: three that approve, and one in which its time has passed.
const NOTICE_BLOCKS: u64 = 6;
/// Days that a regulator has to veto a pack.
const VETO_DAYS: u32 = 8;

/// The first pack in force with the next version, altered, proposed by the operator and approved by three of the four
/// that run validators; with the blocks until it is in force.
pub fn in_force_again(mut told: Told, alter: impl FnOnce(&mut Pack)) -> Told {
    let mut pack = told.network.ledger().rules_in_force()[0].clone();
    pack.version += 1;
    alter(&mut pack);
    let operator = told.network.localnet.operator();
    let author = (Subject::Participant(operator.id), operator.key.clone());
    let effective_height = told.network.ledger().height() + NOTICE_BLOCKS;
    let propose = Operation::Propose(Propose {
        change: Change::RulePackActivate(RulePackActivate {
            pack: RulePackId::new(&pack.id).unwrap(),
            version: pack.version,
            document: pack.encode().into(),
        }),
        effective_height,
        approve_by: told.network.next_time().plus_millis(86_400_000),
    });
    told = told.then(&author, &[], propose);
    let proposal = ProposalId::made_by(told.made.last().unwrap().results[0].transaction);
    for name in ["bank-1", "bank-2", "bank-3"] {
        let all = &told.network.localnet.organisations;
        let bank = all.iter().find(|one| one.name == name).unwrap();
        let author = (Subject::Participant(bank.id), bank.key.clone());
        told = told.then(&author, &[], Operation::Approve(Approve { proposal }));
    }
    let day = told.network.next_time().day();
    told.network.pass_to(day + VETO_DAYS);
    while told.network.ledger().height() < effective_height {
        let made = told.network.block(&[]);
        told.made.push(made);
    }
    told
}
