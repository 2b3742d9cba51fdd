//! What is known of the peers that may be asked, and which of them is asked next.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::error::PassedOver;
use super::message::SnapshotOffer;
use crate::limits::bootstrap::{
    BUSY_DELAY_MS, BUSY_MAX, FAILURE_DELAY_MS, FAILURES_MAX, LISTS_PATIENCE_MS,
};
use crate::limits::snapshot::FREE_BYTES_MIN;
use crate::network::PeerId;

#[derive(Debug)]
struct Known {
    name: String,
    connected: bool,
    /// Its answer, once it came.
    offers: Option<Vec<SnapshotOffer>>,
    /// It is not asked before this time, milliseconds.
    not_before: u64,
    failures: u32,
    busy: u32,
    passed_over: Option<String>,
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
            not_before: 0,
            failures: 0,
            busy: 0,
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

    /// Whether it is to be asked what it has.
    pub(super) fn on_connected(&mut self, peer: &PeerId) -> bool {
        let Some(known) = self.known.get_mut(peer) else {
            return false;
        };
        known.connected = true;
        known.offers = None;
        known.passed_over.is_none()
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

    /// Its list is not what it has any more. Whether it can be asked for another.
    pub(super) fn forget_list(&mut self, peer: &PeerId) -> bool {
        let Some(known) = self.known.get_mut(peer) else {
            return false;
        };
        known.offers = None;
        known.connected
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
