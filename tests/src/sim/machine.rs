//! A simulated machine: a disk, a clock, and now and then a node that runs on it.
//!
//! The node is the real one: [`Stores::open_on`], [`recovery::recover`], [`EngineSetup`], [`Replica`] and
//! [`Host`] over an in-memory disk. What the machine adds is a power supply that can fail between any two
//! things that the host says.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::RwLock;
use talea_consensus::{Evidence, PeerId};
use talea_ledger::{Delta, Genesis};
use talea_node::api::ReadHistory;
use talea_node::host::{Host, Log, Surroundings};
use talea_node::interface::{Admission, CommittedRecord, SharedLedger};
use talea_node::limits::MempoolLimits;
use talea_node::recovery::{self, EngineSetup, EngineStartError, RecoveryError, Stores};
use talea_node::register::NamedValidators;
use talea_node::replica::{Audience, Lane, Now, Recovered, Replica, ReplicaConfig, Severity};
use talea_node::signed_record::VotingKey;
use talea_node::storage::checkpoint::CheckpointOptions;
use talea_node::storage::disk::{Crash, Disk, MemDisk};
use talea_node::storage::rebuildable::RebuildableStore;
use talea_node::voting_record::VotingRecord;
use talea_types::{Batch, Hash, SecretKey, crypto::KeyCache};

use super::plan::{Behaviour, START_MS};

/// Where a node's files are on its disk.
pub const DIRECTORY: &str = "/data";
/// Where its voting key would be, on a disk of its own.
const KEY_FILE: &str = "/keys/voting.key";

/// What a node wants done that is not its disk, in order.
pub enum Effect {
    /// To one peer.
    Send(PeerId, Bytes),
    /// To all connected peers of an audience.
    Broadcast(Audience, Bytes),
    /// Signatures to be verified.
    VerifyBatch(Arc<Batch>),
    /// Clients are answered.
    Admitted,
    /// A block is final here; the root is that of the state after it.
    Published(Arc<CommittedRecord>, Hash),
    /// Other validators are named.
    Validators(Box<NamedValidators>),
    /// A tick is due at this time of the node's monotonic clock.
    WakeAt(u64),
    /// A peer is blamed.
    Fault(PeerId, Severity, String),
    /// A contradiction was seen.
    Evidence(Box<Evidence>),
}

/// When the power fails.
#[derive(Clone, Copy, Debug)]
pub struct Fuse {
    /// Things that are said before.
    pub left: u32,
    /// Decides what is left of unsynced bytes.
    pub tear: u64,
}

/// Surroundings that write down what is wanted.
pub struct Notes {
    /// The clocks.
    pub now: Now,
    /// What was wanted before the power failed.
    pub effects: Vec<Effect>,
    /// Syncs of logs.
    pub syncs: u64,
    /// Whether the power failed.
    pub dead: bool,
    fuse: Option<Fuse>,
    disk: MemDisk,
    key_disk: MemDisk,
    ledger: SharedLedger,
}

impl Notes {
    /// The fuse after what was said.
    #[must_use]
    pub const fn fuse_left(&self) -> Option<Fuse> {
        self.fuse
    }

    fn note(&mut self, effect: Effect) {
        if self.dead {
            return;
        }
        if let Some(fuse) = &mut self.fuse {
            if fuse.left == 0 {
                self.disk.crash(Crash::Torn(fuse.tear));
                self.key_disk.crash(Crash::Torn(fuse.tear));
                self.dead = true;
                return;
            }
            fuse.left -= 1;
        }
        self.effects.push(effect);
    }
}

impl Surroundings for Notes {
    fn now(&self) -> Now {
        self.now
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.now.monotonic_ms)
    }

    fn send(&mut self, to: PeerId, _: Lane, bytes: &Bytes) {
        self.note(Effect::Send(to, bytes.clone()));
    }

    fn broadcast(&mut self, audience: Audience, _: Lane, bytes: &Bytes) {
        self.note(Effect::Broadcast(audience, bytes.clone()));
    }

    fn verify_batch(&mut self, batch: &Arc<Batch>) {
        self.note(Effect::VerifyBatch(Arc::clone(batch)));
    }

    // Snapshots are asked for when the network has come to rest: see `newcomer`.
    fn serve_snapshot(&mut self, _: PeerId, _: Bytes) {}

    fn on_admitted(&mut self, _: u64, _: Vec<Admission>) {
        self.note(Effect::Admitted);
    }

    fn publish(&mut self, record: Arc<CommittedRecord>, _: Delta) {
        let root = self.ledger.read().state_root();
        self.note(Effect::Published(record, root));
    }

    fn on_validators(&mut self, named: &NamedValidators) -> Vec<PeerId> {
        self.note(Effect::Validators(Box::new(named.clone())));
        Vec::new()
    }

    fn wake_at(&mut self, at: u64) {
        // Not a thing that is said: the power fails elsewhere.
        self.effects.push(Effect::WakeAt(at));
    }

    fn on_fault(&mut self, peer: &PeerId, severity: Severity, reason: &str) {
        self.note(Effect::Fault(*peer, severity, reason.to_owned()));
    }

    fn on_evidence(&mut self, evidence: &Evidence) {
        self.note(Effect::Evidence(Box::new(evidence.clone())));
    }

    fn on_synced(&mut self, _: Log, _: Duration) {
        self.syncs += 1;
    }
}

