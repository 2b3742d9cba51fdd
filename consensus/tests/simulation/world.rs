//! The world: time, the network, and everything that can go wrong in it.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use talea_consensus::timeouts::TimeoutBounds;
use talea_consensus::{ConsensusMessage, Evidence, Input, Output, SignedVote, Verdict};
use talea_types::{BlockHash, Hash, VoteKind, hash::tagged, vote::Vote};

use super::{
    block::Block,
    node::{Committed, Node, Sets, chain_id, id, key, peer},
    random::Random,
};

/// What may go wrong, in events of a thousand.
#[derive(Clone, Default)]
pub struct Faults {
    pub loss: u64,
    pub duplicate: u64,
    /// Between any two outputs.
    pub crash: u64,
    /// At each poll for missing blocks (every 300 ms).
    pub partition: u64,
    pub delay_ms: u64,
}

enum Event {
    Deliver { from: usize, bytes: Bytes },
    Input(Input),
    Decided(BlockHash, talea_types::Certificate),
    CatchUp,
    Restart,
}

pub struct World {
    pub now: u64,
    pub nodes: Vec<Node>,
    pub faults: Faults,
    pub sets: Sets,
    pub heartbeat_ms: u64,
    pub timeouts: TimeoutBounds,
    /// Whether there is always work.
    pub busy: bool,
    /// Nodes that are never started.
    pub dead: BTreeSet<usize>,
    /// A node that votes twice.
    pub equivocator: Option<usize>,
    pub evidence: Vec<Evidence>,
    /// Groups that cannot reach one another.
    pub side: Vec<u8>,
    /// What was decided, whoever decided it: the agreement that must hold.
    pub decided: BTreeMap<u64, BlockHash>,
    pub trace: Hash,
    random: Random,
    queue: BTreeMap<(u64, u64), (usize, u64, Event)>,
    sequence: u64,
    spoken: BTreeMap<(usize, u64, u32, VoteKind), Option<BlockHash>>,
}

impl World {
    pub fn new(seed: u64, nodes: usize, sets: Sets) -> Self {
        Self {
            now: 0,
            nodes: (0..nodes).map(Node::new).collect(),
            faults: Faults {
                delay_ms: 10,
                ..Faults::default()
            },
            sets,
            heartbeat_ms: 1_000,
            timeouts: TimeoutBounds::default(),
            busy: true,
            dead: BTreeSet::new(),
            equivocator: None,
            evidence: Vec::new(),
            side: vec![0; nodes],
            decided: BTreeMap::new(),
            trace: Hash::ZERO,
            random: Random::new(seed),
            queue: BTreeMap::new(),
            sequence: 0,
            spoken: BTreeMap::new(),
        }
    }

    pub fn of(seed: u64, validators: usize) -> Self {
        Self::new(
            seed,
            validators,
            Sets::new(&[(1, &(0..validators).collect::<Vec<_>>())]),
        )
    }

    /// Runs until `until`, milliseconds.
    pub fn run(&mut self, until: u64) {
        self.run_while(until, |_| true);
    }

    /// Runs until `until`, or as long as `goes_on` says (asked now and then).
    pub fn run_while(&mut self, until: u64, goes_on: impl Fn(&Self) -> bool) {
        for place in 0..self.nodes.len() {
            if self.nodes[place].life == 0 && !self.dead.contains(&place) {
                self.start(place);
            }
        }
        while self.now < until && goes_on(self) {
            let poll_at = (self.now / 300 + 1) * 300;
            let end = poll_at.min(until);
            while let Some(entry) = self.queue.first_entry()
                && entry.key().0 <= end
            {
                let ((time, _), (place, life, event)) = entry.remove_entry();
                self.now = self.now.max(time);
                self.handle(place, life, event);
            }
            self.now = end;
            if end == poll_at {
                self.poll();
            }
        }
    }

    pub fn heal(&mut self) {
        self.faults = Faults {
            delay_ms: 10,
            ..Faults::default()
        };
        self.side.fill(0);
        for place in 0..self.nodes.len() {
            if self.nodes[place].engine.is_none() && !self.dead.contains(&place) {
                self.start(place);
            }
        }
    }

    pub fn heights(&self) -> Vec<u64> {
        self.nodes.iter().map(Node::height).collect()
    }

    /// The lowest height of the nodes that live.
    pub fn lowest(&self) -> u64 {
        self.nodes
            .iter()
            .filter(|node| node.engine.is_some())
            .map(Node::height)
            .min()
            .unwrap_or(0)
    }

    /// Whether a node voted at this height or above.
    pub fn has_voted_from(&self, place: usize, height: u64) -> bool {
        self.spoken
            .keys()
            .any(|(who, at, _, _)| *who == place && *at >= height)
    }

