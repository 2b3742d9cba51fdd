//! What becomes of what a node wants: on the network, at its clients, and before the checks.

use std::sync::Arc;

use bytes::Bytes;
use talea_consensus::ConsensusMessage;
use talea_node::interface::CommittedRecord;
use talea_node::limits::MempoolLimits;
use talea_node::network::PeerRole;
use talea_node::replica::{Audience, Input, NodeMessage, Severity};
use talea_types::ValidatorId;

use super::machine::Effect;
use super::world::{Event, World};

/// Batches that a node may hold, whoever sent them.
const BATCHES_MAX: usize = 8 * talea_consensus::availability::BATCHES_PER_AUTHOR_MAX;
/// Pieces of evidence that a node may hold.
const EVIDENCE_MAX: usize = 64;

impl World {
    pub(super) fn carry_out(&mut self, node: usize, effect: Effect) {
        match effect {
            Effect::Send(peer, bytes) => {
                let to = (0..self.machines.len())
                    .filter(|other| self.machines[*other].peer() == peer)
                    .collect();
                self.say(node, to, &bytes);
            }
            Effect::Broadcast(audience, bytes) => {
                let wanted = |role: &PeerRole| match audience {
                    Audience::Validators => *role == PeerRole::Validator,
                    Audience::Observers => *role == PeerRole::Observer,
                    Audience::Everybody => true,
                };
                let peers = &self.peers[node];
                let to = (0..self.machines.len())
                    .filter(|other| peers.get(&self.machines[*other].peer()).is_some_and(wanted))
                    .collect();
                self.say(node, to, &bytes);
            }
            Effect::VerifyBatch(batch) => {
                let transactions = self.verify(node, &batch);
                let digest = batch.digest();
                self.schedule_input(
                    node,
                    Input::BatchVerified {
                        digest,
                        transactions,
                    },
                );
            }
            Effect::Admitted => {}
            Effect::Published(record, root) => self.on_published(node, &record, root),
            Effect::Validators(named) => self.on_validators(node, &named),
            Effect::WakeAt(at) => self.on_wake(node, at),
            Effect::Fault(peer, severity, reason) => {
                self.counts.blamed += 1;
                let blamed =
                    (0..self.machines.len()).find(|other| self.machines[*other].peer() == peer);
                let honest = blamed.is_some_and(|other| self.machines[other].is_honest());
                if severity == Severity::Hostile && honest && self.machines[node].is_honest() {
                    let detail = format!("node {node} calls {blamed:?} hostile: {reason}");
                    self.checks
                        .fail(self.now, "honest peers are not blamed", detail);
                }
            }
            Effect::Evidence(evidence) => {
                if self.machines[node].is_honest() {
                    let life = self.machines[node].life;
                    let liars = self.liar_ids();
                    let now = self.now;
                    self.checks.on_evidence(now, node, life, &evidence, &liars);
                }
            }
        }
    }

    fn liar_ids(&self) -> Vec<ValidatorId> {
        let liars = (0..self.machines.len()).filter(|node| !self.machines[*node].is_honest());
        liars.flat_map(|node| self.ids(node)).collect()
    }

    fn on_wake(&mut self, node: usize, at: u64) {
        let (now, life) = (self.now, self.machines[node].life);
        if let Some(running) = self.machines[node].running.as_mut() {
            let due = (running.started_at + at).max(now + 1);
            running.wake_at = Some(due);
            self.schedule(due - now, Event::Tick { node, life });
        }
    }

    /// Bytes leave a node: those of an honest one are checked, those of a liar twisted.
    fn say(&mut self, node: usize, to: Vec<usize>, bytes: &Bytes) {
        if self.machines[node].is_honest() {
            if let Ok(NodeMessage::Consensus(inner)) = NodeMessage::decode(bytes)
                && let Ok(message) = ConsensusMessage::decode(&inner)
            {
                let own = self.ids(node);
                self.checks.on_said(self.now, &own, &message);
            }
            for to in to {
                self.post(node, to, bytes);
            }
            return;
        }
        let behaviours = self.machines[node].behaviours.clone();
        let place = self.original(node);
        for to in to {
            let said = match self.liars.get_mut(&place) {
                Some(liar) => liar.twist(&behaviours, to, bytes),
                None => vec![bytes.clone()],
            };
            for bytes in said {
                self.post(node, to, &bytes);
            }
        }
    }

