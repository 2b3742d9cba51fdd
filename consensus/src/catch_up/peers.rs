//! What peers claim, and how far they are believed.

use std::collections::BTreeMap;

use super::{DISTRUST_MS_MAX, DISTRUST_MS_MIN, PEERS_MAX};
use crate::peer::PeerId;

/// One peer.
#[derive(Debug, Default, Clone)]
struct Peer {
    connected: bool,
    /// The height it claims to have committed.
    claim: u64,
    /// The lowest height that it has, as far as it said.
    first: u64,
    /// Failures since it last delivered.
    failures: u32,
    /// Not asked before this time.
    distrusted_until: u64,
    /// When it was asked last, to take turns.
    asked_at: u64,
}

/// All peers.
#[derive(Debug, Default)]
pub struct Peers {
    peers: BTreeMap<PeerId, Peer>,
}

impl Peers {
    /// A peer can be reached.
    pub fn connect(&mut self, id: PeerId) {
        if let Some(peer) = self.entry(id) {
            peer.connected = true;
        }
    }

    /// It cannot any more. What it did is remembered.
    pub fn disconnect(&mut self, id: PeerId) {
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.connected = false;
            peer.claim = 0;
            peer.first = 0;
        }
    }

    /// A peer claims a height.
    pub fn claim(&mut self, id: PeerId, height: u64) {
        if let Some(peer) = self.entry(id) {
            peer.connected = true;
            peer.claim = height;
        }
    }

    /// A peer dropped the blocks below a height.
    pub fn keeps_from(&mut self, id: PeerId, first: u64) {
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.first = first;
        }
    }

    /// The lowest height that peers which claim `height` have, if all of them that may be asked dropped it.
    pub fn lowest_first(&self, height: u64, now: u64) -> Option<u64> {
        let ahead = self.peers.values();
        let lowest = ahead
            .filter(|peer| peer.is_askable(now) && peer.claim >= height)
            .map(|peer| peer.first)
            .min()?;
        (lowest > height).then_some(lowest)
    }

    /// The highest claim of a peer that may be asked.
    pub fn target(&self, now: u64) -> u64 {
        self.peers
            .values()
            .filter(|peer| peer.is_askable(now))
            .map(|peer| peer.claim)
            .max()
            .unwrap_or(0)
    }

    /// The peer to ask for a block of `height`: the fewest failures, then asked longest ago.
    pub fn choose(
        &mut self,
        height: u64,
        now: u64,
        busy: impl Fn(&PeerId) -> bool,
    ) -> Option<(PeerId, u64)> {
        let able = |(id, peer): &(&PeerId, &mut Peer)| {
            peer.is_askable(now) && peer.claim >= height && peer.first <= height && !busy(id)
        };
        let (id, peer) = self
            .peers
            .iter_mut()
            .filter(able)
            .min_by_key(|(id, peer)| (peer.failures, peer.asked_at, **id))?;
        peer.asked_at = now;
        Some((*id, peer.claim))
    }

    /// A peer did not deliver: it is not believed for a while.
    pub fn distrust(&mut self, id: PeerId, now: u64) {
        if let Some(peer) = self.peers.get_mut(&id) {
            let wait = DISTRUST_MS_MIN
                .checked_shl(peer.failures.min(16))
                .unwrap_or(DISTRUST_MS_MAX);
            peer.failures = peer.failures.saturating_add(1);
            peer.distrusted_until = now.saturating_add(wait.min(DISTRUST_MS_MAX));
        }
    }

    /// A block of a peer was the committed one.
    pub fn trust(&mut self, id: PeerId) {
        if let Some(peer) = self.peers.get_mut(&id) {
            peer.failures = 0;
            peer.distrusted_until = 0;
        }
    }

    /// When the next distrusted peer may be asked again.
    pub fn next_pardon(&self, now: u64) -> Option<u64> {
        self.peers
            .values()
            .filter(|peer| peer.connected)
            .map(|peer| peer.distrusted_until)
            .filter(|until| *until > now)
            .min()
    }

    fn entry(&mut self, id: PeerId) -> Option<&mut Peer> {
        if !self.peers.contains_key(&id) && self.peers.len() >= PEERS_MAX {
            let gone = self
                .peers
                .iter()
                .find(|(_, peer)| !peer.connected)
                .map(|(id, _)| *id)?;
            self.peers.remove(&gone);
        }
        Some(self.peers.entry(id).or_default())
    }
}

impl Peer {
    const fn is_askable(&self, now: u64) -> bool {
        self.connected && self.distrusted_until <= now
    }
}
