//! Following blocks and events through broken streams.

use std::sync::atomic::Ordering;

use crate::{chain::Fixture, node::FakeNode};
use talea_client::ClientError;
use talea_types::Subject;

#[tokio::test]
async fn blocks_come_once_each_and_verified() {
    let net = Fixture::new();
    let first = FakeNode::start(&net.chain).await;
    let second = FakeNode::start(&net.chain).await;
    first.faults.stream_messages.store(2, Ordering::SeqCst);
    second.faults.stream_messages.store(3, Ordering::SeqCst);
    let client = FakeNode::client(&[&first, &second]);
    for nonce in 0..6 {
        net.chain.commit(&[net.payment(nonce).encoded().clone()]);
    }
    let mut watch = client.watch_blocks(1, Some(&net.trust));
    for height in 1..=6 {
        let block = watch.next().await.unwrap();
        assert_eq!((block.header.height, block.applied), (height, 1));
    }
    // The next one comes when it is committed.
    net.chain.commit(&[]);
    assert_eq!(watch.next().await.unwrap().header.height, 7);
}

#[tokio::test]
async fn a_block_that_does_not_verify_is_not_passed_on() {
    let net = Fixture::new();
    let node = FakeNode::start(&net.chain).await;
    node.faults.tampers.store(true, Ordering::SeqCst);
    net.chain.commit(&[]);
    let client = FakeNode::client(&[&node]);
    let mut watch = client.watch_blocks(1, Some(&net.trust));
    let error = watch.next().await.unwrap_err();
    assert!(matches!(error, ClientError::Proof(_)), "{error}");
    // Without a genesis document nothing is verified.
    let mut watch = client.watch_blocks(1, None);
    assert_eq!(watch.next().await.unwrap().header.height, 1);
}

#[tokio::test]
async fn events_come_once_each() {
    let net = Fixture::new();
    let first = FakeNode::start(&net.chain).await;
    let second = FakeNode::start(&net.chain).await;
    first.faults.stream_messages.store(2, Ordering::SeqCst);
    second.faults.stream_messages.store(1, Ordering::SeqCst);
    let client = FakeNode::client(&[&first, &second]);
    for nonce in 0..7 {
        net.chain.commit(&[net.payment(nonce).encoded().clone()]);
    }
    let mut watch = client.watch_events(Subject::Account(Fixture::wallet()), 0);
    for sequence in 0..7 {
        assert_eq!(watch.next().await.unwrap().sequence, sequence);
    }
}
