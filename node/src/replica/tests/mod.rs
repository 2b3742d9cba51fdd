//! Whole replicas against each other.

mod network;

use talea_types::operation::{AccountKind, AccountOpen, Issue};
use talea_types::{
    AccountId, Amount, Asset, KeyPolicy, Operation, Outcome, SecretKey, SignedTransaction, Subject,
    Timestamp, TransactionBody, TransactionId, VerifiedTransaction, crypto::KeyCache,
    transaction::verify_all,
};

use super::*;
use network::{START, TestNetwork};

fn verified(transaction: SignedTransaction) -> VerifiedTransaction {
    verify_all(&mut KeyCache::new(), vec![transaction])
        .remove(0)
        .unwrap()
}

/// A bank's transaction.
fn of_bank(
    network: &TestNetwork,
    nonce: u64,
    operation: Operation,
    holder: &SecretKey,
) -> VerifiedTransaction {
    let bank = network.localnet.banks().next().unwrap();
    let opens = matches!(operation, Operation::AccountOpen(_));
    let mut signers = vec![bank.key.public_key()];
    let mut keys = vec![&bank.key];
    if opens {
        signers.push(holder.public_key());
        keys.push(holder);
    }
    signers.sort_unstable();
    let body = TransactionBody {
        signers,
        author: Subject::Participant(bank.id),
        nonce,
        expires_at: Timestamp::from_millis(START + 3_600_000),
        operation,
    };
    verified(SignedTransaction::sign(&network.localnet.record.chain_id(), &body, &keys).unwrap())
}

fn open(network: &TestNetwork, nonce: u64) -> VerifiedTransaction {
    let holder = SecretKey::from_seed([nonce as u8 + 100; 32]);
    let policy = KeyPolicy::single(holder.public_key());
    let open = AccountOpen {
        kind: AccountKind::Wallet,
        policy,
        tier: 2,
        holder_commitment: None,
    };
    of_bank(network, nonce, Operation::AccountOpen(open), &holder)
}

fn issue(network: &TestNetwork, nonce: u64, account: AccountId) -> VerifiedTransaction {
    let issue = Issue {
        account,
        asset: Asset::new("CZK").unwrap(),
        amount: Amount::new(100).unwrap(),
        end_to_end_id: String::new(),
    };
    of_bank(
        network,
        nonce,
        Operation::Issue(issue),
        &SecretKey::from_seed([1; 32]),
    )
}

fn submit(network: &mut TestNetwork, index: usize, transactions: Vec<VerifiedTransaction>) {
    network.input(
        index,
        Input::Submitted {
            ticket: 0,
            transactions,
        },
    );
}

fn outcomes(network: &TestNetwork, index: usize, id: TransactionId) -> Vec<Outcome> {
    let results = network.machines[index]
        .blocks
        .iter()
        .flat_map(|(record, _)| &record.results);
    results
        .filter(|result| result.transaction == id)
        .map(|result| result.outcome)
        .collect()
}

#[test]
fn four_replicas_settle_what_is_submitted_to_any_of_them() {
    let mut network = TestNetwork::new(4);
    network.run(100);
    let opened = open(&network, 0);
    let account = AccountId::opened_by(opened.id());
    submit(&mut network, 0, vec![opened.clone()]);
    network.run(500);
    assert_eq!(outcomes(&network, 3, opened.id()), vec![Outcome::Applied]);
    let issues: Vec<_> = (1..=100)
        .map(|nonce| issue(&network, nonce, account))
        .collect();
    for (index, transaction) in issues.iter().enumerate() {
        submit(&mut network, index % 4, vec![transaction.clone()]);
    }
    network.run(2_000);
    network.check_agreement();
    for transaction in &issues {
        assert_eq!(
            outcomes(&network, 2, transaction.id()),
            vec![Outcome::Applied]
        );
    }
    let ledger = network.machines[1].replica.as_ref().unwrap().ledger.clone();
    let balance = ledger
        .read()
        .account(&account)
        .unwrap()
        .balance(Asset::new("CZK").unwrap())
        .cloned();
    assert_eq!(balance.unwrap().available.minor_units(), 10_000);
    ledger.read().verify_conservation().unwrap();
    assert!(
        network
            .machines
            .iter()
            .all(|machine| machine.faults.is_empty())
    );
}

#[test]
fn the_same_transaction_sent_to_all_applies_once() {
    let mut network = TestNetwork::new(4);
    network.run(100);
    let opened = open(&network, 0);
    for index in 0..4 {
        submit(&mut network, index, vec![opened.clone()]);
    }
    network.run(2_000);
    network.check_agreement();
    let seen = outcomes(&network, 0, opened.id());
    assert_eq!(
        seen.iter().filter(|outcome| outcome.is_applied()).count(),
        1
    );
    assert!(
        seen.iter()
            .all(|outcome| outcome.is_applied() || outcome.is_void())
    );
}

#[test]
fn one_of_four_stops_and_comes_back() {
    let mut network = TestNetwork::new(4);
    network.run(500);
    network.stop(3);
    let opened = open(&network, 0);
    let account = AccountId::opened_by(opened.id());
    submit(&mut network, 0, vec![opened]);
    network.run(5_000);
    for nonce in 1..=50 {
        let transaction = issue(&network, nonce, account);
        submit(&mut network, (nonce % 3) as usize, vec![transaction]);
        network.run(50);
    }
    let before = network.check_agreement();
    assert!(before > 20, "only {before} blocks with one of four stopped");
    network.start(3, false);
    network.run(5_000);
    network.check_agreement();
    assert!(
        network.height(3) >= before,
        "it is at {} of {before}",
        network.height(3)
    );
}

#[test]
fn two_of_four_stopped_make_no_block_and_go_on_when_back() {
    let mut network = TestNetwork::new(4);
    network.run(3_000);
    network.stop(2);
    network.stop(3);
    network.run(1_000);
    let before = network.height(0);
    let opened = open(&network, 0);
    submit(&mut network, 0, vec![opened.clone()]);
    network.run(20_000);
    assert_eq!(network.height(0), before, "a block without a quorum");
    network.start(2, false);
    network.start(3, false);
    network.run(30_000);
    network.check_agreement();
    assert_eq!(outcomes(&network, 3, opened.id()), vec![Outcome::Applied]);
}

#[test]
fn a_lost_disk_rejoins_and_votes_again() {
    let mut network = TestNetwork::new(4);
    network.run(5_000);
    network.stop(1);
    network.wipe(1);
    network.run(2_000);
    network.start(1, true);
    let not_voting = |network: &TestNetwork| {
        let replica = network.machines[1].replica.as_ref().unwrap();
        replica.status().not_voting
    };
    let mut waited = false;
    for _ in 0..500 {
        network.run(10);
        // It has heard the others, and is not past the heights at which it may have voted.
        waited |= not_voting(&network).is_some_and(|why| why.contains("up to height"));
    }
    assert!(waited, "its operator is told how long it waits");
    let height = network.check_agreement();
    assert_eq!(not_voting(&network), None);
    // Without another one of the four its votes are needed.
    network.stop(0);
    network.run(15_000);
    assert!(network.check_agreement() > height + 3);
}

#[test]
fn a_minority_cut_off_catches_up_after_the_partition() {
    let mut network = TestNetwork::new(4);
    network.run(1_000);
    network.cut = vec![(0, 3), (1, 3), (2, 3)];
    network.run(10_000);
    let ahead = network.height(0);
    assert!(network.height(3) < ahead);
    network.cut.clear();
    network.run(10_000);
    network.check_agreement();
    assert!(network.height(3) >= ahead);
}
