//! Replicas on a network in memory, with a virtual clock and a disk that keeps what is appended.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::RwLock;
use talea_consensus::timeouts::TimeoutBounds;
use talea_consensus::{Engine, EngineConfig, LogRecord, PeerId, Voter};
use talea_genesis::localnet::{Localnet, LocalnetOptions};
use talea_ledger::Ledger;
use talea_types::crypto::KeyCache;
use talea_types::transaction::verify_all;
use talea_types::{BlockHash, Certificate, Hash, Timestamp, ValidatorSet, VerifiedTransaction};

use super::super::batches::decode_transactions;
use super::super::*;
use crate::interface::CommittedRecord;

/// Milliseconds since 1970 at the start of every test.
pub const START: u64 = 1_790_000_000_000;

pub struct Machine {
    pub replica: Option<Replica>,
    /// What its disk holds.
    pub log: Vec<LogRecord>,
    pub bodies: BTreeMap<BlockHash, Bytes>,
    pub blocks: Vec<(Arc<CommittedRecord>, Certificate)>,
    pub wake_at: Option<u64>,
    pub answers: Vec<crate::interface::Admission>,
    pub faults: Vec<String>,
}

pub struct TestNetwork {
    pub localnet: Localnet,
    pub machines: Vec<Machine>,
    now: u64,
    /// In flight: when it arrives and in which order it was sent.
    mail: BTreeMap<(u64, u64), (usize, usize, Bytes)>,
    sent: u64,
    /// Messages between these are lost.
    pub cut: Vec<(usize, usize)>,
}

impl TestNetwork {
    pub fn new(validators: usize) -> Self {
        let options = LocalnetOptions {
            network: "test".to_owned(),
            validators,
            seed: [5; 32],
            time: Timestamp::from_millis(START),
        };
        let localnet = Localnet::new(&options).unwrap();
        let mut network = Self {
            localnet,
            machines: Vec::new(),
            now: 0,
            mail: BTreeMap::new(),
            sent: 0,
            cut: Vec::new(),
        };
        for index in 0..validators {
            network.machines.push(Machine {
                replica: None,
                log: Vec::new(),
                bodies: BTreeMap::new(),
                blocks: Vec::new(),
                wake_at: None,
                answers: Vec::new(),
                faults: Vec::new(),
            });
            network.start(index, false);
        }
        network
    }

    /// Starts a machine from what its disk holds.
    pub fn start(&mut self, index: usize, rejoin: bool) {
        let genesis = self.localnet.record.to_ledger();
        let mut ledger = Ledger::genesis(&genesis).unwrap();
        let first = ValidatorSet::new(genesis.validators.iter().cloned()).unwrap();
        let mut tip = Tip {
            height: 0,
            hash: BlockHash::new(Hash(*genesis.chain.as_bytes())),
            time: ledger.time(),
        };
        let machine = &self.machines[index];
        let mut rounds = Vec::new();
        for (record, _) in &machine.blocks {
            let header = &record.body.content.header;
            let transactions: Vec<VerifiedTransaction> = record
                .body
                .batches
                .iter()
                .flat_map(|batch| decode_transactions(&genesis.chain, batch).unwrap())
                .flat_map(|transaction| verify_all(&mut KeyCache::new(), vec![transaction]))
                .map(Result::unwrap)
                .collect();
            let context = talea_ledger::BlockContext {
                height: header.height,
                time: header.time,
            };
            let execution = ledger.execute(&context, &transactions).unwrap();
            ledger.commit(execution);
            tip = Tip {
                height: header.height,
                hash: record.hash,
                time: header.time,
            };
            rounds.push(header.parent_round);
        }
        // Header h tells the round of h - 1; the engine wants those of 1 to tip - 1.
        let history = rounds.get(1..).unwrap_or_default().to_vec();
        let validator = &self.localnet.validators[index];
        let engine = Engine::new(
            EngineConfig {
                chain_id: genesis.chain,
                voter: Some(Voter {
                    id: validator.id,
                    signer: Box::new(validator.voting_key.clone()),
                    vote_from_height: if rejoin { u64::MAX } else { 0 },
                }),
                start_height: tip.height + 1,
                validators: ledger.validators().clone(),
                validators_since: 1,
                history,
                timeouts: TimeoutBounds::default(),
                heartbeat_ms: 1_000,
            },
            machine
                .log
                .iter()
                .filter(|record| record.height() > tip.height)
                .cloned()
                .collect(),
        )
        .unwrap();
        let bodies = machine.bodies.values().cloned().collect();
        let config = ReplicaConfig {
            chain: genesis.chain,
            identity: Some(validator.id),
            mempool: MempoolLimits::DEFAULT,
            block_interval_ms: 0,
            rejoin,
        };
        let recovered = Recovered {
            ledger: Arc::new(RwLock::new(ledger)),
            tip,
            tip_certificate: machine
                .blocks
                .last()
                .map(|(_, certificate)| certificate.clone()),
            tip_validators: first,
            bodies,
        };
        self.machines[index].replica = Some(Replica::new(&config, recovered, engine));
        self.input(index, Input::Start);
        for other in 0..self.machines.len() {
            if other != index && self.machines[other].replica.is_some() {
                let (a, b) = (self.key(index), self.key(other));
                self.input(index, Input::Connected(b));
                self.input(other, Input::Connected(a));
            }
        }
    }

    /// Takes a machine away; its disk stays.
    pub fn stop(&mut self, index: usize) {
        self.machines[index].replica = None;
        self.machines[index].wake_at = None;
        let key = self.key(index);
        for other in 0..self.machines.len() {
            if self.machines[other].replica.is_some() {
                self.input(other, Input::Disconnected(key));
            }
        }
    }