    pub fn stop(&mut self, place: usize) {
        self.dead.insert(place);
        self.nodes[place].crash(0);
    }

    pub fn start(&mut self, place: usize) {
        self.dead.remove(&place);
        self.nodes[place].start(&self.sets, self.timeouts, self.heartbeat_ms);
        self.feed(place, Input::Start);
        if self.busy {
            self.feed(place, Input::WorkAvailable);
        }
    }

    fn handle(&mut self, place: usize, life: u64, event: Event) {
        match event {
            Event::Restart => {
                if self.nodes[place].engine.is_none() && !self.dead.contains(&place) {
                    self.start(place);
                }
            }
            Event::Deliver { from, bytes } => self.feed(
                place,
                Input::Message {
                    from: peer(from),
                    bytes,
                },
            ),
            _ if self.nodes[place].life != life => {}
            Event::CatchUp => self.catch_up(place),
            Event::Input(Input::Tick) => {
                if self.nodes[place].wake_at == Some(self.now) {
                    self.nodes[place].wake_at = None;
                    self.feed(place, Input::Tick);
                }
            }
            Event::Input(input) => self.feed(place, input),
            Event::Decided(hash, certificate) => self.commit(place, hash, certificate),
        }
    }

    /// Gives a node an input and does what comes out, until the power fails.
    pub fn feed(&mut self, place: usize, input: Input) {
        let Some(engine) = self.nodes[place].engine.as_mut() else {
            return;
        };
        let outputs = engine.step(self.now, input);
        for output in outputs {
            if self.random.chance(self.faults.crash) {
                let surviving = self
                    .random
                    .between(0, self.nodes[place].unsynced.len() as u64);
                self.nodes[place].crash(surviving as usize);
                let back = self.random.between(10, 2_000);
                self.schedule(place, back, Event::Restart);
                return;
            }
            self.execute(place, output);
        }
    }

    fn execute(&mut self, place: usize, output: Output) {
        let delay = self.random.between(0, 3);
        match output {
            Output::Persist(record) => self.nodes[place].unsynced.push(record),
            Output::Broadcast { bytes, .. } => {
                self.sync(place);
                self.note(place, &bytes);
                self.broadcast(place, &bytes);
                self.equivocate(place, &bytes);
            }
            Output::BuildProposal {
                height,
                round,
                deadline,
            } => {
                assert!(deadline > self.now);
                let (parent, parent_round) = self.nodes[place].tip();
                let block = Block {
                    height,
                    parent,
                    parent_round,
                    nonce: self.random.next(),
                };
                let (block_hash, content) = (block.hash(), block.content());
                self.nodes[place].bodies.insert(block_hash, block);
                self.schedule(
                    place,
                    delay,
                    Event::Input(Input::ProposalBuilt {
                        height,
                        round,
                        block_hash,
                        content,
                    }),
                );
            }
            Output::CheckContent {
                height,
                block_hash,
                content_digest,
                content,
                ..
            } => {
                let node = &mut self.nodes[place];
                let block = Block::read(&content);
                let good = |block: &Block| {
                    block.hash() == block_hash
                        && block.height == height
                        && block.parent == node.tip().0
                };
                let verdict = match block.filter(good) {
                    Some(block) => {
                        node.bodies.insert(block_hash, block);
                        Verdict::Valid
                    }
                    None => Verdict::Invalid,
                };
                let late = if self.faults.loss > 0 && self.random.chance(50) {
                    700
                } else {
                    delay
                };
                let checked = Input::ContentChecked {
                    height,
                    block_hash,
                    content_digest,
                    verdict,
                };
                self.schedule(place, late, Event::Input(checked));
            }
            Output::Decided {
                height,
                block_hash,
                certificate,
                ..
            } => {
                self.sync(place);
                let first = *self.decided.entry(height).or_insert(block_hash);
                assert_eq!(first, block_hash, "two blocks decided at height {height}");
                self.schedule(place, delay, Event::Decided(block_hash, certificate));
            }
            Output::WakeAt(time) => {
                self.nodes[place].wake_at = Some(time.max(self.now));
                let wait = time.saturating_sub(self.now);
                self.schedule(place, wait, Event::Input(Input::Tick));
            }
            Output::Evidence(evidence) => self.evidence.push(evidence),
            Output::PeerFault { fault, .. } => panic!("honest nodes were blamed: {fault}"),
            Output::PeerBehind { .. } | Output::PeerAhead { .. } => {}
            Output::CertificateRefused { error, .. } => panic!("{error}"),
            Output::Halt(error) => panic!("node {place} halted at {}: {error}", self.now),
        }
    }

