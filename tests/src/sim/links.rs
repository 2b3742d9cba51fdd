//! Who is connected to whom, and bytes on their way between them.

use std::collections::BTreeSet;

use bytes::Bytes;
use talea_consensus::PeerId;
use talea_node::register::NamedValidators;
use talea_node::replica::Input;

use super::machine::Machine;
use super::world::{Event, World};

impl World {
    /// The peers that a node lets in, as the register says.
    pub(super) fn on_validators(&mut self, node: usize, named: &NamedValidators) {
        let peers = self.register[node].peers(named).into_iter();
        self.peers[node] = peers
            .map(|peer| (PeerId(peer.key), peer.config.role))
            .collect();
        self.update_links();
    }

    /// Connects and disconnects what the registers and the running nodes say.
    pub(super) fn update_links(&mut self) {
        let mut links = BTreeSet::new();
        for a in 0..self.machines.len() {
            for b in 0..self.machines.len() {
                if a != b && self.may_connect(a, b) {
                    links.insert((a, b));
                }
            }
        }
        let old = std::mem::replace(&mut self.network.links, links.clone());
        for (a, b) in links.difference(&old) {
            let input = Input::Connected(self.machines[*b].peer());
            self.schedule_input(*a, input);
        }
        for (a, b) in old.difference(&links) {
            let input = Input::Disconnected(self.machines[*b].peer());
            self.schedule_input(*a, input);
        }
    }

    pub(super) fn schedule_input(&mut self, node: usize, input: Input) {
        let life = self.machines[node].life;
        let delay = self.random.between(1, 4);
        self.schedule(delay, Event::Input { node, life, input });
    }

    pub(super) fn may_connect(&self, a: usize, b: usize) -> bool {
        let (one, other) = (&self.machines[a], &self.machines[b]);
        let knows = |a: usize, b: &Machine| self.peers[a].contains_key(&b.peer());
        one.running.is_some()
            && other.running.is_some()
            && one.peer() != other.peer()
            && knows(a, other)
            && knows(b, one)
            && self.sees(a, b)
            && self.sees(b, a)
    }

    /// Of twins each other node sees one.
    pub(super) fn sees(&self, a: usize, b: usize) -> bool {
        for (first, second) in &self.twins {
            if b == *first {
                return a.is_multiple_of(2);
            }
            if b == *second {
                return !a.is_multiple_of(2);
            }
        }
        true
    }

    /// Sends bytes on a connection, if there is one.
    pub(super) fn post(&mut self, from: usize, to: usize, bytes: &Bytes) {
        if !self.network.links.contains(&(from, to)) {
            return;
        }
        let life = self.machines[to].life;
        let peer = self.machines[from].peer();
        for at in self.network.arrivals(self.now, from, to) {
            let event = Event::Deliver {
                to,
                life,
                from: peer,
                bytes: bytes.clone(),
            };
            self.schedule(at - self.now, event);
        }
    }
}