    /// The first of twins.
    fn original(&self, node: usize) -> usize {
        let first = self.twins.iter().find(|(_, second)| **second == node);
        first.map_or(node, |(first, _)| *first)
    }

    fn on_published(
        &mut self,
        node: usize,
        record: &Arc<CommittedRecord>,
        root: talea_types::Hash,
    ) {
        let height = record.height();
        self.note(node, record.hash.hash().as_bytes());
        self.tell(node, || {
            format!("block {height} round {}", record.certificate.round)
        });
        let machine = &mut self.machines[node];
        if !machine.is_honest() {
            return;
        }
        if height <= machine.acknowledged {
            let detail = format!("node {node} says again that height {height} is final");
            return self.checks.fail(self.now, "durability", detail);
        }
        machine.acknowledged = height;
        let Some(running) = &machine.running else {
            return;
        };
        let ledger = Arc::clone(&running.ledger);
        let before = self.checks.height();
        self.checks.on_published(
            self.now,
            node,
            record,
            root,
            &ledger.read(),
            self.clients.asked(),
        );
        if self.checks.height() > before {
            self.on_decided(height);
        }
    }

    /// A height is final somewhere for the first time.
    fn on_decided(&mut self, height: u64) {
        let Some(decided) = self.checks.decided.get(&height) else {
            return;
        };
        for id in &decided.finals {
            self.clients.on_final(id);
            self.governance.on_final(&mut self.clients, self.now, id);
        }
    }

    /// A node that was started must be where it said that it was.
    pub(super) fn check_recovered(&mut self, node: usize, tip: Option<Arc<CommittedRecord>>) {
        let machine = &self.machines[node];
        let Some(running) = machine.running.as_ref().filter(|_| machine.is_honest()) else {
            return;
        };
        if running.host.replica().status().not_voting.is_some() {
            self.counts.rejoins += 1;
        }
        let height = running.host.replica().tip().height;
        self.tell(node, || format!("starts at height {height}"));
        if height < machine.acknowledged {
            let detail = format!(
                "node {node} told clients of height {} and comes back at {height}",
                machine.acknowledged
            );
            return self.checks.fail(self.now, "durability", detail);
        }
        let ledger = Arc::clone(&running.ledger);
        self.machines[node].acknowledged = height;
        if let Some(record) = tip {
            let root = ledger.read().state_root();
            let before = self.checks.height();
            self.checks.on_published(
                self.now,
                node,
                &record,
                root,
                &ledger.read(),
                self.clients.asked(),
            );
            if self.checks.height() > before {
                self.on_decided(height);
            }
        }
    }

    /// Looks at memory, keys that are to be taken up, and progress.
    pub(super) fn on_watch(&mut self) {
        self.schedule_watch();
        self.take_up_key();
        self.check_liveness();
        for node in 0..self.machines.len() {
            let machine = &self.machines[node];
            let Some(running) = machine.running.as_ref().filter(|_| machine.is_honest()) else {
                continue;
            };
            let status = running.host.replica().status();
            let (_, bytes) = status.mempool;
            self.counts.mempool_bytes = self.counts.mempool_bytes.max(bytes);
            self.counts.batches = self.counts.batches.max(status.batches);
            let bytes_max = MempoolLimits::DEFAULT.bytes_max.min(256 * 1024);
            if bytes > bytes_max
                || status.batches > BATCHES_MAX
                || status.evidence.len() > EVIDENCE_MAX
            {
                let detail = format!(
                    "node {node}: {bytes} bytes of transactions, {} batches, {} pieces of evidence",
                    status.batches,
                    status.evidence.len()
                );
                self.checks.fail(self.now, "memory bounds", detail);
            }
        }
    }
}
