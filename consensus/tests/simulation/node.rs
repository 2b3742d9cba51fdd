//! A node of the simulation: an engine, and what its disk would hold.

use std::{collections::BTreeMap, sync::OnceLock};

use talea_consensus::timeouts::TimeoutBounds;
use talea_consensus::{Engine, EngineConfig, LogRecord, PeerId, Voter};
use talea_types::{
    BlockHash, Certificate, ChainId, Hash, ParticipantId, SecretKey, Validator, ValidatorId,
    ValidatorSet,
};

use super::block::Block;

pub fn chain_id() -> ChainId {
    ChainId::new(Hash([0x7a; 32]))
}

/// Nodes that a world can have.
const NODES_MAX: usize = 8;

struct Person {
    key: SecretKey,
    id: ValidatorId,
    peer: PeerId,
}

/// Keys are made once.
fn person(place: usize) -> &'static Person {
    static PEOPLE: OnceLock<Vec<Person>> = OnceLock::new();
    let person = |place: usize| {
        let key = SecretKey::from_seed([place as u8 + 1; 32]);
        let peer = PeerId(SecretKey::from_seed([place as u8 + 101; 32]).public_key());
        Person {
            id: ValidatorId::from_voting_key(&key.public_key()),
            key,
            peer,
        }
    };
    &PEOPLE.get_or_init(|| (0..NODES_MAX).map(person).collect())[place]
}

pub fn key(place: usize) -> SecretKey {
    person(place).key.clone()
}

pub fn id(place: usize) -> ValidatorId {
    person(place).id
}

pub fn peer(place: usize) -> PeerId {
    person(place).peer
}

fn set(places: &[usize]) -> ValidatorSet {
    let validator = |place: &usize| Validator {
        participant: ParticipantId::from_lei(&format!("LEI{place:017}")),
        voting_key: key(*place).public_key(),
        power: 10,
        network_key: peer(*place).0,
        name: format!("v{place}"),
    };
    ValidatorSet::new(places.iter().map(validator)).expect("valid set")
}

/// Which places validate from which height on.
#[derive(Clone)]
pub struct Sets(Vec<(u64, ValidatorSet)>);

impl Sets {
    pub fn new(changes: &[(u64, &[usize])]) -> Self {
        Self(
            changes
                .iter()
                .map(|(since, places)| (*since, set(places)))
                .collect(),
        )
    }

    /// The set that decides a height, and since when.
    pub fn at(&self, height: u64) -> (ValidatorSet, u64) {
        let (since, set) = self
            .0
            .iter()
            .rev()
            .find(|(since, _)| *since <= height)
            .expect("a first set");
        (set.clone(), *since)
    }
}

#[derive(Clone)]
pub struct Committed {
    pub block: Block,
    pub certificate: Certificate,
}

/// A node and its disk.
pub struct Node {
    pub place: usize,
    pub engine: Option<Engine>,
    /// Synced records, and those that a crash may take.
    pub log: Vec<LogRecord>,
    pub unsynced: Vec<LogRecord>,
    /// Committed blocks; height 1 first.
    pub chain: Vec<Committed>,
    /// Bodies that were called valid or built here: durable.
    pub bodies: BTreeMap<BlockHash, Block>,
    pub wake_at: Option<u64>,
    /// Counts lives, so that events of a former life are ignored.
    pub life: u64,
    pub vote_from_height: u64,
}

impl Node {
    pub fn new(place: usize) -> Self {
        Self {
            place,
            engine: None,
            log: Vec::new(),
            unsynced: Vec::new(),
            chain: Vec::new(),
            bodies: BTreeMap::new(),
            wake_at: None,
            life: 0,
            vote_from_height: 0,
        }
    }

    pub fn height(&self) -> u64 {
        self.chain.len() as u64
    }

    pub fn tip(&self) -> (Hash, u32) {
        self.chain.last().map_or((Hash::ZERO, 0), |tip| {
            (tip.certificate.block.hash(), tip.certificate.round)
        })
    }

    /// Starts an engine from what is on the disk.
    pub fn start(&mut self, sets: &Sets, timeouts: TimeoutBounds, heartbeat_ms: u64) {
        let start_height = self.height() + 1;
        let (validators, validators_since) = sets.at(start_height);
        let since = EngineConfig::history_start(start_height, validators_since);
        // The round of height h is in the header of h + 1, which is the block at place h.
        let history = (since..start_height.saturating_sub(1))
            .map(|height| self.chain[height as usize].block.parent_round)
            .collect();
        let config = EngineConfig {
            chain_id: chain_id(),
            voter: Some(Voter {
                id: id(self.place),
                signer: Box::new(key(self.place)),
                vote_from_height: self.vote_from_height,
            }),
            start_height,
            validators,
            validators_since,
            history,
            timeouts,
            heartbeat_ms,
        };
        self.engine = Some(Engine::new(config, self.log.clone()).expect("a sound log"));
        self.life += 1;
        self.wake_at = None;
    }

    /// The power fails: a prefix of what was not synced survives.
    pub fn crash(&mut self, surviving: usize) {
        self.engine = None;
        self.unsynced.truncate(surviving);
        self.log.append(&mut self.unsynced);
        self.life += 1;
    }
}
