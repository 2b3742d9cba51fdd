//! Messages and log records: every encoding but the canonical one is refused.

use bytes::Bytes;
use talea_consensus::{
    ConsensusMessage, ContentVerdict, LockCertificate, LogRecord, MESSAGE_BYTES_MAX,
    RoundCertificate, RoundReason, RoundVote, SignedProposal, SignedVote, timeouts::Step,
};
use talea_types::{BlockHash, DecodeError, Hash, Signature, ValidatorId, VoteKind, vote::Vote};

fn id(number: u8) -> ValidatorId {
    ValidatorId::from_bytes([number; 16])
}

fn block() -> BlockHash {
    BlockHash::new(Hash([9; 32]))
}

fn signature() -> Signature {
    Signature::from_bytes([5; 64])
}

fn vote(block: Option<BlockHash>) -> SignedVote {
    let vote = Vote {
        kind: VoteKind::Precommit,
        height: 3,
        round: 0,
        block,
        validator: id(1),
    };
    SignedVote {
        vote,
        signature: signature(),
    }
}

fn proposal() -> SignedProposal {
    SignedProposal {
        height: 3,
        round: 2,
        lock_round: Some(0),
        block_hash: block(),
        content: Bytes::from_static(b"content"),
        proposer: id(1),
        signature: signature(),
    }
}

fn lock() -> LockCertificate {
    let signatures = vec![(id(1), signature()), (id(2), signature())];
    LockCertificate {
        height: 3,
        round: 0,
        block_hash: block(),
        signatures,
    }
}

fn round() -> RoundCertificate {
    let vote = |number, block_hash| RoundVote {
        kind: VoteKind::Prevote,
        block_hash,
        validator: id(number),
        signature: signature(),
    };
    RoundCertificate {
        height: 3,
        round: 4,
        reason: RoundReason::Skip,
        votes: vec![vote(1, None), vote(2, Some(block()))],
    }
}

fn messages() -> Vec<ConsensusMessage> {
    vec![
        ConsensusMessage::Vote(vote(None)),
        ConsensusMessage::Vote(vote(Some(block()))),
        ConsensusMessage::Proposal(proposal()),
        ConsensusMessage::Proposal(SignedProposal {
            lock_round: None,
            ..proposal()
        }),
        ConsensusMessage::Lock(lock()),
        ConsensusMessage::Round(round()),
    ]
}

#[test]
fn messages_survive_their_encoding() {
    for message in messages() {
        assert_eq!(ConsensusMessage::decode(&message.encode()), Ok(message));
    }
}

#[test]
fn records_survive_their_encoding() {
    let verdict = ContentVerdict {
        height: 3,
        round: 1,
        block_hash: block(),
        content_digest: Hash([4; 32]),
        proposer: id(1),
        valid: false,
    };
    let timeout = |step| LogRecord::Timeout {
        height: 3,
        round: 0,
        step,
    };
    let records = [
        LogRecord::Started { height: 3 },
        LogRecord::Proposal(proposal()),
        LogRecord::Vote(vote(None)),
        LogRecord::Lock(lock()),
        LogRecord::Content(verdict.clone()),
        LogRecord::Content(ContentVerdict {
            valid: true,
            ..verdict
        }),
        timeout(Step::Propose),
        timeout(Step::Prevote),
        timeout(Step::Precommit),
    ];
    for record in records {
        assert_eq!(LogRecord::decode(&record.encode()), Ok(record.clone()));
        assert_eq!(record.height(), 3);
    }
}

#[test]
fn no_change_of_the_bytes_means_the_same() {
    for message in messages() {
        let bytes = message.encode();
        for place in 0..bytes.len() {
            let cut = bytes.slice(..place);
            assert_ne!(ConsensusMessage::decode(&cut).as_ref(), Ok(&message));
            for bit in 0..8 {
                let mut changed = bytes.to_vec();
                changed[place] ^= 1 << bit;
                assert_ne!(
                    ConsensusMessage::decode(&changed.into()).as_ref(),
                    Ok(&message)
                );
            }
        }
        let trailing: Bytes = [bytes.as_ref(), &[0x98, 0x06, 0x01]].concat().into();
        assert!(
            ConsensusMessage::decode(&trailing).is_err(),
            "an unknown field"
        );
    }
}

#[test]
fn what_is_out_of_range_is_refused() {
    let refused = |message: ConsensusMessage| ConsensusMessage::decode(&message.encode()).is_err();
    assert!(refused(ConsensusMessage::Proposal(SignedProposal {
        lock_round: Some(2),
        ..proposal()
    })));
    assert!(refused(ConsensusMessage::Proposal(SignedProposal {
        height: 0,
        ..proposal()
    })));
    assert!(refused(ConsensusMessage::Proposal(SignedProposal {
        round: u32::MAX,
        ..proposal()
    })));
    assert!(refused(ConsensusMessage::Proposal(SignedProposal {
        content: vec![0; 24 * 1024 + 1].into(),
        ..proposal()
    })));
    let mut repeated = lock();
    repeated.signatures.push((id(2), signature()));
    assert!(refused(ConsensusMessage::Lock(repeated)));
    assert!(refused(ConsensusMessage::Lock(LockCertificate {
        signatures: Vec::new(),
        ..lock()
    })));
    let mut unordered = round();
    unordered.votes.reverse();
    assert!(refused(ConsensusMessage::Round(unordered)));
    let huge = Bytes::from(vec![0; MESSAGE_BYTES_MAX + 1]);
    assert!(matches!(
        ConsensusMessage::decode(&huge),
        Err(DecodeError::TooLarge { .. })
    ));
}

#[test]
fn the_largest_certificates_fit() {
    let validators = talea_types::limits::VALIDATORS_MAX as u8;
    let signatures = (0..validators)
        .map(|number| (id(number), signature()))
        .collect();
    let message = ConsensusMessage::Lock(LockCertificate {
        signatures,
        ..lock()
    });
    assert!(
        message.encode().len() <= MESSAGE_BYTES_MAX
            && ConsensusMessage::decode(&message.encode()).is_ok()
    );
    let entry = round().votes[1].clone();
    let votes = (0..validators)
        .map(|number| RoundVote {
            validator: id(number),
            ..entry.clone()
        })
        .collect();
    let message = ConsensusMessage::Round(RoundCertificate { votes, ..round() });
    assert!(
        message.encode().len() <= MESSAGE_BYTES_MAX
            && ConsensusMessage::decode(&message.encode()).is_ok()
    );
}
