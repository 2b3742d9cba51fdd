//! Contents of the blocks proposed at the running height, and what the host said about them.
//!
//! Bounded: at most [`CONTENTS_MAX`] candidates are kept. What may still be proposed again or decided
//! (valid content of the lock, content of the running round) is dropped last.

use std::collections::BTreeMap;

use bytes::Bytes;
use talea_types::{BlockHash, Hash, ValidatorId};

/// Most contents kept at one height.
pub const CONTENTS_MAX: usize = 64;

/// What the host said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing yet.
    Unknown,
    /// It can be voted for.
    Valid,
    /// It cannot, for now.
    Invalid,
}

/// One content that was proposed for a block.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The host's encoding.
    pub bytes: Bytes,
    /// The last round it was proposed in.
    pub round: u32,
    /// Who proposed it there.
    pub proposer: ValidatorId,
    /// What the host said.
    pub standing: Standing,
}

/// Contents by block and digest. A proposer may send wrong content under the hash of a good block, so
/// one block can have several.
#[derive(Debug, Default)]
pub struct Contents {
    candidates: BTreeMap<(BlockHash, Hash), Candidate>,
}

impl Contents {
    /// Takes in a content. Returns whether the host must be asked about it: when it has not judged, or
    /// when it called invalid what is proposed again on the strength of a quorum (`reconsider`).
    pub fn insert(
        &mut self,
        hash: BlockHash,
        digest: Hash,
        candidate: &Candidate,
        lock: Option<BlockHash>,
        reconsider: bool,
    ) -> bool {
        let known = self
            .candidates
            .entry((hash, digest))
            .or_insert_with(|| candidate.clone());
        known.round = known.round.max(candidate.round);
        known.proposer = candidate.proposer;
        if candidate.standing == Standing::Valid {
            known.standing = Standing::Valid;
        }
        if reconsider && known.standing == Standing::Invalid {
            known.standing = Standing::Unknown;
        }
        let ask = known.standing == Standing::Unknown;
        while self.candidates.len() > CONTENTS_MAX {
            let Some(oldest) = self.oldest(lock) else {
                break;
            };
            self.candidates.remove(&oldest);
        }
        ask && self.candidates.contains_key(&(hash, digest))
    }

    /// What may be dropped first: not the lock's, then the invalid, then the longest not proposed.
    fn oldest(&self, lock: Option<BlockHash>) -> Option<(BlockHash, Hash)> {
        let worth = |((hash, _), candidate): &(&(BlockHash, Hash), &Candidate)| {
            let locked = candidate.standing == Standing::Valid && lock == Some(*hash);
            (
                locked,
                candidate.standing != Standing::Invalid,
                candidate.round,
            )
        };
        self.candidates
            .iter()
            .min_by_key(worth)
            .map(|(key, _)| *key)
    }

    /// Records the host's verdict about a content. Invalid may become valid later, never the reverse.
    /// `None` when the content is not known (any more) or nothing changes.
    pub fn judge(&mut self, hash: BlockHash, digest: Hash, valid: bool) -> Option<&Candidate> {
        let candidate = self.candidates.get_mut(&(hash, digest))?;
        let standing = match (candidate.standing, valid) {
            (Standing::Unknown | Standing::Invalid, true) => Standing::Valid,
            (Standing::Unknown, false) => Standing::Invalid,
            (Standing::Invalid, false) | (Standing::Valid, _) => return None,
        };
        candidate.standing = standing;
        Some(candidate)
    }

    /// Content that the host called valid.
    pub fn valid(&self, hash: BlockHash) -> Option<(Hash, &Candidate)> {
        self.candidates
            .range((hash, Hash::ZERO)..=(hash, Hash([0xff; 32])))
            .find(|(_, candidate)| candidate.standing == Standing::Valid)
            .map(|((_, digest), candidate)| (*digest, candidate))
    }

    /// Contents that the host has not judged, to ask again after a restart.
    pub fn unknown(&self) -> impl Iterator<Item = (BlockHash, Hash, &Candidate)> {
        self.candidates
            .iter()
            .filter(|(_, candidate)| candidate.standing == Standing::Unknown)
            .map(|((hash, digest), candidate)| (*hash, *digest, candidate))
    }

    /// Forgets everything, for the next height.
    pub fn clear(&mut self) {
        self.candidates.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u8) -> BlockHash {
        BlockHash::new(Hash([number; 32]))
    }

    fn candidate(round: u32) -> Candidate {
        let proposer = ValidatorId::from_bytes([1; 16]);
        Candidate {
            bytes: Bytes::new(),
            round,
            proposer,
            standing: Standing::Unknown,
        }
    }

    #[test]
    fn wrong_content_under_a_good_hash_does_not_spoil_the_right_one() {
        let mut contents = Contents::default();
        let (wrong, right) = (Hash([1; 32]), Hash([2; 32]));
        assert!(contents.insert(hash(7), wrong, &candidate(0), None, false));
        assert!(contents.judge(hash(7), wrong, false).is_some());
        assert!(
            !contents.insert(hash(7), wrong, &candidate(1), None, false),
            "asked already"
        );
        assert!(contents.valid(hash(7)).is_none());
        assert!(contents.insert(hash(7), right, &candidate(1), None, false));
        assert!(contents.judge(hash(7), right, true).is_some());
        assert_eq!(
            contents.valid(hash(7)).map(|(digest, _)| digest),
            Some(right)
        );
    }

    #[test]
    fn a_quorum_has_the_host_asked_again_about_what_it_refused() {
        let mut contents = Contents::default();
        let digest = Hash([1; 32]);
        contents.insert(hash(7), digest, &candidate(0), None, false);
        contents.judge(hash(7), digest, false);
        assert!(contents.insert(hash(7), digest, &candidate(1), None, true));
        contents.judge(hash(7), digest, true);
        assert!(
            !contents.insert(hash(7), digest, &candidate(2), None, true),
            "valid stays valid"
        );
    }

    #[test]
    fn invalid_may_become_valid_and_never_the_reverse() {
        let mut contents = Contents::default();
        let digest = Hash([1; 32]);
        contents.insert(hash(7), digest, &candidate(0), None, false);
        assert!(contents.judge(hash(7), digest, false).is_some());
        assert!(contents.judge(hash(7), digest, true).is_some());
        assert!(contents.judge(hash(7), digest, false).is_none());
        assert!(contents.valid(hash(7)).is_some());
        assert!(
            contents.judge(hash(8), digest, true).is_none(),
            "nobody proposed it"
        );
    }

    #[test]
    fn the_lock_survives_a_flood() {
        let mut contents = Contents::default();
        let digest = Hash([1; 32]);
        contents.insert(hash(0), digest, &candidate(0), None, false);
        contents.judge(hash(0), digest, true);
        for round in 1..=200 {
            contents.insert(
                hash(round),
                digest,
                &candidate(u32::from(round)),
                Some(hash(0)),
                false,
            );
            contents.judge(hash(round), digest, round % 2 == 0);
        }
        assert!(contents.valid(hash(0)).is_some());
        assert!(contents.valid(hash(200)).is_some(), "the newest");
        assert_eq!(contents.candidates.len(), CONTENTS_MAX);
    }
}
