//! Building a block: which batches, when, and what its header says.

use std::sync::Arc;

use talea_types::{BatchDigest, BlockContent, limits as protocol};

use super::blocks::Origin;
use super::{CheckedBatch, Replica};
use crate::limits::replica as limits;

/// A proposal that this node is to build as soon as there is something to put into it.
pub(super) struct PendingBuild {
    height: u64,
    round: u32,
    pub(super) wait_until: u64,
}

impl Replica {
    pub(super) fn on_build_proposal(&mut self, height: u64, round: u32, deadline: u64) {
        let now = self.now.monotonic_ms;
        let interval = self.last_commit_ms.saturating_add(self.block_interval_ms);
        // Work that is known but not yet held by a quorum is worth a short wait; no more than half of
        // the time that the others grant.
        let patience = if self.has_work() {
            limits::BUILD_PATIENCE_MS
        } else {
            0
        };
        let latest = now.saturating_add(deadline.saturating_sub(now) / 2);
        let wait_until = interval.max(now.saturating_add(patience)).min(latest);
        self.pending_build = Some(PendingBuild {
            height,
            round,
            wait_until,
        });
        self.try_pending_build();
    }

    /// Whether anything waits to be put into a block.
    pub(super) fn has_work(&self) -> bool {
        self.mempool.has_waiting() || !self.batches.is_empty() || !self.unverified.is_empty()
    }

    /// Whether a quorum holds a batch that is in no block.
    pub(super) fn has_ready_batches(&self) -> bool {
        !self
            .availability
            .ready_for_proposal(1, protocol::BLOCK_BYTES_MAX)
            .is_empty()
    }

    pub(super) fn try_pending_build(&mut self) {
        let Some(build) = &self.pending_build else {
            return;
        };
        let due = build.wait_until <= self.now.monotonic_ms;
        let interval_over = self.last_commit_ms + self.block_interval_ms <= self.now.monotonic_ms;
        let worthwhile = interval_over && self.has_ready_batches();
        if !due && !worthwhile {
            return;
        }
        let Some(build) = self.pending_build.take() else {
            return;
        };
        if build.height == self.tip.height + 1 && self.deciding.is_none() {
            self.build(build.round);
        }
    }

    fn build(&mut self, round: u32) {
        let Some(proposer) = self.identity else {
            return;
        };
        let batches = self.choose_batches();
        let digests: Vec<BatchDigest> = batches.iter().map(|held| held.batch.digest()).collect();
        let time = self.ledger_time().max(self.tip.time.plus_millis(1));
        let execution = self.execute(time, &batches);
        let header = self.header(
            proposer,
            time,
            &digests,
            self.tip_certificate.as_ref(),
            &execution,
        );
        let content = BlockContent {
            header,
            parent_certificate: self.tip_certificate.clone(),
            batch_digests: digests,
        };
        let encoded = content.encode();
        let hash = content.header.hash();
        self.add_candidate(
            hash,
            content,
            batches,
            execution,
            Origin::Built {
                round,
                content: encoded,
            },
        );
    }

    /// Batches that a quorum holds, within the limits of a block.
    fn choose_batches(&self) -> Vec<Arc<CheckedBatch>> {
        let (mut bytes, mut transactions) = (0, 0);
        let mut chosen = Vec::new();
        let ready = self
            .availability
            .ready_for_proposal(protocol::BLOCK_BATCHES_MAX, protocol::BLOCK_BYTES_MAX);
        for digest in ready {
            let Some(held) = self.batches.get(&digest) else {
                continue;
            };
            bytes += held.batch.encoded().len();
            transactions += held.transactions.len();
            let fits = bytes <= protocol::BLOCK_BYTES_MAX
                && transactions <= protocol::BLOCK_TRANSACTIONS_MAX
                && chosen.len() < protocol::BLOCK_BATCHES_MAX;
            if !fits {
                break;
            }
            chosen.push(held.clone());
        }
        chosen
    }
}
