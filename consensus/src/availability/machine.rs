//! The machine of availability.

use std::collections::BTreeSet;

use talea_types::{BatchDigest, BlockHash, ValidatorId, ValidatorSet};

use super::{
    ACK_DIGESTS_MAX, AvailabilityInput, AvailabilityOutput, BatchFault, DiscardReason,
    PUSH_AGAIN_MS, batches::Batches, fetches::Fetches,
};
use crate::rules;

/// Availability on this node. See the module's header.
#[derive(Debug)]
pub struct Availability {
    /// An observer has none: it fetches and never acknowledges.
    identity: Option<ValidatorId>,
    set: ValidatorSet,
    now: u64,
    height: u64,
    batches: Batches,
    fetches: Fetches,
    /// Batches to acknowledge at the end of the step.
    acks: Vec<BatchDigest>,
    was_ready: bool,
    wake_at: Option<u64>,
    outputs: Vec<AvailabilityOutput>,
}

impl Availability {
    /// A machine without batches, after height `height` was committed.
    #[must_use]
    pub fn new(identity: Option<ValidatorId>, set: ValidatorSet, height: u64) -> Self {
        Self {
            identity,
            set,
            now: 0,
            height,
            batches: Batches::default(),
            fetches: Fetches::default(),
            acks: Vec::new(),
            was_ready: false,
            wake_at: None,
            outputs: Vec::new(),
        }
    }

    /// Handles one input at time `now`, milliseconds.
    pub fn step(&mut self, now: u64, input: AvailabilityInput) -> Vec<AvailabilityOutput> {
        self.now = self.now.max(now);
        match input {
            AvailabilityInput::Sealed { digest, bytes } => self.on_sealed(digest, bytes),
            AvailabilityInput::Restored {
                digest,
                author,
                bytes,
            } => self.on_restored(digest, author, bytes),
            AvailabilityInput::Received {
                from,
                digest,
                author,
                bytes,
            } => {
                self.on_received(from, digest, author, bytes);
            }
            AvailabilityInput::Verified { digest, valid } => self.on_verified(digest, valid),
            AvailabilityInput::Acked { from, digests } => self.on_acked(from, &digests),
            AvailabilityInput::Missing { from, digest } => self.fetches.lacking(from, &digest),
            AvailabilityInput::PeerConnected { validator } => self.on_connected(validator),
            AvailabilityInput::Needed {
                proposal,
                proposer,
                digests,
            } => {
                self.on_needed(proposal, proposer, &digests);
            }
            AvailabilityInput::NotNeeded { proposal } => self.fetches.drop_proposal(&proposal),
            AvailabilityInput::Committed { height, digests } => self.on_committed(height, &digests),
            AvailabilityInput::ValidatorsChanged(set) => self.on_validators(set),
            AvailabilityInput::Tick => {}
        }
        self.expire();
        self.push_again();
        self.ask();
        self.acknowledge();
        self.tell_ready();
        self.schedule();
        std::mem::take(&mut self.outputs)
    }

    /// Batches for the next block: stored here, held by a quorum, not committed. Authors take turns,
    /// beginning with another one at each height; each author's batches keep their order.
    #[must_use]
    pub fn ready_for_proposal(&self, batches_max: usize, bytes_max: usize) -> Vec<BatchDigest> {
        let mut queues: Vec<_> = self
            .batches
            .queues()
            .map(|(_, queue)| queue.filter(|digest| self.may_be_proposed(digest)))
            .collect();
        let turn = usize::try_from(self.height)
            .ok()
            .and_then(|height| height.checked_rem(queues.len()));
        queues.rotate_left(turn.unwrap_or(0));
        let mut chosen = Vec::new();
        let mut bytes = 0_usize;
        while !queues.is_empty() && chosen.len() < batches_max {
            let mut left = Vec::with_capacity(queues.len());
            for mut queue in queues {
                let Some(digest) = queue.next() else { continue };
                let size = self.batches.get(&digest).map_or(0, |batch| batch.bytes);
                let total = bytes.saturating_add(size);
                if chosen.len() < batches_max && total <= bytes_max {
                    bytes = total;
                    chosen.push(digest);
                    left.push(queue);
                }
            }
            queues = left;
        }
        chosen
    }

    fn may_be_proposed(&self, digest: &BatchDigest) -> bool {
        let ready = self.batches.is_ready(digest, &self.set);
        if !ready {
            rules::acts("C-40");
        }
        ready
    }

    /// Whether a batch is stored here and may still go into a block.
    #[must_use]
    pub fn is_stored(&self, digest: &BatchDigest) -> bool {
        self.batches.is_stored(digest)
    }

    /// Batches that a proposal names and that are not here, with who was asked for them.
    pub fn missing(&self) -> impl Iterator<Item = (BatchDigest, Vec<ValidatorId>)> {
        self.fetches.missing()
    }

    /// Whether a batch is in a block that was committed lately.
    #[must_use]
    pub fn is_committed(&self, digest: &BatchDigest) -> bool {
        self.batches.is_committed(digest)
    }

