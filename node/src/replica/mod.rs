//! The replica: consensus, batch availability, catch-up, mempool and ledger as one state machine.
//!
//! [`Replica::step`] takes the clocks and an [`Input`] and gives a list of [`Output`]s. It has no thread,
//! socket or file; the [`driver`](crate::driver) carries the outputs out, and the simulator runs the
//! same code. One payment passes through these files in order:
//!
//! | step | file |
//! | --- | --- |
//! | a verified transaction waits and is packed into a batch; batches are exchanged | `batches` |
//! | a block is built from batches | `building` |
//! | somebody else's is checked by executing it | `blocks` |
//! | the engine's votes go out, its decision comes back | `agreement` |
//! | the decided block becomes durable, is applied, and is published | `commit` |
//! | a node that was away fetches what it missed | `sync` |
//!
//! Kept true: a block is reported valid to the engine only when its body is durable here; the ledger
//! changes, and clients hear of it, only when the decision is durable here.

mod agreement;
mod batches;
mod blocks;
mod building;
mod commit;
mod io;
mod message;
mod rejoin;
mod sync;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use talea_consensus::availability::{Availability, AvailabilityInput};
use talea_consensus::catch_up::{CatchUp, CatchUpInput};
use talea_consensus::{Engine, EngineStatus, Evidence, PeerId};
use talea_types::crypto::KeyCache;
use talea_types::{
    Batch, BatchDigest, BlockHash, Certificate, ChainId, ValidatorId, ValidatorSet,
    VerifiedTransaction,
};

use crate::interface::{SharedLedger, Tip};
use crate::limits::{MempoolLimits, replica as limits};
use crate::mempool::Mempool;
use crate::register::NamedValidators;

pub use io::{Audience, HaltReason, Input, Now, Output, Severity};
pub use message::{Lane, NodeMessage};

use blocks::{Candidate, PendingCheck};
use building::PendingBuild;
use rejoin::Rejoin;

/// How a replica is set up.
pub struct ReplicaConfig {
    /// The network.
    pub chain: ChainId,
    /// Who votes on this node; an observer has nobody.
    pub identity: Option<ValidatorId>,
    /// Bounds of the mempool.
    pub mempool: MempoolLimits,
    /// Shortest time from one commit to the next proposal of this node, milliseconds.
    pub block_interval_ms: u64,
    /// The node lost its consensus log: it must not vote before it knows how far the network is.
    pub rejoin: bool,
}

/// The committed chain as the host recovered it.
pub struct Recovered {
    /// The committed state.
    pub ledger: SharedLedger,
    /// The last committed block.
    pub tip: Tip,
    /// Its certificate; absent at height 0.
    pub tip_certificate: Option<Certificate>,
    /// The set that decided it (at height 0: the first set).
    pub tip_validators: ValidatorSet,
    /// Bodies of the next height that are durable here, as they were appended.
    pub bodies: Vec<bytes::Bytes>,
}

/// A batch whose every transaction was verified.
#[derive(Debug)]
struct CheckedBatch {
    batch: Arc<Batch>,
    transactions: Vec<VerifiedTransaction>,
}

/// What `status` can say about a replica.
#[derive(Clone, Debug)]
pub struct ReplicaStatus {
    /// Where agreement stands.
    pub engine: EngineStatus,
    /// Which validator the node is.
    pub identity: Option<ValidatorId>,
    /// Batches that a proposal names and that are not here, with who was asked for them.
    pub missing_batches: Vec<(BatchDigest, Vec<ValidatorId>)>,
    /// Transactions waiting or on their way, and their bytes.
    pub mempool: (usize, usize),
    /// Batches held that are not in a block yet.
    pub batches: usize,
    /// Why the node does not vote, if it does not.
    pub not_voting: Option<String>,
    /// Contradictions of validators that were seen.
    pub evidence: Vec<Evidence>,
    /// What each connected peer claims to have committed.
    pub peer_heights: BTreeMap<PeerId, u64>,
    /// How far the network is, as far as connected validators can be believed.
    pub best_peer_height: u64,
}

/// See the module.
pub struct Replica {
    chain: ChainId,
    identity: Option<ValidatorId>,
    block_interval_ms: u64,

