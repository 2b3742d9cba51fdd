//! What nodes say to each other about snapshots. Bytes from a peer become these types here or are refused.

use bytes::Bytes;
use prost::Message as _;
use talea_types::wire::decode_canonical;
use talea_types::wire::shape::{Field, Shape, Shaped};
use talea_types::{DecodeError, Hash};

use crate::limits::bootstrap::{
    CHUNK_BYTES, REPLY_BYTES_MAX, REQUEST_BYTES_MAX, SNAPSHOT_BYTES_MAX, SNAPSHOTS_OFFERED_MAX,
};
use crate::snapshot::{Seal, SnapshotName};

/// A snapshot that a peer says it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SnapshotOffer {
    /// Height and state root.
    pub name: SnapshotName,
    /// Tells its bytes from those of another file of the same state.
    pub seal: Seal,
    /// Its length, at least 1 and at most [`SNAPSHOT_BYTES_MAX`].
    pub bytes: u64,
}

/// A chunk of a snapshot: [`CHUNK_BYTES`] from the offset on, or what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkPosition {
    /// Which snapshot.
    pub name: SnapshotName,
    /// Which file of it.
    pub seal: Seal,
    /// First byte, a multiple of [`CHUNK_BYTES`].
    pub offset: u64,
}

/// What a node asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotRequest {
    /// "Which snapshots do you have?"
    List,
    /// "Send me this chunk."
    Chunk(ChunkPosition),
}

/// Why a chunk is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// Others are being served, or too many chunks were asked for at once.
    Busy = 1,
    /// There is no such snapshot, or not any more.
    Gone = 2,
    /// The snapshot is not that long.
    BeyondEnd = 3,
}

/// What it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotReply {
    /// The newest snapshots, at most [`SNAPSHOTS_OFFERED_MAX`].
    Snapshots(Vec<SnapshotOffer>),
    /// A chunk, between 1 byte and [`CHUNK_BYTES`].
    Chunk(ChunkPosition, Bytes),
    /// No chunk.
    Refused(ChunkPosition, RefusalReason),
}

