//! The consensus engine as it continues from what was recovered.

use talea_consensus::timeouts::TimeoutBounds;
use talea_consensus::{Engine, EngineConfig, EngineError, Voter};
use talea_types::{ChainId, SecretKey, ValidatorId};

use super::{RecoveredState, RecoveryError, Stores, committed_rounds, consensus_records};
use crate::api::ReadHistory;
use crate::config::ConsensusConfig;

/// Why an engine cannot continue.
#[derive(Debug, thiserror::Error)]
pub enum EngineStartError {
    /// From its logs.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// From the records of its log.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// What an engine needs besides the data directory.
#[derive(Clone, Debug)]
pub struct EngineSetup {
    /// The network.
    pub chain: ChainId,
    /// Signs votes; an observer has none.
    pub voting_key: Option<SecretKey>,
    /// Bounds of the waits.
    pub timeouts: TimeoutBounds,
    /// Longest silence of an idle chain, milliseconds.
    pub heartbeat_ms: u64,
}

impl EngineSetup {
    /// As the configuration says.
    #[must_use]
    pub const fn configured(
        timing: &ConsensusConfig,
        chain: ChainId,
        voting_key: Option<SecretKey>,
    ) -> Self {
        Self {
            chain,
            voting_key,
            timeouts: TimeoutBounds {
                propose_min: timing.propose_timeout_ms_min,
                vote_min: timing.vote_timeout_ms_min,
                propose_initial: timing.propose_timeout_ms_initial,
                vote_initial: timing.vote_timeout_ms_initial,
                max: timing.timeout_ms_max,
            },
            heartbeat_ms: timing.heartbeat_ms,
        }
    }

    /// The engine, and who votes with it.
    ///
    /// # Errors
    /// [`EngineStartError`].
    pub fn start(
        self,
        stores: &mut Stores,
        state: &RecoveredState,
    ) -> Result<(Option<ValidatorId>, Engine), EngineStartError> {
        let tip = state.tip.height;
        let validators = state.ledger.validators().clone();
        let identity = self
            .voting_key
            .as_ref()
            .map(|key| ValidatorId::from_voting_key(&key.public_key()));
        if let (Some(id), Some(key)) = (&identity, &self.voting_key)
            && validators.get(id).is_none()
        {
            tracing::warn!(
                key = %key.public_key(),
                height = tip + 1,
                "the voting key belongs to no validator of this network now; the node follows without voting until \
                 a change of the validator set takes it in (if none is meant to, check keys.voting)"
            );
        }
        let voter = self.voting_key.zip(identity).map(|(key, id)| Voter {
            id,
            signer: Box::new(key),
            vote_from_height: stores.vote_from,
        });
        let changes = state.history.set_changes_before(tip + 1);
        let validators_since = changes.last().map_or(1, |change| change.header.height + 1);
        let first = EngineConfig::history_start(tip + 1, validators_since);
        let history =
            committed_rounds(&stores.block_log.reader(), stores.base.as_ref(), first, tip)?;
        let log = consensus_records(&mut stores.consensus_log, tip)?;
        let config = EngineConfig {
            chain_id: self.chain,
            voter,
            start_height: tip + 1,
            validators,
            validators_since,
            history,
            timeouts: self.timeouts,
            heartbeat_ms: self.heartbeat_ms,
        };
        Ok((identity, Engine::new(config, log)?))
    }
}
