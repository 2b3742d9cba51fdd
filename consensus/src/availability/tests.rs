//! The machine against lost messages, withholding and greedy validators.

use talea_types::{Hash, ParticipantId, SecretKey, Validator};

use super::*;

fn set(validators: u8) -> ValidatorSet {
    let validator = |number: u8| Validator {
        participant: ParticipantId::from_lei(&format!("LEI{number:017}")),
        voting_key: SecretKey::from_seed([number; 32]).public_key(),
        power: 1,
        network_key: SecretKey::from_seed([number + 100; 32]).public_key(),
        name: format!("v{number}"),
    };
    ValidatorSet::new((1..=validators).map(validator)).expect("valid set")
}

/// Ids of the set, ascending; the machine under test is the first.
fn ids(set: &ValidatorSet) -> Vec<ValidatorId> {
    set.iter().map(|(id, _)| *id).collect()
}

fn batch(number: u16) -> BatchDigest {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    BatchDigest::new(Hash(bytes))
}

fn block(number: u8) -> BlockHash {
    BlockHash::new(Hash([number; 32]))
}

struct Node {
    machine: Availability,
    ids: Vec<ValidatorId>,
    now: u64,
}

impl Node {
    fn new() -> Self {
        let set = set(4);
        let ids = ids(&set);
        Self {
            machine: Availability::new(Some(ids[0]), set, 0),
            ids,
            now: 0,
        }
    }

    fn step(&mut self, input: AvailabilityInput) -> Vec<AvailabilityOutput> {
        let outputs = self.machine.step(self.now, input);
        outputs
            .into_iter()
            .filter(|output| !matches!(output, AvailabilityOutput::WakeAt(_)))
            .collect()
    }

    fn receive(&mut self, author: usize, number: u16) -> Vec<AvailabilityOutput> {
        let author = self.ids[author];
        let digest = batch(number);
        self.step(AvailabilityInput::Received {
            from: author,
            digest,
            author,
            bytes: 1_000,
        })
    }

    fn hold(&mut self, author: usize, number: u16) {
        self.receive(author, number);
        self.step(AvailabilityInput::Verified {
            digest: batch(number),
            valid: true,
        });
        self.ack(2, number);
        self.ack(3, number);
    }

    fn ack(&mut self, from: usize, number: u16) -> Vec<AvailabilityOutput> {
        let from = self.ids[from];
        self.step(AvailabilityInput::Acked {
            from,
            digests: vec![batch(number)],
        })
    }

    fn ready(&self) -> Vec<BatchDigest> {
        self.machine.ready_for_proposal(64, 1_000_000)
    }
}

#[test]
fn a_batch_is_ready_when_a_quorum_holds_it() {
    let mut node = Node::new();
    let digest = batch(1);
    let outputs = node.step(AvailabilityInput::Sealed { digest, bytes: 10 });
    assert_eq!(
        outputs,
        [
            AvailabilityOutput::BroadcastBatch { digest },
            AvailabilityOutput::BroadcastAck {
                digests: vec![digest]
            }
        ]
    );
    assert!(node.ack(1, 1).is_empty());
    assert!(node.ready().is_empty(), "two of four are no quorum");
    assert!(node.ack(1, 1).is_empty(), "nobody counts twice");
    assert_eq!(node.ack(2, 1), [AvailabilityOutput::Ready]);
    assert_eq!(node.ready(), [digest]);
}

#[test]
fn acknowledgements_may_come_before_the_batch() {
    let mut node = Node::new();
    node.ack(2, 7);
    node.ack(3, 7);
    assert_eq!(
        node.receive(1, 7),
        [AvailabilityOutput::Verify { digest: batch(7) }]
    );
    assert!(node.ready().is_empty(), "not verified here");
    let outputs = node.step(AvailabilityInput::Verified {
        digest: batch(7),
        valid: true,
    });
    assert_eq!(
        outputs,
        [
            AvailabilityOutput::BroadcastAck {
                digests: vec![batch(7)]
            },
            AvailabilityOutput::Ready
        ]
    );
}

#[test]
fn authors_take_turns_in_a_block() {
    let mut node = Node::new();
    for number in 10..13 {
        node.hold(1, number);
    }
    node.hold(2, 20);
    node.hold(3, 30);
    assert_eq!(node.ready(), [10, 20, 30, 11, 12].map(batch));
    assert_eq!(
        node.machine.ready_for_proposal(2, 1_000_000),
        [10, 20].map(batch)
    );
    assert_eq!(
        node.machine.ready_for_proposal(64, 3_500),
        [10, 20, 30].map(batch)
    );
    node.step(AvailabilityInput::Committed {
        height: 1,
        digests: vec![batch(10)],
    });
    assert_eq!(
        node.ready(),
        [20, 30, 11, 12].map(batch),
        "another author begins"
    );
}

