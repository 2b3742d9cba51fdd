//! The consensus engine as it continues from what was recovered.

use talea_consensus::timeouts::TimeoutBounds;
use talea_consensus::{Engine, EngineConfig, EngineError, LogRecord, Voter};
use talea_types::{ChainId, ValidatorId};

use super::{RecoveredState, RecoveryError, Stores, committed_rounds, consensus_records};
use crate::api::ReadHistory;
use crate::config::ConsensusConfig;
use crate::signed_record::{SignedRecord, VotingKey};

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
    pub voting_key: Option<VotingKey>,
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
        voting_key: Option<VotingKey>,
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

    /// Who votes, the engine, and how far the voting key has signed.
    ///
    /// # Errors
    /// [`EngineStartError`].
    pub fn start(
        self,
        stores: &mut Stores,
        state: &RecoveredState,
    ) -> Result<(Option<ValidatorId>, Engine, Option<SignedRecord>), EngineStartError> {
        let tip = state.tip.height;
        let validators = state.ledger.validators().clone();
        let identity = self
            .voting_key
            .as_ref()
            .map(|voting| ValidatorId::from_voting_key(&voting.key.public_key()));
        if let (Some(id), Some(voting)) = (&identity, &self.voting_key)
            && validators.get(id).is_none()
        {
            tracing::warn!(
                key = %voting.key.public_key(),
                height = tip + 1,
                "the voting key belongs to no validator of this network now; the node follows without voting until \
                 a change of the validator set takes it in (if none is meant to, check keys.voting)"
            );
        }
        let log = consensus_records(&mut stores.consensus_log, tip)?;
        let signed = self.voting_key.as_ref().map(|voting| {
            let mut signed = voting.record(self.chain)?;
            stores.heed(&mut signed, tip, &log)?;
            Ok::<_, RecoveryError>(signed)
        });
        let signed = signed.transpose()?;
        let voter = match (self.voting_key, identity, &signed) {
            (Some(voting), Some(id), Some(signed)) => Some(Voter {
                id,
                signer: Box::new(signed.signer(voting.key)),
                vote_from_height: stores.vote_from,
            }),
            _ => None,
        };
        let changes = state.history.set_changes_before(tip + 1);
        let validators_since = changes.last().map_or(1, |change| change.header.height + 1);
        let first = EngineConfig::history_start(tip + 1, validators_since);
        let history =
            committed_rounds(&stores.block_log.reader(), stores.base.as_ref(), first, tip)?;
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
        Ok((identity, Engine::new(config, log)?, signed))
    }
}

impl Stores {
    /// Compares what the signer remembers with the log. Where the log lacks it, an older state was put back, and the
    /// validator votes again above every height at which it has voted: that is written down before it hears of
    /// statements that it forgot, which make the log look whole. Otherwise the signer takes over what the log has.
    fn heed(
        &mut self,
        signed: &mut SignedRecord,
        tip: u64,
        log: &[LogRecord],
    ) -> Result<(), RecoveryError> {
        if let Some(last) = signed.missing_in(tip, self.consensus_log.height(), log) {
            let from = last.height.saturating_add(1);
            if self.vote_from < from {
                tracing::warn!(
                    signed = last.height,
                    tip,
                    "the data directory was set back to an earlier state: the voting key has signed since; this validator \
                     does not vote up to that height"
                );
                self.voting_record.record_started(from)?;
                self.vote_from = from;
            }
            return Ok(());
        }
        for record in log {
            signed.note(record);
        }
        Ok(signed.keep()?)
    }
}
