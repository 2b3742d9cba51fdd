//! The machine against honest, slow, lying and rewound peers.

use talea_types::PublicKey;

use super::*;

fn peer(number: u8) -> PeerId {
    PeerId(PublicKey::from_bytes([number; 32]))
}

fn block(height: u64) -> Bytes {
    Bytes::from(format!("block {height}"))
}

fn requests(outputs: &[CatchUpOutput]) -> Vec<(PeerId, u64, u64)> {
    let request = |output: &CatchUpOutput| match output {
        CatchUpOutput::RequestBlocks { peer, from, to } => Some((*peer, *from, *to)),
        _ => None,
    };
    outputs.iter().filter_map(request).collect()
}

fn faults(outputs: &[CatchUpOutput]) -> Vec<(PeerId, CatchUpFault)> {
    let fault = |output: &CatchUpOutput| match output {
        CatchUpOutput::PeerFault { peer, fault } => Some((*peer, *fault)),
        _ => None,
    };
    outputs.iter().filter_map(fault).collect()
}

fn checked(outputs: &[CatchUpOutput]) -> Option<u64> {
    outputs.iter().find_map(|output| match output {
        CatchUpOutput::CheckBlock { height, .. } => Some(*height),
        _ => None,
    })
}

#[test]
fn ranges_are_spread_over_peers_and_checked_in_order() {
    let mut node = CatchUp::new(0);
    let mut asked = Vec::new();
    for number in 1..=3 {
        asked.extend(requests(&node.step(
            0,
            CatchUpInput::Status {
                peer: peer(number),
                height: 70,
            },
        )));
    }
    assert_eq!(
        asked,
        [(peer(1), 1, 32), (peer(2), 33, 64), (peer(3), 65, 70)]
    );
    // The second range comes first: nothing can be checked yet.
    let late = node.step(
        5,
        CatchUpInput::BlocksReceived {
            peer: peer(2),
            from: 33,
            blocks: (33..=64).map(block).collect(),
        },
    );
    assert_eq!(checked(&late), None);
    let mut outputs = node.step(
        6,
        CatchUpInput::BlocksReceived {
            peer: peer(1),
            from: 1,
            blocks: (1..=32).map(block).collect(),
        },
    );
    for height in 1..=64 {
        assert_eq!(checked(&outputs), Some(height));
        outputs = node.step(7, CatchUpInput::Applied { height });
    }
    assert_eq!(checked(&outputs), None);
}

#[test]
fn one_block_behind_is_left_to_the_votes_for_a_moment() {
    let mut node = CatchUp::new(9);
    let outputs = node.step(
        100,
        CatchUpInput::Status {
            peer: peer(1),
            height: 10,
        },
    );
    assert!(requests(&outputs).is_empty());
    assert!(outputs.contains(&CatchUpOutput::WakeAt(100 + GRACE_MS)));
    assert_eq!(
        requests(&node.step(100 + GRACE_MS, CatchUpInput::Tick)),
        [(peer(1), 10, 10)]
    );
}

#[test]
fn a_peer_that_cannot_deliver_what_it_claims_is_not_asked_for_longer_and_longer() {
    let mut node = CatchUp::new(0);
    let mut now = 0;
    let mut waits = Vec::new();
    let mut outputs = node.step(
        now,
        CatchUpInput::Status {
            peer: peer(1),
            height: u64::MAX,
        },
    );
    for _ in 0..8 {
        assert_eq!(requests(&outputs), [(peer(1), 1, 32)]);
        outputs = node.step(
            now,
            CatchUpInput::BlocksReceived {
                peer: peer(1),
                from: 1,
                blocks: Vec::new(),
            },
        );
        assert_eq!(faults(&outputs), [(peer(1), CatchUpFault::EmptyAnswer)]);
        assert!(!node.is_behind(), "a distrusted claim counts for nothing");
        let start = now;
        while requests(&outputs).is_empty() {
            now += 1_000;
            outputs = node.step(now, CatchUpInput::Tick);
        }
        waits.push(now - start);
    }
    assert_eq!(
        waits,
        [
            5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000
        ]
    );
}

#[test]
fn another_peer_is_asked_when_one_is_silent() {
    let mut node = CatchUp::new(0);
    assert_eq!(
        requests(&node.step(
            0,
            CatchUpInput::Status {
                peer: peer(1),
                height: 3
            }
        )),
        [(peer(1), 1, 3)]
    );
    assert!(
        requests(&node.step(
            1,
            CatchUpInput::Status {
                peer: peer(2),
                height: 3
            }
        ))
        .is_empty()
    );
    let outputs = node.step(REQUEST_TIMEOUT_MS, CatchUpInput::Tick);
    assert_eq!(faults(&outputs), [(peer(1), CatchUpFault::Silent)]);
    assert_eq!(requests(&outputs), [(peer(2), 1, 3)]);
}

#[test]
fn a_refused_block_costs_its_sender_and_is_fetched_elsewhere() {
    let mut node = CatchUp::new(0);
    node.step(
        0,
        CatchUpInput::Status {
            peer: peer(1),
            height: 3,
        },
    );
    node.step(
        0,
        CatchUpInput::Status {
            peer: peer(2),
            height: 3,
        },
    );
    let blocks = (1..=3).map(block).collect();
    let outputs = node.step(
        1,
        CatchUpInput::BlocksReceived {
            peer: peer(1),
            from: 1,
            blocks,
        },
    );
    assert_eq!(checked(&outputs), Some(1));
    let outputs = node.step(2, CatchUpInput::BlockRefused { height: 1 });
    assert_eq!(faults(&outputs), [(peer(1), CatchUpFault::BadBlock)]);
    assert_eq!(
        requests(&outputs),
        [(peer(2), 1, 3)],
        "nothing of the liar's is kept"
    );
}

