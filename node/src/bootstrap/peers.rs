//! What is known of the peers that may be asked, and which of them is asked next.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::error::PassedOver;
use super::message::SnapshotOffer;
use crate::limits::bootstrap::{
    BUSY_DELAY_MS, BUSY_MAX, CHUNKS_MAKING_GOOD, FAILURE_DELAY_MS, FAILURES_MAX, LIST_AGAIN_MS,
    LISTS_PATIENCE_MS,
};
use crate::limits::snapshot::FREE_BYTES_MIN;
use crate::network::PeerId;

#[derive(Debug)]
struct Known {
    name: String,
    connected: bool,
    /// Its answer, once it came.
    offers: Option<Vec<SnapshotOffer>>,
    /// Without an answer it is asked for one at this time, milliseconds.
    list_at: u64,
    /// It is not asked before this time, milliseconds.
    not_before: u64,
    failures: u32,
    busy: u32,
    /// Chunks that it delivered since the last of them made good for something.
    delivered: u32,
    passed_over: Option<String>,
}

impl Known {
    const fn owes_list(&self) -> bool {
        self.connected && self.offers.is_none() && self.passed_over.is_none()
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Peers {
    known: BTreeMap<PeerId, Known>,
    first_list_at: Option<u64>,
    /// Longest snapshot that there is room for.
    room: u64,
}

impl Peers {
    pub(super) fn new(names: BTreeMap<PeerId, String>, free_bytes: u64) -> Self {
        let known = |name| Known {
            name,
            connected: false,
            offers: None,
            list_at: 0,
            not_before: 0,
            failures: 0,
            busy: 0,
            delivered: 0,
            passed_over: None,
        };
        Self {
            known: names
                .into_iter()
                .map(|(peer, name)| (peer, known(name)))
                .collect(),
            first_list_at: None,
            room: free_bytes.saturating_sub(FREE_BYTES_MIN),
        }
    }

    pub(super) fn name(&self, peer: &PeerId) -> String {
        let known = self.known.get(peer);
        known.map_or_else(String::new, |known| known.name.clone())
    }

    pub(super) fn on_connected(&mut self, peer: &PeerId) {
        if let Some(known) = self.known.get_mut(peer) {
            known.connected = true;
            known.offers = None;
            known.list_at = 0;
        }
    }

    pub(super) fn on_disconnected(&mut self, peer: &PeerId) {
        if let Some(known) = self.known.get_mut(peer) {
            known.connected = false;
            known.offers = None;
        }
    }

    /// Whether the list was waited for.
    pub(super) fn on_list(&mut self, now: u64, peer: &PeerId, offers: &[SnapshotOffer]) -> bool {
        let Some(known) = self.known.get_mut(peer) else {
            return false;
        };
        if known.offers.is_some() || !known.connected {
            return false;
        }
        self.first_list_at.get_or_insert(now);
        known.offers = Some(offers.to_vec());
        true
    }

    /// Its list is not what it has any more.
    pub(super) fn forget_list(&mut self, peer: &PeerId) {
        if let Some(known) = self.known.get_mut(peer) {
            known.offers = None;
            known.list_at = 0;
        }
    }

    /// Those that are to be asked now what they have.
    pub(super) fn take_unasked(&mut self, now: u64) -> Vec<PeerId> {
        let mut unasked = Vec::new();
        for (peer, known) in &mut self.known {
            if known.owes_list() && known.list_at <= now {
                known.list_at = now.saturating_add(LIST_AGAIN_MS);
                unasked.push(*peer);
            }
        }
        unasked
    }

    /// It delivered a chunk. A long fetch has failures that are nobody's fault; they do not add up for ever.
    pub(super) fn on_delivered(&mut self, peer: &PeerId) {
        if let Some(known) = self.known.get_mut(peer) {
            known.delivered += 1;
            if known.delivered == CHUNKS_MAKING_GOOD {
                known.delivered = 0;
                known.failures = known.failures.saturating_sub(1);
                known.busy = known.busy.saturating_sub(1);
            }
        }
    }

    /// It has no time. Whether that is enough of it.
    pub(super) fn on_busy(&mut self, now: u64, peer: &PeerId) -> bool {
        let Some(known) = self.known.get_mut(peer) else {
            return false;
        };
        known.busy += 1;
        known.not_before = now.saturating_add(BUSY_DELAY_MS);
        known.busy >= BUSY_MAX
    }

    /// It did not deliver. Whether that is enough of it.
    pub(super) fn on_failure(&mut self, now: u64, peer: &PeerId) -> bool {
        let Some(known) = self.known.get_mut(peer) else {
            return false;
        };
        known.failures += 1;
        known.not_before = now.saturating_add(FAILURE_DELAY_MS);
        known.failures >= FAILURES_MAX
    }

    /// It is not asked any more. Whether it was until now.
    pub(super) fn pass_over(&mut self, peer: &PeerId, reason: &str) -> bool {
        match self.known.get_mut(peer) {
            Some(known) if known.passed_over.is_none() => {
                known.passed_over = Some(reason.to_owned());
                true
            }
            _ => false,
        }
    }

    /// Whether enough of them have said what they have.
    pub(super) fn have_said(&self, now: u64) -> bool {
        let mut all = self.known.values();
        all.all(|known| known.offers.is_some() || known.passed_over.is_some())
            || self
                .first_list_at
                .is_some_and(|first| now >= first.saturating_add(LISTS_PATIENCE_MS))
    }

    /// The best offer: of a peer that failed least, the newest, and what was begun before others of the same height.
    pub(super) fn best(
        &self,
        now: u64,
        begun: Option<&SnapshotOffer>,
    ) -> Option<(PeerId, SnapshotOffer)> {
        let ready = self.known.iter().filter(|(_, known)| {
            known.connected && known.passed_over.is_none() && known.not_before <= now
        });
        let offers = ready.flat_map(|(peer, known)| {
            let usable = known.offers.iter().flatten();
            let usable = usable.filter(|offer| offer.bytes <= self.room);
            usable.map(move |offer| (known.failures, *peer, *offer))
        });
        let best = offers.min_by_key(|(failures, peer, offer)| {
            let is_other = begun != Some(offer);
            (*failures, Reverse(offer.name.height), is_other, *peer)
        });
        best.map(|(_, peer, offer)| (peer, offer))
    }

    /// Whether somebody may still deliver.
    pub(super) fn any_hope(&self) -> bool {
        let hopeful = |known: &Known| match (&known.passed_over, &known.offers) {
            (Some(_), _) => false,
            (None, Some(offers)) => offers.iter().any(|offer| offer.bytes <= self.room),
            (None, None) => true,
        };
        self.known.values().any(hopeful)
    }

    /// When somebody may be asked again, or the lists need not be waited for any more; after `now`.
    pub(super) fn next_look(&self, now: u64) -> Option<u64> {
        let again = self.known.values().map(|known| known.not_before);
        let owing = self.known.values().filter(|known| known.owes_list());
        let again = again.chain(owing.map(|known| known.list_at));
        let lists = self
            .first_list_at
            .map(|first| first.saturating_add(LISTS_PATIENCE_MS));
        again.chain(lists).filter(|at| *at > now).min()
    }

    /// Every peer, and why it is of no use.
    pub(super) fn account(&self) -> Vec<PassedOver> {
        let reason = |known: &Known| match (&known.passed_over, &known.offers) {
            (Some(reason), _) => reason.clone(),
            (None, Some(offers)) if offers.is_empty() => "it has no snapshot".to_owned(),
            (None, Some(offers)) if offers.iter().all(|offer| offer.bytes > self.room) => {
                "there is not enough room on this disk for its snapshots".to_owned()
            }
            (None, Some(_)) => "it did not go on".to_owned(),
            (None, None) if known.connected => "it did not say what it has".to_owned(),
            (None, None) => "it could not be reached".to_owned(),
        };
        let account = self.known.values().map(|known| PassedOver {
            peer: known.name.clone(),
            reason: reason(known),
        });
        account.collect()
    }

    /// Those that are not asked any more.
    pub(super) fn passed_over(&self) -> Vec<PassedOver> {
        let given_up = self.known.values().filter_map(|known| {
            let reason = known.passed_over.clone()?;
            let peer = known.name.clone();
            Some(PassedOver { peer, reason })
        });
        given_up.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_000;

    fn one() -> (PeerId, Peers) {
        let peer = crate::network::peer_id_of(&[7; 32]).unwrap();
        (
            peer,
            Peers::new(BTreeMap::from([(peer, "seven".to_owned())]), 0),
        )
    }

    #[test]
    fn a_peer_that_delivers_makes_good_for_what_it_did_not() {
        let (peer, mut peers) = one();
        for _ in 0..100 {
            assert!(!peers.on_failure(NOW, &peer));
            (0..CHUNKS_MAKING_GOOD).for_each(|_| peers.on_delivered(&peer));
        }
        for _ in 1..FAILURES_MAX {
            assert!(!peers.on_failure(NOW, &peer));
        }
        assert!(peers.on_failure(NOW, &peer), "it delivers no more");
    }

    #[test]
    fn a_peer_that_owes_its_list_is_asked_again_after_a_while() {
        let (peer, mut peers) = one();
        assert!(peers.take_unasked(NOW).is_empty(), "it is not connected");
        peers.on_connected(&peer);
        assert_eq!(peers.take_unasked(NOW), [peer]);
        assert!(peers.take_unasked(NOW + LIST_AGAIN_MS - 1).is_empty());
        assert_eq!(peers.next_look(NOW), Some(NOW + LIST_AGAIN_MS));
        assert_eq!(peers.take_unasked(NOW + LIST_AGAIN_MS), [peer]);
        assert!(peers.on_list(NOW, &peer, &[]));
        assert!(peers.take_unasked(u64::MAX).is_empty());
    }
}
