//! Somebody begins after a snapshot that peers send, some of which lie.
//!
//! When everything is served, honest nodes make snapshots of what they have. The newcomer fetches, verifies and starts
//! with the node's own code on a disk in memory; then it must have the state that was decided.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use talea_ledger::{BlockContext, Ledger};
use talea_node::bootstrap::{FetchSetup, Serving};
use talea_node::network::{PeerId, peer_id_of};
use talea_node::snapshot::{SNAPSHOTS_DIRECTORY, SnapshotHead, SnapshotReader, write};
use talea_node::storage::checkpoint::StateObject;
use talea_node::storage::disk::{Crash, Disk, MemDisk};
use talea_node::storage::rebuildable::RebuildableStore;
use talea_node::upkeep::{StoppedNode, UpkeepError};
use talea_types::{Certificate, Timestamp, ValidatorId, ValidatorSet, Vote, VoteKind};

use super::fetch::{Fetch, Lie, Peer};
use super::machine::{DIRECTORY, Machine};
use super::random::Random;
use super::world::{World, secret};
use crate::state_objects::objects_of;

/// Peers that the newcomer asks.
const PEERS_MAX: u64 = 4;

/// A snapshot that an honest node made, and its state.
struct Taken {
    disk: MemDisk,
    head: SnapshotHead,
    objects: Vec<StateObject>,
}

impl World {
    /// See the module. Nothing of the network runs on afterwards.
    pub(super) fn begin_after_snapshot(&mut self) {
        let mut random = Random::new(self.plan.seed, "snapshot");
        let made = match self.snapshots(&mut random) {
            Ok(made) => made,
            Err(error) => {
                return self.checks.fail(
                    self.now,
                    "a snapshot is made of what was decided",
                    error.to_string(),
                );
            }
        };
        if made.is_empty() {
            return;
        }
        let peers = 2 + random.below(PEERS_MAX - 1);
        let honest = random.below(peers);
        let mut asked = BTreeMap::new();
        let mut liars = Vec::new();
        for number in 0..peers {
            let taken = &made[random.position(made.len())];
            let lie = (number != honest && random.chance(800)).then(|| random.one_of(&Lie::ALL));
            let disk = match lie {
                Some(lie) => self.forge(taken, lie, &mut random),
                None => taken.disk.clone(),
            };
            let disk: Arc<dyn Disk> = Arc::new(disk);
            let directory = Path::new(DIRECTORY).join(SNAPSHOTS_DIRECTORY);
            let id = peer_id_of(&[number as u8; 32]).expect("any seed is a key");
            let name = format!("peer {number}");
            if lie.is_some() {
                liars.push(name.clone());
            }
            let peer = Peer::new(Serving::new(&disk, directory, 0), lie);
            asked.insert(id, (name, peer));
        }
        self.check_newcomer(asked, &liars, random);
    }

    fn check_newcomer(
        &mut self,
        asked: BTreeMap<PeerId, (String, Peer)>,
        liars: &[String],
        random: Random,
    ) {
        let mut newcomer = Machine::new(secret("newcomer", 0), Vec::new(), 0);
        let names = asked.iter().map(|(id, (name, _))| (*id, name.clone()));
        let setup = FetchSetup {
            disk: Arc::new(newcomer.disk.clone()),
            data: DIRECTORY.into(),
            chain: self.common.genesis.chain,
            genesis_set: self.genesis_set(),
            peers: names.collect(),
            free_bytes: u64::MAX,
        };
        let peers = asked.into_iter().map(|(id, (_, peer))| (id, peer));
        let fetched = match Fetch::new(setup, peers.collect(), random).run() {
            Ok(fetched) => fetched,
            Err(reason) => {
                let promise = "one honest peer is enough to begin after a snapshot";
                return self.checks.fail(self.now, promise, reason);
            }
        };
        let blamed = fetched.passed_over.iter();
        if let Some(one) = blamed.clone().find(|one| !liars.contains(&one.peer)) {
            let promise = "no honest peer is passed over";
            return self.checks.fail(self.now, promise, one.to_string());
        }
        self.counts.snapshots += 1;
        self.counts.snapshot_liars += blamed.count() as u64;
        self.note(self.joiner, fetched.name.to_string().as_bytes());
        let promise = "who begins after a snapshot has the state that was decided";
        if let Err(error) = newcomer.start(&self.common, self.now) {
            let detail = format!("{} of {}: {error}", fetched.name, fetched.from);
            return self.checks.fail(self.now, promise, detail);
        }
        let found = newcomer.running.as_ref().map(|running| {
            let ledger = running.ledger.read();
            (ledger.height(), ledger.state_root())
        });
        let height = fetched.name.height;
        let decided = self.checks.decided.get(&height).map(|one| one.root);
        if found != decided.map(|root| (height, root)) {
            let detail = format!(
                "after {} of {} it has {found:?}, and {decided:?} was decided",
                fetched.name, fetched.from
            );
            self.checks.fail(self.now, promise, detail);
        }
    }

