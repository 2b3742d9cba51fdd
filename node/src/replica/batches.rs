//! Batches: own transactions packed and pushed, others' verified and kept until they are in a block.

use std::sync::Arc;

use bytes::Bytes;
use talea_consensus::PeerId;
use talea_consensus::availability::{
    AvailabilityInput, AvailabilityOutput, BatchFault, DiscardReason,
};
use talea_types::{Batch, BatchDigest, ChainId, SignedTransaction, Timestamp, VerifiedTransaction};

use super::{Audience, CheckedBatch, Lane, NodeMessage, Output, Replica};
use crate::interface::AdmissionError;

/// Decodes every transaction of a batch; `None` when one is not valid.
#[must_use]
pub fn decode_transactions(chain: &ChainId, batch: &Batch) -> Option<Vec<SignedTransaction>> {
    batch
        .transactions()
        .iter()
        .map(|bytes| SignedTransaction::decode(chain, bytes.clone()).ok())
        .collect()
}

impl Replica {
    pub(super) fn availability_step(&mut self, input: AvailabilityInput) {
        for output in self.availability.step(self.now.monotonic_ms, input) {
            self.on_availability_output(output);
        }
    }

    fn on_availability_output(&mut self, output: AvailabilityOutput) {
        match output {
            AvailabilityOutput::Verify { digest } => {
                if let Some(batch) = self.unverified.get(&digest) {
                    self.outputs.push(Output::VerifyBatch(batch.clone()));
                }
            }
            AvailabilityOutput::Discard { digest, reason } => self.on_discard(digest, reason),
            AvailabilityOutput::BroadcastBatch { digest } => {
                if let Some(held) = self.batches.get(&digest) {
                    let message = NodeMessage::Batch(held.batch.encoded().clone());
                    self.broadcast(Audience::Validators, Lane::Bulk, message);
                }
            }
            AvailabilityOutput::SendBatch { to, digest } => {
                if let (Some(held), Some(peer)) = (self.batches.get(&digest), self.peer_of(&to)) {
                    let message = NodeMessage::Batch(held.batch.encoded().clone());
                    self.send(peer, Lane::Bulk, message);
                }
            }
            AvailabilityOutput::BroadcastAck { digests } => {
                self.broadcast(
                    Audience::Validators,
                    Lane::Control,
                    NodeMessage::Ack(digests),
                );
            }
            AvailabilityOutput::SendAck { to, digests } => {
                if let Some(peer) = self.peer_of(&to) {
                    self.send(peer, Lane::Control, NodeMessage::Ack(digests));
                }
            }
            AvailabilityOutput::Fetch { from, digest } => {
                if let Some(peer) = self.peer_of(&from) {
                    self.send(peer, Lane::Control, NodeMessage::FetchBatch(digest));
                }
            }
            AvailabilityOutput::Complete { proposal } => self.on_batches_complete(proposal),
            AvailabilityOutput::Ready => self.engine_step(talea_consensus::Input::WorkAvailable),
            AvailabilityOutput::Fault { validator, fault } => {
                if let Some(peer) = self.peer_of(&validator) {
                    match fault {
                        BatchFault::InvalidBatch => self.fault(peer, fault.to_string()),
                        BatchFault::OverQuota | BatchFault::TooManyAcks => {
                            self.disappointed(peer, fault.to_string());
                        }
                    }
                }
            }
            AvailabilityOutput::WakeAt(at) => self.availability_wake = Some(at),
        }
    }

    fn on_discard(&mut self, digest: BatchDigest, reason: DiscardReason) {
        // A duplicate must not take the one that is held, or being verified, with it.
        if reason == DiscardReason::Duplicate {
            return;
        }
        self.unverified.remove(&digest);
        if let Some(held) = self.batches.remove(&digest)
            && Some(held.batch.author()) == self.identity
            && reason != DiscardReason::Committed
        {
            self.own_batches_waiting = self.own_batches_waiting.saturating_sub(1);
            for transaction in &held.transactions {
                self.mempool.forget(&transaction.id());
            }
        }
    }