/// A node while it runs.
pub struct Running {
    /// The node.
    pub host: Host,
    /// Its state, for the checks.
    pub ledger: SharedLedger,
    /// When it was started, milliseconds of the simulation.
    pub started_at: u64,
    /// When its next tick is due, milliseconds of the simulation.
    pub wake_at: Option<u64>,
    /// Keys that it has seen.
    pub keys: KeyCache,
}

/// What all machines of a simulation share.
pub struct Common {
    /// The state of the beginning.
    pub genesis: Genesis,
    /// Of every engine; the voting key is the machine's.
    pub engine: EngineSetup,
    /// Of every replica.
    pub block_interval_ms: u64,
}

/// See the module.
pub struct Machine {
    /// Its identity on the network.
    pub network_key: SecretKey,
    /// Its voting keys, the one in use last; an observer has none.
    pub voting_keys: Vec<SecretKey>,
    /// Its disk.
    pub disk: MemDisk,
    /// What the signer remembers beside the key. It loses power with the other, and is lost with it: a key that is put
    /// back from a safe comes without. It does not fail and is not damaged.
    key_disk: MemDisk,
    /// An older state of the data directory, to be put back.
    backup: Vec<(PathBuf, Vec<u8>)>,
    /// The node, if it runs.
    pub running: Option<Running>,
    /// Counts starts and ends, so that what belongs to a former life is told apart.
    pub life: u64,
    /// How far its clock is off, milliseconds.
    pub skew_ms: i64,
    /// How it lies; an honest one does not.
    pub behaviours: Vec<Behaviour>,
    /// Its disk was damaged, not only torn: an operator may have to help.
    pub damaged: bool,
    /// The height up to which clients were told here that blocks are final.
    pub acknowledged: u64,
    /// When the power fails.
    pub fuse: Option<Fuse>,
    /// Decides what is left of unsynced bytes once its disk fails.
    pub failing: Option<u64>,
}

impl Machine {
    /// A machine that never ran.
    #[must_use]
    pub fn new(network_key: SecretKey, voting_keys: Vec<SecretKey>, skew_ms: i64) -> Self {
        let machine = Self {
            network_key,
            voting_keys,
            disk: MemDisk::new(),
            key_disk: MemDisk::new(),
            backup: Vec::new(),
            running: None,
            life: 0,
            skew_ms,
            behaviours: Vec::new(),
            damaged: false,
            acknowledged: 0,
            fuse: None,
            failing: None,
        };
        machine.record_fresh();
        machine
    }

    fn disk(&self) -> Arc<dyn Disk> {
        Arc::new(self.disk.clone())
    }

    fn record_fresh(&self) {
        VotingRecord::new(&self.disk(), Path::new(DIRECTORY))
            .record_fresh()
            .expect("a new disk works");
    }

    /// Its name on the network.
    #[must_use]
    pub fn peer(&self) -> PeerId {
        PeerId(self.network_key.public_key())
    }

    /// Whether it keeps the rules.
    #[must_use]
    pub fn is_honest(&self) -> bool {
        self.behaviours.is_empty()
    }

    /// Notes for one handling of inputs.
    #[must_use]
    pub fn notes(&self, now: u64, running: &Running) -> Notes {
        Notes {
            now: Now {
                monotonic_ms: now - running.started_at,
                wall_ms: (START_MS + now).saturating_add_signed(self.skew_ms),
            },
            effects: Vec::new(),
            syncs: 0,
            dead: false,
            fuse: self.fuse,
            disk: self.disk.clone(),
            key_disk: self.key_disk.clone(),
            ledger: Arc::clone(&running.ledger),
        }
    }

