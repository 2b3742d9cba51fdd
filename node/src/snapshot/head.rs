//! What a snapshot says of itself, and how it is shown to be what the network decided.

use std::path::Path;

use talea_consensus::EngineConfig;
use talea_types::crypto::KeyCache;
use talea_types::receipt::{FinalityProof, ProofError, SetChange};
use talea_types::{BlockHash, BlockHeader, Certificate, ChainId, ValidatorSet};

use super::{SnapshotError, SnapshotName};

/// Everything of a snapshot but the objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotHead {
    /// The header at the height, its certificate, and how the genesis validators lead to them.
    pub finality: FinalityProof,
    /// Headers directly below, ascending: those that the schedule of proposers depends on.
    pub trail: Vec<BlockHeader>,
}

impl SnapshotHead {
    /// Height and root.
    #[must_use]
    pub fn name(&self) -> SnapshotName {
        SnapshotName {
            height: self.header().height,
            root: self.header().state_root,
        }
    }

    /// Height of the state.
    #[must_use]
    pub const fn height(&self) -> u64 {
        self.finality.header.height
    }

    /// The header decided at the height.
    #[must_use]
    pub const fn header(&self) -> &BlockHeader {
        &self.finality.header
    }

    /// Its certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.finality.certificate
    }

    /// The hash of the header.
    #[must_use]
    pub fn hash(&self) -> BlockHash {
        self.finality.header.hash()
    }

    /// The header of a height, if it is here.
    #[must_use]
    pub fn header_at(&self, height: u64) -> Option<&BlockHeader> {
        let headers = self.trail.iter().chain([self.header()]);
        headers.rev().find(|header| header.height == height)
    }

    /// The set that decided the height.
    #[must_use]
    pub fn validators<'a>(&'a self, genesis_set: &'a ValidatorSet) -> &'a ValidatorSet {
        let last = self.finality.set_changes.last();
        last.map_or(genesis_set, |change| &change.next)
    }

    /// Every change of the set up to the height and at it; `next` decides the height above.
    #[must_use]
    pub fn set_changes(&self, next: &ValidatorSet) -> Vec<SetChange> {
        let mut changes = self.finality.set_changes.clone();
        let header = self.header();
        if header.next_validators_hash != header.validators_hash {
            changes.push(SetChange {
                header: header.clone(),
                certificate: self.certificate().clone(),
                next: next.clone(),
            });
        }
        changes
    }

    /// The first height whose header the schedule of the next height depends on.
    #[must_use]
    pub fn trail_start(header: &BlockHeader, set_changes: &[SetChange]) -> u64 {
        let next = header.height.saturating_add(1);
        let since = match set_changes.last() {
            _ if header.next_validators_hash != header.validators_hash => next,
            Some(change) => change.header.height.saturating_add(1),
            None => 1,
        };
        EngineConfig::history_start(next, since).saturating_add(1)
    }

    /// Verifies that the network decided this header, and that the headers below it are its forebears, as many
    /// as a node needs to go on. `path` is for errors.
    ///
    /// # Errors
    /// [`SnapshotError`].
    pub fn verify(
        &self,
        path: &Path,
        chain: &ChainId,
        genesis_set: &ValidatorSet,
    ) -> Result<(), SnapshotError> {
        let header = self.header();
        if header.chain != *chain {
            return Err(SnapshotError::OtherNetwork {
                path: path.to_owned(),
                expected: *chain,
                found: header.chain,
            });
        }
        self.finality
            .verify(chain, genesis_set, &mut KeyCache::new())
            .map_err(|source| match source {
                ProofError::OtherChain {
                    expected, found, ..
                } => SnapshotError::OtherNetwork {
                    path: path.to_owned(),
                    expected,
                    found,
                },
                source => SnapshotError::Unproved {
                    path: path.to_owned(),
                    source: Box::new(source),
                },
            })?;
        let refused = |reason: String| SnapshotError::Headers {
            path: path.to_owned(),
            reason,
        };
        let mut above = header;
        for below in self.trail.iter().rev() {
            if below.height.checked_add(1) != Some(above.height) || below.hash() != above.parent {
                return Err(refused(format!(
                    "the header below height {} is not its parent",
                    above.height
                )));
            }
            above = below;
        }
        let needed = Self::trail_start(header, &self.finality.set_changes);
        if above.height > needed.min(header.height) {
            return Err(refused(format!(
                "headers from height {needed} on are needed and it has them from {} on",
                above.height
            )));
        }
        Ok(())
    }
}
