//! The faults of a plan, as they happen.

use talea_node::storage::disk::{Crash, Fault as DiskFault};
use talea_types::{Validator, ValidatorId};

use super::machine::Fuse;
use super::plan::{Fault, FaultKind};
use super::world::{Event, World, secret};

impl World {
    pub(super) fn on_fault_of_plan(&mut self, fault: Fault) {
        self.tell_all(|| format!("fault {:?}", fault.kind));
        if self.inject(fault.kind) {
            self.took_place(fault.kind.name());
        }
    }

    /// Counts a fault that did something.
    pub(super) fn took_place(&mut self, name: &'static str) {
        *self.counts.faults.entry(name).or_default() += 1;
    }

    /// Does what a fault says. Whether that already did something: what waits for the node to speak or to write counts when
    /// it happens, and nothing can be ended that does not run.
    fn inject(&mut self, kind: FaultKind) -> bool {
        match kind {
            FaultKind::Crash {
                node, after, tear, ..
            } => {
                if self.machines[node].running.is_some() {
                    self.machines[node].fuse = Some(Fuse { left: after, tear });
                }
                return false;
            }
            FaultKind::Kill { node, down_ms } => {
                let ended = self.power_off(node, Crash::Everything);
                self.schedule(down_ms, Event::Start { node });
                return ended;
            }
            FaultKind::DiskFails { node, after, tear } => {
                if self.machines[node].running.is_some() {
                    let fault = match after % 3 {
                        0 => DiskFault::WriteFailsAfter(after / 3),
                        1 => DiskFault::SyncFailsAfter(after / 3),
                        _ => DiskFault::FullAfter(after * 100),
                    };
                    self.machines[node].disk.set_fault(fault);
                    self.machines[node].failing = Some(tear);
                }
                return false;
            }
            FaultKind::FlipBit { node, bit } => {
                self.power_off(node, Crash::Everything);
                let flipped = self.machines[node].flip_bit(bit);
                self.schedule(1_000, Event::Start { node });
                return flipped;
            }
            FaultKind::LoseDisk { node, down_ms } => {
                self.power_off(node, Crash::SyncedOnly);
                self.machines[node].lose_disk();
                self.schedule(down_ms, Event::Start { node });
            }
            FaultKind::SetBack {
                node,
                after_ms,
                down_ms,
            } => {
                self.power_off(node, Crash::Everything);
                self.machines[node].back_up();
                self.schedule(down_ms, Event::Start { node });
                self.schedule(after_ms.max(down_ms + 1), Event::PutBack { node, down_ms });
                return false;
            }
            FaultKind::Cut {
                group,
                one_way,
                lasts_ms,
            } => self.network.cut(self.now, group, one_way, 0, lasts_ms),
            FaultKind::Flap {
                group,
                period_ms,
                lasts_ms,
            } => self
                .network
                .cut(self.now, group, false, period_ms, lasts_ms),
            FaultKind::Slow {
                node,
                period_ms,
                lasts_ms,
            } => self.network.slow(self.now, node, period_ms, lasts_ms),
            FaultKind::Storm {
                loss,
                delay_ms,
                lasts_ms,
            } => self.network.storm(self.now, loss, delay_ms, lasts_ms),
            FaultKind::ClockJump {
                node,
                by_ms,
                lasts_ms,
            } => {
                let skew_ms = self.machines[node].skew_ms;
                self.machines[node].skew_ms = skew_ms.saturating_add(by_ms);
                self.schedule(lasts_ms, Event::ClockRight { node, skew_ms });
            }
            FaultKind::RollingRestart { gap_ms } => {
                for node in 0..self.joiner {
                    let event = Event::Kill { node, down_ms: 50 };
                    self.schedule(gap_ms * node as u64, event);
                }
            }
            FaultKind::Replace { leaving } => return self.replace(leaving),
            FaultKind::RotateKey { node } => return self.rotate_key(node),
        }
        true
    }

    /// The joiner is to take the place of a validator. Whether that was proposed.
    fn replace(&mut self, leaving: usize) -> bool {
        let voting_key = self.machines[self.joiner].voting_keys[0].public_key();
        let network_key = self.machines[self.joiner].network_key.public_key();
        let bank = self.localnet.organisations.get(self.plan.validators);
        let Some(bank) = bank else { return false };
        let (leaving_id, power) = self.member(leaving);
        let joining = Validator {
            participant: bank.id,
            voting_key,
            power,
            network_key,
            name: "joiner".to_owned(),
        };
        self.joined = true;
        let height = self.checks.height();
        self.governance
            .propose(&mut self.clients, self.now, height, joining, leaving_id);
        let node = self.joiner;
        self.schedule(100, Event::Start { node });
        true
    }

    /// A validator is to vote with a new key. Whether that was proposed.
    fn rotate_key(&mut self, node: usize) -> bool {
        if !self.machines[node].is_honest() {
            return false;
        }
        let (old, power) = self.member(node);
        let key = secret("rotated", node as u64);
        let of_genesis = self.common.genesis.validators.iter();
        let mut named =
            of_genesis.filter(|one| ValidatorId::from_voting_key(&one.voting_key) == old);
        let Some(current) = named.next().cloned() else {
            return false;
        };
        let joining = Validator {
            voting_key: key.public_key(),
            power,
            ..current
        };
        let height = self.checks.height();
        self.governance
            .propose(&mut self.clients, self.now, height, joining, old);
        self.next_key = Some((node, key));
        true
    }

    fn member(&self, node: usize) -> (ValidatorId, u64) {
        let key = self.machines[node].voting_keys[0].public_key();
        let id = ValidatorId::from_voting_key(&key);
        let mut validators = self.common.genesis.validators.iter();
        let power = validators
            .find(|one| one.voting_key == key)
            .map_or(1, |one| one.power);
        (id, power)
    }

    /// Restarts a validator with its new key once the ledger names it.
    pub(super) fn take_up_key(&mut self) {
        let Some((node, key)) = &self.next_key else {
            return;
        };
        let (node, id) = (*node, ValidatorId::from_voting_key(&key.public_key()));
        let named = self.machines[node]
            .running
            .as_ref()
            .is_some_and(|running| running.ledger.read().validators().get(&id).is_some());
        if named && let Some((node, key)) = self.next_key.take() {
            self.power_off(node, Crash::Everything);
            self.machines[node].voting_keys.push(key);
            self.schedule(200, Event::Start { node });
        }
    }
}