#[test]
fn what_is_committed_does_not_come_back() {
    let mut node = Node::new();
    node.hold(1, 5);
    node.step(AvailabilityInput::Committed {
        height: 1,
        digests: vec![batch(5)],
    });
    assert!(node.ready().is_empty());
    let outputs = node.receive(1, 5);
    assert_eq!(
        outputs,
        [AvailabilityOutput::Discard {
            digest: batch(5),
            reason: DiscardReason::Committed
        }]
    );
}

#[test]
fn a_missing_batch_is_asked_of_one_after_the_other_until_somebody_has_it() {
    let mut node = Node::new();
    let proposer = node.ids[3];
    node.ack(2, 9);
    let needed = AvailabilityInput::Needed {
        proposal: block(1),
        proposer,
        digests: vec![batch(9)],
    };
    let mut asked = Vec::new();
    let mut outputs = node.step(needed);
    for _ in 0..6 {
        for output in &outputs {
            let AvailabilityOutput::Fetch { from, digest } = output else {
                panic!("{output:?}")
            };
            assert_eq!(*digest, batch(9));
            asked.push(node.ids.iter().position(|id| id == from).unwrap());
        }
        node.now += FETCH_TIMEOUT_MS;
        outputs = node.step(AvailabilityInput::Tick);
    }
    assert_eq!(
        asked,
        [3, 2, 1, 3, 2, 1],
        "the proposer, who acknowledged it, the rest, and again"
    );
    let author = node.ids[1];
    let received = AvailabilityInput::Received {
        from: proposer,
        digest: batch(9),
        author,
        bytes: 10,
    };
    assert_eq!(
        node.step(received),
        [AvailabilityOutput::Verify { digest: batch(9) }]
    );
    node.now += 10 * FETCH_TIMEOUT_MS;
    assert!(
        node.step(AvailabilityInput::Tick).is_empty(),
        "it is being verified"
    );
    let outputs = node.step(AvailabilityInput::Verified {
        digest: batch(9),
        valid: true,
    });
    assert!(outputs.contains(&AvailabilityOutput::Complete { proposal: block(1) }));
}

#[test]
fn a_validator_without_the_batch_is_passed_over_at_once() {
    let mut node = Node::new();
    let proposer = node.ids[3];
    node.step(AvailabilityInput::Needed {
        proposal: block(1),
        proposer,
        digests: vec![batch(9)],
    });
    let outputs = node.step(AvailabilityInput::Missing {
        from: proposer,
        digest: batch(9),
    });
    assert!(matches!(outputs[..], [AvailabilityOutput::Fetch { from, .. }] if from != proposer));
    node.step(AvailabilityInput::NotNeeded { proposal: block(1) });
    node.now += 10 * FETCH_TIMEOUT_MS;
    assert!(node.step(AvailabilityInput::Tick).is_empty());
}

#[test]
fn every_question_is_answered_once_and_nobody_is_asked_twice_in_a_turn() {
    let mut node = Node::new();
    let proposer = node.ids[3];
    let fetched = |outputs: &[AvailabilityOutput]| match outputs {
        [AvailabilityOutput::Fetch { from, .. }] => Some(*from),
        [] => None,
        other => panic!("{other:?}"),
    };
    let digest = batch(9);
    let mut asked = vec![fetched(&node.step(AvailabilityInput::Needed {
        proposal: block(1),
        proposer,
        digests: vec![digest],
    }))];
    while let Some(from) = asked.last().copied().flatten() {
        let outputs = node.step(AvailabilityInput::Missing { from, digest });
        asked.push(fetched(&outputs));
        // Copies of the answer, and answers of those who were not asked, ask nobody.
        for other in node.ids.clone() {
            if asked.last() != Some(&Some(other)) {
                assert!(
                    node.step(AvailabilityInput::Missing {
                        from: other,
                        digest
                    })
                    .is_empty()
                );
            }
        }
    }
    assert_eq!(
        asked.len(),
        4,
        "each of three others, then nobody: {asked:?}"
    );
    node.now += FETCH_TIMEOUT_MS;
    assert_eq!(fetched(&node.step(AvailabilityInput::Tick)), Some(proposer));
}

#[test]
fn what_a_proposal_has_already_is_complete_at_once() {
    let mut node = Node::new();
    node.hold(1, 5);
    let proposer = node.ids[1];
    let needed = AvailabilityInput::Needed {
        proposal: block(1),
        proposer,
        digests: vec![batch(5)],
    };
    assert_eq!(
        node.step(needed),
        [AvailabilityOutput::Complete { proposal: block(1) }]
    );
}

#[test]
fn an_invalid_batch_is_its_authors_fault_and_is_asked_for_elsewhere() {
    let mut node = Node::new();
    let proposer = node.ids[3];
    node.step(AvailabilityInput::Needed {
        proposal: block(1),
        proposer,
        digests: vec![batch(9)],
    });
    node.receive(1, 9);
    let outputs = node.step(AvailabilityInput::Verified {
        digest: batch(9),
        valid: false,
    });
    let fault = AvailabilityOutput::Fault {
        validator: node.ids[1],
        fault: BatchFault::InvalidBatch,
    };
    assert!(outputs.contains(&fault));
    assert!(
        outputs
            .iter()
            .any(|output| matches!(output, AvailabilityOutput::Fetch { .. }))
    );
}

