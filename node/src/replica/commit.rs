//! From a decision to a committed block: durable first, then applied, then published.

use std::sync::Arc;

use talea_consensus::Input as EngineInput;
use talea_consensus::availability::AvailabilityInput;
use talea_consensus::catch_up::CatchUpInput;
use talea_types::{BatchDigest, BlockHash};

use super::{Audience, Lane, NodeMessage, Output, Replica, members_by_peer};
use crate::interface::{CommittedRecord, Tip};
use crate::register::NamedValidators;

impl Replica {
    /// The body is durable and a quorum decided it: make the decision durable.
    pub(super) fn commit_decided(&mut self, hash: BlockHash) {
        let Some((decided, certificate)) = self.decided.take() else {
            return;
        };
        assert_eq!(decided, hash, "a height has one decision");
        assert!(self.deciding.is_none(), "one decision at a time");
        let height = certificate.height;
        self.deciding = Some((hash, certificate.clone()));
        self.outputs.push(Output::AppendCommit {
            height,
            hash,
            certificate,
        });
    }

    /// Tells the host whom the ledger names as validators, when that has changed.
    fn tell_validators(&mut self) {
        let ledger = self.ledger.read();
        if !self.told_validators.are_of(&ledger) {
            self.told_validators = NamedValidators::of(&ledger);
            let told = Box::new(self.told_validators.clone());
            self.outputs.push(Output::ValidatorsNamed(told));
        }
    }

    pub(super) fn on_commit_durable(&mut self, height: u64) {
        let (hash, certificate) = self
            .deciding
            .take()
            .unwrap_or_else(|| unreachable!("a decision was appended"));
        assert_eq!(
            height, certificate.height,
            "the decision that became durable is the one appended"
        );
        let candidate = self.candidates.remove(&hash);
        let mut candidate =
            candidate.unwrap_or_else(|| unreachable!("a decided block is a candidate"));
        let header = candidate.body.content.header.clone();
        let digests: Vec<BatchDigest> = candidate
            .batches
            .iter()
            .map(|held| held.batch.digest())
            .collect();
        for held in &candidate.batches {
            if Some(held.batch.author()) == self.identity {
                self.own_batches_waiting = self.own_batches_waiting.saturating_sub(1);
            }
        }

        let results = std::mem::take(&mut candidate.execution.results);
        let events = std::mem::take(&mut candidate.execution.events);
        let delta = std::mem::take(&mut candidate.execution.delta);
        self.ledger.write().commit(candidate.execution);
        for result in &results {
            self.mempool.forget(&result.transaction);
        }
        self.tip = Tip {
            height,
            hash,
            time: header.time,
        };
        self.tip_certificate = Some(certificate.clone());
        self.last_commit_ms = self.now.monotonic_ms;
        let next = self.ledger.read().validators().clone();
        self.tip_validators = std::mem::replace(&mut self.validators, next);
        if self.tip_validators != self.validators {
            self.members_by_peer = members_by_peer(&self.validators);
            self.availability_step(AvailabilityInput::ValidatorsChanged(
                self.validators.clone(),
            ));
        }
        self.tell_validators();
        self.drop_candidates();
        self.syncing = None;
        self.pending_build = None;
        for digest in &digests {
            self.batches.remove(digest);
            self.unverified.remove(digest);
        }
        let next_validators =
            (self.tip_validators != self.validators).then(|| self.validators.clone());
        let record = CommittedRecord {
            hash,
            body: candidate.body,
            certificate,
            results,
            events,
            next_validators,
        };
        self.outputs.push(Output::Publish {
            record: Arc::new(record),
            delta,
        });

        self.availability_step(AvailabilityInput::Committed { height, digests });
        self.mempool.expire(self.ledger_time());
        // Validators learn it from the votes; observers fetch the block when they hear of it.
        self.broadcast(
            Audience::Observers,
            Lane::Control,
            NodeMessage::Status { height },
        );
        self.engine_step(EngineInput::Applied {
            height,
            next_validators: self.validators.clone(),
            parent_round: header.parent_round,
            work_pending: self.has_ready_batches(),
        });
        self.catch_up_step(CatchUpInput::Applied { height });
    }
}
