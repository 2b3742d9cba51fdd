//! Replays committed blocks on top of a state.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use talea_ledger::{BlockContext, Ledger};
use talea_types::crypto::KeyCache;
use talea_types::transaction::verify_all;
use talea_types::{
    BlockBody, BlockHash, Certificate, ChainId, Hash, SignedTransaction, ValidatorSet,
    VerifiedTransaction,
};

use super::{Blocks, RecoveredState, RecoveryError, genesis_tip};
use crate::driver::state_delta;
use crate::history::History;
use crate::interface::{CommittedRecord, Tip};
use crate::storage::block_log::StoredBlock;
use crate::storage::checkpoint::CheckpointWriter;

/// Blocks between two lines of progress.
const PROGRESS_BLOCKS: u64 = 1_000;

pub(super) struct Replay<'a> {
    chain: ChainId,
    blocks: Blocks<'a>,
    ledger: Ledger,
    history: Arc<History>,
    checkpoints: CheckpointWriter,
    keys: KeyCache,
    /// The set that decided the last block.
    validators: ValidatorSet,
    tip: Tip,
    certificate: Option<Certificate>,
    /// The set that genesis names.
    first_validators: ValidatorSet,
}

impl<'a> Replay<'a> {
    pub(super) fn new(
        chain: ChainId,
        blocks: Blocks<'a>,
        ledger: Ledger,
        history: Arc<History>,
        checkpoints: CheckpointWriter,
        first_validators: ValidatorSet,
    ) -> Result<Self, RecoveryError> {
        let height = ledger.height();
        let mut replay = Self {
            chain,
            tip: genesis_tip(&chain, &ledger),
            validators: ledger.validators().clone(),
            certificate: None,
            first_validators,
            blocks,
            ledger,
            history,
            checkpoints,
            keys: KeyCache::new(),
        };
        if let Some(base) = replay.blocks.base.filter(|base| base.height() == height) {
            let head = base.head();
            replay.validators = head.validators(&replay.first_validators).clone();
            replay.tip = Tip {
                height,
                hash: head.hash(),
                time: head.header().time,
            };
            replay.certificate = Some(head.certificate().clone());
        } else if height > 0 {
            let (hash, body, certificate) = replay.read(height)?;
            // The set that decided the checkpoint's block is not in the state any more when it changed
            // right there; the header below names it, and the history kept the sets.
            replay.validators = replay.set_of(height, &body.content.header.validators_hash)?;
            replay.tip = Tip {
                height,
                hash,
                time: body.content.header.time,
            };
            replay.certificate = Some(certificate);
        }
        Ok(replay)
    }

    pub(super) fn run(mut self, upto: u64) -> Result<RecoveredState, RecoveryError> {
        let first = self.tip.height + 1;
        let begun = Instant::now();
        for height in first..=upto {
            self.replay(height)?;
            if height % PROGRESS_BLOCKS == 0 {
                let done = height - first + 1;
                let rate = done * 1_000
                    / u64::try_from(begun.elapsed().as_millis())
                        .unwrap_or(u64::MAX)
                        .max(1);
                tracing::info!(
                    height,
                    of = upto,
                    blocks_per_second = rate,
                    "replaying the block log"
                );
            }
        }
        let bodies = self.uncommitted_bodies()?;
        Ok(RecoveredState {
            ledger: self.ledger,
            tip: self.tip,
            tip_certificate: self.certificate,
            tip_validators: self.validators,
            history: self.history,
            checkpoints: self.checkpoints,
            bodies,
        })
    }

