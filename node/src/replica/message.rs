//! What nodes say to each other, in one envelope. Bytes from outside become typed messages here or are
//! refused; what is inside (a vote, a batch, a block) is decoded by the part that it is for.

use bytes::Bytes;
use prost::Message as _;
use talea_consensus::availability::ACK_DIGESTS_MAX;
use talea_consensus::catch_up::REQUEST_HEIGHTS_MAX;
use talea_types::wire::decode_canonical;
use talea_types::wire::shape::{Field, Shape, Shaped};
use talea_types::{BatchDigest, DecodeError};

use crate::limits::replica::MESSAGE_BYTES_MAX;

/// Which queue a message belongs into: a vote never waits behind a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// Votes and certificates.
    Vote,
    /// Proposals, acknowledgements, requests.
    Control,
    /// Batches and blocks.
    Bulk,
}

/// A message between nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeMessage {
    /// For the consensus engine.
    Consensus(Bytes),
    /// A batch, pushed or fetched.
    Batch(Bytes),
    /// "I hold these batches."
    Ack(Vec<BatchDigest>),
    /// "Send me this batch."
    FetchBatch(BatchDigest),
    /// "I do not hold it."
    MissingBatch(BatchDigest),
    /// "I have committed up to this height."
    Status {
        /// The height.
        height: u64,
    },
    /// "Send me committed blocks."
    RequestBlocks {
        /// First height.
        from: u64,
        /// Last height, included.
        to: u64,
    },
    /// The answer.
    Blocks {
        /// Height of the first.
        from: u64,
        /// Encoded committed blocks, in order.
        blocks: Vec<Bytes>,
    },
    /// Another answer: "I dropped the first of them."
    Dropped {
        /// The lowest height that is kept.
        first: u64,
    },
    /// Of a node that begins after a snapshot, see [`crate::bootstrap`].
    SnapshotRequest(Bytes),
    /// The answer.
    SnapshotReply(Bytes),
}

#[derive(Clone, PartialEq, prost::Message)]
struct Envelope {
    #[prost(oneof = "Kind", tags = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Kind {
    #[prost(bytes = "bytes", tag = "1")]
    Consensus(Bytes),
    #[prost(bytes = "bytes", tag = "2")]
    Batch(Bytes),
    #[prost(message, tag = "3")]
    Ack(Digests),
    #[prost(bytes = "bytes", tag = "4")]
    FetchBatch(Bytes),
    #[prost(bytes = "bytes", tag = "5")]
    MissingBatch(Bytes),
    #[prost(uint64, tag = "6")]
    Status(u64),
    #[prost(message, tag = "7")]
    RequestBlocks(HeightRange),
    #[prost(message, tag = "8")]
    Blocks(BlockList),
    #[prost(uint64, tag = "9")]
    Dropped(u64),
    #[prost(bytes = "bytes", tag = "10")]
    SnapshotRequest(Bytes),
    #[prost(bytes = "bytes", tag = "11")]
    SnapshotReply(Bytes),
}