    /// Starts a node from what the disk holds; gives the last committed block. `Input::Start` comes from the
    /// caller.
    ///
    /// # Errors
    /// Why it cannot start.
    pub fn start(
        &mut self,
        common: &Common,
        now: u64,
    ) -> Result<Option<Arc<CommittedRecord>>, EngineStartError> {
        assert!(self.running.is_none(), "one node at a time");
        self.life += 1;
        self.fuse = None;
        let key_disk: Arc<dyn Disk> = Arc::new(self.key_disk.clone());
        let voting_key = self.voting_keys.last().cloned();
        let voting_key = voting_key.map(|key| VotingKey::kept(&key_disk, Path::new(KEY_FILE), key));
        let mut salt = [0; 16];
        salt[..8].copy_from_slice(&self.life.to_be_bytes());
        let store = || Ok(RebuildableStore::in_memory());
        let directory = Path::new(DIRECTORY);
        let votes = voting_key.is_some();
        let mut stores = Stores::open_on(&self.disk(), directory, salt, votes, store)?;
        if self.behaviours.contains(&Behaviour::Amnesiac) {
            stores.rejoin = false;
            stores.vote_from = 0;
        }
        let options = CheckpointOptions::default();
        let state = recovery::recover(&common.genesis, &mut stores, options)?;
        let setup = EngineSetup {
            voting_key,
            ..common.engine.clone()
        };
        let (identity, engine, signed_record) = setup.start(&mut stores, &state)?;
        let tip = state.history.block(state.tip.height);
        let ledger: SharedLedger = Arc::new(RwLock::new(state.ledger));
        let config = ReplicaConfig {
            chain: common.engine.chain,
            identity,
            mempool: MempoolLimits {
                bytes_max: 256 * 1024,
                author_transactions_max: 64,
                ..MempoolLimits::DEFAULT
            },
            block_interval_ms: common.block_interval_ms,
            rejoin: stores.rejoin,
        };
        let recovered = Recovered {
            ledger: Arc::clone(&ledger),
            tip: state.tip,
            tip_certificate: state.tip_certificate,
            tip_validators: state.tip_validators,
            bodies: state.bodies,
        };
        let replica = Replica::new(&config, recovered, engine);
        let host = Host::new(
            replica,
            stores.block_log,
            stores.consensus_log,
            stores.voting_record,
            signed_record,
        );
        self.running = Some(Running {
            host,
            ledger,
            started_at: now,
            wake_at: None,
            keys: KeyCache::new(),
        });
        Ok(tip)
    }

    /// Ends the node, if one runs; `crash` says what is left on the disk.
    pub fn stop(&mut self, crash: Crash) {
        self.running = None;
        self.life += 1;
        self.fuse = None;
        self.disk.crash(crash);
        self.key_disk.crash(crash);
    }

    /// Cuts the power of a machine whose node does not run, and leaves what was written.
    pub fn settle(&self) {
        self.disk.crash(Crash::Everything);
        self.key_disk.crash(Crash::Everything);
    }

    /// What an operator does about a node that does not start, as its errors and the runbook say.
    pub fn repair(&mut self, error: &EngineStartError) {
        match error {
            EngineStartError::Recovery(RecoveryError::VotingRecord(_)) => {
                self.remove(|path| path.parent() == Some(Path::new(DIRECTORY)));
            }
            EngineStartError::Recovery(
                RecoveryError::ConsensusLog { .. } | RecoveryError::ConsensusRecord,
            )
            | EngineStartError::Engine(_) => self.forget_consensus_log(),
            EngineStartError::Recovery(_) => self.remove(|_| true),
        }
    }

    /// Loses everything.
    pub fn lose_disk(&mut self) {
        self.damaged = true;
        self.acknowledged = 0;
        self.remove(|_| true);
        self.lose_memory_of_signer();
    }

    /// Loses what the signer remembers.
    pub fn lose_memory_of_signer(&self) {
        remove(&self.key_disk, |_| true);
    }

    /// Copies the data directory of a node that does not run, as a backup.
    pub fn back_up(&mut self) {
        let paths = self.disk.paths().into_iter();
        let files = paths.filter_map(|path| Some((path.clone(), self.disk.content(&path)?)));
        self.backup = files.collect();
    }

    /// Writes the backup over the data directory, in which nothing else is left; what the signer remembers is not there.
    pub fn put_back(&mut self) {
        self.acknowledged = 0;
        self.remove(|_| true);
        let disk = self.disk();
        for (path, bytes) in &self.backup {
            let file = disk.create(path).expect("nothing is there");
            file.write_at(0, bytes).expect("the disk works");
            file.sync().expect("the disk works");
            let directory = path.parent().expect("a file is in a directory");
            disk.sync_directory(directory).expect("the disk works");
        }
    }

    /// Loses the consensus log alone.
    pub fn forget_consensus_log(&self) {
        let directory = Path::new(DIRECTORY).join("consensus");
        self.remove(|path| path.starts_with(&directory));
    }

    /// Flips a bit of one of the logs. Returns whether there was one.
    pub fn flip_bit(&mut self, number: u64) -> bool {
        let logs: Vec<PathBuf> = self
            .disk
            .paths()
            .into_iter()
            .filter(|path| path.parent() != Some(Path::new(DIRECTORY)))
            .filter(|path| {
                self.disk
                    .content(path)
                    .is_some_and(|bytes| !bytes.is_empty())
            })
            .collect();
        if logs.is_empty() {
            return false;
        }
        let path = &logs[(number % logs.len() as u64) as usize];
        let bits = self
            .disk
            .content(path)
            .map_or(1, |bytes| bytes.len() as u64 * 8);
        self.damaged = true;
        self.acknowledged = 0;
        self.disk.flip_bit(path, (number >> 8) % bits)
    }

    fn remove(&self, which: impl Fn(&Path) -> bool) {
        remove(&self.disk, which);
    }
}

fn remove(disk: &MemDisk, which: impl Fn(&Path) -> bool) {
    for path in disk.paths().iter().filter(|path| which(path)) {
        disk.remove(path).expect("it is there");
        if let Some(directory) = path.parent() {
            disk.sync_directory(directory).expect("it is there");
        }
    }
}
