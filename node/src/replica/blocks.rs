//! Blocks of the next height: built here ([`super::building`]), or proposed by another validator and checked by
//! execution.
//!
//! Either way a block becomes a [`Candidate`]: executed over the committed state, its body on the way to
//! the disk. The engine hears that it can be voted for when the body is durable, not before.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use talea_consensus::availability::AvailabilityInput;
use talea_consensus::{Input as EngineInput, Verdict};
use talea_ledger::{BlockContext, Execution};
use talea_types::planted::{self, Bug};
use talea_types::{
    BatchDigest, BlockBody, BlockContent, BlockHash, BlockHeader, Certificate, Hash, Timestamp,
    ValidatorId, limits as protocol, transaction::verify_all,
};

use super::{CheckedBatch, Output, Replica};
use crate::limits::replica as limits;

/// An executed block of the next height.
pub(super) struct Candidate {
    pub(super) body: BlockBody,
    pub(super) batches: Vec<Arc<CheckedBatch>>,
    pub(super) execution: Execution,
    /// Whether the body is in the block log.
    pub(super) durable: bool,
    /// What to tell the engine once it is.
    pub(super) waiting: Vec<Origin>,
}

/// Why a block was executed.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// Built here for a round.
    Built { round: u32, content: Bytes },
    /// Proposed by somebody; the digest names the content in the answer.
    Proposed { digest: Hash, proposer: ValidatorId },
    /// Fetched with its certificate.
    Synced,
    /// Decided by the others before this node had checked it.
    Decided,
}

/// A proposal whose batches are not all here, or whose time has not come.
pub(super) struct PendingCheck {
    content: BlockContent,
    origin: Origin,
    /// When its time comes within the bound of this node's clock (monotonic); `None`: waits for batches.
    early_until: Option<u64>,
}

/// A proposal that the engine asks about.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) height: u64,
    pub(super) hash: BlockHash,
    /// Names the content in the answer.
    pub(super) digest: Hash,
    pub(super) proposer: ValidatorId,
    /// The earlier round in which a quorum prevoted for it.
    pub(super) lock_round: Option<u32>,
}

/// What is wrong with a proposed header, whatever its batches are.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HeaderFault {
    #[error("a block of another network")]
    Chain,
    #[error("a block of another height")]
    Height,
    #[error("a block on another parent")]
    Parent,
    #[error("a block whose time is not after its parent's")]
    Time,
    #[error("a block whose time lags behind this node's clock")]
    Lag,
    #[error("a block of a proposer who is no validator")]
    Proposer,
    #[error("a block of another validator set")]
    Validators,
    #[error("a block without a valid certificate of its parent")]
    ParentCertificate,
}

impl Replica {
    // ---- checking ----

