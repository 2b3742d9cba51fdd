//! A peer's network key, written as its hexadecimal form or as a libp2p peer id: an Ed25519 peer id
//! holds the key itself.

use std::{fmt, str::FromStr};

use libp2p::{PeerId, identity};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use talea_types::PublicKey;

/// The Ed25519 key that a peer proves in the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PeerKey {
    key: PublicKey,
    peer_id: PeerId,
}

/// A text that names no network key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is neither an Ed25519 network key (64 hexadecimal digits) nor the peer id of one \
     (12D3Koo...); `talea-node keys` at the peer prints both"
)]
pub struct ParsePeerKeyError {
    /// What was written.
    pub text: String,
}

/// Multihash code of a digest that is the content itself.
const IDENTITY_MULTIHASH: u64 = 0;

impl PeerKey {
    /// The key.
    #[must_use]
    pub const fn key(&self) -> PublicKey {
        self.key
    }

    /// The key, borrowed.
    #[must_use]
    pub const fn key_ref(&self) -> &PublicKey {
        &self.key
    }

    /// The identity that follows from it.
    #[must_use]
    pub const fn peer_id(&self) -> PeerId {
        self.peer_id
    }

    fn from_peer_id(peer_id: PeerId) -> Option<Self> {
        let hash = peer_id.as_ref();
        if hash.code() != IDENTITY_MULTIHASH {
            return None;
        }
        let key = identity::PublicKey::try_decode_protobuf(hash.digest()).ok()?;
        let key = key.try_into_ed25519().ok()?;
        Some(Self {
            key: PublicKey::from_bytes(key.to_bytes()),
            peer_id,
        })
    }
}

impl TryFrom<PublicKey> for PeerKey {
    type Error = ParsePeerKeyError;

    fn try_from(key: PublicKey) -> Result<Self, Self::Error> {
        let ed25519 =
            identity::ed25519::PublicKey::try_from_bytes(key.as_bytes()).map_err(|_| {
                ParsePeerKeyError {
                    text: key.to_string(),
                }
            })?;
        Ok(Self {
            key,
            peer_id: identity::PublicKey::from(ed25519).to_peer_id(),
        })
    }
}

impl FromStr for PeerKey {
    type Err = ParsePeerKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(key) = text.parse::<PublicKey>() {
            return Self::try_from(key);
        }
        let peer_id = text.parse::<PeerId>().ok();
        peer_id
            .and_then(Self::from_peer_id)
            .ok_or_else(|| ParsePeerKeyError {
                text: text.chars().take(80).collect(),
            })
    }
}

impl fmt::Display for PeerKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(formatter)
    }
}

impl Serialize for PeerKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PeerKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}