#[derive(Clone, PartialEq, prost::Message)]
struct WireRequest {
    #[prost(oneof = "WireAsked", tags = "1, 2")]
    asked: Option<WireAsked>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum WireAsked {
    #[prost(message, tag = "1")]
    List(WireNothing),
    #[prost(message, tag = "2")]
    Chunk(WirePosition),
}

#[derive(Clone, PartialEq, prost::Message)]
struct WireNothing {}

#[derive(Clone, PartialEq, prost::Message)]
struct WirePosition {
    #[prost(uint64, tag = "1")]
    height: u64,
    #[prost(bytes = "bytes", tag = "2")]
    root: Bytes,
    #[prost(bytes = "bytes", tag = "3")]
    seal: Bytes,
    #[prost(uint64, tag = "4")]
    offset: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct WireReply {
    #[prost(oneof = "WireAnswer", tags = "1, 2, 3")]
    answer: Option<WireAnswer>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum WireAnswer {
    #[prost(message, tag = "1")]
    Snapshots(WireOffers),
    #[prost(message, tag = "2")]
    Chunk(WireChunk),
    #[prost(message, tag = "3")]
    Refused(WireRefusal),
}

#[derive(Clone, PartialEq, prost::Message)]
struct WireOffers {
    #[prost(message, repeated, tag = "1")]
    offers: Vec<WireOffer>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct WireOffer {
    #[prost(uint64, tag = "1")]
    height: u64,
    #[prost(bytes = "bytes", tag = "2")]
    root: Bytes,
    #[prost(bytes = "bytes", tag = "3")]
    seal: Bytes,
    #[prost(uint64, tag = "4")]
    bytes: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
struct WireChunk {
    #[prost(message, optional, tag = "1")]
    position: Option<WirePosition>,
    #[prost(bytes = "bytes", tag = "2")]
    bytes: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
struct WireRefusal {
    #[prost(message, optional, tag = "1")]
    position: Option<WirePosition>,
    #[prost(uint32, tag = "2")]
    reason: u32,
}

impl Shaped for WireRequest {
    fn shape() -> &'static Shape {
        &Shape::FLAT
    }
}

impl Shaped for WireReply {
    fn shape() -> &'static Shape {
        static OFFER: Shape = Shape {
            bytes: size_of::<WireOffer>(),
            fields: &[],
        };
        static OFFERS: Shape = Shape {
            bytes: size_of::<WireOffers>(),
            fields: &[(1, Field::Messages(&OFFER))],
        };
        static REPLY: Shape = Shape {
            bytes: 0,
            fields: &[(1, Field::Message(&OFFERS))],
        };
        &REPLY
    }
}

impl SnapshotRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// [`DecodeError`]: too large, malformed, not canonical, or a field out of its range.
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let request: WireRequest = decode_canonical("snapshot request", bytes, REQUEST_BYTES_MAX)?;
        match request.asked {
            Some(WireAsked::List(_)) => Ok(Self::List),
            Some(WireAsked::Chunk(position)) => position.read().map(Self::Chunk),
            None => Err(DecodeError::Missing { field: "request" }),
        }
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let asked = match self {
            Self::List => WireAsked::List(WireNothing {}),
            Self::Chunk(position) => WireAsked::Chunk(WirePosition::of(position)),
        };
        WireRequest { asked: Some(asked) }.encode_to_vec().into()
    }
}

impl SnapshotReply {
    /// Reads a reply.
    ///
    /// # Errors
    /// [`DecodeError`]: too large, malformed, not canonical, or a field out of its range.
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let reply: WireReply = decode_canonical("snapshot reply", bytes, REPLY_BYTES_MAX)?;
        match reply.answer {
            Some(WireAnswer::Snapshots(list)) => {
                let offers = list.offers;
                if offers.len() > SNAPSHOTS_OFFERED_MAX {
                    return Err(out_of_range("snapshots", "too many"));
                }
                let offers: Result<_, _> = offers.iter().map(WireOffer::read).collect();
                offers.map(Self::Snapshots)
            }
            Some(WireAnswer::Chunk(WireChunk { position, bytes })) => {
                if bytes.is_empty() || bytes.len() as u64 > CHUNK_BYTES {
                    return Err(out_of_range("chunk", "1 byte to 256 KiB"));
                }
                Ok(Self::Chunk(read_position(position)?, bytes))
            }
            Some(WireAnswer::Refused(WireRefusal { position, reason })) => {
                let reasons = [
                    RefusalReason::Busy,
                    RefusalReason::Gone,
                    RefusalReason::BeyondEnd,
                ];
                let reason = reasons.into_iter().find(|known| *known as u32 == reason);
                let reason = reason.ok_or_else(|| out_of_range("reason", "1 to 3"))?;
                Ok(Self::Refused(read_position(position)?, reason))
            }
            None => Err(DecodeError::Missing { field: "reply" }),
        }
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let answer = match self {
            Self::Snapshots(offers) => WireAnswer::Snapshots(WireOffers {
                offers: offers.iter().map(WireOffer::of).collect(),
            }),
            Self::Chunk(position, bytes) => WireAnswer::Chunk(WireChunk {
                position: Some(WirePosition::of(position)),
                bytes: bytes.clone(),
            }),
            Self::Refused(position, reason) => WireAnswer::Refused(WireRefusal {
                position: Some(WirePosition::of(position)),
                reason: *reason as u32,
            }),
        };
        let answer = Some(answer);
        WireReply { answer }.encode_to_vec().into()
    }
}

impl WirePosition {
    fn of(position: &ChunkPosition) -> Self {
        Self {
            height: position.name.height,
            root: Bytes::copy_from_slice(&position.name.root.0),
            seal: Bytes::copy_from_slice(&position.seal.0),
            offset: position.offset,
        }
    }

    fn read(&self) -> Result<ChunkPosition, DecodeError> {
        let aligned = self.offset.is_multiple_of(CHUNK_BYTES);
        if !aligned || self.offset >= SNAPSHOT_BYTES_MAX {
            return Err(out_of_range("offset", "the beginning of a chunk"));
        }
        Ok(ChunkPosition {
            name: read_name(self.height, &self.root)?,
            seal: read_seal(&self.seal)?,
            offset: self.offset,
        })
    }
}

impl WireOffer {
    fn of(offer: &SnapshotOffer) -> Self {
        Self {
            height: offer.name.height,
            root: Bytes::copy_from_slice(&offer.name.root.0),
            seal: Bytes::copy_from_slice(&offer.seal.0),
            bytes: offer.bytes,
        }
    }

