//! The batches that are here, who holds them, and what they use of their author's share.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use talea_types::{BatchDigest, ValidatorId, ValidatorSet};

use super::{
    BATCH_EXPIRY_HEIGHTS, BATCH_EXPIRY_MS, BATCH_POOL_BYTES_MAX, BATCHES_PER_AUTHOR_MAX,
    COMMITTED_DIGESTS_MAX, DiscardReason, EARLY_ACKS_PER_VALIDATOR_MAX,
};

/// A batch that is here.
#[derive(Debug, Clone)]
pub struct Batch {
    pub author: ValidatorId,
    pub bytes: usize,
    /// Verified and stored.
    pub stored: bool,
    /// Order of arrival.
    sequence: u64,
    arrived_at: u64,
    arrived_height: u64,
    /// Own batches: when it was pushed last.
    pub pushed_at: u64,
}

/// All uncommitted batches, and what is remembered of the committed ones.
#[derive(Debug, Default)]
pub struct Batches {
    batches: BTreeMap<BatchDigest, Batch>,
    /// Of each author, in order of arrival.
    queues: BTreeMap<ValidatorId, BTreeMap<u64, BatchDigest>>,
    /// Bytes of each author.
    used: BTreeMap<ValidatorId, usize>,
    /// Who says that it holds a batch, here or not.
    holders: BTreeMap<BatchDigest, BTreeSet<ValidatorId>>,
    /// Digests that a validator acknowledged and that are not here, oldest first.
    early: BTreeMap<ValidatorId, VecDeque<BatchDigest>>,
    committed: BTreeSet<BatchDigest>,
    committed_order: VecDeque<BatchDigest>,
    next_sequence: u64,
}

impl Batches {
    /// A batch that is here.
    pub fn get(&self, digest: &BatchDigest) -> Option<&Batch> {
        self.batches.get(digest)
    }

    /// Whether it is here, verified and stored.
    pub fn is_stored(&self, digest: &BatchDigest) -> bool {
        self.batches.get(digest).is_some_and(|batch| batch.stored)
    }

    /// Why a batch of `bytes` bytes by `author` may not come in.
    pub fn check_room(
        &self,
        digest: &BatchDigest,
        author: ValidatorId,
        bytes: usize,
        set: &ValidatorSet,
    ) -> Result<(), DiscardReason> {
        if self.committed.contains(digest) {
            return Err(DiscardReason::Committed);
        }
        if self.batches.contains_key(digest) {
            return Err(DiscardReason::Duplicate);
        }
        if set.get(&author).is_none() {
            return Err(DiscardReason::Stranger);
        }
        let share = BATCH_POOL_BYTES_MAX.checked_div(set.len()).unwrap_or(0);
        let used = self
            .used
            .get(&author)
            .copied()
            .unwrap_or(0)
            .saturating_add(bytes);
        let count = self.queues.get(&author).map_or(0, BTreeMap::len);
        if used > share || count >= BATCHES_PER_AUTHOR_MAX {
            return Err(DiscardReason::OverQuota);
        }
        Ok(())
    }

    /// Takes a batch in.
    pub fn insert(
        &mut self,
        digest: BatchDigest,
        author: ValidatorId,
        bytes: usize,
        stored: bool,
        now: u64,
        height: u64,
    ) {
        let sequence = self.next_sequence;
        self.next_sequence = sequence.saturating_add(1);
        let used = self.used.entry(author).or_default();
        *used = used.saturating_add(bytes);
        self.queues
            .entry(author)
            .or_default()
            .insert(sequence, digest);
        let batch = Batch {
            author,
            bytes,
            stored,
            sequence,
            arrived_at: now,
            arrived_height: height,
            pushed_at: now,
        };
        self.batches.insert(digest, batch);
        for early in self.early.values_mut() {
            early.retain(|known| *known != digest);
        }
    }

    /// It is verified and stored, or was pushed.
    pub fn get_mut(&mut self, digest: &BatchDigest) -> Option<&mut Batch> {
        self.batches.get_mut(digest)
    }

    /// Removes a batch and what was said about it.
    pub fn remove(&mut self, digest: &BatchDigest) -> Option<Batch> {
        self.holders.remove(digest);
        let batch = self.batches.remove(digest)?;
        if let Some(used) = self.used.get_mut(&batch.author) {
            *used = used.saturating_sub(batch.bytes);
        }
        if let Some(queue) = self.queues.get_mut(&batch.author) {
            queue.remove(&batch.sequence);
        }
        Some(batch)
    }

