//! The base of a data directory: the snapshot after which its history begins, in the place of genesis.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use talea_ledger::Ledger;
use talea_types::{BlockHeader, ChainId, ValidatorSet};

use super::RecoveryError;
use crate::snapshot::{SNAPSHOTS_DIRECTORY, SnapshotHead, SnapshotName, SnapshotReader};
use crate::storage::base::{Base, BaseRecord};
use crate::storage::disk::Disk;

/// The record, and the head of the snapshot that it names.
#[derive(Clone, Debug)]
pub struct LoadedBase {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    record: Base,
    head: SnapshotHead,
}

impl LoadedBase {
    /// Reads the record in a data directory and the head of its snapshot; `None` if history begins at genesis.
    ///
    /// # Errors
    /// [`RecoveryError::BaseRecord`], [`RecoveryError::BaseSnapshot`].
    pub fn load(disk: &Arc<dyn Disk>, directory: &Path) -> Result<Option<Self>, RecoveryError> {
        let Some(record) = BaseRecord::new(disk, directory).read()? else {
            return Ok(None);
        };
        let name = SnapshotName::of_base(&record);
        let path = directory.join(SNAPSHOTS_DIRECTORY).join(name.to_string());
        let unusable = |reason: String| RecoveryError::BaseSnapshot {
            height: record.height,
            reason,
        };
        let reader =
            SnapshotReader::open(&**disk, &path).map_err(|error| unusable(error.to_string()))?;
        let head = reader.head().clone();
        if head.name() != name {
            return Err(unusable(format!("{} holds another state", path.display())));
        }
        Ok(Some(Self {
            disk: Arc::clone(disk),
            path,
            record,
            head,
        }))
    }

    /// Height of the state.
    #[must_use]
    pub const fn height(&self) -> u64 {
        self.record.height
    }

    /// What the record says.
    #[must_use]
    pub const fn record(&self) -> &Base {
        &self.record
    }

    /// What the snapshot says of itself.
    #[must_use]
    pub const fn head(&self) -> &SnapshotHead {
        &self.head
    }

    /// Verifies that the network decided it.
    pub(super) fn verify(
        &self,
        chain: &ChainId,
        genesis_set: &ValidatorSet,
    ) -> Result<(), RecoveryError> {
        self.head
            .verify(&self.path, chain, genesis_set)
            .map_err(|error| self.unusable(&error))
    }

    /// Reads the whole state.
    ///
    /// # Errors
    /// [`RecoveryError::BaseSnapshot`].
    pub fn restore(
        &self,
        chain: &ChainId,
        genesis_set: &ValidatorSet,
    ) -> Result<Ledger, RecoveryError> {
        let restored = SnapshotReader::open(&*self.disk, &self.path)
            .and_then(|reader| reader.verify(chain, genesis_set))
            .and_then(|verified| verified.restore());
        let (_, ledger) = restored.map_err(|error| self.unusable(&error))?;
        Ok(ledger)
    }

    /// The header of a height at or below the base, if the snapshot has it.
    pub(super) fn header(&self, height: u64) -> Option<&BlockHeader> {
        self.head.header_at(height)
    }

    fn unusable(&self, error: &impl ToString) -> RecoveryError {
        RecoveryError::BaseSnapshot {
            height: self.record.height,
            reason: error.to_string(),
        }
    }
}