    ledger: SharedLedger,
    tip: Tip,
    tip_certificate: Option<Certificate>,
    tip_validators: ValidatorSet,
    /// The set that decides the next height.
    validators: ValidatorSet,
    /// Validators as the host knows them.
    told_validators: NamedValidators,
    /// Who is at the other end of a connection.
    members_by_peer: BTreeMap<PeerId, ValidatorId>,
    peer_heights: BTreeMap<PeerId, u64>,

    engine: Engine,
    availability: Availability,
    catch_up: CatchUp,
    mempool: Mempool,
    keys: KeyCache,
    rejoin: Option<Rejoin>,

    /// Batches whose signatures are being verified.
    unverified: BTreeMap<BatchDigest, Arc<Batch>>,
    /// Verified batches that are in no block yet.
    batches: BTreeMap<BatchDigest, Arc<CheckedBatch>>,
    next_batch_sequence: u64,
    own_batches_waiting: usize,

    /// Executed blocks of the next height.
    candidates: BTreeMap<BlockHash, Candidate>,
    pending_checks: BTreeMap<BlockHash, PendingCheck>,
    pending_build: Option<PendingBuild>,
    /// What the engine decided, while the block is not durable here yet.
    decided: Option<(BlockHash, Certificate)>,
    /// The certificate whose decision is being made durable.
    deciding: Option<(BlockHash, Certificate)>,
    /// A block from catch-up that waits for its body to be durable.
    syncing: Option<(BlockHash, Certificate)>,

    now: Now,
    last_commit_ms: u64,
    engine_wake: Option<u64>,
    availability_wake: Option<u64>,
    catch_up_wake: Option<u64>,
    wake_at: Option<u64>,
    outputs: Vec<Output>,
}

impl Replica {
    /// A replica that continues where the logs end. Nothing happens before [`Input::Start`].
    #[must_use]
    pub fn new(config: &ReplicaConfig, recovered: Recovered, engine: Engine) -> Self {
        let told_validators = NamedValidators::of(&recovered.ledger.read());
        let validators = told_validators.schedule.current.clone();
        let rejoin = config
            .rejoin
            .then(Rejoin::default)
            .filter(|_| config.identity.is_some());
        let mut replica = Self {
            chain: config.chain,
            identity: config.identity,
            block_interval_ms: config.block_interval_ms,
            ledger: recovered.ledger,
            tip: recovered.tip,
            tip_certificate: recovered.tip_certificate,
            tip_validators: recovered.tip_validators,
            told_validators,
            members_by_peer: members_by_peer(&validators),
            peer_heights: BTreeMap::new(),
            engine,
            availability: Availability::new(
                config.identity,
                validators.clone(),
                recovered.tip.height,
            ),
            validators,
            catch_up: CatchUp::new(recovered.tip.height),
            mempool: Mempool::new(config.mempool),
            keys: KeyCache::new(),
            rejoin,
            unverified: BTreeMap::new(),
            batches: BTreeMap::new(),
            next_batch_sequence: 0,
            own_batches_waiting: 0,
            candidates: BTreeMap::new(),
            pending_checks: BTreeMap::new(),
            pending_build: None,
            decided: None,
            deciding: None,
            syncing: None,
            now: Now {
                monotonic_ms: 0,
                wall_ms: 0,
            },
            last_commit_ms: 0,
            engine_wake: None,
            availability_wake: None,
            catch_up_wake: None,
            wake_at: None,
            outputs: Vec::new(),
        };
        for body in &recovered.bodies {
            replica.restore_candidate(body);
        }
        replica
    }

    /// Handles one input.
    pub fn step(&mut self, now: Now, input: Input) -> Vec<Output> {
        self.now = now;
        match input {
            Input::Start => self.on_start(),
            Input::Connected(peer) => self.on_connected(peer),
            Input::Disconnected(peer) => self.on_disconnected(peer),
            Input::Message { from, bytes } => self.on_message(from, &bytes),
            Input::BatchVerified {
                digest,
                transactions,
            } => self.on_batch_verified(digest, transactions),
            Input::Submitted {
                ticket,
                transactions,
            } => self.on_submitted(ticket, transactions),
            Input::BodyDurable { hash } => self.on_body_durable(hash),
            Input::CommitDurable { height } => self.on_commit_durable(height),
            Input::Tick => {}
        }
        self.fire_due();
        self.set_wake();
        std::mem::take(&mut self.outputs)
    }

