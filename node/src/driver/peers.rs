//! Who is who: the transport names a peer by its libp2p id, the replica by its network key.

use std::collections::BTreeMap;

use talea_consensus::PeerId as NetworkKey;

use crate::network::{PeerId, PeerRole};
use crate::register::RegisteredPeer;

/// The registered peers under both names.
#[derive(Clone, Debug, Default)]
pub struct PeerBook {
    by_transport: BTreeMap<PeerId, (NetworkKey, String)>,
    by_key: BTreeMap<NetworkKey, PeerId>,
    observers: Vec<PeerId>,
}

impl PeerBook {
    /// A book of these peers with their network keys.
    #[must_use]
    pub fn new(peers: &[RegisteredPeer]) -> Self {
        let mut book = Self::default();
        for RegisteredPeer { key, config: peer } in peers {
            let key = NetworkKey(*key);
            book.by_transport
                .insert(peer.peer_id, (key, peer.name.clone()));
            book.by_key.insert(key, peer.peer_id);
            if peer.role == PeerRole::Observer {
                book.observers.push(peer.peer_id);
            }
        }
        book
    }

    pub(super) fn key_of(&self, peer: &PeerId) -> Option<NetworkKey> {
        self.by_transport.get(peer).map(|(key, _)| *key)
    }

    pub(super) fn transport_of(&self, key: &NetworkKey) -> Option<PeerId> {
        self.by_key.get(key).copied()
    }

    pub(super) fn name_of(&self, peer: &PeerId) -> &str {
        self.by_transport
            .get(peer)
            .map_or("unregistered", |(_, name)| name)
    }

    /// Peers of this book that are not in a newer one.
    pub(super) fn missing_in<'a>(
        &'a self,
        newer: &'a Self,
    ) -> impl Iterator<Item = NetworkKey> + 'a {
        let keys = self.by_key.keys().copied();
        keys.filter(|key| !newer.by_key.contains_key(key))
    }

    pub(super) fn observers(&self) -> &[PeerId] {
        &self.observers
    }
}