    fn read(&self) -> Result<SnapshotOffer, DecodeError> {
        if self.bytes == 0 || self.bytes > SNAPSHOT_BYTES_MAX {
            return Err(out_of_range("bytes", "1 byte to 1 TiB"));
        }
        Ok(SnapshotOffer {
            name: read_name(self.height, &self.root)?,
            seal: read_seal(&self.seal)?,
            bytes: self.bytes,
        })
    }
}

fn read_position(position: Option<WirePosition>) -> Result<ChunkPosition, DecodeError> {
    let position = position.ok_or(DecodeError::Missing { field: "position" })?;
    position.read()
}

fn read_name(height: u64, root: &Bytes) -> Result<SnapshotName, DecodeError> {
    let root = root[..].try_into();
    let root = root.map_err(|_| out_of_range("root", "32 bytes"))?;
    if height == 0 {
        return Err(out_of_range("height", "from 1 on"));
    }
    Ok(SnapshotName {
        height,
        root: Hash(root),
    })
}

fn read_seal(bytes: &Bytes) -> Result<Seal, DecodeError> {
    let seal = bytes[..].try_into();
    seal.map(Seal).map_err(|_| out_of_range("seal", "16 bytes"))
}

const fn out_of_range(field: &'static str, reason: &'static str) -> DecodeError {
    DecodeError::Range { field, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSITION: ChunkPosition = ChunkPosition {
        name: SnapshotName {
            height: 300,
            root: Hash([0xab; 32]),
        },
        seal: Seal([0xcd; 16]),
        offset: CHUNK_BYTES,
    };
    const OFFER: SnapshotOffer = SnapshotOffer {
        name: POSITION.name,
        seal: POSITION.seal,
        bytes: 1_000_000,
    };

    /// Nodes of two versions must understand each other.
    #[test]
    fn the_bytes_are_pinned() {
        let body = format!("08ac021220{}1a10{}", "ab".repeat(32), "cd".repeat(16));
        let position = format!("{body}20808010");
        let chunk = SnapshotReply::Chunk(POSITION, Bytes::from_static(b"bytes"));
        let requests = [
            (SnapshotRequest::List, "0a00".to_owned()),
            (SnapshotRequest::Chunk(POSITION), format!("123b{position}")),
        ];
        for (request, expected) in requests {
            assert_eq!(hex::encode(request.encode()), expected);
            assert_eq!(SnapshotRequest::decode(&request.encode()), Ok(request));
        }
        let replies = [
            (SnapshotReply::Snapshots(Vec::new()), "0a00".to_owned()),
            (
                SnapshotReply::Snapshots(vec![OFFER]),
                format!("0a3d0a3b{body}20c0843d"),
            ),
            (chunk, format!("12440a3b{position}12056279746573")),
            (
                SnapshotReply::Refused(POSITION, RefusalReason::Gone),
                format!("1a3f0a3b{position}1002"),
            ),
        ];
        for (reply, expected) in replies {
            assert_eq!(hex::encode(reply.encode()), expected, "{reply:?}");
            assert_eq!(SnapshotReply::decode(&reply.encode()), Ok(reply));
        }
    }

    #[test]
    fn silly_messages_are_refused() {
        for offset in [1, CHUNK_BYTES - 1, SNAPSHOT_BYTES_MAX, u64::MAX] {
            let request = SnapshotRequest::Chunk(ChunkPosition { offset, ..POSITION });
            assert!(SnapshotRequest::decode(&request.encode()).is_err());
        }
        let nothing = Bytes::from(vec![0; CHUNK_BYTES as usize + 1]);
        for bytes in [0, SNAPSHOT_BYTES_MAX + 1] {
            let reply = SnapshotReply::Snapshots(vec![SnapshotOffer { bytes, ..OFFER }]);
            assert!(SnapshotReply::decode(&reply.encode()).is_err());
        }
        for reply in [
            SnapshotReply::Snapshots(vec![OFFER; SNAPSHOTS_OFFERED_MAX + 1]),
            SnapshotReply::Chunk(POSITION, Bytes::new()),
            SnapshotReply::Chunk(POSITION, nothing),
        ] {
            assert!(SnapshotReply::decode(&reply.encode()).is_err());
        }
        let at_genesis = ChunkPosition {
            name: SnapshotName {
                height: 0,
                ..POSITION.name
            },
            ..POSITION
        };
        let request = SnapshotRequest::Chunk(at_genesis);
        assert!(SnapshotRequest::decode(&request.encode()).is_err());
        assert!(SnapshotRequest::decode(&Bytes::new()).is_err());
        assert!(SnapshotReply::decode(&Bytes::from_static(b"\x0a")).is_err());
    }
}