#[test]
fn an_author_has_a_share_and_a_stranger_has_none() {
    let mut node = Node::new();
    for number in 0..BATCHES_PER_AUTHOR_MAX as u16 {
        assert!(matches!(
            node.receive(1, number)[..],
            [AvailabilityOutput::Verify { .. }]
        ));
    }
    let outputs = node.receive(1, 5_000);
    let reason = DiscardReason::OverQuota;
    assert!(outputs.contains(&AvailabilityOutput::Discard {
        digest: batch(5_000),
        reason
    }));
    assert!(
        matches!(
            node.receive(2, 5_001)[..],
            [AvailabilityOutput::Verify { .. }]
        ),
        "others are not hurt"
    );
    let proposer = node.ids[3];
    node.step(AvailabilityInput::Needed {
        proposal: block(1),
        proposer,
        digests: vec![batch(5_000)],
    });
    assert!(
        matches!(
            node.receive(1, 5_000)[..],
            [AvailabilityOutput::Verify { .. }]
        ),
        "a proposal needs it"
    );
    let stranger = ValidatorId::from_bytes([9; 16]);
    let received = AvailabilityInput::Received {
        from: stranger,
        digest: batch(6_000),
        author: stranger,
        bytes: 1,
    };
    let reason = DiscardReason::Stranger;
    assert_eq!(
        node.step(received),
        [AvailabilityOutput::Discard {
            digest: batch(6_000),
            reason
        }]
    );
}

#[test]
fn early_acknowledgements_are_bounded() {
    let mut node = Node::new();
    for number in 0..EARLY_ACKS_PER_VALIDATOR_MAX as u16 {
        assert!(node.ack(2, number).is_empty());
    }
    let fault = AvailabilityOutput::Fault {
        validator: node.ids[2],
        fault: BatchFault::TooManyAcks,
    };
    assert_eq!(node.ack(2, 40_000), [fault]);
}

#[test]
fn silent_and_returning_validators_get_own_batches_again() {
    let mut node = Node::new();
    let digest = batch(1);
    node.step(AvailabilityInput::Sealed { digest, bytes: 10 });
    node.ack(1, 1);
    node.now += PUSH_AGAIN_MS;
    let pushed = [2, 3].map(|to| AvailabilityOutput::SendBatch {
        to: node.ids[to],
        digest,
    });
    assert_eq!(node.step(AvailabilityInput::Tick), pushed);
    node.ack(2, 1);
    node.now += PUSH_AGAIN_MS;
    assert!(
        node.step(AvailabilityInput::Tick).is_empty(),
        "a quorum holds it"
    );
    let returned = node.step(AvailabilityInput::PeerConnected {
        validator: node.ids[3],
    });
    let to = node.ids[3];
    let digests = vec![digest];
    assert_eq!(
        returned,
        [
            AvailabilityOutput::SendBatch { to, digest },
            AvailabilityOutput::SendAck { to, digests }
        ]
    );
    let outputs = node.step(AvailabilityInput::Received {
        from: to,
        digest,
        author: node.ids[0],
        bytes: 10,
    });
    assert!(
        matches!(outputs[0], AvailabilityOutput::SendAck { .. }),
        "the acknowledgement was lost"
    );
}

#[test]
fn stale_batches_expire() {
    let mut node = Node::new();
    node.hold(1, 5);
    node.now += BATCH_EXPIRY_MS;
    let reason = DiscardReason::Expired;
    let outputs = node.step(AvailabilityInput::Tick);
    assert_eq!(
        outputs,
        [AvailabilityOutput::Discard {
            digest: batch(5),
            reason
        }]
    );
    node.hold(1, 6);
    let committed = AvailabilityInput::Committed {
        height: BATCH_EXPIRY_HEIGHTS,
        digests: Vec::new(),
    };
    assert_eq!(
        node.step(committed),
        [AvailabilityOutput::Discard {
            digest: batch(6),
            reason
        }]
    );
}

#[test]
fn a_validator_that_left_takes_its_batches_and_words_with_it() {
    let mut node = Node::new();
    node.hold(1, 5);
    node.hold(2, 6);
    let left = node.ids[1];
    let rest = set(4)
        .iter()
        .filter(|(id, _)| **id != left)
        .map(|(_, validator)| validator.clone())
        .collect::<Vec<_>>();
    let changed = AvailabilityInput::ValidatorsChanged(ValidatorSet::new(rest).expect("valid set"));
    let reason = DiscardReason::Stranger;
    assert_eq!(
        node.step(changed),
        [AvailabilityOutput::Discard {
            digest: batch(5),
            reason
        }]
    );
    assert_eq!(node.ready(), [batch(6)]);
}
