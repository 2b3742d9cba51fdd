//! A validator's process that lies: the node's own storage, replica, host and network, and a twisted mouth.
//! It serves no clients.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use bytes::Bytes;
use parking_lot::RwLock;
use talea_consensus::{Evidence, PeerId as NetworkKey};
use talea_ledger::Delta;
use talea_node::config::{LoadedConfig, NodeConfig, NodeKeys};
use talea_node::host::{Host, Log, Surroundings};
use talea_node::interface::{Admission, CommittedRecord, SharedLedger};
use talea_node::limits::MempoolLimits;
use talea_node::network::{
    self, NetworkConfig, NetworkEvent, NetworkHandle, NetworkReceiver, PeerId, PeerRole, Priority,
};
use talea_node::recovery::{self, EngineSetup, Stores};
use talea_node::register::{NamedValidators, Register, RegisteredPeer};
use talea_node::replica::{
    Audience, Input, Lane, Now, Recovered, Replica, ReplicaConfig, Severity,
};
use talea_node::signed_record::VotingKey;
use talea_node::storage::checkpoint::CheckpointOptions;
use talea_node::storage::disk::{Disk, StdDisk};
use talea_node::{process, telemetry};
use talea_types::{
    Batch, ChainId, SignedTransaction, ValidatorId, VerifiedTransaction, crypto::KeyCache,
    transaction::verify_all,
};

use crate::sim::{Behaviour, Liar, Random};

/// How a process can lie. Amnesia and twins are ways to run a node, not words.
const BEHAVIOURS: [Behaviour; 7] = [
    Behaviour::Equivocator,
    Behaviour::Withholder,
    Behaviour::LyingSyncer,
    Behaviour::WrongHeader,
    Behaviour::Stale,
    Behaviour::Flooder,
    Behaviour::Forger,
];
/// How the validator of a seed lies.
pub(super) fn behaviours_of(seed: u64) -> Vec<Behaviour> {
    let mut random = Random::new(seed, "behaviours");
    let number = random.position(3) + 1;
    let mut drawn = BEHAVIOURS.to_vec();
    while drawn.len() > number {
        drawn.remove(random.position(drawn.len()));
    }
    drawn
}

/// What it says in its log once it lies.
pub(super) const BEGINS: &str = "this validator lies";

/// It says something without a reason this often.
const INVENTS_EVERY: Duration = Duration::from_millis(100);
/// Inputs handled before what was said goes out.
const INPUTS_AT_ONCE: usize = 256;

/// Runs a lying validator in a node's directory, until standard input ends.
///
/// # Errors
/// Why it cannot start or go on.
pub fn run_liar(directory: &Path, seed: u64) -> anyhow::Result<()> {
    let config = LoadedConfig::load(directory, &[])?.config;
    telemetry::start_logging(&config.log).map_err(anyhow::Error::msg)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(async {
        let mut process = LiarProcess::start(&config, seed).await?;
        tokio::select! {
            ended = process.run() => ended,
            () = process::parent_gone() => Ok(()),
        }
    });
    runtime.shutdown_background();
    ended
}

struct LiarProcess {
    host: Host,
    mouth: Mouth,
    receiver: NetworkReceiver,
    by_peer: BTreeMap<PeerId, NetworkKey>,
    chain: ChainId,
    known_keys: KeyCache,
}

