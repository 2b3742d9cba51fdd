//! How a node is, for whoever runs it.

use talea_consensus::{EngineStatus, Phase};
use talea_proto::api;
use talea_types::{BatchDigest, ValidatorId};

/// A snapshot.
#[derive(Clone, Debug, Default)]
pub struct NodeStatus {
    /// Since the start, milliseconds.
    pub uptime_ms: u64,
    /// Newest committed height.
    pub height: u64,
    /// Round of the height above it.
    pub round: u32,
    /// Height that it catches up to; `None` when it does not.
    pub syncing_target: Option<u64>,
    /// Since the newest block was committed here, milliseconds.
    pub last_block_age_ms: u64,
    /// Ledger time of the newest block, milliseconds since 1970.
    pub ledger_time_ms: u64,
    /// Every registered peer.
    pub peers: Vec<PeerState>,
    /// Transactions waiting.
    pub mempool: MempoolState,
    /// Waits in force.
    pub timeouts: TimeoutState,
    /// Proved faults, newest first.
    pub evidence: Vec<EvidenceState>,
    /// How far agreement on the next block is; `None` while the node stops.
    pub agreement: Option<AgreementState>,
    /// The data directory.
    pub storage: StorageState,
    /// Why a validator does not vote now.
    pub not_voting: Option<String>,
}

/// A registered peer.
#[derive(Clone, Debug, Default)]
pub struct PeerState {
    /// Its name in the register.
    pub name: String,
    /// Its network identity.
    pub peer_id: String,
    /// Its voting identity; an observer has none.
    pub validator: Option<ValidatorId>,
    /// Whether there is a connection.
    pub connected: bool,
    /// Height that it claims.
    pub height: u64,
    /// Last measured round trip, milliseconds.
    pub round_trip_ms: u32,
    /// Bytes waiting to be sent to it.
    pub queue_bytes: u64,
    /// Messages dropped because its queue was full.
    pub dropped: u64,
    /// Since anything was heard from it, milliseconds; `None` when nothing ever was.
    pub last_heard_ms: Option<u64>,
}

/// Transactions waiting to be final.
#[derive(Clone, Copy, Debug, Default)]
pub struct MempoolState {
    /// How many.
    pub transactions: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Batches available and in no block yet.
    pub batches: u64,
    /// The bound on bytes.
    pub bytes_max: u64,
}

/// Waits in force, milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimeoutState {
    /// For a proposal.
    pub propose_ms: u64,
    /// For prevotes.
    pub prevote_ms: u64,
    /// For precommits.
    pub precommit_ms: u64,
    /// Between blocks when there is nothing to do.
    pub heartbeat_ms: u64,
}

/// A proved fault of a validator.
#[derive(Clone, Debug)]
pub struct EvidenceState {
    /// Whose.
    pub validator: ValidatorId,
    /// At which height.
    pub height: u64,
    /// What it did.
    pub description: String,
}

/// How far agreement on the next block is.
#[derive(Clone, Debug)]
pub struct AgreementState {
    /// The engine's account of it.
    pub engine: EngineStatus,
    /// Every validator of the height: id, name, power.
    pub validators: Vec<(ValidatorId, String, u64)>,
    /// Which of them this node is.
    pub own: Option<ValidatorId>,
    /// Batches that a proposal names and that are not here, with who was asked for them.
    pub missing_batches: Vec<(BatchDigest, Vec<ValidatorId>)>,
}

/// The data directory.
#[derive(Clone, Debug, Default)]
pub struct StorageState {
    /// Bytes of the block log.
    pub block_log_bytes: u64,
    /// Bytes of the consensus log.
    pub consensus_log_bytes: u64,
    /// Bytes of the indexes, the checkpoint of the state and the results of blocks: what can be made again.
    pub index_bytes: u64,
    /// Bytes free on its file system.
    pub free_bytes: u64,
    /// Oldest block kept.
    pub first_height: u64,
    /// Newest checkpoint of the state.
    pub checkpoint_height: u64,
    /// What was damaged and what was done about it, newest first.
    pub repairs: Vec<String>,
}

