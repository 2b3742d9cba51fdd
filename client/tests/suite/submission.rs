//! Submitting safely: lost answers, dead nodes, refusals, expiry.

use std::{sync::atomic::Ordering, time::Duration};

use crate::{chain::Fixture, node::FakeNode};
use talea_client::{Author, Client, ClientError, Finality, Options, operations};
use talea_types::{AccountId, Amount, Asset, Outcome, Subject};

const DEADLINE: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(600);

#[tokio::test]
async fn the_same_bytes_go_to_a_second_node_after_a_lost_answer() {
    let net = Fixture::new();
    let first = FakeNode::start(&net.chain).await;
    let second = FakeNode::start(&net.chain).await;
    first.faults.lost_answers.store(1, Ordering::SeqCst);
    let client = FakeNode::client(&[&first, &second]);
    let payment = net.payment(1);
    let settlement = client.submit(&payment, DEADLINE).await.unwrap();
    // The original place: the block that the first node committed.
    let original = Finality::Committed {
        height: 1,
        index: 0,
    };
    assert_eq!(settlement.finality, original);
    assert_eq!(second.faults.submissions.load(Ordering::SeqCst), 1);
    assert_eq!(net.chain.read(|state| state.blocks.len()), 1);
}

#[tokio::test]
async fn a_dead_node_is_passed_over() {
    let net = Fixture::new();
    let alive = FakeNode::start(&net.chain).await;
    let options = Options::new(["http://127.0.0.1:1".to_owned(), alive.url.clone()]);
    let client = Client::new(&options).unwrap();
    let settlement = client.submit(&net.payment(1), DEADLINE).await.unwrap();
    assert!(settlement.is_committed());
}

#[tokio::test]
async fn without_any_node_nothing_can_have_been_written() {
    let net = Fixture::new();
    let client = Client::new(&Options::new(["http://127.0.0.1:1"])).unwrap();
    let error = client.submit(&net.payment(1), SHORT).await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn what_is_accepted_and_not_final_is_uncertain() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    node.faults.stuck.store(true, Ordering::SeqCst);
    let payment = net.payment(1);
    let error = FakeNode::client(&[&node]).submit(&payment, SHORT).await;
    let error = error.unwrap_err();
    assert!(
        matches!(error, ClientError::Uncertain { id, .. } if id == payment.id()),
        "{error}"
    );
    assert!(error.to_string().contains("talea tx status"), "{error}");
}

#[tokio::test]
async fn a_rejection_in_a_block_is_final() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    let settlement = FakeNode::client(&[&node])
        .submit(&net.payment(99), DEADLINE)
        .await
        .unwrap();
    let Finality::Rejected { rejection, .. } = settlement.finality else {
        panic!("{settlement:?}");
    };
    assert_eq!(rejection.outcome(), Some(Outcome::InsufficientFunds));
}

#[tokio::test]
async fn a_refusal_ends_it_when_no_node_can_have_it() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    *node.faults.refuses.lock().unwrap() = Some(Outcome::Unauthorised);
    let client = FakeNode::client(&[&node]);
    let error = client.submit(&net.payment(1), DEADLINE).await.unwrap_err();
    let ClientError::Refused(error) = error else {
        panic!("{error}");
    };
    assert_eq!(error.known_outcome(), Some(Outcome::Unauthorised));
    assert_eq!(node.faults.submissions.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_full_mempool_is_asked_again() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    node.faults.full.store(3, Ordering::SeqCst);
    let client = FakeNode::client(&[&node]);
    let settlement = client.submit(&net.payment(1), DEADLINE).await.unwrap();
    assert!(settlement.is_committed());
    assert_eq!(node.faults.submissions.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_transaction_that_was_never_seen_has_expired_once_the_ledger_says_so() {
    let net = Fixture::new();
    let stuck = FakeNode::start(&net.chain).await;
    let other = FakeNode::start(&net.chain).await;
    stuck.faults.stuck.store(true, Ordering::SeqCst);
    *other.faults.refuses.lock().unwrap() = Some(Outcome::Expired);
    net.chain.advance_clock(7_200_000);
    let client = FakeNode::client(&[&stuck, &other]);
    // The first node took it and forgot it; the second refuses it, which alone would not be final.
    let settlement = client.submit(&net.payment(1), DEADLINE).await.unwrap();
    assert_eq!(settlement.finality, Finality::Expired);
}

#[tokio::test]
async fn what_a_pruned_node_does_not_know_may_have_been_applied() {
    let net = Fixture::new();
    let stuck = FakeNode::start(&net.chain).await;
    let other = FakeNode::start(&net.chain).await;
    stuck.faults.stuck.store(true, Ordering::SeqCst);
    *other.faults.refuses.lock().unwrap() = Some(Outcome::Expired);
    net.chain.advance_clock(7_200_000);
    let payment = net.payment(1);
    // The payment could have been in a block just before the first that is kept.
    let expires_at = payment.body().expires_at.millis();
    net.chain.prune_before(expires_at - 86_400_000 + 1);
    let client = FakeNode::client(&[&stuck, &other]);
    let unsure = client.submit(&payment, Duration::from_secs(1)).await;
    assert!(
        matches!(unsure, Err(ClientError::Uncertain { .. })),
        "{unsure:?}"
    );
    net.chain.prune_before(expires_at - 86_400_000);
    // A new client asks the stuck node first again; a refusal by the first one asked is passed on as it is.
    let client = FakeNode::client(&[&stuck, &other]);
    let sure = client.submit(&payment, DEADLINE).await.unwrap();
    assert_eq!(sure.finality, Finality::Expired);
}

#[tokio::test]
async fn an_author_keeps_many_in_flight() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    let client = FakeNode::client(&[&node]);
    let subject = Subject::Account(Fixture::wallet());
    let keys = vec![Fixture::wallet_key()];
    let author = Author::open(&client, net.trust.chain(), subject, keys)
        .await
        .unwrap();
    let pay = |minor| {
        operations::transfer(
            Fixture::wallet(),
            AccountId::from_bytes([2; 16]),
            Asset::new("CZK").unwrap(),
            Amount::new(minor).unwrap(),
        )
    };
    let (first, second, third) = tokio::join!(
        author.submit(pay(10), &[], DEADLINE),
        author.submit(pay(20), &[], DEADLINE),
        author.submit(pay(30), &[], DEADLINE),
    );
    for settlement in [first, second, third] {
        assert!(settlement.unwrap().is_committed());
    }
    assert_eq!(author.nonces().in_flight(), 0);
    // An amount that is refused when it is built costs no nonce.
    let error = author.submit(pay(0), &[], DEADLINE).await.unwrap_err();
    assert!(matches!(error, ClientError::Build(_)), "{error}");
    assert_eq!(author.nonces().take().unwrap(), 3);
}