impl LiarProcess {
    async fn start(config: &NodeConfig, seed: u64) -> anyhow::Result<Self> {
        let (_, genesis) = process::load_genesis(config)?;
        let chain = genesis.chain_id();
        let keys = NodeKeys::load(config)?;
        let voting_key = keys
            .voting
            .clone()
            .context("a validator has a voting key")?;
        let mut stores = Stores::open(&config.data_dir, [7; 16], true)?;
        let state = recovery::recover(
            &genesis.to_ledger(),
            &mut stores,
            CheckpointOptions::default(),
        )?;
        let disk: Arc<dyn Disk> = Arc::new(StdDisk);
        let kept = VotingKey::kept(&disk, &config.keys.voting, voting_key.clone());
        let setup = EngineSetup::configured(&config.consensus, chain, Some(kept));
        let (identity, engine, signed_record) = setup.start(&mut stores, &state)?;
        let own = identity.context("the voting key is a validator's")?;
        let ledger: SharedLedger = Arc::new(RwLock::new(state.ledger));
        let replica = Replica::new(
            &ReplicaConfig {
                chain,
                identity,
                mempool: MempoolLimits::DEFAULT,
                block_interval_ms: config.consensus.block_interval_ms,
                rejoin: stores.rejoin,
            },
            Recovered {
                ledger: Arc::clone(&ledger),
                tip: state.tip,
                tip_certificate: state.tip_certificate,
                tip_validators: state.tip_validators,
                bodies: state.bodies,
            },
            engine,
        );
        let register = Register::new(keys.network.public_key(), config.p2p.peers.clone());
        let peers = register.peers(&NamedValidators::of(&ledger.read()));
        let (handle, receiver) = network::spawn(NetworkConfig {
            identity_seed: keys.network.as_signing_key().to_bytes().into(),
            chain: chain.to_string(),
            listen: config.p2p.listen.clone(),
            peers: peers.iter().map(|peer| peer.config.clone()).collect(),
        })
        .await?;
        let others = ledger
            .read()
            .validators()
            .iter()
            .map(|(id, _)| *id)
            .collect();
        let mouth = Mouth::new(
            handle,
            &peers,
            own,
            others,
            |others, random| Liar::new(chain, voting_key, others, random),
            seed,
        );
        let by_peer = mouth
            .peers
            .iter()
            .map(|(peer, key)| (*peer, *key))
            .collect();
        eprintln!("{BEGINS}: {:?}", mouth.behaviours);
        Ok(Self {
            host: Host::new(
                replica,
                stores.block_log,
                stores.consensus_log,
                stores.voting_record,
                signed_record,
            ),
            mouth,
            receiver,
            by_peer,
            chain,
            known_keys: KeyCache::new(),
        })
    }

    async fn run(&mut self) -> anyhow::Result<()> {
        let mut inputs = VecDeque::from([Input::Start]);
        let mut invents = tokio::time::interval(INVENTS_EVERY);
        loop {
            self.host.handle(&mut inputs, &mut self.mouth)?;
            for batch in std::mem::take(&mut self.mouth.to_verify) {
                inputs.push_back(Input::BatchVerified {
                    digest: batch.digest(),
                    transactions: self.verify(&batch),
                });
            }
            if !inputs.is_empty() {
                continue;
            }
            let wake = self.mouth.wake;
            tokio::select! {
                event = self.receiver.recv() => {
                    let event = event.context("the network ended")?;
                    inputs.extend(self.input_of(event));
                }
                () = tokio::time::sleep_until(wake.into()) => inputs.push_back(Input::Tick),
                _ = invents.tick() => self.mouth.invent(),
            }
            while inputs.len() < INPUTS_AT_ONCE
                && let Some(event) = self.receiver.try_recv()
            {
                inputs.extend(self.input_of(event));
            }
        }
    }

    fn input_of(&mut self, event: NetworkEvent) -> Option<Input> {
        let key = |peer: &PeerId| self.by_peer.get(peer).copied();
        match event {
            NetworkEvent::Connected(peer) => key(&peer).map(Input::Connected),
            NetworkEvent::Disconnected(peer) => key(&peer).map(Input::Disconnected),
            NetworkEvent::Message { from, bytes, .. } => {
                self.mouth.liar.hear(&bytes);
                key(&from).map(|from| Input::Message { from, bytes })
            }
            NetworkEvent::Fault { .. } => None,
        }
    }

    fn verify(&mut self, batch: &Batch) -> Option<Vec<VerifiedTransaction>> {
        let bytes = batch.transactions().iter();
        let decoded = bytes.map(|bytes| SignedTransaction::decode(&self.chain, bytes.clone()).ok());
        let decoded: Option<Vec<_>> = decoded.collect();
        let verified = verify_all(&mut self.known_keys, decoded?);
        verified.into_iter().collect::<Result<_, _>>().ok()
    }
}