    fn replay(&mut self, height: u64) -> Result<(), RecoveryError> {
        let (hash, body, certificate) = self.read(height)?;
        let refuse = |reason: &str| RecoveryError::Block {
            height,
            reason: reason.to_owned(),
        };
        let deciding = self.ledger.validators().clone();
        certificate
            .verify(&self.chain, &deciding, &mut self.keys)
            .map_err(|error| refuse(&format!("has a certificate that does not verify: {error}")))?;
        let header = &body.content.header;
        if header.parent != self.tip.hash
            || header.height != height
            || header.validators_hash != deciding.hash()
        {
            return Err(refuse("does not follow the block before it"));
        }
        let transactions = self
            .verify(&body)
            .ok_or_else(|| refuse("has a transaction that does not verify"))?;
        let context = BlockContext {
            height,
            time: header.time,
        };
        let mut execution = self
            .ledger
            .execute(&context, &transactions)
            .map_err(|error| refuse(&error.to_string()))?;
        if execution.state_root != header.state_root
            || execution.results_root != header.results_root
        {
            return Err(refuse("executes to another state than its header says"));
        }
        let results = std::mem::take(&mut execution.results);
        let events = std::mem::take(&mut execution.events);
        let delta = std::mem::take(&mut execution.delta);
        self.ledger.commit(execution);
        self.tip = Tip {
            height,
            hash,
            time: header.time,
        };
        let next = self.ledger.validators();
        let next_validators = (*next != deciding).then(|| next.clone());
        let record = CommittedRecord {
            hash,
            body,
            certificate,
            results,
            events,
            next_validators,
        };
        let record = Arc::new(record);
        self.history.insert(&record)?;
        self.checkpoints.submit(state_delta(&record, delta))?;
        self.certificate = Some(record.certificate.clone());
        self.validators = deciding;
        Ok(())
    }

    fn read(&self, height: u64) -> Result<(BlockHash, BlockBody, Certificate), RecoveryError> {
        let refuse = |reason: String| RecoveryError::Block { height, reason };
        let StoredBlock {
            header_hash,
            body,
            certificate,
            ..
        } = self
            .blocks
            .log
            .block(height)
            .map_err(|error| refuse(format!("cannot be read: {error}")))?
            .ok_or_else(|| refuse("is missing".to_owned()))?;
        let body =
            BlockBody::decode(&Bytes::from(body)).map_err(|error| refuse(error.to_string()))?;
        let certificate = Certificate::decode(&Bytes::from(certificate))
            .map_err(|error| refuse(error.to_string()))?;
        let hash = BlockHash::new(Hash(header_hash));
        if body.content.header.hash() != hash || certificate.block != hash {
            return Err(refuse("is not the block that was decided".to_owned()));
        }
        Ok((hash, body, certificate))
    }

    fn verify(&mut self, body: &BlockBody) -> Option<Vec<VerifiedTransaction>> {
        let mut transactions = Vec::new();
        for batch in &body.batches {
            for bytes in batch.transactions() {
                transactions.push(SignedTransaction::decode(&self.chain, bytes.clone()).ok()?);
            }
        }
        verify_all(&mut self.keys, transactions)
            .into_iter()
            .collect::<Result<_, _>>()
            .ok()
    }

    /// The validator set with this hash that was in force at `height`.
    fn set_of(&self, height: u64, hash: &Hash) -> Result<ValidatorSet, RecoveryError> {
        use crate::api::ReadHistory;
        let current = self.ledger.validators();
        if current.hash() == *hash {
            return Ok(current.clone());
        }
        let changes = self
            .history
            .set_changes_before(height)
            .into_iter()
            .map(|change| change.next);
        [self.first_validators.clone()]
            .into_iter()
            .chain(changes)
            .find(|set| set.hash() == *hash)
            .ok_or_else(|| RecoveryError::Block {
                height,
                reason: "was decided by an unknown validator set".to_owned(),
            })
    }

    fn uncommitted_bodies(&mut self) -> Result<Vec<Bytes>, RecoveryError> {
        let height = self.tip.height + 1;
        let mut bodies = Vec::new();
        for hash in self.blocks.log.uncommitted_bodies() {
            let body =
                self.blocks
                    .log
                    .uncommitted_body(&hash)
                    .map_err(|error| RecoveryError::Block {
                        height,
                        reason: format!("cannot be read: {error}"),
                    })?;
            bodies.extend(body.map(Bytes::from));
        }
        Ok(bodies)
    }
}
