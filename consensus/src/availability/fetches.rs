//! Batches that a proposal needs and that are not here.

use std::collections::{BTreeMap, BTreeSet};

use talea_types::{
    BatchDigest, BlockHash, ValidatorId,
    planted::{self, Bug},
};

use super::{FETCH_TIMEOUT_MS, PROPOSALS_MAX};
use crate::rules;

/// A proposal that waits for batches.
#[derive(Debug)]
struct Proposal {
    missing: BTreeSet<BatchDigest>,
    /// Order of arrival, to drop the oldest.
    sequence: u64,
}

/// A batch that is asked for.
#[derive(Debug, Default)]
struct Fetch {
    /// Who proposed something that needs it: must have it.
    proposers: BTreeSet<ValidatorId>,
    /// Who was asked in this turn.
    asked: BTreeSet<ValidatorId>,
    /// Who was asked last and has not answered.
    waiting_for: Option<ValidatorId>,
    /// When the next one is asked; 0 for at once.
    deadline: u64,
    /// It came and is being verified.
    arrived: bool,
}

impl Fetch {
    /// Whoever was asked does not help.
    fn pass_on(&mut self) {
        self.waiting_for = None;
        self.deadline = 0;
    }
}

/// All fetches.
#[derive(Debug, Default)]
pub struct Fetches {
    proposals: BTreeMap<BlockHash, Proposal>,
    fetches: BTreeMap<BatchDigest, Fetch>,
    next_sequence: u64,
}

impl Fetches {
    /// A proposal needs these batches, none of which is stored here.
    pub fn need(
        &mut self,
        proposal: BlockHash,
        proposer: ValidatorId,
        missing: BTreeSet<BatchDigest>,
    ) {
        for digest in &missing {
            self.fetches
                .entry(*digest)
                .or_default()
                .proposers
                .insert(proposer);
        }
        let sequence = self.next_sequence;
        self.next_sequence = sequence.saturating_add(1);
        self.proposals
            .insert(proposal, Proposal { missing, sequence });
        if self.proposals.len() > PROPOSALS_MAX {
            let oldest = self
                .proposals
                .iter()
                .min_by_key(|(_, waiting)| waiting.sequence)
                .map(|(hash, _)| *hash);
            if let Some(oldest) = oldest {
                self.drop_proposal(&oldest);
            }
        }
    }

    /// Nobody waits for this proposal any more.
    pub fn drop_proposal(&mut self, proposal: &BlockHash) {
        self.proposals.remove(proposal);
        let proposals = &self.proposals;
        self.fetches.retain(|digest, _| {
            proposals
                .values()
                .any(|waiting| waiting.missing.contains(digest))
        });
    }

    /// Whether a proposal waits for this batch.
    pub fn is_wanted(&self, digest: &BatchDigest) -> bool {
        self.fetches.contains_key(digest)
    }

    /// It came and is being verified: nobody else is asked meanwhile.
    pub fn arrived(&mut self, digest: &BatchDigest) {
        if let Some(fetch) = self.fetches.get_mut(digest) {
            fetch.arrived = true;
        }
    }

    /// What came was not valid: the next one is asked.
    pub fn failed(&mut self, digest: &BatchDigest) {
        if let Some(fetch) = self.fetches.get_mut(digest) {
            fetch.arrived = false;
            fetch.pass_on();
        }
    }

    /// A validator says that it has nothing: the next one is asked, if this one was being waited for.
    /// Otherwise every copy of an answer would make another question.
    pub fn lacking(&mut self, from: ValidatorId, digest: &BatchDigest) {
        if let Some(fetch) = self.fetches.get_mut(digest)
            && (fetch.waiting_for == Some(from) || planted::is(Bug::AnswersUnmatched))
        {
            fetch.pass_on();
        }
    }

    /// It is stored. Returns the proposals that have all their batches now.
    pub fn stored(&mut self, digest: &BatchDigest) -> Vec<BlockHash> {
        self.fetches.remove(digest);
        let mut complete = Vec::new();
        for (hash, waiting) in &mut self.proposals {
            if waiting.missing.remove(digest) && waiting.missing.is_empty() {
                complete.push(*hash);
            }
        }
        for hash in &complete {
            self.proposals.remove(hash);
        }
        complete
    }

    /// Chooses whom to ask now: `others` gives who else may hold a batch. When everybody was asked, it
    /// starts over after a pause.
    pub fn ask<I>(
        &mut self,
        now: u64,
        own: Option<ValidatorId>,
        others: impl Fn(&BatchDigest) -> I,
    ) -> Vec<(ValidatorId, BatchDigest)>
    where
        I: Iterator<Item = ValidatorId>,
    {
        let mut questions = Vec::new();
        for (digest, fetch) in &mut self.fetches {
            if fetch.arrived || fetch.deadline > now {
                continue;
            }
            let answered = fetch.waiting_for.take().is_none();
            fetch.deadline = now.saturating_add(FETCH_TIMEOUT_MS);
            let mut candidates: Vec<ValidatorId> = fetch.proposers.iter().copied().collect();
            for other in others(digest) {
                if !candidates.contains(&other) {
                    candidates.push(other);
                }
            }
            candidates.retain(|candidate| Some(*candidate) != own);
            if candidates
                .iter()
                .all(|candidate| fetch.asked.contains(candidate))
            {
                fetch.asked.clear();
                // Answers that nobody has it come as fast as they are asked for.
                if answered && !planted::is(Bug::AnswersUnmatched) {
                    continue;
                }
            }
            if let Some(next) = candidates
                .into_iter()
                .find(|candidate| !fetch.asked.contains(candidate))
            {
                if !fetch.asked.is_empty() {
                    rules::acts("C-41");
                }
                fetch.asked.insert(next);
                fetch.waiting_for = Some(next);
                questions.push((next, *digest));
            }
        }
        questions
    }

    /// Batches that are asked for and have not come, with who was asked.
    pub fn missing(&self) -> impl Iterator<Item = (BatchDigest, Vec<ValidatorId>)> {
        self.fetches
            .iter()
            .filter(|(_, fetch)| !fetch.arrived)
            .map(|(digest, fetch)| (*digest, fetch.asked.iter().copied().collect()))
    }

    /// When somebody else is asked.
    pub fn next_deadline(&self) -> Option<u64> {
        self.fetches
            .values()
            .filter(|fetch| !fetch.arrived)
            .map(|fetch| fetch.deadline)
            .min()
    }
}
