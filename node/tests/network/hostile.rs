//! Strangers, impostors, and registered peers that break the rules. Others are never affected.

use std::time::Duration;

use futures::AsyncWriteExt;
use libp2p::StreamProtocol;
use talea_node::{
    limits::network as limits,
    network::{NetworkEvent, PeerFault, Priority},
};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, time::timeout};

use crate::harness::{
    Attacker, HANG, Node, assert_talking, framed, id, mesh, peer, protocol, until,
    victim_and_honest,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_refused_and_never_gets_a_stream() {
    let (mut victim, mut honest) = victim_and_honest().await;
    let mut stranger = Attacker::start(66, &victim);
    stranger.until_ended().await;
    assert!(stranger.open(protocol(Priority::Vote)).await.is_none());
    until(|| victim.handle.counters().refused_strangers >= 1).await;
    assert_eq!(victim.handle.counters().faults, 0);
    assert_eq!(victim.handle.connected().len(), 1);
    assert_talking(&mut victim, &mut honest, "still here").await;
    assert_eq!(victim.handle.counters().messages_in.vote, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dial_that_finds_another_identity_is_given_up() {
    let impostor = Node::start(3, Vec::new()).await;
    impostor.handle.set_peers(vec![peer(1, None)]).unwrap();
    let mut node = Node::start(1, vec![peer(2, Some(&impostor.address()))]).await;
    until(|| node.handle.counters().dials_wrong_peer >= 2).await;
    assert!(node.handle.connected().is_empty());
    assert_eq!(node.receiver.try_recv(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_of_another_chain_is_told_apart() {
    let mut one = Node::start(1, Vec::new()).await;
    one.handle.set_peers(vec![peer(2, None)]).unwrap();
    let known = vec![peer(1, Some(&one.address()))];
    let _other = Node::try_start(2, "/ip4/127.0.0.1/tcp/0", "other", known)
        .await
        .unwrap();
    assert!(matches!(
        one.until_fault(id(2)).await,
        PeerFault::StreamRefused { .. }
    ));
    assert!(one.handle.connected().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_frames_are_typed_faults() {
    let priority = Priority::Vote;
    let oversized = |announced_bytes| PeerFault::OversizedFrame {
        priority,
        announced_bytes,
    };
    let just_over = u32::try_from(limits::VOTE_MESSAGE_BYTES_MAX).unwrap() + 1;
    let cases = [
        (just_over.to_le_bytes().to_vec(), oversized(just_over)),
        (
            b"GET / HTTP/1.1\r\n".to_vec(),
            oversized(u32::from_le_bytes(*b"GET ")),
        ),
        (vec![0; 4], PeerFault::EmptyFrame { priority }),
    ];
    for (bytes, expected) in cases {
        let (mut victim, mut honest) = victim_and_honest().await;
        let mut attacker = Attacker::start(9, &victim);
        let mut message = framed(b"one good vote");
        message.extend_from_slice(&bytes);
        let _stream = attacker.write(priority, &message).await;
        let (mut good, mut fault) = (0, None);
        while good == 0 || fault.is_none() {
            match victim.next().await {
                NetworkEvent::Message { from, bytes, .. } => {
                    assert_eq!((from, &bytes[..]), (id(9), &b"one good vote"[..]));
                    good += 1;
                }
                NetworkEvent::Fault { from, kind } => {
                    assert_eq!(from, id(9));
                    fault = Some(kind);
                }
                _ => {}
            }
        }
        assert_eq!((good, fault), (1, Some(expected)));
        attacker.until_ended().await;
        assert_talking(&mut victim, &mut honest, "unaffected").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_ends_before_its_connection_is_a_fault() {
    let priority = Priority::Vote;
    let (mut victim, mut honest) = victim_and_honest().await;
    for (written, expected) in [
        (&[9, 0, 0, 0, 1][..], PeerFault::TruncatedFrame { priority }),
        (&[1, 0, 0, 0, 1][..], PeerFault::StreamEnded { priority }),
    ] {
        let mut attacker = Attacker::start(9, &victim);
        let mut stream = attacker.write(priority, written).await;
        stream.close().await.unwrap();
        assert_eq!(victim.until_fault(id(9)).await, expected);
    }
    assert_talking(&mut victim, &mut honest, "unaffected").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_and_silence_on_the_port_disturb_nobody() {
    let (mut victim, mut honest) = victim_and_honest().await;
    let address = victim.address().to_string();
    let port: u16 = address.rsplit('/').next().unwrap().parse().unwrap();
    let http = &b"GET / HTTP/1.1\r\n\r\n"[..];
    for garbage in [http, &[0xff; 4096], b"\x13/multistream/1.0.0\n\xff\xff"] {
        let before = victim.handle.counters().handshakes_failed;
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        socket.write_all(garbage).await.unwrap();
        socket.shutdown().await.unwrap();
        until(|| victim.handle.counters().handshakes_failed > before).await;
    }
    // More silent sockets than may be in their handshake: the rest is refused at once.
    let mut silent = Vec::new();
    for _ in 0..limits::PENDING_INBOUND_MAX + 8 {
        silent.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
    }
    until(|| victim.handle.counters().refused_by_limit >= 8).await;
    assert_talking(&mut victim, &mut honest, "undisturbed").await;
    // The silent ones run into the handshake's time limit and make room again.
    let failed = victim.handle.counters().handshakes_failed;
    until(|| victim.handle.counters().handshakes_failed > failed).await;
    assert_eq!(victim.handle.counters().faults, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn floods_of_streams_are_faults_and_repeated_faults_are_penalised() {
    let (mut victim, mut honest) = victim_and_honest().await;

    let mut attacker = Attacker::start(9, &victim);
    let _first = attacker.write(Priority::Bulk, &framed(b"x")).await;
    let _second = attacker.open(protocol(Priority::Bulk)).await;
    let expected = PeerFault::DuplicateStream {
        priority: Priority::Bulk,
    };
    assert_eq!(victim.until_fault(id(9)).await, expected);
    assert_eq!(victim.handle.counters().penalties, 0);

    // Unknown protocols are refused one by one, and are a fault when they do not stop.
    let mut attacker = Attacker::start(9, &victim);
    let unknown = StreamProtocol::new("/something/else/1");
    for _ in 0..2 * limits::INBOUND_STREAMS_BURST {
        assert!(attacker.open(unknown.clone()).await.is_none());
    }
    assert_eq!(victim.until_fault(id(9)).await, PeerFault::StreamFlood);
    until(|| victim.handle.counters().penalties == 1).await;

    // While penalised it is refused like a stranger, but counted apart; then it may come back.
    Attacker::start(9, &victim).until_ended().await;
    until(|| victim.handle.counters().refused_penalised >= 1).await;
    assert_eq!(victim.handle.counters().refused_strangers, 0);
    let come_back = async {
        loop {
            let back = Attacker::start(9, &victim);
            tokio::time::sleep(Duration::from_millis(200)).await;
            if victim
                .handle
                .connected()
                .iter()
                .any(|peer| peer.peer_id == id(9))
            {
                return back;
            }
        }
    };
    let _back = timeout(HANG, come_back)
        .await
        .expect("the penalty never ended");
    assert_talking(&mut victim, &mut honest, "unaffected").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_reported_from_above_disconnect_a_peer_for_a_while() {
    let [mut one, mut two] = mesh([1, 2]).await;
    for _ in 0..5 {
        one.handle.report_fault(
            id(2),
            PeerFault::InvalidMessage {
                reason: "a bad signature",
            },
        );
    }
    one.until_disconnected(id(2)).await;
    assert_eq!(one.handle.counters().penalties, 1);
    one.until_connected(id(2)).await;
    assert_talking(&mut one, &mut two, "forgiven").await;
}
