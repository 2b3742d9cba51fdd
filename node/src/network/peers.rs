//! The register of peers and what is remembered of each: when to dial it next, its faults, and the
//! budgets of its messages. All of it outlives connections.

use std::collections::BTreeMap;

use libp2p::{PeerId, swarm::ConnectionId};
use tokio::time::Instant;

use super::{
    PeerConfig, backoff,
    fault::FaultRecord,
    link::{Budgets, new_budgets},
};
use crate::limits::network as limits;

/// A registered peer.
#[derive(Debug)]
pub(super) struct PeerRecord {
    pub(super) config: PeerConfig,
    pub(super) faults: FaultRecord,
    pub(super) budgets: Budgets,
    /// The swarm refuses the peer because of its faults.
    pub(super) refused: bool,
    dialling: Option<ConnectionId>,
    failures: u32,
    next_dial: Instant,
}

impl PeerRecord {
    fn new(config: PeerConfig, first_dial: Instant) -> Self {
        Self {
            config,
            faults: FaultRecord::default(),
            budgets: new_budgets(),
            refused: false,
            dialling: None,
            failures: 0,
            next_dial: first_dial,
        }
    }

    /// When the peer is to be dialled, unless it is connected. `None` while it cannot be.
    pub(super) fn dial_at(&self) -> Option<Instant> {
        let can_be = self.dialling.is_none() && !self.refused && !self.config.addresses.is_empty();
        can_be.then_some(self.next_dial)
    }

    pub(super) fn on_dialling(&mut self, connection: ConnectionId) {
        self.dialling = Some(connection);
    }

    /// A connection with the peer is established, whoever dialled it.
    pub(super) fn on_established(&mut self, connection: ConnectionId) {
        if self.dialling == Some(connection) {
            self.dialling = None;
        }
    }

    pub(super) fn on_dial_failed(&mut self, now: Instant) {
        self.dialling = None;
        self.failures = self.failures.saturating_add(1);
        self.wait(now);
    }

    /// The last connection with the peer ended.
    pub(super) fn on_disconnected(&mut self, established_at: Instant, now: Instant) {
        if now.saturating_duration_since(established_at) >= limits::CONNECTION_STABLE {
            self.failures = 0;
        }
        self.failures = self.failures.saturating_add(1);
        self.wait(now);
    }

    fn wait(&mut self, now: Instant) {
        let wait = backoff::delay(&self.config.peer_id, self.failures);
        self.next_dial = now.checked_add(wait).unwrap_or(now);
    }
}

/// All registered peers.
#[derive(Debug)]
pub(super) struct Register {
    local: PeerId,
    peers: BTreeMap<PeerId, PeerRecord>,
}

/// What a new register changed.
#[derive(Debug, Default)]
pub(super) struct RegisterChange {
    pub(super) added: Vec<PeerId>,
    pub(super) removed: Vec<PeerId>,
}

impl Register {
    pub(super) fn new(local: PeerId) -> Self {
        Self {
            local,
            peers: BTreeMap::new(),
        }
    }

    /// Replaces the register, keeping what is remembered of peers that stay.
    pub(super) fn replace(&mut self, configs: Vec<PeerConfig>, now: Instant) -> RegisterChange {
        let mut change = RegisterChange::default();
        let mut before = std::mem::take(&mut self.peers);
        for config in configs {
            let peer = config.peer_id;
            if peer == self.local {
                continue;
            }
            let record = match before.remove(&peer) {
                Some(record) => PeerRecord { config, ..record },
                None => {
                    change.added.push(peer);
                    // One side of each pair waits a little, so that rarely both dial.
                    let later = now.checked_add(limits::FIRST_DIAL_DELAY).unwrap_or(now);
                    PeerRecord::new(config, if self.local < peer { now } else { later })
                }
            };
            self.peers.insert(peer, record);
        }
        change.removed = before.into_keys().collect();
        change
    }

    pub(super) fn get(&self, peer: &PeerId) -> Option<&PeerRecord> {
        self.peers.get(peer)
    }

    pub(super) fn get_mut(&mut self, peer: &PeerId) -> Option<&mut PeerRecord> {
        self.peers.get_mut(peer)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&PeerId, &mut PeerRecord)> {
        self.peers.iter_mut()
    }

    /// The peer whose dial this connection is.
    pub(super) fn dialled_by(&mut self, connection: ConnectionId) -> Option<&mut PeerRecord> {
        self.peers
            .values_mut()
            .find(|record| record.dialling == Some(connection))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::PeerRole;

    fn config(peer_id: PeerId) -> PeerConfig {
        let addresses = vec!["/ip4/127.0.0.1/tcp/1".parse().unwrap()];
        PeerConfig {
            name: "peer".into(),
            peer_id,
            addresses,
            role: PeerRole::Validator,
        }
    }

    #[test]
    fn replacing_the_register_keeps_what_is_remembered() {
        let now = Instant::now();
        let (local, stays, leaves, comes) = (
            PeerId::random(),
            PeerId::random(),
            PeerId::random(),
            PeerId::random(),
        );
        let mut register = Register::new(local);
        let change = register.replace(vec![config(local), config(stays), config(leaves)], now);
        assert_eq!(change.added, [stays, leaves]);
        assert!(register.get(&local).is_none());
        register.get_mut(&stays).unwrap().on_dial_failed(now);
        let dial_at = register.get(&stays).unwrap().dial_at();
        let change = register.replace(vec![config(stays), config(comes)], now);
        assert_eq!((change.added, change.removed), (vec![comes], vec![leaves]));
        assert_eq!(register.get(&stays).unwrap().dial_at(), dial_at);
    }

    #[test]
    fn a_stable_connection_resets_the_wait() {
        let now = Instant::now();
        let mut record = PeerRecord::new(config(PeerId::random()), now);
        for _ in 0..20 {
            record.on_dial_failed(now);
        }
        assert!(record.dial_at().unwrap() >= now + limits::BACKOFF_MAX / 2);
        record.on_disconnected(now, now + limits::CONNECTION_STABLE);
        assert!(record.dial_at().unwrap() <= now + limits::CONNECTION_STABLE + limits::BACKOFF_MIN);
    }
}
