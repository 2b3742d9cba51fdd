//! Submitting in bulk: nothing lost, nothing doubled, whatever breaks.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use crate::{chain::Fixture, node::FakeNode};
use talea_client::{
    Client, ClientError, Finality, Options,
    bulk::{BulkOptions, BulkResult},
};

const COUNT: u64 = 1_000;

fn options() -> BulkOptions {
    BulkOptions {
        in_flight: 100,
        batch: 10,
        ..BulkOptions::default()
    }
}

async fn submit_all(client: &Client, net: &Arc<Fixture>, options: BulkOptions) -> Vec<BulkResult> {
    let (sender, mut results) = client.bulk(options);
    let producer = {
        let net = Arc::clone(net);
        tokio::spawn(async move {
            for nonce in 0..COUNT {
                sender.send(net.payment(nonce)).await.unwrap();
            }
        })
    };
    let mut all = Vec::new();
    while let Some(result) = results.next().await {
        all.push(result);
    }
    producer.await.unwrap();
    all
}

#[tokio::test]
async fn streams_that_break_lose_nothing_and_double_nothing() {
    let net = Arc::new(Fixture::new());
    let first = FakeNode::start(&net.chain).await;
    let second = FakeNode::start(&net.chain).await;
    // Each stream of both nodes ends in the middle, after committing what it does not answer.
    first.faults.stream_messages.store(20, Ordering::SeqCst);
    second.faults.stream_messages.store(30, Ordering::SeqCst);
    let client = FakeNode::client(&[&first, &second]);
    let results = submit_all(&client, &net, options()).await;

    assert_eq!(results.len() as u64, COUNT);
    let ids: BTreeSet<_> = results.iter().map(|one| one.transaction.id()).collect();
    assert_eq!(ids.len() as u64, COUNT, "one result each");
    for one in &results {
        let settlement = one.result.as_ref().unwrap();
        let rejected = one.transaction.body().nonce % 100 == 99;
        assert_eq!(settlement.is_committed(), !rejected);
    }
    let (index, entries) = net.chain.read(|state| {
        let entries: usize = state.blocks.iter().map(|block| block.results.len()).sum();
        (state.index.len() as u64, entries as u64)
    });
    assert_eq!(
        (index, entries),
        (COUNT, COUNT),
        "each is in one block once"
    );
    let sent = first.faults.submissions.load(Ordering::SeqCst)
        + second.faults.submissions.load(Ordering::SeqCst);
    assert!(sent as u64 > COUNT, "something was indeed sent again");
}

#[tokio::test]
async fn the_number_in_flight_is_bounded() {
    let net = Arc::new(Fixture::new());
    let node = FakeNode::start(&net.chain).await;
    let client = FakeNode::client(&[&node]);
    let (sender, mut results) = client.bulk(BulkOptions {
        in_flight: 20,
        batch: 5,
        ..BulkOptions::default()
    });
    // Nobody receives results: 20 results wait, at most 20 are in flight and 5 wait to be taken.
    let mut sent = 0;
    while sent < COUNT
        && tokio::time::timeout(Duration::from_millis(300), sender.send(net.payment(sent)))
            .await
            .is_ok()
    {
        sent += 1;
    }
    assert!(sent <= 20 + 20 + 5 + 1, "{sent}");
    drop(sender);
    let mut received = 0;
    while results.next().await.is_some() {
        received += 1;
    }
    assert_eq!(received, sent);
}

#[tokio::test]
async fn without_a_node_every_transaction_still_has_a_result() {
    let net = Arc::new(Fixture::new());
    let client = Client::new(&Options::new(["http://127.0.0.1:1"])).unwrap();
    let (sender, mut results) = client.bulk(BulkOptions {
        give_up_after: Duration::from_millis(200),
        ..options()
    });
    sender.send(net.payment(1)).await.unwrap();
    drop(sender);
    let one = results.next().await.unwrap();
    assert!(
        matches!(
            one.result,
            Err(ClientError::Uncertain { .. } | ClientError::Unreachable { .. })
        ),
        "{one:?}"
    );
    assert!(results.next().await.is_none());
}

#[tokio::test]
async fn what_no_stream_tells_a_look_up_does() {
    let net = Arc::new(Fixture::new());
    let node = FakeNode::start(&net.chain).await;
    // Every stream takes one message, commits it, says nothing final, and breaks.
    node.faults.stream_messages.store(1, Ordering::SeqCst);
    let client = FakeNode::client(&[&node]);
    let (sender, mut results) = client.bulk(BulkOptions {
        give_up_after: Duration::from_millis(500),
        ..options()
    });
    sender.send(net.payment(1)).await.unwrap();
    drop(sender);
    let one = results.next().await.unwrap();
    let committed = Finality::Committed {
        height: 1,
        index: 0,
    };
    assert_eq!(one.result.unwrap().finality, committed);
}

#[tokio::test]
async fn a_sender_with_pauses_outlives_streams_that_end_as_idle() {
    let net = Arc::new(Fixture::new());
    let first = FakeNode::start(&net.chain).await;
    let second = FakeNode::start(&net.chain).await;
    first.faults.idles.store(true, Ordering::SeqCst);
    let client = FakeNode::client(&[&first, &second]);
    let (sender, mut results) = client.bulk(options());
    for nonce in 1..=5 {
        sender.send(net.payment(nonce)).await.unwrap();
        let one = results.next().await.unwrap();
        assert!(one.result.unwrap().is_committed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    drop(sender);
    assert!(results.next().await.is_none());
    let submissions = |node: &FakeNode| node.faults.submissions.load(Ordering::SeqCst);
    assert_eq!(
        (submissions(&first), submissions(&second)),
        (5, 0),
        "a node that is well is not left"
    );
}