    /// Of two honest nodes at most; of none, where no disk is sound or no block was decided.
    fn snapshots(&mut self, random: &mut Random) -> Result<Vec<Taken>, UpkeepError> {
        let machines = self.machines.iter().enumerate();
        let mut sound: Vec<usize> = machines
            .filter(|(_, machine)| {
                machine.running.is_some() && machine.is_honest() && !machine.damaged
            })
            .map(|(node, _)| node)
            .collect();
        let mut made = Vec::new();
        while made.len() < 2 && !sound.is_empty() {
            let node = sound.swap_remove(random.position(sound.len()));
            let machine = &mut self.machines[node];
            machine.stop(Crash::Everything);
            let disk: Arc<dyn Disk> = Arc::new(machine.disk.clone());
            let store = || Ok(RebuildableStore::in_memory());
            let genesis = &self.common.genesis;
            let stopped = StoppedNode::open(&disk, Path::new(DIRECTORY), [0; 16], genesis, store)?;
            let path = match stopped.snapshot(None) {
                Err(UpkeepError::Empty) => continue,
                path => path?,
            };
            let (head, ledger) = SnapshotReader::open(&*disk, &path)?
                .verify(&genesis.chain, &self.genesis_set())?
                .restore()?;
            made.push(Taken {
                disk: self.machines[node].disk.clone(),
                head,
                objects: objects_of(&ledger),
            });
        }
        Ok(made)
    }

    fn genesis_set(&self) -> ValidatorSet {
        let validators = self.common.genesis.validators.iter().cloned();
        ValidatorSet::new(validators).expect("a valid set")
    }

    /// The disk of a liar that has what an honest node has and makes another snapshot of it. Its checksums are right.
    fn forge(&self, taken: &Taken, lie: Lie, random: &mut Random) -> MemDisk {
        let (mut head, mut objects) = (taken.head.clone(), taken.objects.clone());
        match lie {
            Lie::OtherState => objects = objects_of(&self.if_nobody_had_paid(head.height())),
            Lie::ObjectMissing => {
                objects.remove(random.position(objects.len()));
            }
            Lie::ObjectChanged => {
                let value = &mut objects[random.position(taken.objects.len())].value;
                let byte = random.position(value.len().max(1));
                if let Some(byte) = value.get_mut(byte) {
                    *byte ^= 1 << random.below(8);
                }
            }
            Lie::OwnHeader => {
                let ledger = self.if_nobody_had_paid(head.height());
                objects = objects_of(&ledger);
                head.finality.header.state_root = ledger.state_root();
                head.finality.certificate = self.signed_alone(&head);
            }
            Lie::Rot | Lie::Boast | Lie::Garbage | Lie::Silence => {}
        }
        let disk = MemDisk::new();
        let directory = Path::new(DIRECTORY).join(SNAPSHOTS_DIRECTORY);
        let path = write(&disk, &directory, &head, objects.into_iter().map(Ok))
            .expect("a disk in memory works");
        if lie == Lie::Rot {
            let bytes = disk.content(&path).map_or(0, |bytes| bytes.len());
            disk.flip_bit(&path, random.below(bytes as u64 * 8));
        }
        disk
    }

    /// A state like any other, of the same height, that was never decided.
    fn if_nobody_had_paid(&self, height: u64) -> Ledger {
        let genesis = &self.common.genesis;
        let mut ledger = Ledger::genesis(genesis).expect("genesis is good");
        for height in 1..=height {
            let context = BlockContext {
                height,
                time: Timestamp::from_millis(genesis.time.millis() + height),
            };
            let execution = ledger.execute(&context, &[]).expect("it follows");
            ledger.commit(execution);
        }
        ledger
    }

    /// What one validator alone can show for a header.
    fn signed_alone(&self, head: &SnapshotHead) -> Certificate {
        let key = &self.machines[0].voting_keys[0];
        let vote = Vote {
            kind: VoteKind::Precommit,
            height: head.height(),
            round: 0,
            block: Some(head.hash()),
            validator: ValidatorId::from_voting_key(&key.public_key()),
        };
        let signature = key.sign(&vote.signed_message(&self.common.genesis.chain));
        Certificate {
            height: vote.height,
            round: vote.round,
            block: head.hash(),
            signatures: vec![(vote.validator, signature)],
        }
    }
}