    /// A batch is in a block.
    pub fn commit(&mut self, digest: BatchDigest) {
        if self.committed.insert(digest) {
            self.committed_order.push_back(digest);
        }
        while self.committed_order.len() > COMMITTED_DIGESTS_MAX {
            if let Some(oldest) = self.committed_order.pop_front() {
                self.committed.remove(&oldest);
            }
        }
    }

    /// Whether it is in a block already.
    pub fn is_committed(&self, digest: &BatchDigest) -> bool {
        self.committed.contains(digest)
    }

    /// A validator holds a batch. Returns false when it says so of too many that are not here; then its
    /// oldest such word is forgotten.
    pub fn add_holder(&mut self, digest: BatchDigest, validator: ValidatorId) -> bool {
        let mut within = true;
        if !self.batches.contains_key(&digest) {
            let early = self.early.entry(validator).or_default();
            if early.contains(&digest) {
                return true;
            }
            early.push_back(digest);
            if early.len() > EARLY_ACKS_PER_VALIDATOR_MAX {
                within = false;
                if let Some(oldest) = early.pop_front() {
                    self.remove_holder(&oldest, &validator);
                }
            }
        }
        self.holders.entry(digest).or_default().insert(validator);
        within
    }

    fn remove_holder(&mut self, digest: &BatchDigest, validator: &ValidatorId) {
        if let Some(holders) = self.holders.get_mut(digest) {
            holders.remove(validator);
            if holders.is_empty() {
                self.holders.remove(digest);
            }
        }
    }

    /// Who says that it holds a batch, ascending.
    pub fn holders(&self, digest: &BatchDigest) -> impl Iterator<Item = ValidatorId> {
        self.holders.get(digest).into_iter().flatten().copied()
    }

    /// Whether it is here and a quorum of `set` holds it.
    pub fn is_ready(&self, digest: &BatchDigest, set: &ValidatorSet) -> bool {
        let power = |validator: ValidatorId| set.get(&validator).map_or(0, |member| member.power);
        let held = self.holders(digest).map(power).fold(0, u64::saturating_add);
        self.is_stored(digest) && set.is_quorum(held)
    }

    /// Batches in order of arrival, of each author.
    pub fn queues(&self) -> impl Iterator<Item = (ValidatorId, impl Iterator<Item = BatchDigest>)> {
        self.queues
            .iter()
            .map(|(author, queue)| (*author, queue.values().copied()))
    }

    /// Batches of one author, in order of arrival.
    pub fn of_author(&self, author: ValidatorId) -> impl Iterator<Item = (BatchDigest, &Batch)> {
        let queue = self
            .queues
            .get(&author)
            .into_iter()
            .flat_map(BTreeMap::values);
        queue.filter_map(|digest| Some((*digest, self.batches.get(digest)?)))
    }

    /// Stored batches.
    pub fn stored(&self) -> impl Iterator<Item = BatchDigest> {
        self.batches
            .iter()
            .filter(|(_, batch)| batch.stored)
            .map(|(digest, _)| *digest)
    }

    /// Batches that have been here for too long.
    pub fn expired(&self, now: u64, height: u64) -> Vec<BatchDigest> {
        let old = |batch: &Batch| {
            now.saturating_sub(batch.arrived_at) >= BATCH_EXPIRY_MS
                || height.saturating_sub(batch.arrived_height) >= BATCH_EXPIRY_HEIGHTS
        };
        self.batches
            .iter()
            .filter(|(_, batch)| old(batch))
            .map(|(digest, _)| *digest)
            .collect()
    }

    /// When the oldest batch expires.
    pub fn next_expiry(&self) -> Option<u64> {
        self.batches
            .values()
            .map(|batch| batch.arrived_at.saturating_add(BATCH_EXPIRY_MS))
            .min()
    }

    /// Forgets what validators that left said and made. Returns their batches.
    pub fn keep_members(&mut self, set: &ValidatorSet) -> Vec<BatchDigest> {
        self.early
            .retain(|validator, _| set.get(validator).is_some());
        let left: Vec<BatchDigest> = self
            .batches
            .iter()
            .filter(|(_, batch)| set.get(&batch.author).is_none())
            .map(|(digest, _)| *digest)
            .collect();
        for digest in &left {
            self.remove(digest);
        }
        self.queues
            .retain(|validator, _| set.get(validator).is_some());
        self.used
            .retain(|validator, _| set.get(validator).is_some());
        for holders in self.holders.values_mut() {
            holders.retain(|validator| set.get(validator).is_some());
        }
        self.holders.retain(|_, holders| !holders.is_empty());
        left
    }
}
