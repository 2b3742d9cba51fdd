//! A whole network in virtual time: events in order, each handed to the real node it belongs to.
//!
//! Everything that happens follows from the plan: there is one queue, ordered by time and then by the
//! order in which events were made, and one source of chance for each purpose.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use talea_consensus::PeerId;
use talea_genesis::localnet::{Localnet, LocalnetOptions};
use talea_ledger::Genesis;
use talea_node::config::{PeerEntry, PeerKey};
use talea_node::network::PeerRole;
use talea_node::recovery::EngineSetup;
use talea_node::register::Register;
use talea_node::replica::Input;
use talea_node::storage::disk::Crash;
use talea_types::operation::RulePackActivate;
use talea_types::{
    Hash, RulePackId, SecretKey, Timestamp, ValidatorId, ValidatorSet, hash::tagged,
};

use super::checks::Checks;
use super::clients::Clients;
use super::collections::agencies;
use super::governance::Governance;
use super::liar::Liar;
use super::machine::{Common, Machine};
use super::network::Network;
use super::plan::{Behaviour, Fault, Plan, START_MS};
use super::random::Random;

/// How long after everything healed the network may take until all is served, milliseconds.
pub const LIVENESS_MS: u64 = 60_000;
/// Between two looks of the clients, milliseconds.
const CLIENTS_MS: u64 = 25;
/// Between two lies without a reason, milliseconds.
const LIES_MS: u64 = 120;
/// Between two checks of memory and progress, milliseconds.
const WATCH_MS: u64 = 200;

/// Events between two of these checks at most: with seven nodes and a flooder there are some two thousand.
/// More is a storm: answers that make questions that make answers.
const EVENTS_MAX: u64 = 20_000;

/// Something that happens.
pub(super) enum Event {
    /// Bytes arrive on a connection.
    Deliver {
        to: usize,
        life: u64,
        from: PeerId,
        bytes: Bytes,
    },
    /// Something of the node's own machine.
    Input {
        node: usize,
        life: u64,
        input: Input,
    },
    /// A wait of a node ends.
    Tick { node: usize, life: u64 },
    /// Clients submit.
    Clients,
    /// Liars speak.
    Lies,
    /// Memory and progress are looked at.
    Watch,
    /// A fault of the plan.
    Fault(Fault),
    /// A node is started.
    Start { node: usize },
    /// A node is killed.
    Kill { node: usize, down_ms: u64 },
    /// The backup of a node is written over its data.
    PutBack { node: usize, down_ms: u64 },
    /// A clock is set right.
    ClockRight { node: usize, skew_ms: i64 },
    /// Everything heals.
    Heal,
}

/// What happened, for the report.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Events.
    pub steps: u64,
    /// Most events between two checks of memory and progress.
    pub busiest: u64,
    /// Faults of each kind that took place.
    pub faults: BTreeMap<&'static str, u64>,
    /// Starts of nodes.
    pub starts: u64,
    /// Nodes that started without votes of their own to rely on.
    pub rejoins: u64,
    /// Times that an operator had to help a damaged disk.
    pub repairs: u64,
    /// Power cuts, which may tear what was not synced. Where only the process ends, nothing that was written is lost.
    pub power_cuts: u64,
    /// Syncs of logs.
    pub syncs: u64,
    /// Faults that nodes blamed peers for.
    pub blamed: u64,
    /// Nodes that began after a snapshot of their peers.
    pub snapshots: u64,
    /// Peers that lied to them and were found out.
    pub snapshot_liars: u64,
    /// Most bytes in a mempool.
    pub mempool_bytes: usize,
    /// Most batches held.
    pub batches: usize,
}

/// See the module.
pub struct World {
    pub(super) plan: Plan,
    /// Milliseconds since the start.
    pub now: u64,
    pub(super) common: Common,
    pub(super) machines: Vec<Machine>,
    pub(super) peers: Vec<BTreeMap<PeerId, PeerRole>>,
    pub(super) register: Vec<Register>,
    pub(super) liars: BTreeMap<usize, Liar>,
    /// The second machine of a twin.
    pub(super) twins: BTreeMap<usize, usize>,
    /// The machine that may join.
    pub(super) joiner: usize,
    pub(super) joined: bool,
    /// A voting key that a machine takes up once the ledger names it.
    pub(super) next_key: Option<(usize, SecretKey)>,
    pub(super) network: Network,
    pub(super) clients: Clients,
    pub(super) governance: Governance,
    /// The promises.
    pub checks: Checks,
    /// For the report.
    pub counts: Counts,
    pub(super) random: Random,
    queue: BTreeMap<(u64, u64), Event>,
    /// Events before the last check of memory and progress.
    watched: u64,
    sequence: u64,
    trace: Hash,
    healed: bool,
    /// The height that everybody must pass after everything healed.
    target: u64,
    pub(super) localnet: Localnet,
    /// Whether every step is told on standard error.
    pub verbose: bool,
}