    /// Who holds batches here, as far as the others count: nobody on an observer, nor while this validator
    /// is not in the set.
    fn own(&self) -> Option<ValidatorId> {
        self.identity.filter(|own| self.set.get(own).is_some())
    }

    fn on_sealed(&mut self, digest: BatchDigest, bytes: usize) {
        let Some(own) = self.own() else { return };
        if let Err(reason) = self.batches.check_room(&digest, own, bytes, &self.set) {
            self.outputs
                .push(AvailabilityOutput::Discard { digest, reason });
            return;
        }
        self.batches
            .insert(digest, own, bytes, true, self.now, self.height);
        self.outputs
            .push(AvailabilityOutput::BroadcastBatch { digest });
        self.on_stored(digest);
    }

    fn on_restored(&mut self, digest: BatchDigest, author: ValidatorId, bytes: usize) {
        match self.batches.check_room(&digest, author, bytes, &self.set) {
            Ok(()) => {
                self.batches
                    .insert(digest, author, bytes, true, self.now, self.height);
                self.on_stored(digest);
            }
            Err(reason) => self
                .outputs
                .push(AvailabilityOutput::Discard { digest, reason }),
        }
    }

    fn on_received(
        &mut self,
        from: ValidatorId,
        digest: BatchDigest,
        author: ValidatorId,
        bytes: usize,
    ) {
        let wanted = self.fetches.is_wanted(&digest);
        match self.batches.check_room(&digest, author, bytes, &self.set) {
            Ok(()) => {}
            // What a proposal needs comes in whatever its author's share (C-41).
            Err(DiscardReason::OverQuota) if wanted => {}
            Err(reason) => {
                // The sender may have missed the acknowledgement.
                if reason == DiscardReason::Duplicate
                    && self.batches.is_stored(&digest)
                    && self.own().is_some()
                {
                    self.outputs.push(AvailabilityOutput::SendAck {
                        to: from,
                        digests: vec![digest],
                    });
                }
                if reason == DiscardReason::Committed {
                    rules::acts("C-43");
                }
                if reason == DiscardReason::OverQuota {
                    rules::acts("C-42");
                    self.blame(author, BatchFault::OverQuota);
                }
                self.outputs
                    .push(AvailabilityOutput::Discard { digest, reason });
                return;
            }
        }
        self.batches
            .insert(digest, author, bytes, false, self.now, self.height);
        self.batches.add_holder(digest, from);
        self.batches.add_holder(digest, author);
        self.fetches.arrived(&digest);
        self.outputs.push(AvailabilityOutput::Verify { digest });
    }

    fn on_verified(&mut self, digest: BatchDigest, valid: bool) {
        let Some(batch) = self.batches.get_mut(&digest) else {
            return;
        };
        if valid {
            batch.stored = true;
            self.on_stored(digest);
            return;
        }
        let author = batch.author;
        self.batches.remove(&digest);
        self.fetches.failed(&digest);
        self.outputs.push(AvailabilityOutput::Discard {
            digest,
            reason: DiscardReason::Invalid,
        });
        self.blame(author, BatchFault::InvalidBatch);
    }

    fn on_stored(&mut self, digest: BatchDigest) {
        if let Some(own) = self.own() {
            self.batches.add_holder(digest, own);
            self.acks.push(digest);
        }
        let complete = self.fetches.stored(&digest);
        self.outputs.extend(
            complete
                .into_iter()
                .map(|proposal| AvailabilityOutput::Complete { proposal }),
        );
    }

    fn on_acked(&mut self, from: ValidatorId, digests: &[BatchDigest]) {
        if self.set.get(&from).is_none() {
            return;
        }
        let mut within = true;
        for digest in digests.iter().take(ACK_DIGESTS_MAX) {
            if !self.batches.is_committed(digest) {
                within &= self.batches.add_holder(*digest, from);
            }
        }
        if !within {
            rules::acts("C-42");
            self.blame(from, BatchFault::TooManyAcks);
        }
    }

    /// Pushes what the peer does not acknowledge again, and tells it what is held here.
    fn on_connected(&mut self, validator: ValidatorId) {
        let Some(own) = self.own() else { return };
        let unheld: Vec<BatchDigest> = self
            .batches
            .of_author(own)
            .map(|(digest, _)| digest)
            .filter(|digest| {
                !self
                    .batches
                    .holders(digest)
                    .any(|holder| holder == validator)
            })
            .collect();
        self.outputs.extend(
            unheld
                .into_iter()
                .map(|digest| AvailabilityOutput::SendBatch {
                    to: validator,
                    digest,
                }),
        );
        let held: Vec<BatchDigest> = self.batches.stored().collect();
        for digests in held.chunks(ACK_DIGESTS_MAX) {
            self.outputs.push(AvailabilityOutput::SendAck {
                to: validator,
                digests: digests.to_vec(),
            });
        }
    }