    pub(super) fn on_check_content(&mut self, asked: Asked, content: &Bytes) {
        let Asked {
            height,
            hash,
            digest,
            proposer,
            lock_round,
        } = asked;
        if let Some(candidate) = self.candidates.get_mut(&hash) {
            // Executed before; the content is the header's and the header is the hash's.
            let genuine =
                BlockContent::decode(content).is_ok_and(|content| content.header.hash() == hash);
            if genuine && !candidate.durable {
                candidate
                    .waiting
                    .push(Origin::Proposed { digest, proposer });
                return;
            }
            let verdict = if genuine {
                Verdict::Valid
            } else {
                Verdict::Invalid
            };
            return self.tell_verdict(height, hash, digest, verdict);
        }
        let checked = match BlockContent::decode(content) {
            Ok(content) if content.header.hash() == hash => {
                let checked = self
                    .check_header(&content)
                    .and_then(|()| self.check_lag(&content, lock_round));
                checked.map(|()| content).map_err(|fault| fault.to_string())
            }
            Ok(_) => Err("a content that is not that of its hash".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        match checked {
            Ok(content) => self.check_batches(hash, content, Origin::Proposed { digest, proposer }),
            Err(reason) => {
                self.blame_proposer(height, hash, proposer, &reason);
                self.tell_verdict(height, hash, digest, Verdict::Invalid);
            }
        }
    }

    /// Goes on with a block once its batches are here and its time has come.
    fn check_batches(&mut self, hash: BlockHash, content: BlockContent, origin: Origin) {
        let missing: Vec<BatchDigest> = content
            .batch_digests
            .iter()
            .filter(|digest| !self.batches.contains_key(*digest))
            .copied()
            .collect();
        let latest = self.ledger_time().plus_millis(protocol::CLOCK_DRIFT_MS_MAX);
        let early_ms = content.header.time.millis().saturating_sub(latest.millis());
        // A decision is a fact, whatever this node's clock says.
        let is_early = early_ms > 0
            && matches!(origin, Origin::Proposed { .. })
            && !planted::is(Bug::TimeUnbounded);
        if missing.is_empty() && !is_early {
            let batches = content
                .batch_digests
                .iter()
                .filter_map(|digest| self.batches.get(digest).cloned());
            let batches = batches.collect();
            self.execute_checked(hash, content, batches, &origin);
            return;
        }
        if self.pending_checks.len() >= limits::PENDING_CHECKS_MAX
            && !self.pending_checks.contains_key(&hash)
        {
            self.pending_checks.pop_first();
        }
        let proposer = match &origin {
            Origin::Proposed { proposer, .. } => *proposer,
            _ => content.header.proposer,
        };
        let early_until = is_early.then(|| self.now.monotonic_ms.saturating_add(early_ms));
        self.pending_checks.insert(
            hash,
            PendingCheck {
                content,
                origin,
                early_until,
            },
        );
        if !missing.is_empty() {
            self.availability_step(AvailabilityInput::Needed {
                proposal: hash,
                proposer,
                digests: missing,
            });
        }
    }

    pub(super) fn on_batches_complete(&mut self, proposal: BlockHash) {
        if let Some(pending) = self.pending_checks.remove(&proposal) {
            self.check_batches(proposal, pending.content, pending.origin);
        }
    }

    /// When the next proposal that is ahead of this node's clock comes within the bound.
    pub(super) fn early_check_at(&self) -> Option<u64> {
        self.pending_checks
            .values()
            .filter_map(|pending| pending.early_until)
            .min()
    }

    pub(super) fn retry_early_checks(&mut self) {
        let now = self.now.monotonic_ms;
        let is_due = |pending: &PendingCheck| pending.early_until.is_some_and(|at| at <= now);
        let due: Vec<BlockHash> = self
            .pending_checks
            .iter()
            .filter(|(_, pending)| is_due(pending))
            .map(|(hash, _)| *hash)
            .collect();
        for hash in due {
            self.on_batches_complete(hash);
        }
    }

    fn execute_checked(
        &mut self,
        hash: BlockHash,
        content: BlockContent,
        batches: Vec<Arc<CheckedBatch>>,
        origin: &Origin,
    ) {
        let height = content.header.height;
        let refused = self
            .execute_candidate(hash, content, batches, origin.clone())
            .is_err();
        match *origin {
            Origin::Proposed { digest, proposer } if refused => {
                let reason = "executing the block gives another header";
                self.blame_proposer(height, hash, proposer, reason);
                self.tell_verdict(height, hash, digest, Verdict::Invalid);
            }
            Origin::Decided if refused => {
                self.outputs
                    .push(Output::Halt(super::HaltReason::Divergence { height, hash }));
            }
            _ => {}
        }
    }

    /// Somebody proposed what cannot be voted for. It signed that itself, but it may be honest, with a wrong
    /// clock or damaged state: that is told, and its other messages are still needed.
    fn blame_proposer(
        &mut self,
        height: u64,
        hash: BlockHash,
        proposer: ValidatorId,
        reason: &str,
    ) {
        tracing::warn!(height, %hash, %proposer, reason, "a proposal is not valid; voting nil");
        if let Some(peer) = self.peer_of(&proposer) {
            self.disappointed(peer, format!("proposed {reason}"));
        }
    }

    /// Everything that can be said of a content without its batches.
    pub(super) fn check_header(&mut self, content: &BlockContent) -> Result<(), HeaderFault> {
        let header = &content.header;
        let check = |holds: bool, fault: HeaderFault| if holds { Ok(()) } else { Err(fault) };
        check(header.chain == self.chain, HeaderFault::Chain)?;
        check(header.height == self.tip.height + 1, HeaderFault::Height)?;
        check(header.parent == self.tip.hash, HeaderFault::Parent)?;
        check(header.time > self.tip.time, HeaderFault::Time)?;
        check(
            self.validators.get(&header.proposer).is_some(),
            HeaderFault::Proposer,
        )?;
        check(
            header.validators_hash == self.validators.hash(),
            HeaderFault::Validators,
        )?;
        let valid = match &content.parent_certificate {
            None => self.tip.height == 0,
            // This node's own certificate was verified when it was made.
            Some(certificate) if self.tip_certificate.as_ref() == Some(certificate) => true,
            Some(certificate) => {
                let of_parent =
                    certificate.height == self.tip.height && certificate.block == self.tip.hash;
                (of_parent || planted::is(Bug::CertificateOfAnyHeight))
                    && certificate
                        .verify(&self.chain, &self.tip_validators, &mut self.keys)
                        .is_ok()
            }
        };
        check(valid, HeaderFault::ParentCertificate)
    }

    /// A new block's time must not lag behind this node's clock. One that a quorum prevoted for was new
    /// then; refusing it now could leave a locked quorum without a way on.
    fn check_lag(
        &self,
        content: &BlockContent,
        lock_round: Option<u32>,
    ) -> Result<(), HeaderFault> {
        let oldest = self
            .ledger_time()
            .millis()
            .saturating_sub(protocol::CLOCK_DRIFT_MS_MAX);
        if lock_round.is_none() && content.header.time.millis() < oldest {
            return Err(HeaderFault::Lag);
        }
        Ok(())
    }

    // ---- executing ----

    /// Executes a block and keeps it if its header says what execution gives.
    pub(super) fn execute_candidate(
        &mut self,
        hash: BlockHash,
        content: BlockContent,
        batches: Vec<Arc<CheckedBatch>>,
        origin: Origin,
    ) -> Result<(), ()> {
        let bytes: usize = batches.iter().map(|held| held.batch.encoded().len()).sum();
        let transactions: usize = batches.iter().map(|held| held.transactions.len()).sum();
        if bytes > protocol::BLOCK_BYTES_MAX || transactions > protocol::BLOCK_TRANSACTIONS_MAX {
            return Err(());
        }
        let header = &content.header;
        let execution = self.execute(header.time, &batches);
        let expected = self.header(
            header.proposer,
            header.time,
            &content.batch_digests,
            content.parent_certificate.as_ref(),
            &execution,
        );
        if expected != *header && !planted::is(Bug::HeaderUnchecked) {
            return Err(());
        }
        self.add_candidate(hash, content, batches, execution, origin);
        Ok(())
    }

    pub(super) fn execute(&self, time: Timestamp, batches: &[Arc<CheckedBatch>]) -> Execution {
        let transactions = batches.iter().flat_map(|held| held.transactions.iter());
        let context = BlockContext {
            height: self.tip.height + 1,
            time,
        };
        let execution = self.ledger.read().execute(&context, transactions);
        execution.unwrap_or_else(|error| unreachable!("height and time were checked: {error}"))
    }

    pub(super) fn header(
        &self,
        proposer: ValidatorId,
        time: Timestamp,
        digests: &[BatchDigest],
        parent_certificate: Option<&Certificate>,
        execution: &Execution,
    ) -> BlockHeader {
        BlockHeader {
            chain: self.chain,
            height: self.tip.height + 1,
            parent: self.tip.hash,
            time,
            proposer,
            parent_round: parent_certificate.map_or(0, |certificate| certificate.round),
            parent_certificate: parent_certificate.map(Certificate::hash),
            batches_root: BlockContent::batches_root(digests),
            results_root: execution.results_root,
            result_count: u32::try_from(execution.results.len())
                .unwrap_or_else(|_| unreachable!("a block has at most 16,384 transactions")),
            state_root: execution.state_root,
            validators_hash: self.validators.hash(),
            next_validators_hash: execution.next_validators_hash,
            rule_packs_hash: execution.rule_packs_hash,
            business_date: execution.business_date,
        }
    }

    pub(super) fn add_candidate(
        &mut self,
        hash: BlockHash,
        content: BlockContent,
        batches: Vec<Arc<CheckedBatch>>,
        execution: Execution,
        origin: Origin,
    ) {
        let height = content.header.height;
        let body = BlockBody {
            content,
            batches: batches
                .iter()
                .map(|held| held.batch.as_ref().clone())
                .collect(),
        };
        let bytes = body.encode();
        let candidate = Candidate {
            body,
            batches,
            execution,
            durable: false,
            waiting: vec![origin],
        };
        self.candidates.insert(hash, candidate);
        self.outputs.push(Output::AppendBody {
            height,
            hash,
            bytes,
        });
    }

    /// A body that was durable before a restart becomes a candidate again.
    pub(super) fn restore_candidate(&mut self, bytes: &Bytes) {
        let Ok(body) = BlockBody::decode(bytes) else {
            tracing::warn!("a body of the undecided height cannot be decoded; it is left out");
            return;
        };
        let mut batches = Vec::with_capacity(body.batches.len());
        for batch in &body.batches {
            let transactions =
                super::batches::decode_transactions(&self.chain, batch).unwrap_or_default();
            let verified = verify_all(&mut self.keys, transactions)
                .into_iter()
                .collect::<Result<Vec<_>, _>>();
            let Ok(transactions) = verified else { return };
            batches.push(Arc::new(CheckedBatch {
                batch: Arc::new(batch.clone()),
                transactions,
            }));
        }
        let hash = body.content.header.hash();
        if self.check_header(&body.content).is_ok()
            && self
                .execute_candidate(hash, body.content, batches, Origin::Synced)
                .is_ok()
            && let Some(candidate) = self.candidates.get_mut(&hash)
        {
            candidate.durable = true;
            candidate.waiting.clear();
        }
        self.outputs.clear();
    }

    pub(super) fn candidate_batch(&self, digest: &BatchDigest) -> Option<&Arc<CheckedBatch>> {
        let mut held = self
            .candidates
            .values()
            .flat_map(|candidate| &candidate.batches);
        held.find(|held| held.batch.digest() == *digest)
    }

    // ---- telling the engine ----

    pub(super) fn on_body_durable(&mut self, hash: BlockHash) {
        let Some(candidate) = self.candidates.get_mut(&hash) else {
            return;
        };
        candidate.durable = true;
        let height = candidate.body.content.header.height;
        for origin in std::mem::take(&mut candidate.waiting) {
            match origin {
                Origin::Built { round, content } => {
                    let built = EngineInput::ProposalBuilt {
                        height,
                        round,
                        block_hash: hash,
                        content,
                    };
                    self.engine_step(built);
                }
                Origin::Proposed { digest, .. } => {
                    self.tell_verdict(height, hash, digest, Verdict::Valid);
                }
                Origin::Synced => self.on_synced_durable(hash),
                Origin::Decided => self.commit_decided(hash),
            }
        }
    }

    fn tell_verdict(&mut self, height: u64, hash: BlockHash, digest: Hash, verdict: Verdict) {
        let checked = EngineInput::ContentChecked {
            height,
            block_hash: hash,
            content_digest: digest,
            verdict,
        };
        self.engine_step(checked);
    }

    /// The engine decided. Usually the block is a durable candidate; if the others were faster, it is
    /// checked now or, without its content, fetched by catch-up.
    pub(super) fn on_decided(
        &mut self,
        height: u64,
        hash: BlockHash,
        certificate: &Certificate,
        content: Option<&Bytes>,
    ) {
        assert_eq!(height, self.tip.height + 1, "heights are decided in order");
        self.decided = Some((hash, certificate.clone()));
        if let Some(candidate) = self.candidates.get_mut(&hash) {
            if candidate.durable {
                self.commit_decided(hash);
            } else {
                candidate.waiting.push(Origin::Decided);
            }
            return;
        }
        let content = content.and_then(|content| BlockContent::decode(content).ok());
        if let Some(content) = content.filter(|content| content.header.hash() == hash) {
            self.check_batches(hash, content, Origin::Decided);
        } else {
            tracing::info!(height, %hash, "decided without this node; fetching the block");
        }
    }

    /// Forgets the blocks of a height that is committed.
    pub(super) fn drop_candidates(&mut self) {
        let proposals: BTreeSet<BlockHash> = self.pending_checks.keys().copied().collect();
        self.pending_checks.clear();
        self.candidates.clear();
        for proposal in proposals {
            self.availability_step(AvailabilityInput::NotNeeded { proposal });
        }
    }
}