    /// Where the chain stands here.
    #[must_use]
    pub const fn tip(&self) -> Tip {
        self.tip
    }

    /// For `status`.
    #[must_use]
    pub fn status(&self) -> ReplicaStatus {
        ReplicaStatus {
            engine: self.engine.status(),
            identity: self.identity,
            missing_batches: self
                .availability
                .missing()
                .take(limits::STATUS_BATCHES_MAX)
                .collect(),
            mempool: self.mempool.size(),
            batches: self.batches.len(),
            not_voting: self.not_voting(),
            evidence: self.engine.evidence().cloned().collect(),
            peer_heights: self.peer_heights.clone(),
            best_peer_height: self.believed_height(),
        }
    }

    /// Who votes on this node at the next height: nobody on an observer, nor while the validator is not in
    /// the set.
    fn voter(&self) -> Option<ValidatorId> {
        self.identity
            .filter(|own| self.validators.get(own).is_some())
    }

    /// The highest height that is reached by connected validators of more than a third of their power: one
    /// that says too much is not enough to call this node behind. Other peers count where no validator is
    /// connected.
    fn believed_height(&self) -> u64 {
        let mut claims: Vec<(u64, u64)> = self
            .peer_heights
            .iter()
            .filter_map(|(peer, height)| {
                let validator = self.validators.get(self.members_by_peer.get(peer)?)?;
                Some((*height, validator.power))
            })
            .collect();
        if claims.is_empty() {
            claims = self
                .peer_heights
                .values()
                .map(|height| (*height, 1))
                .collect();
        }
        claims.sort_unstable_by(|a, b| b.cmp(a));
        let total: u64 = claims.iter().map(|(_, power)| power).sum();
        let mut heard = 0;
        for (height, power) in claims {
            heard += power;
            if heard > total / 3 {
                return height;
            }
        }
        0
    }

    fn not_voting(&self) -> Option<String> {
        if self.identity.is_some() && self.voter().is_none() {
            let height = self.tip.height.saturating_add(1);
            return Some(format!(
                "its voting key is not of the validators that decide height {height}; it follows until they take \
                 it in"
            ));
        }
        if let Some(rejoin) = &self.rejoin {
            return Some(rejoin.describe(&self.validators));
        }
        let from = self.engine.votes_from()?;
        let next = self.tip.height.saturating_add(1);
        (from > next).then(|| {
            format!(
                "it lost its consensus log or its last blocks, or has an old copy of them, and may have voted up to height {}; it votes \
                 again from the next on",
                from.saturating_sub(1)
            )
        })
    }

    fn on_start(&mut self) {
        self.next_batch_sequence = self.now.wall_ms;
        self.engine_step(talea_consensus::Input::Start);
        self.catch_up_step(CatchUpInput::Tick);
    }

    fn on_connected(&mut self, peer: PeerId) {
        self.catch_up_step(CatchUpInput::PeerConnected { peer });
        if let Some(validator) = self.members_by_peer.get(&peer).copied() {
            self.availability_step(AvailabilityInput::PeerConnected { validator });
        }
        self.send(
            peer,
            Lane::Control,
            NodeMessage::Status {
                height: self.tip.height,
            },
        );
    }

    fn on_disconnected(&mut self, peer: PeerId) {
        self.peer_heights.remove(&peer);
        self.catch_up_step(CatchUpInput::PeerDisconnected { peer });
    }