impl NodeStatus {
    /// The answer to `GetStatus`, but for what the node is.
    pub(super) fn into_wire(self) -> api::GetStatusResponse {
        api::GetStatusResponse {
            uptime_ms: self.uptime_ms,
            height: self.height,
            round: self.round,
            syncing_target: self.syncing_target.unwrap_or_default(),
            last_block_age_ms: self.last_block_age_ms,
            ledger_time_ms: self.ledger_time_ms,
            peers: self.peers.into_iter().map(PeerState::into_wire).collect(),
            mempool: Some(api::MempoolStatus {
                transactions: self.mempool.transactions,
                bytes: self.mempool.bytes,
                batches: self.mempool.batches,
                bytes_max: self.mempool.bytes_max,
            }),
            timeouts: Some(api::TimeoutStatus {
                propose_ms: self.timeouts.propose_ms,
                prevote_ms: self.timeouts.prevote_ms,
                precommit_ms: self.timeouts.precommit_ms,
                heartbeat_ms: self.timeouts.heartbeat_ms,
            }),
            evidence: self
                .evidence
                .into_iter()
                .map(EvidenceState::into_wire)
                .collect(),
            agreement: self.agreement.map(AgreementState::into_wire),
            storage: Some(api::StorageStatus {
                block_log_bytes: self.storage.block_log_bytes,
                consensus_log_bytes: self.storage.consensus_log_bytes,
                index_bytes: self.storage.index_bytes,
                free_bytes: self.storage.free_bytes,
                first_height: self.storage.first_height,
                checkpoint_height: self.storage.checkpoint_height,
                repairs: self.storage.repairs,
            }),
            not_voting: self.not_voting.unwrap_or_default(),
            ..api::GetStatusResponse::default()
        }
    }
}

impl PeerState {
    fn into_wire(self) -> api::PeerStatus {
        api::PeerStatus {
            name: self.name,
            peer_id: self.peer_id,
            validator: self.validator.map(|id| id.to_wire()).unwrap_or_default(),
            connected: self.connected,
            height: self.height,
            rtt_ms: self.round_trip_ms,
            queue_bytes: self.queue_bytes,
            dropped: self.dropped,
            // 0 says never.
            last_heard_ms: self.last_heard_ms.map_or(0, |age| age.max(1)),
        }
    }
}

impl EvidenceState {
    fn into_wire(self) -> api::EvidenceStatus {
        api::EvidenceStatus {
            validator: self.validator.to_wire(),
            height: self.height,
            description: self.description,
        }
    }
}

impl AgreementState {
    fn into_wire(self) -> api::AgreementStatus {
        let engine = self.engine;
        let own = self.own;
        let voters = self
            .validators
            .into_iter()
            .map(|(id, name, power)| api::VoterStatus {
                validator: id.to_wire(),
                name,
                power,
                this_node: own == Some(id),
                prevoted: engine.prevoted.contains(&id),
                precommitted: engine.precommitted.contains(&id),
            });
        let missing = self
            .missing_batches
            .into_iter()
            .map(|(digest, asked)| api::MissingBatch {
                digest: digest.to_wire(),
                asked: asked.iter().map(ValidatorId::to_wire).collect(),
            });
        api::AgreementStatus {
            height: engine.height,
            round: engine.round,
            phase: phase(engine.phase).into(),
            age_ms: engine.age_ms,
            proposer: engine.proposer.to_wire(),
            awaits_proposal: engine.awaits_proposal,
            voters: voters.collect(),
            missing_batches: missing.collect(),
        }
    }
}

const fn phase(phase: Phase) -> api::AgreementPhase {
    match phase {
        Phase::Created | Phase::Waiting => api::AgreementPhase::Waiting,
        Phase::Running => api::AgreementPhase::Running,
        Phase::Decided => api::AgreementPhase::Decided,
        Phase::Halted => api::AgreementPhase::Halted,
    }
}
