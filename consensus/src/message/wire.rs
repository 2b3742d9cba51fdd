//! Protobuf structs of the messages between validators and of the consensus log.
//!
//! Written by hand rather than generated because no client ever reads them; the same canonical rule
//! applies as for every other message ([`talea_types::wire::decode_canonical`]).

use bytes::Bytes;
use prost::{Message, Oneof};
use talea_types::wire::shape::{Field, Shape, Shaped};
use talea_types::wire::{CommitSignature, Vote};

/// A vote and its signature.
#[derive(Clone, PartialEq, Message)]
pub struct SignedVote {
    #[prost(message, optional, tag = "1")]
    pub vote: Option<Vote>,
    #[prost(bytes = "bytes", tag = "2")]
    pub signature: Bytes,
}

/// What a proposer signs, after `tag || chain id`.
#[derive(Clone, PartialEq, Message)]
pub struct ProposalStatement {
    #[prost(uint64, tag = "1")]
    pub height: u64,
    #[prost(uint32, tag = "2")]
    pub round: u32,
    #[prost(uint32, optional, tag = "3")]
    pub lock_round: Option<u32>,
    #[prost(bytes = "bytes", tag = "4")]
    pub block_hash: Bytes,
    #[prost(bytes = "bytes", tag = "5")]
    pub content_digest: Bytes,
    #[prost(bytes = "bytes", tag = "6")]
    pub proposer: Bytes,
}

/// A proposal: statement, content and signature. The digest of the content is not repeated.
#[derive(Clone, PartialEq, Message)]
pub struct Proposal {
    #[prost(uint64, tag = "1")]
    pub height: u64,
    #[prost(uint32, tag = "2")]
    pub round: u32,
    #[prost(uint32, optional, tag = "3")]
    pub lock_round: Option<u32>,
    #[prost(bytes = "bytes", tag = "4")]
    pub block_hash: Bytes,
    #[prost(bytes = "bytes", tag = "5")]
    pub content: Bytes,
    #[prost(bytes = "bytes", tag = "6")]
    pub proposer: Bytes,
    #[prost(bytes = "bytes", tag = "7")]
    pub signature: Bytes,
}

/// Prevotes of a quorum for one block.
#[derive(Clone, PartialEq, Message)]
pub struct LockCertificate {
    #[prost(uint64, tag = "1")]
    pub height: u64,
    #[prost(uint32, tag = "2")]
    pub round: u32,
    #[prost(bytes = "bytes", tag = "3")]
    pub block_hash: Bytes,
    #[prost(message, repeated, tag = "4")]
    pub signatures: Vec<CommitSignature>,
}

/// Votes that justify entering a round.
#[derive(Clone, PartialEq, Message)]
pub struct RoundCertificate {
    #[prost(uint64, tag = "1")]
    pub height: u64,
    #[prost(uint32, tag = "2")]
    pub round: u32,
    /// 1: more than a third voted in `round`; 2: a quorum precommitted in `round`.
    #[prost(uint32, tag = "3")]
    pub reason: u32,
    #[prost(message, repeated, tag = "4")]
    pub votes: Vec<RoundVote>,
}

/// One vote of a round certificate; height and round are the certificate's.
#[derive(Clone, PartialEq, Message)]
pub struct RoundVote {
    #[prost(enumeration = "talea_types::wire::VoteKind", tag = "1")]
    pub kind: i32,
    #[prost(bytes = "bytes", tag = "2")]
    pub block_hash: Bytes,
    #[prost(bytes = "bytes", tag = "3")]
    pub validator: Bytes,
    #[prost(bytes = "bytes", tag = "4")]
    pub signature: Bytes,
}

/// A message between validators.
#[derive(Clone, PartialEq, Message)]
pub struct ConsensusMessage {
    #[prost(oneof = "ConsensusMessageKind", tags = "1, 2, 3, 4")]
    pub kind: Option<ConsensusMessageKind>,
}

/// The kinds of [`ConsensusMessage`].
#[derive(Clone, PartialEq, Oneof)]
pub enum ConsensusMessageKind {
    #[prost(message, tag = "1")]
    Proposal(Proposal),
    #[prost(message, tag = "2")]
    Vote(SignedVote),
    #[prost(message, tag = "3")]
    Lock(LockCertificate),
    #[prost(message, tag = "4")]
    Round(RoundCertificate),
}

/// What the host found out about the content of a proposal.
#[derive(Clone, PartialEq, Message)]
pub struct ContentVerdict {
    #[prost(uint64, tag = "1")]
    pub height: u64,
    #[prost(uint32, tag = "2")]
    pub round: u32,
    #[prost(bytes = "bytes", tag = "3")]
    pub block_hash: Bytes,
    #[prost(bytes = "bytes", tag = "4")]
    pub content_digest: Bytes,
    #[prost(bytes = "bytes", tag = "5")]
    pub proposer: Bytes,
    #[prost(bool, tag = "6")]
    pub valid: bool,
}

/// A wait that ended without what was waited for.
#[derive(Clone, PartialEq, Message)]
pub struct TimeoutElapsed {
    #[prost(uint64, tag = "1")]
    pub height: u64,
    #[prost(uint32, tag = "2")]
    pub round: u32,
    /// 1 propose, 2 prevote, 3 precommit.
    #[prost(uint32, tag = "3")]
    pub step: u32,
}

/// An entry of the consensus log.
#[derive(Clone, PartialEq, Message)]
pub struct LogRecord {
    #[prost(oneof = "LogRecordKind", tags = "1, 2, 3, 4, 5, 6")]
    pub kind: Option<LogRecordKind>,
}

/// The kinds of [`LogRecord`].
#[derive(Clone, PartialEq, Oneof)]
pub enum LogRecordKind {
    #[prost(uint64, tag = "1")]
    Started(u64),
    #[prost(message, tag = "2")]
    Proposal(Proposal),
    #[prost(message, tag = "3")]
    Vote(SignedVote),
    #[prost(message, tag = "4")]
    Lock(LockCertificate),
    #[prost(message, tag = "5")]
    Content(ContentVerdict),
    #[prost(message, tag = "6")]
    Timeout(TimeoutElapsed),
}

static LOCK: Shape = Shape {
    bytes: LOCK_BYTES,
    fields: &[(4, Field::Messages(&SIGNATURE))],
};
static ROUND: Shape = Shape {
    bytes: LOCK_BYTES,
    fields: &[(4, Field::Messages(&VOTE))],
};
static SIGNATURE: Shape = Shape {
    bytes: 64,
    fields: &[],
};
static VOTE: Shape = Shape {
    bytes: VOTE_BYTES,
    fields: &[],
};
static MESSAGE: Shape = Shape {
    bytes: 0,
    fields: &[(3, Field::Message(&LOCK)), (4, Field::Message(&ROUND))],
};
static RECORD: Shape = Shape {
    bytes: 0,
    fields: &[(4, Field::Message(&LOCK))],
};
const LOCK_BYTES: usize = 80;
const VOTE_BYTES: usize = 104;
const _: () = {
    assert!(size_of::<CommitSignature>() <= 64);
    assert!(size_of::<RoundVote>() <= VOTE_BYTES);
};

impl Shaped for ConsensusMessage {
    fn shape() -> &'static Shape {
        &MESSAGE
    }
}

impl Shaped for LogRecord {
    fn shape() -> &'static Shape {
        &RECORD
    }
}