    fn commit(&mut self, place: usize, hash: BlockHash, certificate: talea_types::Certificate) {
        let node = &mut self.nodes[place];
        let height = certificate.height;
        if height != node.height() + 1 {
            return;
        }
        let block = node
            .bodies
            .get(&hash)
            .cloned()
            .expect("a decided body is durable");
        let parent_round = block.parent_round;
        node.chain.push(Committed { block, certificate });
        node.bodies.clear();
        node.log.retain(|record| record.height() > height);
        self.trace = tagged(
            "simulation/trace",
            &[self.trace.as_bytes(), hash.as_bytes(), &[place as u8]],
        );
        let next_validators = self.sets.at(height + 1).0;
        let work_pending = self.busy;
        self.feed(
            place,
            Input::Applied {
                height,
                next_validators,
                parent_round,
                work_pending,
            },
        );
        if self.nodes.iter().any(|other| other.height() > height) {
            self.schedule(place, 20, Event::CatchUp);
        }
    }

    /// Missing blocks come from anybody who can be reached; partitions come and go.
    fn poll(&mut self) {
        if self.random.chance(self.faults.partition) {
            for side in &mut self.side {
                *side = (self.random.next() % 2) as u8;
            }
        } else if self.random.chance(300) {
            self.side.fill(0);
        }
        for place in 0..self.nodes.len() {
            self.catch_up(place);
        }
    }

    fn catch_up(&mut self, place: usize) {
        let Some(engine) = &self.nodes[place].engine else {
            return;
        };
        let height = engine.height();
        let source = (0..self.nodes.len()).find(|other| {
            let node = &self.nodes[*other];
            self.side[*other] == self.side[place]
                && node.engine.is_some()
                && node.height() >= height
        });
        let Some(source) = source.filter(|_| self.nodes[place].height() + 1 == height) else {
            return;
        };
        let Committed { block, certificate } =
            self.nodes[source].chain[height as usize - 1].clone();
        self.nodes[place].bodies.insert(certificate.block, block);
        self.feed(place, Input::Synced { certificate });
    }

    fn sync(&mut self, place: usize) {
        let node = &mut self.nodes[place];
        node.log.append(&mut node.unsynced);
    }

    fn broadcast(&mut self, from: usize, bytes: &Bytes) {
        for to in 0..self.nodes.len() {
            let copies = if self.random.chance(self.faults.duplicate) {
                2
            } else {
                1
            };
            for _ in 0..copies {
                if to != from
                    && self.side[to] == self.side[from]
                    && !self.random.chance(self.faults.loss)
                {
                    let delay = self.random.between(1, self.faults.delay_ms);
                    self.schedule(
                        to,
                        delay,
                        Event::Deliver {
                            from,
                            bytes: bytes.clone(),
                        },
                    );
                }
            }
        }
    }

    /// No honest validator ever contradicts itself in public.
    fn note(&mut self, place: usize, bytes: &Bytes) {
        self.trace = tagged(
            "simulation/trace",
            &[
                self.trace.as_bytes(),
                &self.now.to_be_bytes(),
                &[place as u8],
                bytes,
            ],
        );
        let Ok(ConsensusMessage::Vote(SignedVote { vote, .. })) = ConsensusMessage::decode(bytes)
        else {
            return;
        };
        if vote.validator != id(place) {
            return;
        }
        assert!(
            vote.height >= self.nodes[place].vote_from_height,
            "it votes before it may"
        );
        let said = *self
            .spoken
            .entry((place, vote.height, vote.round, vote.kind))
            .or_insert(vote.block);
        assert_eq!(said, vote.block, "node {place} voted twice: {vote:?}");
    }

    /// The equivocator says the opposite to half of the others.
    fn equivocate(&mut self, place: usize, bytes: &Bytes) {
        if self.equivocator != Some(place) {
            return;
        }
        let Ok(ConsensusMessage::Vote(signed)) = ConsensusMessage::decode(bytes) else {
            return;
        };
        let block = match signed.vote.block {
            Some(_) => None,
            None => Some(BlockHash::new(Hash([0xbb; 32]))),
        };
        let vote = Vote {
            block,
            ..signed.vote
        };
        let signature = key(place).sign(&vote.signed_message(&chain_id()));
        let lie = ConsensusMessage::Vote(SignedVote { vote, signature }).encode();
        for to in (0..self.nodes.len()).filter(|to| to % 2 == 0 && *to != place) {
            let delay = self.random.between(1, self.faults.delay_ms);
            self.schedule(
                to,
                delay,
                Event::Deliver {
                    from: place,
                    bytes: lie.clone(),
                },
            );
        }
    }

    fn schedule(&mut self, place: usize, delay: u64, event: Event) {
        self.sequence += 1;
        let life = self.nodes[place].life;
        self.queue
            .insert((self.now + delay, self.sequence), (place, life, event));
    }
}
