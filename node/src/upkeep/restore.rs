//! A data directory without blocks begins after a snapshot.
//!
//! One door for every snapshot that comes from elsewhere, whoever brought it: what is verified is the file that will be
//! used, in the directory where it will be used, and the record of the base is written after that.

use std::path::Path;
use std::sync::Arc;

use talea_types::{ChainId, ValidatorSet};

use super::UpkeepError;
use crate::snapshot::{self, SNAPSHOTS_DIRECTORY, SnapshotError, SnapshotName, SnapshotReader};
use crate::storage::base::{BASE_FILE_NAME, Base, BaseRecord};
use crate::storage::disk::Disk;
use crate::storage::rebuildable::KEYS_DIRECTORY_NAME;

/// Verifies a snapshot and makes a data directory without blocks begin after a copy of it. What the validator voted, if
/// there is a record of it, stays as it is.
///
/// # Errors
/// [`UpkeepError`]: nothing has changed that a node would use.
pub fn restore(
    disk: &Arc<dyn Disk>,
    file: &Path,
    data: &Path,
    chain: &ChainId,
    genesis_set: &ValidatorSet,
) -> Result<SnapshotName, UpkeepError> {
    check_vacant(disk, data)?;
    let name = verify_completely(&**disk, file, chain, genesis_set)?;
    let copied = snapshot::copy(&**disk, file, &data.join(SNAPSHOTS_DIRECTORY), name)?;
    // What is used is the copy.
    begin_after(disk, &copied, data, chain, genesis_set)
}

/// Verifies a file in the directory of snapshots, gives it the name of what it is and makes a data directory without
/// blocks begin after it. The file must be durable.
///
/// # Errors
/// [`UpkeepError`]: nothing has changed that a node would use.
pub fn begin_after(
    disk: &Arc<dyn Disk>,
    file: &Path,
    data: &Path,
    chain: &ChainId,
    genesis_set: &ValidatorSet,
) -> Result<SnapshotName, UpkeepError> {
    check_vacant(disk, data)?;
    let name = verify_completely(&**disk, file, chain, genesis_set)?;
    let named = data.join(SNAPSHOTS_DIRECTORY).join(name.to_string());
    if named != file {
        snapshot::rename_durably(&**disk, file, &named)?;
    }
    BaseRecord::new(disk, data).write(&Base {
        height: name.height,
        root: name.root.0,
        first_segment: 0,
    })?;
    Ok(name)
}

/// Checks that a data directory has no blocks and begins nowhere.
///
/// # Errors
/// [`UpkeepError::Occupied`] naming what is there.
pub fn check_vacant(disk: &Arc<dyn Disk>, data: &Path) -> Result<(), UpkeepError> {
    for name in ["blocks", KEYS_DIRECTORY_NAME] {
        let path = data.join(name);
        if disk.list(&path).is_ok_and(|files| !files.is_empty()) {
            return Err(UpkeepError::Occupied { path });
        }
    }
    if BaseRecord::new(disk, data).read()?.is_some() {
        let path = data.join(BASE_FILE_NAME);
        return Err(UpkeepError::Occupied { path });
    }
    Ok(())
}

/// Certificates from genesis to the header, and objects that give its state root.
fn verify_completely(
    disk: &dyn Disk,
    file: &Path,
    chain: &ChainId,
    genesis_set: &ValidatorSet,
) -> Result<SnapshotName, SnapshotError> {
    let verified = SnapshotReader::open(disk, file)?.verify(chain, genesis_set)?;
    let (head, _) = verified.restore()?;
    Ok(head.name())
}
