//! Nodes of a world: started from their disks, fed, and ended in every way that a node can end.

use std::collections::VecDeque;

use talea_node::host::HostError;
use talea_node::register::NamedValidators;
use talea_node::replica::Input;
use talea_node::storage::disk::Crash;
use talea_types::{SignedTransaction, ValidatorId, transaction::verify_all};

use super::plan::Behaviour;
use super::world::{Event, World};

impl World {
    /// Hands inputs to a node and does what it wants, until its power fails.
    pub(super) fn feed(&mut self, node: usize, mut inputs: VecDeque<Input>) {
        if inputs.is_empty() {
            return;
        }
        let machine = &mut self.machines[node];
        let Some(mut running) = machine.running.take() else {
            return;
        };
        let mut notes = machine.notes(self.now, &running);
        let result = running.host.handle(&mut inputs, &mut notes);
        machine.fuse = notes.fuse_left();
        machine.running = Some(running);
        self.counts.syncs += notes.syncs;
        let dead = notes.dead;
        for effect in notes.effects {
            self.carry_out(node, effect);
        }
        if dead {
            self.counts.power_cuts += 1;
            self.took_place("crash");
            self.down(node);
            let back = self.random.between(20, 2_500);
            self.schedule(back, Event::Start { node });
        } else if let Err(error) = result {
            self.on_host_error(node, &error);
        }
    }

    pub(super) fn on_host_error(&mut self, node: usize, error: &HostError) {
        self.tell(node, || format!("ends: {error}"));
        let machine = &self.machines[node];
        if let HostError::Halted(reason) = error
            && machine.is_honest()
            && !machine.damaged
        {
            let detail = format!("node {node}: {reason}");
            self.checks.fail(self.now, "no honest node halts", detail);
        }
        let tear = match self.machines[node].failing.take() {
            Some(tear) => {
                self.took_place("disk_fails");
                tear
            }
            None => self.random.any(),
        };
        self.power_off(node, Crash::Torn(tear));
        let back = self.random.between(100, 1_500);
        self.schedule(back, Event::Start { node });
    }

    /// Ends a node's process, with what is left on its disk. Whether it ran.
    pub(super) fn power_off(&mut self, node: usize, crash: Crash) -> bool {
        if self.machines[node].running.is_none() {
            return false;
        }
        if matches!(crash, Crash::Torn(_)) {
            self.counts.power_cuts += 1;
        }
        self.machines[node].stop(crash);
        self.update_links();
        true
    }

    /// The disk has crashed already.
    pub(super) fn down(&mut self, node: usize) {
        let machine = &mut self.machines[node];
        machine.running = None;
        machine.life += 1;
        machine.fuse = None;
        self.update_links();
    }

    pub(super) fn start(&mut self, node: usize) {
        if self.machines[node].running.is_some() || (node == self.joiner && !self.joined) {
            return;
        }
        if self.machines[node]
            .behaviours
            .contains(&Behaviour::Amnesiac)
        {
            self.machines[node].forget_consensus_log();
            self.machines[node].lose_memory_of_signer();
        }
        let started = self.machines[node].start(&self.common, self.now);
        self.counts.starts += 1;
        let tip_record = match started {
            Ok(record) => record,
            Err(error) => {
                self.tell(node, || format!("does not start: {error}"));
                let machine = &mut self.machines[node];
                if machine.is_honest() && !machine.damaged {
                    let detail = format!("node {node} does not start: {error}");
                    return self.checks.fail(self.now, "a torn disk opens", detail);
                }
                self.counts.repairs += 1;
                machine.running = None;
                machine.settle();
                machine.repair(&error);
                return self.schedule(300, Event::Start { node });
            }
        };
        self.check_recovered(node, tip_record);
        let named = match &self.machines[node].running {
            Some(running) => NamedValidators::of(&running.ledger.read()),
            None => return,
        };
        self.on_validators(node, &named);
        self.feed(node, VecDeque::from([Input::Start]));
        self.update_links();
    }

    /// The ids under which a machine may vote.
    pub(super) fn ids(&self, node: usize) -> Vec<ValidatorId> {
        let keys = self.machines[node].voting_keys.iter();
        keys.map(|key| ValidatorId::from_voting_key(&key.public_key()))
            .collect()
    }

    /// Verifies a batch as the verifiers of a node do.
    pub(super) fn verify(
        &mut self,
        node: usize,
        batch: &talea_types::Batch,
    ) -> Option<Vec<talea_types::VerifiedTransaction>> {
        let chain = self.common.engine.chain;
        let decoded: Option<Vec<_>> = batch
            .transactions()
            .iter()
            .map(|bytes| SignedTransaction::decode(&chain, bytes.clone()).ok())
            .collect();
        let running = self.machines[node].running.as_mut()?;
        let verified = verify_all(&mut running.keys, decoded?);
        verified.into_iter().collect::<Result<_, _>>().ok()
    }
}
