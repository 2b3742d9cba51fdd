//! What the network is told at its start, and the register of peers.

use std::collections::BTreeSet;

use libp2p::{Multiaddr, PeerId, identity::Keypair};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::limits::network::{ADDRESSES_PER_PEER_MAX, PEERS_MAX};

/// What a registered peer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeerRole {
    /// It votes; broadcasts reach it.
    Validator,
    /// It follows.
    Observer,
}

/// A registered peer. Only registered peers are let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerConfig {
    /// A name for people.
    pub name: String,
    /// The identity that it must prove.
    pub peer_id: PeerId,
    /// Where it can be dialled; none if it always dials us.
    pub addresses: Vec<Multiaddr>,
    /// What it is.
    pub role: PeerRole,
}

/// What the network needs to start.
#[derive(Clone, Debug)]
pub struct NetworkConfig {
    /// The seed of this node's network identity: an Ed25519 key apart from any voting key.
    pub identity_seed: Zeroizing<[u8; 32]>,
    /// The chain's name, part of every protocol's name: nodes of another chain are refused.
    /// Letters, digits and `-`, at most 64.
    pub chain: String,
    /// Where to listen; nowhere for a node that only dials. Port 0 picks a free one.
    pub listen: Vec<Multiaddr>,
    /// The register of peers. An entry for this node itself is ignored.
    pub peers: Vec<PeerConfig>,
}

/// Why the network could not start, or refused a register.
#[derive(Debug, Error)]
pub enum NetworkError {
    /// The chain's name cannot be part of a protocol's name.
    #[error("the chain name {name:?} must be 1 to 64 letters, digits or hyphens")]
    InvalidChainName {
        /// The name.
        name: String,
    },
    /// A listen address is not free, or not of a kind that is supported.
    #[error("cannot listen on {address}: {reason}; use /ip4/ADDRESS/tcp/PORT with a free port")]
    Listen {
        /// The address.
        address: Multiaddr,
        /// What the system said.
        reason: String,
    },
    /// The register is too long.
    #[error("{count} registered peers, at most {PEERS_MAX} are supported")]
    TooManyPeers {
        /// Its length.
        count: usize,
    },
    /// A peer has too many addresses.
    #[error("peer {name:?} has {count} addresses, at most {ADDRESSES_PER_PEER_MAX} are supported")]
    TooManyAddresses {
        /// The peer.
        name: String,
        /// Its addresses.
        count: usize,
    },
    /// A peer is registered twice.
    #[error("peer {name:?} has the identity {peer_id} of another registered peer")]
    DuplicatePeer {
        /// The later of the two.
        name: String,
        /// The identity.
        peer_id: PeerId,
    },
    /// The identity seed was refused.
    #[error("the identity seed is not an Ed25519 seed: {reason}")]
    InvalidIdentity {
        /// What the library said.
        reason: String,
    },
    /// The encryption layer could not be set up.
    #[error("cannot set up encryption: {reason}")]
    Encryption {
        /// What the library said.
        reason: String,
    },
}

/// The network identity that a seed gives.
///
/// # Errors
///
/// [`NetworkError::InvalidIdentity`] if the seed is refused.
pub fn peer_id_of(identity_seed: &[u8; 32]) -> Result<PeerId, NetworkError> {
    Ok(keypair_of(identity_seed)?.public().to_peer_id())
}

pub(super) fn keypair_of(identity_seed: &[u8; 32]) -> Result<Keypair, NetworkError> {
    let mut seed = Zeroizing::new(*identity_seed);
    Keypair::ed25519_from_bytes(seed.as_mut_slice()).map_err(|error| {
        NetworkError::InvalidIdentity {
            reason: error.to_string(),
        }
    })
}

pub(super) fn check_chain_name(name: &str) -> Result<(), NetworkError> {
    let valid = (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !valid {
        return Err(NetworkError::InvalidChainName {
            name: name.to_owned(),
        });
    }
    Ok(())
}

pub(super) fn check_peers(peers: &[PeerConfig]) -> Result<(), NetworkError> {
    if peers.len() > PEERS_MAX {
        return Err(NetworkError::TooManyPeers { count: peers.len() });
    }
    let mut seen = BTreeSet::new();
    for peer in peers {
        if peer.addresses.len() > ADDRESSES_PER_PEER_MAX {
            let count = peer.addresses.len();
            return Err(NetworkError::TooManyAddresses {
                name: peer.name.clone(),
                count,
            });
        }
        if !seen.insert(peer.peer_id) {
            let (name, peer_id) = (peer.name.clone(), peer.peer_id);
            return Err(NetworkError::DuplicatePeer { name, peer_id });
        }
    }
    Ok(())
}