    fn on_message(&mut self, from: PeerId, bytes: &bytes::Bytes) {
        let message = match NodeMessage::decode(bytes) {
            Ok(message) => message,
            Err(error) => return self.fault(from, error.to_string()),
        };
        match message {
            NodeMessage::Consensus(bytes) => {
                self.engine_step(talea_consensus::Input::Message { from, bytes });
            }
            NodeMessage::Batch(bytes) => self.on_batch(from, bytes),
            NodeMessage::Ack(digests) => {
                if let Some(from) = self.member(from) {
                    self.availability_step(AvailabilityInput::Acked { from, digests });
                }
            }
            NodeMessage::FetchBatch(digest) => self.on_fetch_batch(from, digest),
            NodeMessage::MissingBatch(digest) => {
                if let Some(from) = self.member(from) {
                    self.availability_step(AvailabilityInput::Missing { from, digest });
                }
            }
            NodeMessage::Status { height } => self.on_status(from, height),
            NodeMessage::Dropped { first } => self.on_blocks_dropped(from, first),
            NodeMessage::RequestBlocks { from: first, to } => {
                self.outputs.push(Output::ServeBlocks {
                    to: from,
                    from: first,
                    upto: to,
                });
            }
            NodeMessage::SnapshotRequest(request) => {
                self.outputs
                    .push(Output::ServeSnapshot { to: from, request });
            }
            // It fetched as a node that had not started, and what it asked for came late.
            NodeMessage::SnapshotReply(_) => {}
            NodeMessage::Blocks {
                from: first,
                blocks,
            } => {
                self.catch_up_step(CatchUpInput::BlocksReceived {
                    peer: from,
                    from: first,
                    blocks,
                });
            }
        }
    }

    /// The validator at the other end, if it is one of the set in force.
    fn member(&mut self, peer: PeerId) -> Option<ValidatorId> {
        let member = self.members_by_peer.get(&peer).copied();
        if member.is_none() {
            self.disappointed(
                peer,
                "speaks as a validator but is none of the set in force".to_owned(),
            );
        }
        member
    }

    fn peer_of(&self, validator: &ValidatorId) -> Option<PeerId> {
        self.validators
            .get(validator)
            .map(|validator| PeerId(validator.network_key))
    }

    fn fire_due(&mut self) {
        let now = self.now.monotonic_ms;
        let is_due = |wake: Option<u64>| wake.is_some_and(|at| at <= now);
        if is_due(self.engine_wake) {
            self.engine_wake = None;
            self.engine_step(talea_consensus::Input::Tick);
        }
        if is_due(self.availability_wake) {
            self.availability_wake = None;
            self.availability_step(AvailabilityInput::Tick);
        }
        if is_due(self.catch_up_wake) {
            self.catch_up_wake = None;
            self.catch_up_step(CatchUpInput::Tick);
        }
        self.seal_due_batches();
        self.try_pending_build();
        self.retry_early_checks();
    }

    fn set_wake(&mut self) {
        let wakes = [
            self.engine_wake,
            self.availability_wake,
            self.catch_up_wake,
            self.seal_at(),
            self.pending_build.as_ref().map(|build| build.wait_until),
            self.early_check_at(),
        ];
        let next = wakes.into_iter().flatten().min();
        if let Some(at) = next
            && next != self.wake_at
        {
            self.outputs.push(Output::WakeAt(at));
        }
        self.wake_at = next;
    }

    fn send(&mut self, to: PeerId, lane: Lane, message: NodeMessage) {
        self.outputs.push(Output::Send { to, lane, message });
    }

    fn broadcast(&mut self, audience: Audience, lane: Lane, message: NodeMessage) {
        self.outputs.push(Output::Broadcast {
            audience,
            lane,
            message,
        });
    }

    /// A peer did what no honest peer does.
    fn fault(&mut self, peer: PeerId, reason: String) {
        self.outputs.push(Output::Fault {
            peer,
            severity: Severity::Hostile,
            reason,
        });
    }

    /// A peer was of no help.
    fn disappointed(&mut self, peer: PeerId, reason: String) {
        self.outputs.push(Output::Fault {
            peer,
            severity: Severity::Unhelpful,
            reason,
        });
    }
}

fn members_by_peer(validators: &ValidatorSet) -> BTreeMap<PeerId, ValidatorId> {
    validators
        .iter()
        .map(|(id, validator)| (PeerId(validator.network_key), *id))
        .collect()
}

const _: () = assert!(limits::MESSAGE_BYTES_MAX > talea_types::limits::COMMITTED_BLOCK_BYTES_MAX);