    pub(super) fn on_batch(&mut self, peer: PeerId, bytes: Bytes) {
        let Some(from) = self.member(peer) else {
            return;
        };
        let batch = match Batch::decode(bytes) {
            Ok(batch) => batch,
            Err(error) => return self.fault(peer, error.to_string()),
        };
        let (digest, author, bytes) = (batch.digest(), batch.author(), batch.encoded().len());
        if !self.batches.contains_key(&digest) {
            self.unverified
                .entry(digest)
                .or_insert_with(|| Arc::new(batch));
        }
        self.availability_step(AvailabilityInput::Received {
            from,
            digest,
            author,
            bytes,
        });
    }

    pub(super) fn on_batch_verified(
        &mut self,
        digest: BatchDigest,
        verified: Option<Vec<VerifiedTransaction>>,
    ) {
        let Some(batch) = self.unverified.remove(&digest) else {
            return;
        };
        let valid = verified.is_some();
        if let Some(transactions) = verified {
            assert_eq!(
                transactions.len(),
                batch.transactions().len(),
                "a verifier answers for the whole batch"
            );
            self.batches.insert(
                digest,
                Arc::new(CheckedBatch {
                    batch,
                    transactions,
                }),
            );
        }
        self.availability_step(AvailabilityInput::Verified { digest, valid });
        self.try_pending_build();
    }

    pub(super) fn on_fetch_batch(&mut self, peer: PeerId, digest: BatchDigest) {
        if self.member(peer).is_none() {
            return;
        }
        let held = self
            .batches
            .get(&digest)
            .or_else(|| self.candidate_batch(&digest));
        let (lane, message) = match held {
            Some(held) => (Lane::Bulk, NodeMessage::Batch(held.batch.encoded().clone())),
            None => (Lane::Control, NodeMessage::MissingBatch(digest)),
        };
        self.send(peer, lane, message);
    }

    pub(super) fn on_submitted(&mut self, ticket: u64, transactions: Vec<VerifiedTransaction>) {
        let mut answers = Vec::with_capacity(transactions.len());
        for transaction in transactions {
            let id = transaction.id();
            let answer = match (self.voter(), self.identity) {
                (Some(_), _) => self.mempool.insert(self.now.monotonic_ms, transaction),
                (None, None) => Err(AdmissionError::Closed {
                    reason: "it is an observer; send to a validator",
                }),
                (None, Some(_)) => Err(AdmissionError::Closed {
                    reason: "it is not in the validator set; send to a validator",
                }),
            };
            answers.push((id, answer));
        }
        self.outputs.push(Output::Admitted { ticket, answers });
    }

    pub(super) fn seal_at(&self) -> Option<u64> {
        self.voter()
            .and_then(|_| self.mempool.seal_at(self.own_batches_waiting))
    }

    pub(super) fn seal_due_batches(&mut self) {
        let Some(author) = self.voter() else { return };
        while self.seal_at().is_some_and(|at| at <= self.now.monotonic_ms) {
            let transactions = self.mempool.take_batch(self.ledger_time());
            if transactions.is_empty() {
                continue;
            }
            let encoded = transactions
                .iter()
                .map(|transaction| transaction.encoded().clone())
                .collect();
            let sequence = self.next_batch_sequence;
            self.next_batch_sequence += 1;
            let batch = Batch::seal(author, sequence, encoded);
            let batch =
                batch.unwrap_or_else(|error| unreachable!("own batches keep the limits: {error}"));
            let (digest, bytes) = (batch.digest(), batch.encoded().len());
            self.batches.insert(
                digest,
                Arc::new(CheckedBatch {
                    batch: Arc::new(batch),
                    transactions,
                }),
            );
            self.own_batches_waiting += 1;
            self.availability_step(AvailabilityInput::Sealed { digest, bytes });
        }
    }

    /// This node's idea of the ledger's time: its clock, moved as the sandbox was moved.
    pub(super) fn ledger_time(&self) -> Timestamp {
        Timestamp::from_millis(
            self.now
                .wall_ms
                .saturating_add(self.ledger.read().clock_offset_ms()),
        )
    }
}
