//! Pins what proposers sign, what validators send one another and what they log: a change of any splits
//! networks that exist, or makes a validator forget its word when it is upgraded.
//!
//! After a change that is meant: `TALEA_REGENERATE=1 cargo test --release -p talea-consensus --test golden`.

use std::fmt::Write as _;

use bytes::Bytes;
use talea_consensus::{
    ConsensusMessage, ContentVerdict, LockCertificate, LogRecord, RoundCertificate, RoundReason,
    RoundVote, SignedProposal, SignedVote, timeouts::Step,
};
use talea_types::{BlockHash, ChainId, Hash, Signature, ValidatorId, VoteKind, vote::Vote};

const HEIGHT: u64 = 7;

fn block() -> BlockHash {
    BlockHash::new(Hash([9; 32]))
}

fn validator(number: u8) -> ValidatorId {
    ValidatorId::from_bytes([number; 16])
}

fn signature(number: u8) -> Signature {
    Signature::from_bytes([number; 64])
}

fn proposal(lock_round: Option<u32>) -> SignedProposal {
    SignedProposal {
        height: HEIGHT,
        round: 2,
        lock_round,
        block_hash: block(),
        content: Bytes::from_static(b"content"),
        proposer: validator(1),
        signature: signature(5),
    }
}

fn vote(kind: VoteKind, block: Option<BlockHash>) -> SignedVote {
    let vote = Vote {
        kind,
        height: HEIGHT,
        round: 2,
        block,
        validator: validator(1),
    };
    SignedVote {
        vote,
        signature: signature(5),
    }
}

fn lock() -> LockCertificate {
    LockCertificate {
        height: HEIGHT,
        round: 1,
        block_hash: block(),
        signatures: (1..=3)
            .map(|number| (validator(number), signature(number)))
            .collect(),
    }
}

fn round(reason: RoundReason, kind: VoteKind) -> RoundCertificate {
    let vote = |number, block_hash| RoundVote {
        kind,
        block_hash,
        validator: validator(number),
        signature: signature(number),
    };
    RoundCertificate {
        height: HEIGHT,
        round: 1,
        reason,
        votes: vec![vote(1, None), vote(2, Some(block()))],
    }
}

fn verdict(valid: bool) -> LogRecord {
    LogRecord::Content(ContentVerdict {
        height: HEIGHT,
        round: 2,
        block_hash: block(),
        content_digest: Hash([6; 32]),
        proposer: validator(1),
        valid,
    })
}

fn timeout(step: Step) -> LogRecord {
    LogRecord::Timeout {
        height: HEIGHT,
        round: 2,
        step,
    }
}

/// Each kind, and each value of what they enumerate.
fn messages() -> Vec<(&'static str, ConsensusMessage)> {
    let prevote = vote(VoteKind::Prevote, Some(block()));
    let precommit = vote(VoteKind::Precommit, None);
    let skip = round(RoundReason::Skip, VoteKind::Prevote);
    let precommits = round(RoundReason::Precommits, VoteKind::Precommit);
    vec![
        ("proposal", ConsensusMessage::Proposal(proposal(None))),
        (
            "proposal-again",
            ConsensusMessage::Proposal(proposal(Some(1))),
        ),
        ("prevote", ConsensusMessage::Vote(prevote)),
        ("precommit-nil", ConsensusMessage::Vote(precommit)),
        ("lock", ConsensusMessage::Lock(lock())),
        ("round-skip", ConsensusMessage::Round(skip)),
        ("round-precommits", ConsensusMessage::Round(precommits)),
    ]
}

/// Each kind, and each value of what they enumerate.
fn records() -> Vec<(&'static str, LogRecord)> {
    let precommit = vote(VoteKind::Precommit, Some(block()));
    vec![
        ("started", LogRecord::Started { height: HEIGHT }),
        ("proposal", LogRecord::Proposal(proposal(Some(1)))),
        ("vote", LogRecord::Vote(precommit)),
        ("lock", LogRecord::Lock(lock())),
        ("content-valid", verdict(true)),
        ("content-invalid", verdict(false)),
        ("timeout-propose", timeout(Step::Propose)),
        ("timeout-prevote", timeout(Step::Prevote)),
        ("timeout-precommit", timeout(Step::Precommit)),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[test]
fn messages_and_records_have_these_bytes() {
    let chain = ChainId::new(Hash([1; 32]));
    let mut found = String::new();
    for (name, lock_round) in [("proposal", None), ("proposal-again", Some(1))] {
        let signed = proposal(lock_round).signed_message(&chain);
        writeln!(found, "signed {name} {}", hex(&signed)).unwrap();
    }
    let digest = SignedProposal::content_digest(&proposal(None).content);
    writeln!(found, "hash proposal-content {digest}").unwrap();
    for (name, message) in messages() {
        writeln!(found, "message {name} {}", hex(&message.encode())).unwrap();
    }
    for (name, record) in records() {
        writeln!(found, "record {name} {}", hex(&record.encode())).unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/messages.txt");
    if std::env::var_os("TALEA_REGENERATE").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let pinned = std::fs::read_to_string(path).unwrap();
    for (found, pinned) in found.lines().zip(pinned.lines()) {
        assert_eq!(
            found, pinned,
            "the bytes of a message changed; if that is meant, it is a new protocol version: run \
             TALEA_REGENERATE=1 cargo test --release -p talea-consensus --test golden"
        );
    }
    assert_eq!(found.lines().count(), pinned.lines().count());
}