    /// Loses a machine's disk.
    pub fn wipe(&mut self, index: usize) {
        let machine = &mut self.machines[index];
        machine.log.clear();
        machine.bodies.clear();
        machine.blocks.clear();
    }

    pub fn key(&self, index: usize) -> PeerId {
        PeerId(self.localnet.validators[index].network_key.public_key())
    }

    pub fn now(&self) -> Now {
        Now {
            monotonic_ms: self.now,
            wall_ms: START + self.now,
        }
    }

    pub fn input(&mut self, index: usize, input: Input) {
        let now = self.now();
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let Some(replica) = self.machines[index].replica.as_mut() else {
                return;
            };
            for output in replica.step(now, input) {
                self.carry_out(index, output, &mut inputs);
            }
        }
    }

    fn carry_out(&mut self, index: usize, output: Output, inputs: &mut Vec<Input>) {
        let machine = &mut self.machines[index];
        match output {
            Output::AppendLog(record) => machine.log.push(record),
            Output::RecordVoteFrom { .. } | Output::Evidence(_) | Output::ValidatorsNamed(_) => {}
            Output::AppendBody { hash, bytes, .. } => {
                machine.bodies.insert(hash, bytes);
                inputs.push(Input::BodyDurable { hash });
            }
            Output::AppendCommit { height, .. } => inputs.push(Input::CommitDurable { height }),
            Output::Send { to, message, .. } => {
                let to = (0..self.machines.len())
                    .find(|other| self.key(*other) == to)
                    .unwrap();
                self.post(index, to, message.encode());
            }
            Output::Broadcast {
                audience, message, ..
            } => {
                if audience != Audience::Observers {
                    for to in (0..self.machines.len()).filter(|to| *to != index) {
                        self.post(index, to, message.encode());
                    }
                }
            }
            Output::VerifyBatch(batch) => {
                let chain = self.localnet.record.chain_id();
                let transactions = decode_transactions(&chain, &batch).and_then(|transactions| {
                    verify_all(&mut KeyCache::new(), transactions)
                        .into_iter()
                        .collect::<Result<_, _>>()
                        .ok()
                });
                inputs.push(Input::BatchVerified {
                    digest: batch.digest(),
                    transactions,
                });
            }
            Output::Admitted { answers, .. } => machine.answers.extend(answers),
            Output::ServeBlocks { to, from, upto } => {
                let blocks = machine
                    .blocks
                    .iter()
                    .filter(|(record, _)| (from..=upto).contains(&record.height()))
                    .map(|(record, certificate)| {
                        let body = record.body.clone();
                        talea_types::CommittedBlock {
                            body,
                            certificate: certificate.clone(),
                        }
                        .encode()
                    })
                    .collect();
                let to = (0..self.machines.len())
                    .find(|other| self.key(*other) == to)
                    .unwrap();
                self.post(index, to, NodeMessage::Blocks { from, blocks }.encode());
            }
            // Nobody here begins after a snapshot.
            Output::ServeSnapshot { .. } => {}
            Output::Publish { record, .. } => {
                machine.bodies.clear();
                let certificate = record.certificate.clone();
                machine.blocks.push((record, certificate));
            }
            Output::WakeAt(at) => machine.wake_at = Some(at),
            Output::Fault {
                reason, severity, ..
            } => {
                if severity == Severity::Hostile {
                    machine.faults.push(reason);
                }
            }
            Output::Halt(reason) => panic!("machine {index} halted: {reason}"),
        }
    }

    fn post(&mut self, from: usize, to: usize, bytes: Bytes) {
        if self.cut.contains(&(from, to)) || self.cut.contains(&(to, from)) {
            return;
        }
        self.sent += 1;
        let delay = 2 + (self.sent * 7) % 5;
        self.mail
            .insert((self.now + delay, self.sent), (from, to, bytes));
    }

    /// Lets time pass.
    pub fn run(&mut self, millis: u64) {
        let end = self.now + millis;
        loop {
            let mail = self.mail.first_key_value().map(|((at, _), _)| *at);
            let wakes = self.machines.iter().filter_map(|machine| machine.wake_at);
            let next = wakes.chain(mail).min().unwrap_or(u64::MAX);
            if next > end {
                self.now = end;
                return;
            }
            self.now = self.now.max(next);
            if mail.is_some_and(|at| at <= self.now) {
                let (_, (from, to, bytes)) = self.mail.pop_first().unwrap();
                let from = self.key(from);
                self.input(to, Input::Message { from, bytes });
                continue;
            }
            for index in 0..self.machines.len() {
                if self.machines[index]
                    .wake_at
                    .is_some_and(|at| at <= self.now)
                {
                    self.machines[index].wake_at = None;
                    self.input(index, Input::Tick);
                }
            }
        }
    }

    pub fn height(&self, index: usize) -> u64 {
        self.machines[index].blocks.len() as u64
    }

    /// Checks that no two machines committed different blocks, and gives the lowest height of those up.
    pub fn check_agreement(&self) -> u64 {
        for a in &self.machines {
            for b in &self.machines {
                for ((one, _), (other, _)) in a.blocks.iter().zip(&b.blocks) {
                    assert_eq!(
                        one.hash,
                        other.hash,
                        "two blocks at height {}",
                        one.height()
                    );
                    assert_eq!(one.results, other.results);
                }
            }
        }
        let up = self
            .machines
            .iter()
            .filter(|machine| machine.replica.is_some());
        up.map(|machine| machine.blocks.len() as u64)
            .min()
            .unwrap_or(0)
    }
}
