//! Peers that keep the rules: exchange, priorities, bounds, restarts, registers.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use talea_node::{
    limits::network as limits,
    network::{NetworkEvent, PeerConfig, PeerId, PeerRole, Priority, SendOutcome},
};
use tokio::time::timeout;

use crate::harness::{CHAIN, HANG, Node, assert_talking, id, mesh, peer, until};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_nodes_connect_and_exchange_every_priority() {
    let mut nodes = mesh([1, 2, 3, 4]).await;
    let payload = |from: PeerId, priority: Priority| -> Bytes {
        let mut bytes = from.to_bytes();
        let length = match priority {
            Priority::Vote => 200,
            Priority::Control => priority.message_bytes_max(),
            Priority::Bulk => 3_000_000,
        };
        bytes.resize(length, priority.name().as_bytes()[0]);
        bytes.into()
    };
    for node in &nodes {
        for priority in Priority::ALL {
            let message = payload(node.handle.local_peer(), priority);
            let outcome = node.handle.broadcast(priority, &message);
            assert_eq!((outcome.queued, outcome.dropped), (3, 0));
        }
    }
    for node in &mut nodes {
        let mut received = BTreeMap::new();
        for _ in 0..9 {
            let (from, priority, bytes) = node.until_message().await;
            assert_eq!(bytes, payload(from, priority));
            assert!(received.insert((from, priority), ()).is_none());
        }
        let counters = node.handle.counters();
        assert_eq!(counters.messages_in.bulk, 3);
        assert_eq!(counters.bytes_in.bulk, 9_000_000);
        assert_eq!(counters.messages_out.vote, 3);
        assert_eq!(counters.faults, 0);
        let someone = received.keys().next().unwrap().0;
        let too_long = Bytes::from(vec![0; Priority::Vote.message_bytes_max() + 1]);
        for invalid in [too_long, Bytes::new()] {
            let outcome = node.handle.send(&someone, Priority::Vote, invalid);
            assert_eq!(outcome, SendOutcome::InvalidLength);
        }
        let outcome = node
            .handle
            .send(&id(77), Priority::Vote, Bytes::from_static(b"x"));
        assert_eq!(outcome, SendOutcome::NotConnected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn votes_pass_a_blocked_bulk_stream_and_every_queue_keeps_its_bound() {
    let [sender, mut slow, mut quick] = mesh([1, 2, 3]).await;
    let block = Bytes::from(vec![7; 1024 * 1024]);

    // The slow one leaves bulk where it is, until the sender's queue is full and stays so.
    let mut accepted = 0_usize;
    let fill = async {
        let mut dropped_in_a_row = 0;
        while dropped_in_a_row < 20 {
            match sender.handle.send(&id(2), Priority::Bulk, block.clone()) {
                SendOutcome::Queued => (accepted, dropped_in_a_row) = (accepted + 1, 0),
                SendOutcome::Dropped => {
                    dropped_in_a_row += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                other => panic!("unexpected {other:?}"),
            }
        }
    };
    timeout(HANG, fill).await.expect("the queue never filled");
    let bound = limits::BULK_SEND_QUEUE.0
        + limits::BULK_RECEIVE_BUDGET_BYTES
        + limits::CONNECTION_WINDOW_BYTES_MAX
        + 8 * block.len();
    assert!(
        accepted * block.len() <= bound,
        "{accepted} MiB were taken in"
    );
    let queued = |node: &Node| {
        let connected = node.handle.connected();
        connected
            .iter()
            .find(|peer| peer.peer_id == id(2))
            .unwrap()
            .queued_bytes
            .bulk
    };
    assert!(queued(&sender) > limits::BULK_SEND_QUEUE.0 - 2 * block.len());
    assert!(queued(&sender) <= limits::BULK_SEND_QUEUE.0);

    // Votes pass all the same, and in order.
    for number in 0..1000_u32 {
        let vote = Bytes::from(number.to_le_bytes().to_vec());
        assert_eq!(
            sender.handle.send(&id(2), Priority::Vote, vote),
            SendOutcome::Queued
        );
    }
    for number in 0..1000_u32 {
        let event = loop {
            match timeout(HANG, slow.receiver.recv_at_least(Priority::Vote))
                .await
                .unwrap()
            {
                Some(NetworkEvent::Connected(_) | NetworkEvent::Disconnected(_)) => {}
                other => break other,
            }
        };
        let bytes = Bytes::from(number.to_le_bytes().to_vec());
        let expected = NetworkEvent::Message {
            from: id(1),
            priority: Priority::Vote,
            bytes,
        };
        assert_eq!(event, Some(expected));
    }
    assert!(queued(&sender) > limits::BULK_SEND_QUEUE.0 - 2 * block.len());

    // So does bulk to another peer.
    assert_eq!(
        sender.handle.send(&id(3), Priority::Bulk, block.clone()),
        SendOutcome::Queued
    );
    assert_eq!(
        quick.until_message().await,
        (id(1), Priority::Bulk, block.clone())
    );

    // Once the slow one takes its bulk, all that was accepted arrives.
    for _ in 0..accepted {
        assert_eq!(
            slow.until_message().await,
            (id(1), Priority::Bulk, block.clone())
        );
    }
    assert_eq!(queued(&sender), 0);
    assert!(sender.handle.counters().dropped.bulk >= 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vote_overtakes_bulk_that_is_on_its_way() {
    let [sender, mut receiver] = mesh([1, 2]).await;
    let block = Bytes::from(vec![7; 1024 * 1024]);
    for _ in 0..32 {
        assert_eq!(
            sender.handle.send(&id(2), Priority::Bulk, block.clone()),
            SendOutcome::Queued
        );
    }
    sender
        .handle
        .send(&id(2), Priority::Vote, Bytes::from_static(b"vote"));
    let mut bulk_before_vote = 0;
    while receiver.until_message().await.1 == Priority::Bulk {
        bulk_before_vote += 1;
    }
    assert!(bulk_before_vote < 32, "the vote came last");
    for _ in bulk_before_vote..32 {
        assert_eq!(receiver.until_message().await.1, Priority::Bulk);
    }
}

/// Starts a node on a port that its predecessor may need a moment to let go of.
async fn restart(number: u8, listen: String, known: Vec<PeerConfig>) -> Node {
    let start = async {
        loop {
            if let Ok(node) = Node::try_start(number, &listen, CHAIN, known.clone()).await {
                return node;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(HANG, start).await.expect("the port is never free")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stops_or_is_killed_comes_back_on_its_port() {
    // The survivor is once one side of the pair's order, and once the other.
    for (stays, returns) in [(1, 2), (2, 1)] {
        let mut survivor = Node::start(stays, Vec::new()).await;
        let known = vec![peer(stays, Some(&survivor.address()))];
        let first = Node::start(returns, known.clone()).await;
        let listen = first.address().to_string();
        survivor
            .handle
            .set_peers(vec![peer(returns, Some(&first.address()))])
            .unwrap();
        survivor.until_connected(id(returns)).await;

        // An orderly stop.
        first.stop().await;
        survivor.until_disconnected(id(returns)).await;

        // A kill: its runtime, and with it all tasks and sockets, vanish at once.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let second = runtime
            .spawn(restart(returns, listen.clone(), known.clone()))
            .await
            .unwrap();
        survivor.until_connected(id(returns)).await;
        runtime.shutdown_background();
        survivor.until_disconnected(id(returns)).await;
        drop(second);

        let mut third = restart(returns, listen, known).await;
        survivor.until_connected(id(returns)).await;
        assert_talking(&mut survivor, &mut third, "back again").await;
        third.stop().await;
        survivor.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_register_can_change_at_run_time() {
    let [mut one, mut two] = mesh([1, 2]).await;
    let address = two.address();
    one.handle.set_peers(Vec::new()).unwrap();
    one.until_disconnected(id(2)).await;
    let outcome = one
        .handle
        .send(&id(2), Priority::Vote, Bytes::from_static(b"x"));
    assert_eq!(outcome, SendOutcome::NotConnected);
    until(|| one.handle.counters().refused_strangers >= 1).await;

    let observer = PeerConfig {
        role: PeerRole::Observer,
        ..peer(2, Some(&address))
    };
    one.handle.set_peers(vec![observer]).unwrap();
    one.until_connected(id(2)).await;
    let status = one.handle.connected();
    assert_eq!(
        (status[0].name.as_str(), status[0].role),
        ("node-2", PeerRole::Observer)
    );
    assert_eq!(
        one.handle
            .broadcast(Priority::Vote, &Bytes::from_static(b"x"))
            .queued,
        0
    );
    assert_talking(&mut one, &mut two, "registered again").await;

    one.handle.set_peers(vec![peer(2, None)]).unwrap();
    until(|| {
        one.handle
            .connected()
            .iter()
            .any(|peer| peer.role == PeerRole::Validator)
    })
    .await;

    assert!(
        one.handle
            .set_peers(vec![peer(2, None), peer(2, None)])
            .is_err()
    );
    let random = |_| PeerConfig {
        peer_id: PeerId::random(),
        ..peer(2, None)
    };
    assert!(
        one.handle
            .set_peers((0..=limits::PEERS_MAX).map(random).collect())
            .is_err()
    );
    assert_talking(&mut one, &mut two, "undisturbed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_that_cannot_work_is_refused() {
    let taken = Node::start(1, Vec::new()).await;
    let free = "/ip4/127.0.0.1/tcp/0".to_owned();
    for (listen, chain) in [
        (free.clone(), "bad/name"),
        (free, ""),
        (taken.address().to_string(), CHAIN),
        ("/ip4/127.0.0.1/udp/1".to_owned(), CHAIN),
    ] {
        assert!(
            Node::try_start(2, &listen, chain, Vec::new())
                .await
                .is_err()
        );
    }
}