    fn on_needed(&mut self, proposal: BlockHash, proposer: ValidatorId, digests: &[BatchDigest]) {
        let missing: BTreeSet<BatchDigest> = digests
            .iter()
            .filter(|digest| !self.batches.is_stored(digest))
            .copied()
            .collect();
        if missing.is_empty() {
            self.outputs.push(AvailabilityOutput::Complete { proposal });
            return;
        }
        let verifying: Vec<BatchDigest> = missing
            .iter()
            .filter(|digest| self.batches.get(digest).is_some())
            .copied()
            .collect();
        self.fetches.need(proposal, proposer, missing);
        for digest in verifying {
            self.fetches.arrived(&digest);
        }
    }

    fn on_committed(&mut self, height: u64, digests: &[BatchDigest]) {
        self.height = self.height.max(height);
        for digest in digests {
            self.batches.remove(digest);
            self.batches.commit(*digest);
        }
    }

    fn on_validators(&mut self, set: ValidatorSet) {
        let was_member = self.own().is_some();
        let left = self.batches.keep_members(&set);
        self.set = set;
        if let (false, Some(own)) = (was_member, self.own()) {
            // What came before counts from now on.
            let held: Vec<BatchDigest> = self.batches.stored().collect();
            for digest in held {
                self.batches.add_holder(digest, own);
                self.acks.push(digest);
            }
        }
        for digest in left {
            self.fetches.failed(&digest);
            self.outputs.push(AvailabilityOutput::Discard {
                digest,
                reason: DiscardReason::Stranger,
            });
        }
    }

    fn expire(&mut self) {
        for digest in self.batches.expired(self.now, self.height) {
            if !self.fetches.is_wanted(&digest) {
                rules::acts("C-42");
                self.batches.remove(&digest);
                self.outputs.push(AvailabilityOutput::Discard {
                    digest,
                    reason: DiscardReason::Expired,
                });
            }
        }
    }

    /// Pushes own batches that no quorum holds to those who are silent about them.
    fn push_again(&mut self) {
        let Some(own) = self.own() else { return };
        let due: Vec<BatchDigest> = self
            .batches
            .of_author(own)
            .filter(|(_, batch)| self.now.saturating_sub(batch.pushed_at) >= PUSH_AGAIN_MS)
            .map(|(digest, _)| digest)
            .collect();
        for digest in due {
            if let Some(batch) = self.batches.get_mut(&digest) {
                batch.pushed_at = self.now;
            }
            if self.batches.is_ready(&digest, &self.set) {
                continue;
            }
            let holders: BTreeSet<ValidatorId> = self.batches.holders(&digest).collect();
            let silent = self
                .set
                .iter()
                .map(|(id, _)| *id)
                .filter(|id| !holders.contains(id));
            self.outputs
                .extend(silent.map(|to| AvailabilityOutput::SendBatch { to, digest }));
        }
    }

    fn ask(&mut self) {
        let (batches, set, identity) = (&self.batches, &self.set, self.identity);
        let others = |digest: &BatchDigest| {
            let holders: Vec<ValidatorId> = batches.holders(digest).collect();
            holders.into_iter().chain(set.iter().map(|(id, _)| *id))
        };
        for (from, digest) in self.fetches.ask(self.now, identity, others) {
            self.outputs
                .push(AvailabilityOutput::Fetch { from, digest });
        }
    }

    fn acknowledge(&mut self) {
        let acks = std::mem::take(&mut self.acks);
        for digests in acks.chunks(ACK_DIGESTS_MAX) {
            self.outputs.push(AvailabilityOutput::BroadcastAck {
                digests: digests.to_vec(),
            });
        }
    }

    fn tell_ready(&mut self) {
        let ready = self
            .batches
            .queues()
            .any(|(_, mut queue)| queue.any(|digest| self.batches.is_ready(&digest, &self.set)));
        if ready && !self.was_ready {
            self.outputs.push(AvailabilityOutput::Ready);
        }
        self.was_ready = ready;
    }

    fn schedule(&mut self) {
        let push = self.own().and_then(|own| {
            let unready = self
                .batches
                .of_author(own)
                .filter(|(digest, _)| !self.batches.is_ready(digest, &self.set));
            unready
                .map(|(_, batch)| batch.pushed_at.saturating_add(PUSH_AGAIN_MS))
                .min()
        });
        let deadlines = [
            push,
            self.fetches.next_deadline(),
            self.batches.next_expiry(),
        ];
        let wake_at = deadlines
            .into_iter()
            .flatten()
            .filter(|time| *time > self.now)
            .min();
        if let Some(time) = wake_at
            && wake_at != self.wake_at
        {
            self.outputs.push(AvailabilityOutput::WakeAt(time));
        }
        self.wake_at = wake_at;
    }

    fn blame(&mut self, validator: ValidatorId, fault: BatchFault) {
        self.outputs
            .push(AvailabilityOutput::Fault { validator, fault });
    }
}