#[derive(Clone, PartialEq, prost::Message)]
struct Digests {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    digests: Vec<Bytes>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct HeightRange {
    #[prost(uint64, tag = "1")]
    from: u64,
    #[prost(uint64, tag = "2")]
    to: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct BlockList {
    #[prost(uint64, tag = "1")]
    from: u64,
    #[prost(bytes = "bytes", repeated, tag = "2")]
    blocks: Vec<Bytes>,
}

impl Shaped for Envelope {
    fn shape() -> &'static Shape {
        static DIGESTS: Shape = Shape {
            bytes: 24,
            fields: &[(1, Field::Strings(size_of::<Bytes>()))],
        };
        static BLOCKS: Shape = Shape {
            bytes: 32,
            fields: &[(2, Field::Strings(size_of::<Bytes>()))],
        };
        static ENVELOPE: Shape = Shape {
            bytes: 0,
            fields: &[(3, Field::Message(&DIGESTS)), (8, Field::Message(&BLOCKS))],
        };
        &ENVELOPE
    }
}

impl NodeMessage {
    /// Reads a message.
    ///
    /// # Errors
    /// [`DecodeError`]: too large, malformed, not canonical, or a field out of its range.
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let envelope: Envelope = decode_canonical("node message", bytes, MESSAGE_BYTES_MAX)?;
        let digest = |bytes: &Bytes| BatchDigest::from_wire("digest", bytes);
        Ok(
            match envelope
                .kind
                .ok_or(DecodeError::Missing { field: "message" })?
            {
                Kind::Consensus(bytes) => Self::Consensus(bytes),
                Kind::Batch(bytes) => Self::Batch(bytes),
                Kind::Ack(list) if list.digests.len() <= ACK_DIGESTS_MAX => {
                    Self::Ack(list.digests.iter().map(digest).collect::<Result<_, _>>()?)
                }
                Kind::Ack(_) => {
                    return Err(DecodeError::Range {
                        field: "digests",
                        reason: "too many",
                    });
                }
                Kind::FetchBatch(bytes) => Self::FetchBatch(digest(&bytes)?),
                Kind::MissingBatch(bytes) => Self::MissingBatch(digest(&bytes)?),
                Kind::Status(height) => Self::Status { height },
                Kind::Dropped(first) => Self::Dropped { first },
                Kind::SnapshotRequest(bytes) => Self::SnapshotRequest(bytes),
                Kind::SnapshotReply(bytes) => Self::SnapshotReply(bytes),
                Kind::RequestBlocks(HeightRange { from, to }) => {
                    if from == 0 || to < from || to - from >= REQUEST_HEIGHTS_MAX {
                        return Err(DecodeError::Range {
                            field: "heights",
                            reason: "1 to 32 heights from 1 on",
                        });
                    }
                    Self::RequestBlocks { from, to }
                }
                Kind::Blocks(BlockList { from, blocks }) => {
                    if blocks.len() as u64 > REQUEST_HEIGHTS_MAX {
                        return Err(DecodeError::Range {
                            field: "blocks",
                            reason: "too many",
                        });
                    }
                    Self::Blocks { from, blocks }
                }
            },
        )
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let kind = match self {
            Self::Consensus(bytes) => Kind::Consensus(bytes.clone()),
            Self::Batch(bytes) => Kind::Batch(bytes.clone()),
            Self::Ack(digests) => Kind::Ack(Digests {
                digests: digests.iter().map(BatchDigest::to_wire).collect(),
            }),
            Self::FetchBatch(digest) => Kind::FetchBatch(digest.to_wire()),
            Self::MissingBatch(digest) => Kind::MissingBatch(digest.to_wire()),
            Self::Status { height } => Kind::Status(*height),
            Self::Dropped { first } => Kind::Dropped(*first),
            Self::SnapshotRequest(bytes) => Kind::SnapshotRequest(bytes.clone()),
            Self::SnapshotReply(bytes) => Kind::SnapshotReply(bytes.clone()),
            Self::RequestBlocks { from, to } => Kind::RequestBlocks(HeightRange {
                from: *from,
                to: *to,
            }),
            Self::Blocks { from, blocks } => Kind::Blocks(BlockList {
                from: *from,
                blocks: blocks.clone(),
            }),
        };
        Envelope { kind: Some(kind) }.encode_to_vec().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use talea_types::Hash;

    #[test]
    fn every_kind_survives_its_encoding() {
        let digest = BatchDigest::new(Hash([9; 32]));
        for message in [
            NodeMessage::Consensus(Bytes::from_static(b"vote")),
            NodeMessage::Batch(Bytes::from_static(b"batch")),
            NodeMessage::Ack(vec![digest, BatchDigest::new(Hash([1; 32]))]),
            NodeMessage::FetchBatch(digest),
            NodeMessage::MissingBatch(digest),
            NodeMessage::Status { height: 0 },
            NodeMessage::Dropped { first: 9 },
            NodeMessage::SnapshotRequest(Bytes::from_static(b"list")),
            NodeMessage::SnapshotReply(Bytes::from_static(b"chunk")),
            NodeMessage::RequestBlocks { from: 1, to: 32 },
            NodeMessage::Blocks {
                from: 7,
                blocks: vec![Bytes::from_static(b"block")],
            },
        ] {
            assert_eq!(NodeMessage::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn out_of_range_is_refused() {
        for message in [
            NodeMessage::RequestBlocks { from: 0, to: 3 },
            NodeMessage::RequestBlocks { from: 9, to: 8 },
            NodeMessage::RequestBlocks { from: 1, to: 33 },
            NodeMessage::RequestBlocks {
                from: 1,
                to: u64::MAX,
            },
            NodeMessage::Ack(vec![BatchDigest::new(Hash([1; 32])); ACK_DIGESTS_MAX + 1]),
        ] {
            assert!(
                NodeMessage::decode(&message.encode()).is_err(),
                "{message:?}"
            );
        }
        assert!(NodeMessage::decode(&Bytes::from_static(&[])).is_err());
        assert!(NodeMessage::decode(&Bytes::from_static(&[0x0a, 0x05, 1])).is_err());
        let trailing = [
            NodeMessage::Status { height: 3 }.encode().as_ref(),
            &[0x78, 0x01],
        ]
        .concat();
        assert!(NodeMessage::decode(&trailing.into()).is_err());
    }
}
