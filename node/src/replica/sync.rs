//! Catch-up: blocks that other nodes committed while this one was away.

use bytes::Bytes;
use talea_consensus::PeerId;
use talea_consensus::availability::AvailabilityInput;
use talea_consensus::catch_up::{CatchUpInput, CatchUpOutput};
use talea_types::CommittedBlock;
use talea_types::transaction::verify_all;

use super::blocks::Origin;
use super::{Audience, CheckedBatch, HaltReason, Lane, NodeMessage, Output, Replica};

impl Replica {
    pub(super) fn catch_up_step(&mut self, input: CatchUpInput) {
        for output in self.catch_up.step(self.now.monotonic_ms, input) {
            match output {
                CatchUpOutput::RequestBlocks { peer, from, to } => {
                    self.send(peer, Lane::Control, NodeMessage::RequestBlocks { from, to });
                }
                CatchUpOutput::CheckBlock {
                    peer,
                    height,
                    block,
                } => self.check_synced(peer, height, &block),
                CatchUpOutput::BroadcastStatus { height } => {
                    self.broadcast(
                        Audience::Everybody,
                        Lane::Control,
                        NodeMessage::Status { height },
                    );
                }
                CatchUpOutput::SendStatus { to, height } => {
                    self.send(to, Lane::Control, NodeMessage::Status { height });
                }
                CatchUpOutput::PeerFault { peer, fault } => {
                    self.disappointed(peer, fault.to_string());
                }
                CatchUpOutput::WakeAt(at) => self.catch_up_wake = Some(at),
            }
        }
    }

    pub(super) fn on_status(&mut self, from: PeerId, height: u64) {
        self.peer_heights.insert(from, height);
        if let (Some(rejoin), Some(own), Some(validator)) = (
            self.rejoin.as_mut(),
            self.identity,
            self.members_by_peer.get(&from).copied(),
        ) && let Some(vote_from) = rejoin.on_status(&self.validators, own, validator, height)
        {
            tracing::info!(
                vote_from,
                "heard how far the others are; voting again from this height"
            );
            self.rejoin = None;
            self.outputs
                .push(Output::RecordVoteFrom { height: vote_from });
            self.engine.vote_from(vote_from);
        }
        self.catch_up_step(CatchUpInput::Status { peer: from, height });
    }

    pub(super) fn on_blocks_dropped(&mut self, peer: PeerId, first: u64) {
        self.catch_up_step(CatchUpInput::BlocksDropped { peer, first });
        if let Some(first) = self.catch_up.stranded() {
            tracing::error!(
                height = self.tip.height,
                first,
                "no peer that can be reached has the next block; they have blocks from the height `first` on: begin \
                 after a newer snapshot (talea-node snapshot fetch), or add a peer that keeps all blocks"
            );
        }
    }

    /// A block that was fetched: the certificate says that a quorum decided it, execution must agree.
    fn check_synced(&mut self, peer: PeerId, height: u64, block: &Bytes) {
        if height <= self.tip.height || self.deciding.is_some() {
            // Decided by votes in the meantime; `Applied` will move catch-up on.
            return;
        }
        assert_eq!(
            height,
            self.tip.height + 1,
            "catch-up hands out blocks in order"
        );
        match self.verify_synced(block) {
            Ok(block) => self.execute_synced(block),
            Err(reason) => {
                self.fault(peer, reason);
                self.catch_up_step(CatchUpInput::BlockRefused { height });
            }
        }
    }

    fn verify_synced(
        &mut self,
        block: &Bytes,
    ) -> Result<(CommittedBlock, Vec<CheckedBatch>), String> {
        let block = CommittedBlock::decode(block).map_err(|error| error.to_string())?;
        block
            .certificate
            .verify(&self.chain, &self.validators, &mut self.keys)
            .map_err(|error| error.to_string())?;
        self.check_header(&block.body.content)
            .map_err(|reason| reason.to_string())?;
        let mut batches = Vec::with_capacity(block.body.batches.len());
        for batch in &block.body.batches {
            let transactions = super::batches::decode_transactions(&self.chain, batch)
                .ok_or_else(|| "a batch with a transaction that cannot be decoded".to_owned())?;
            let verified: Result<Vec<_>, _> = verify_all(&mut self.keys, transactions)
                .into_iter()
                .collect();
            let transactions =
                verified.map_err(|bad| format!("transaction {} is not well signed", bad.id()))?;
            batches.push(CheckedBatch {
                batch: batch.clone().into(),
                transactions,
            });
        }
        Ok((block, batches))
    }

    fn execute_synced(&mut self, (block, batches): (CommittedBlock, Vec<CheckedBatch>)) {
        let hash = block.certificate.block;
        let height = block.certificate.height;
        let digests = block.body.content.batch_digests.clone();
        self.syncing = Some((hash, block.certificate));
        if let Some(candidate) = self.candidates.get_mut(&hash) {
            if candidate.durable {
                self.on_synced_durable(hash);
            } else {
                candidate.waiting.push(Origin::Synced);
            }
            return;
        }
        let batches = batches.into_iter().map(Into::into).collect();
        if self
            .execute_candidate(hash, block.body.content, batches, Origin::Synced)
            .is_err()
        {
            self.outputs
                .push(Output::Halt(HaltReason::Divergence { height, hash }));
            return;
        }
        self.availability_step(AvailabilityInput::NotNeeded { proposal: hash });
        for digest in digests {
            self.unverified.remove(&digest);
        }
    }

    /// The body of a fetched block is durable: let the engine decide it, unless it has already.
    pub(super) fn on_synced_durable(&mut self, hash: talea_types::BlockHash) {
        if self
            .decided
            .as_ref()
            .is_some_and(|(decided, _)| *decided == hash)
        {
            return self.commit_decided(hash);
        }
        if let Some((_, certificate)) = self.syncing.take_if(|(syncing, _)| *syncing == hash) {
            self.engine_step(talea_consensus::Input::Synced { certificate });
        }
    }
}