/// Surroundings that do not say what they are told to say.
struct Mouth {
    handle: NetworkHandle,
    /// All peers, in an order that stays.
    peers: Vec<(PeerId, NetworkKey)>,
    validators: Vec<PeerId>,
    liar: Liar,
    behaviours: Vec<Behaviour>,
    to_verify: Vec<Arc<Batch>>,
    started: Instant,
    wake: Instant,
}

impl Mouth {
    fn new(
        handle: NetworkHandle,
        peers: &[RegisteredPeer],
        own: ValidatorId,
        validators: Vec<ValidatorId>,
        liar: impl FnOnce(Vec<ValidatorId>, Random) -> Liar,
        seed: u64,
    ) -> Self {
        let others = validators.into_iter().filter(|id| *id != own).collect();
        let of_validators = peers
            .iter()
            .filter(|peer| peer.config.role == PeerRole::Validator);
        Self {
            handle,
            validators: of_validators.map(|peer| peer.config.peer_id).collect(),
            peers: peers
                .iter()
                .map(|peer| (peer.config.peer_id, NetworkKey(peer.key)))
                .collect(),
            liar: liar(others, Random::new(seed, "lies")),
            behaviours: behaviours_of(seed),
            to_verify: Vec::new(),
            started: Instant::now(),
            wake: Instant::now(),
        }
    }

    fn say(&mut self, place: usize, lane: Lane, bytes: &Bytes) {
        let peer = self.peers[place].0;
        for said in self.liar.twist(&self.behaviours, place, bytes) {
            // It is lost where there is no connection, as with everybody.
            let _ = self.handle.send(&peer, priority(lane), said);
        }
    }

    /// Says something without a reason.
    fn invent(&mut self) {
        for said in self.liar.invent(&self.behaviours) {
            let _ = self.handle.broadcast(Priority::Control, &said);
        }
    }
}

impl Surroundings for Mouth {
    fn now(&self) -> Now {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Now {
            monotonic_ms: self.started.elapsed().as_millis() as u64,
            wall_ms: wall.as_millis() as u64,
        }
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn send(&mut self, to: NetworkKey, lane: Lane, bytes: &Bytes) {
        if let Some(place) = self.peers.iter().position(|(_, key)| *key == to) {
            self.say(place, lane, bytes);
        }
    }

    fn broadcast(&mut self, audience: Audience, lane: Lane, bytes: &Bytes) {
        for place in 0..self.peers.len() {
            let validates = self.validators.contains(&self.peers[place].0);
            let wanted = match audience {
                Audience::Validators => validates,
                Audience::Observers => !validates,
                Audience::Everybody => true,
            };
            if wanted {
                self.say(place, lane, bytes);
            }
        }
    }

    fn verify_batch(&mut self, batch: &Arc<Batch>) {
        self.to_verify.push(Arc::clone(batch));
    }

    // A liar has none to offer.
    fn serve_snapshot(&mut self, _: NetworkKey, _: Bytes) {}

    fn on_admitted(&mut self, _: u64, _: Vec<Admission>) {}

    fn publish(&mut self, _: Arc<CommittedRecord>, _: Delta) {}

    fn on_validators(&mut self, _: &NamedValidators) -> Vec<NetworkKey> {
        Vec::new()
    }

    fn wake_at(&mut self, at: u64) {
        self.wake = self.started + Duration::from_millis(at);
    }

    fn on_fault(&mut self, _: &NetworkKey, _: Severity, _: &str) {}

    fn on_evidence(&mut self, _: &Evidence) {}

    fn on_synced(&mut self, _: Log, _: Duration) {}
}

const fn priority(lane: Lane) -> Priority {
    match lane {
        Lane::Vote => Priority::Vote,
        Lane::Control => Priority::Control,
        Lane::Bulk => Priority::Bulk,
    }
}