#[test]
fn answers_that_nobody_asked_for_are_faults() {
    let mut node = CatchUp::new(0);
    let unasked = node.step(
        0,
        CatchUpInput::BlocksReceived {
            peer: peer(1),
            from: 1,
            blocks: vec![block(1)],
        },
    );
    assert_eq!(faults(&unasked), [(peer(1), CatchUpFault::UnwantedAnswer)]);
    for (from, count) in [(2, 1), (1, 4)] {
        let mut node = CatchUp::new(0);
        node.step(
            0,
            CatchUpInput::Status {
                peer: peer(1),
                height: 3,
            },
        );
        let blocks = vec![block(0); count];
        let outputs = node.step(
            1,
            CatchUpInput::BlocksReceived {
                peer: peer(1),
                from,
                blocks,
            },
        );
        assert_eq!(faults(&outputs), [(peer(1), CatchUpFault::UnwantedAnswer)]);
        assert_eq!(checked(&outputs), None);
    }
}

#[test]
fn claims_may_fall_and_the_own_height_does_not() {
    let mut node = CatchUp::new(50);
    node.step(
        0,
        CatchUpInput::Status {
            peer: peer(1),
            height: 49,
        },
    );
    assert!(!node.is_behind());
    node.step(
        0,
        CatchUpInput::Status {
            peer: peer(1),
            height: 90,
        },
    );
    assert!(node.is_behind());
    node.step(
        0,
        CatchUpInput::Status {
            peer: peer(1),
            height: 10,
        },
    );
    assert!(!node.is_behind());
    let outputs = node.step(5_000, CatchUpInput::Applied { height: 20 });
    assert!(outputs.contains(&CatchUpOutput::BroadcastStatus { height: 50 }));
}

#[test]
fn memory_is_bounded_however_large_the_blocks() {
    let mut node = CatchUp::new(0);
    let big = Bytes::from(vec![0; BUFFER_BYTES_MAX / 8]);
    let mut waiting: Vec<(PeerId, u64, u64)> = Vec::new();
    for number in 1..=8 {
        let outputs = node.step(
            0,
            CatchUpInput::Status {
                peer: peer(number),
                height: 1_000,
            },
        );
        waiting.extend(requests(&outputs));
    }
    // The first range never comes, so nothing can be handed out.
    waiting.retain(|(_, from, _)| *from != 1);
    for (peer, from, to) in waiting {
        let blocks = (from..=to).map(|_| big.clone()).collect();
        let outputs = node.step(1, CatchUpInput::BlocksReceived { peer, from, blocks });
        assert!(requests(&outputs).is_empty());
    }
}

#[test]
fn height_is_told_to_new_peers_to_those_behind_and_to_everybody_now_and_then() {
    let mut node = CatchUp::new(7);
    let outputs = node.step(0, CatchUpInput::PeerConnected { peer: peer(1) });
    assert!(outputs.contains(&CatchUpOutput::SendStatus {
        to: peer(1),
        height: 7
    }));
    assert!(outputs.contains(&CatchUpOutput::BroadcastStatus { height: 7 }));
    assert!(outputs.contains(&CatchUpOutput::WakeAt(STATUS_INTERVAL_MS)));
    let outputs = node.step(1, CatchUpInput::TellPeer { peer: peer(2) });
    assert_eq!(
        outputs,
        [CatchUpOutput::SendStatus {
            to: peer(2),
            height: 7
        }]
    );
    let outputs = node.step(STATUS_INTERVAL_MS, CatchUpInput::Tick);
    assert!(outputs.contains(&CatchUpOutput::BroadcastStatus { height: 7 }));
}

#[test]
fn a_peer_that_dropped_blocks_is_asked_for_later_ones_only_and_not_blamed() {
    let mut node = CatchUp::new(0);
    for number in [1, 2] {
        node.step(0, CatchUpInput::PeerConnected { peer: peer(number) });
    }
    let mut outputs = Vec::new();
    for number in [1, 2] {
        outputs.extend(node.step(
            0,
            CatchUpInput::Status {
                peer: peer(number),
                height: 500,
            },
        ));
    }
    let asked = requests(&outputs);
    let (pruned, from, _) = *asked.iter().find(|(_, from, _)| *from == 1).unwrap();
    assert_eq!(from, 1);
    assert_eq!(node.stranded(), None);
    let outputs = node.step(
        1,
        CatchUpInput::BlocksDropped {
            peer: pruned,
            first: 400,
        },
    );
    let blamed = |outputs: &[CatchUpOutput]| {
        outputs
            .iter()
            .any(|output| matches!(output, CatchUpOutput::PeerFault { .. }))
    };
    assert!(!blamed(&outputs));
    assert!(
        requests(&outputs)
            .iter()
            .all(|(peer, _, _)| *peer != pruned),
        "asked again for what it dropped"
    );
    // The other one dropped its own as well: nobody has the next block.
    let other = if pruned == peer(1) { peer(2) } else { peer(1) };
    let outputs = node.step(
        2,
        CatchUpInput::BlocksDropped {
            peer: other,
            first: 300,
        },
    );
    assert!(!blamed(&outputs));
    assert_eq!(node.stranded(), Some(300));
    // An answer that nobody asked for, and one that says what is no reason.
    let outputs = node.step(
        3,
        CatchUpInput::BlocksDropped {
            peer: other,
            first: 300,
        },
    );
    assert!(blamed(&outputs));
    assert_eq!(node.stranded(), Some(400), "the other cannot be asked now");
    assert!(node.is_behind());
}