impl World {
    /// The network of a plan, before anything happened.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let options = LocalnetOptions {
            network: "sim".to_owned(),
            validators: plan.validators,
            seed: [5; 32],
            time: Timestamp::from_millis(START_MS),
        };
        let packs = if plan.collections {
            rule_packs()
        } else {
            Vec::new()
        };
        let localnet = Localnet::with_rule_packs(&options, plan.validators, &packs)
            .expect("a network of up to seven validators");
        let mut genesis: Genesis = localnet.record.to_ledger();
        genesis.participants.extend(agencies());
        let chain = genesis.chain;
        let first = ValidatorSet::new(genesis.validators.iter().cloned()).expect("a valid set");
        let banks: Vec<_> = localnet.banks().take(2).collect();
        let clients = Clients::new(chain, &banks, plan.seed, plan.pace_ms, plan.collections);
        let skew_max = plan.skews.iter().map(|skew| skew.unsigned_abs()).max();

        let mut machines: Vec<Machine> = Vec::new();
        let skew = |place: usize| plan.skews.get(place).copied().unwrap_or(0);
        for (place, validator) in localnet.validators.iter().enumerate() {
            let keys = vec![validator.voting_key.clone()];
            machines.push(Machine::new(
                validator.network_key.clone(),
                keys,
                skew(place),
            ));
        }
        for number in 0..plan.observers {
            let key = secret("observer", number as u64);
            machines.push(Machine::new(key, Vec::new(), skew(machines.len())));
        }
        let joiner = machines.len();
        let voting = vec![secret("joiner voting", 0)];
        machines.push(Machine::new(secret("joiner", 0), voting, skew(joiner)));

        let mut twins = BTreeMap::new();
        let mut liars = BTreeMap::new();
        for (place, behaviours) in &plan.byzantine {
            let key = machines[*place].voting_keys[0].clone();
            let id = ValidatorId::from_voting_key(&key.public_key());
            let others = first.iter().map(|(other, _)| *other);
            let others = others.filter(|other| *other != id).collect();
            let random = Random::new(plan.seed, "liar");
            liars.insert(*place, Liar::new(chain, key.clone(), others, random));
            machines[*place].behaviours.clone_from(behaviours);
            if behaviours.contains(&Behaviour::WrongHeader) {
                let mut random = Random::new(plan.seed, "wrong clock");
                machines[*place].skew_ms = random.one_of(&[0, 0, 0, 15_000, 3_600_000, -60_000]);
            }
            if behaviours.contains(&Behaviour::Twins) {
                let twin = machines.len();
                let network_key = machines[*place].network_key.clone();
                let mut second = Machine::new(network_key, vec![key], skew(*place));
                second.behaviours.clone_from(behaviours);
                twins.insert(*place, twin);
                machines.push(second);
            }
        }
        let entries: Vec<PeerEntry> = machines
            .iter()
            .take(joiner)
            .map(|machine| PeerEntry {
                name: String::new(),
                key: PeerKey::try_from(machine.network_key.public_key()).expect("a key"),
                addresses: Vec::new(),
            })
            .collect();
        let register = machines
            .iter()
            .map(|machine| Register::new(machine.network_key.public_key(), entries.clone()))
            .collect();
        let governance = Governance::new(&localnet, plan.validators);
        let mut world = Self {
            now: 0,
            common: Common {
                engine: EngineSetup {
                    chain,
                    voting_key: None,
                    timeouts: plan.timeouts,
                    heartbeat_ms: 1_000,
                },
                genesis,
                block_interval_ms: plan.block_interval_ms,
            },
            peers: vec![BTreeMap::new(); machines.len()],
            register,
            machines,
            liars,
            twins,
            joiner,
            joined: false,
            next_key: None,
            network: Network::new(plan.weather, Random::new(plan.seed, "network")),
            clients,
            governance,
            checks: Checks::new(chain, first, skew_max.unwrap_or(0)),
            counts: Counts::default(),
            random: Random::new(plan.seed, "world"),
            queue: BTreeMap::new(),
            watched: 0,
            sequence: 0,
            trace: Hash::ZERO,
            healed: false,
            target: u64::MAX,
            localnet,
            plan,
            verbose: false,
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        for node in 0..self.machines.len() {
            if node != self.joiner {
                let delay = self.random.below(50);
                self.schedule(delay, Event::Start { node });
            }
        }
        for fault in self.plan.faults.clone() {
            self.schedule(fault.at, Event::Fault(fault));
        }
        self.schedule(self.plan.calm_at, Event::Heal);
        self.schedule(0, Event::Clients);
        self.schedule(LIES_MS, Event::Lies);
        self.schedule(WATCH_MS, Event::Watch);
    }

    pub(super) fn schedule(&mut self, delay: u64, event: Event) {
        self.sequence += 1;
        self.queue.insert((self.now + delay, self.sequence), event);
    }

    /// Runs until a promise is broken or everything that has to get through got through.
    pub fn run(&mut self) {
        while self.checks.violation.is_none() && !self.is_done() {
            let Some(((at, _), event)) = self.queue.pop_first() else {
                return;
            };
            self.now = at;
            self.counts.steps += 1;
            self.check_storm();
            self.handle(event);
        }
    }

    /// A storm may never let the next check of memory come.
    fn check_storm(&mut self) {
        let events = self.counts.steps - self.watched;
        self.counts.busiest = self.counts.busiest.max(events);
        if events > EVENTS_MAX {
            let detail = format!("{events} events in {WATCH_MS} ms");
            self.checks.fail(self.now, "no message storm", detail);
        }
    }

    /// The hash of everything that happened.
    #[must_use]
    pub const fn trace(&self) -> Hash {
        self.trace
    }

    /// Adds to the trace.
    pub(super) fn note(&mut self, node: usize, what: &[u8]) {
        let (now, place) = (self.now.to_be_bytes(), [node as u8]);
        self.trace = tagged(
            "talea-sim/trace",
            &[self.trace.as_bytes(), &now, &place, what],
        );
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Deliver {
                to,
                life,
                from,
                bytes,
            } => self.deliver(to, life, from, bytes),
            Event::Input { node, life, input } => {
                if self.machines[node].life == life {
                    self.feed(node, VecDeque::from([input]));
                }
            }
            Event::Tick { node, life } => {
                let machine = &mut self.machines[node];
                let due = (machine.life == life).then_some(self.now);
                if let Some(running) = machine.running.as_mut()
                    && running.wake_at.is_some()
                    && running.wake_at == due
                {
                    running.wake_at = None;
                    self.feed(node, VecDeque::from([Input::Tick]));
                }
            }
            Event::Clients => self.on_clients(),
            Event::Lies => self.on_lies(),
            Event::Watch => self.on_watch(),
            Event::Fault(fault) => self.on_fault_of_plan(fault),
            Event::Start { node } => self.start(node),
            Event::Kill { node, down_ms } => {
                self.power_off(node, Crash::Everything);
                self.schedule(down_ms, Event::Start { node });
            }
            Event::PutBack { node, down_ms } => {
                self.power_off(node, Crash::Everything);
                self.machines[node].put_back();
                self.took_place("set_back");
                self.schedule(down_ms, Event::Start { node });
            }
            Event::ClockRight { node, skew_ms } => self.machines[node].skew_ms = skew_ms,
            Event::Heal => self.heal(),
        }
    }

    /// What arrives at the same time on a busy node is taken in one go, as the driver does.
    fn deliver(&mut self, to: usize, life: u64, from: PeerId, bytes: Bytes) {
        let mut inputs = VecDeque::new();
        self.receive(to, life, from, bytes, &mut inputs);
        while let Some(entry) = self.queue.first_entry()
            && entry.key().0 == self.now
            && matches!(entry.get(), Event::Deliver { to: other, .. } if *other == to)
        {
            if let Event::Deliver {
                life, from, bytes, ..
            } = entry.remove()
            {
                self.counts.steps += 1;
                self.receive(to, life, from, bytes, &mut inputs);
            }
        }
        self.feed(to, inputs);
    }

    fn receive(
        &mut self,
        to: usize,
        life: u64,
        from: PeerId,
        bytes: Bytes,
        inputs: &mut VecDeque<Input>,
    ) {
        // A connection ends with the process.
        if self.machines[to].life != life {
            return;
        }
        self.note(to, &bytes);
        if let Some(liar) = self.liars.get_mut(&to) {
            liar.hear(&bytes);
        }
        inputs.push_back(Input::Message { from, bytes });
    }

    fn on_clients(&mut self) {
        self.schedule(CLIENTS_MS, Event::Clients);
        for transaction in self.clients.due(self.now) {
            let running: Vec<usize> = (0..self.machines.len())
                .filter(|node| self.machines[*node].running.is_some())
                .filter(|node| !self.machines[*node].voting_keys.is_empty())
                .collect();
            if running.is_empty() {
                continue;
            }
            // Sometimes to two at once.
            let copies = 1 + usize::from(self.random.chance(200));
            for _ in 0..copies {
                let node = self.random.one_of(&running);
                let input = Input::Submitted {
                    ticket: 0,
                    transactions: vec![transaction.clone()],
                };
                self.schedule_input(node, input);
            }
        }
    }

    fn on_lies(&mut self) {
        self.schedule(LIES_MS, Event::Lies);
        let liars: Vec<usize> = self.liars.keys().copied().collect();
        for node in liars {
            let behaviours = self.machines[node].behaviours.clone();
            if self.machines[node].running.is_none() {
                continue;
            }
            let said = match self.liars.get_mut(&node) {
                Some(liar) => liar.invent(&behaviours),
                None => continue,
            };
            for bytes in said {
                for to in 0..self.machines.len() {
                    self.post(node, to, &bytes);
                }
            }
        }
    }

    fn heal(&mut self) {
        self.healed = true;
        self.network.heal();
        for node in 0..self.machines.len() {
            self.start(node);
            self.machines[node].fuse = None;
            self.machines[node]
                .disk
                .set_fault(talea_node::storage::disk::Fault::None);
        }
        self.target = self.checks.height() + 3;
        self.clients.probe(self.now);
    }

    /// Whether everything that must go on after the faults did.
    fn is_done(&self) -> bool {
        self.healed && self.clients.is_served() && self.behind().is_empty()
    }

    /// Whether the others know the newcomer: not when its change of the set was not approved in time.
    fn is_let_in(&self) -> bool {
        let newcomer = self.machines[self.joiner].peer();
        self.joined
            && self.peers[..self.joiner]
                .iter()
                .any(|peers| peers.contains_key(&newcomer))
    }

    /// Honest nodes that have not come past the target.
    pub(super) fn behind(&self) -> Vec<(usize, u64)> {
        let heights = self
            .machines
            .iter()
            .enumerate()
            .filter_map(|(node, machine)| {
                let wanted = machine.is_honest() && (node != self.joiner || self.is_let_in());
                let height = machine
                    .running
                    .as_ref()
                    .map_or(0, |running| running.host.replica().tip().height);
                (wanted && height < self.target).then_some((node, height))
            });
        heights.collect()
    }

    pub(super) fn check_liveness(&mut self) {
        if self.healed && self.now > self.plan.calm_at + LIVENESS_MS {
            let waiting = self.clients.waiting();
            let detail = format!(
                "{LIVENESS_MS} ms after everything healed {waiting} transactions wait, and these nodes are not at \
                 height {}: {:?}",
                self.target,
                self.behind()
            );
            self.checks.fail(self.now, "liveness", detail);
        }
    }

    pub(super) fn schedule_watch(&mut self) {
        self.watched = self.counts.steps;
        self.schedule(WATCH_MS, Event::Watch);
    }

    pub(super) fn tell_all(&self, what: impl FnOnce() -> String) {
        if self.verbose {
            eprintln!("{:>7} ms  {}", self.now, what());
        }
    }

    pub(super) fn tell(&self, node: usize, what: impl FnOnce() -> String) {
        if self.verbose {
            eprintln!("{:>7} ms  node {node}  {}", self.now, what());
        }
    }
}

pub(super) fn secret(name: &str, number: u64) -> SecretKey {
    SecretKey::from_seed(tagged("talea-sim/key", &[name.as_bytes(), &number.to_be_bytes()]).0)
}

fn rule_packs() -> Vec<RulePackActivate> {
    let packs = talea_rules::packs::all().expect("the packs that come with Talea");
    packs
        .into_iter()
        .filter(|pack| pack.id == "us-reg-f")
        .map(|pack| RulePackActivate {
            pack: RulePackId::new(&pack.id).expect("an id"),
            version: pack.version,
            document: pack.encode().into(),
        })
        .collect()
}
