//! Everything of a node that can be made again from its block log.

use std::path::Path;
use std::sync::Arc;

use super::disk::{Disk, MemDisk, StdDisk};
use super::kv::{KeyValue, KvError, MemoryStore, StoreOpened, open_or_quarantine};
use super::record_log::RecordPlace;

/// Where [`RebuildableStore::keys`] are, in a data directory.
pub const KEYS_DIRECTORY_NAME: &str = "store";
/// Where [`RebuildableStore::records`] are, in a data directory.
pub const RECORDS_DIRECTORY_NAME: &str = "records";

/// See the module. Clones are the same store.
#[derive(Clone, Debug)]
pub struct RebuildableStore {
    /// Checkpoints, indexes and the changes of the validator set.
    pub keys: Arc<dyn KeyValue>,
    /// What executing each block gave.
    pub records: RecordPlace,
}

impl RebuildableStore {
    /// Opens or creates that of a data directory, and says how the keys were found. The salt must not be predictable.
    ///
    /// # Errors
    /// [`KvError`].
    pub fn open(data: &Path, salt: [u8; 16]) -> Result<(Self, StoreOpened), KvError> {
        let (keys, how) = open_or_quarantine(&data.join(KEYS_DIRECTORY_NAME))?;
        let disk: Arc<dyn Disk> = Arc::new(StdDisk);
        let store = Self {
            keys: Arc::new(keys),
            records: RecordPlace::new(&disk, &data.join(RECORDS_DIRECTORY_NAME), salt),
        };
        Ok((store, how))
    }

    /// One that goes with the process, and uses no other disk.
    #[must_use]
    pub fn in_memory() -> Self {
        let disk: Arc<dyn Disk> = Arc::new(MemDisk::new());
        Self {
            keys: Arc::new(MemoryStore::new()),
            records: RecordPlace::new(&disk, Path::new("/records"), [0; 16]),
        }
    }
}
