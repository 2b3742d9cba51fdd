//! Where history begins, the snapshots, and what is left of the disk.

use std::{path::Path, sync::Arc};

use talea_genesis::GenesisRecord;

use super::Finding;
use crate::{
    limits::snapshot::{FREE_BYTES_LOW, FREE_BYTES_MIN},
    recovery::LoadedBase,
    snapshot::{self, SNAPSHOTS_DIRECTORY, SnapshotName, SnapshotReader},
    storage::disk::{Disk, free_bytes},
};

/// What the history of a directory begins after.
pub(super) struct Beginning {
    pub(super) finding: Option<Finding>,
    pub(super) base: Option<LoadedBase>,
    /// The block log means nothing without it.
    pub(super) unusable: bool,
}

pub(super) fn examine_base(disk: &Arc<dyn Disk>, data: &Path) -> Beginning {
    const WHAT: &str = "beginning";
    match LoadedBase::load(disk, data) {
        Ok(None) => Beginning {
            finding: None,
            base: None,
            unusable: false,
        },
        Ok(Some(base)) => {
            let height = base.height();
            let found = format!(
                "history begins after height {height}; the state there is in the snapshot {}",
                base.head().name()
            );
            Beginning {
                finding: Some(Finding::good(WHAT, found)),
                base: Some(base),
                unusable: false,
            }
        }
        // The text says what to do.
        Err(error) => Beginning {
            finding: Some(Finding::bad(WHAT, error.to_string(), None)),
            base: None,
            unusable: true,
        },
    }
}

/// Verifies every snapshot completely.
pub(super) fn examine_snapshots(
    disk: &Arc<dyn Disk>,
    data: &Path,
    genesis: Option<&GenesisRecord>,
    base: Option<&LoadedBase>,
) -> Vec<Finding> {
    const WHAT: &str = "snapshot";
    let directory = data.join(SNAPSHOTS_DIRECTORY);
    let names = match snapshot::list(&**disk, &directory) {
        Ok(names) => names,
        Err(error) => return vec![Finding::bad(WHAT, error.to_string(), None)],
    };
    let Some(genesis) = genesis else {
        return Vec::new();
    };
    let examine = |name: &SnapshotName| {
        let path = directory.join(name.to_string());
        let verified = SnapshotReader::open(&**disk, &path)
            .and_then(|reader| reader.verify(&genesis.chain_id(), genesis.validator_set()))
            .and_then(|verified| verified.restore());
        let is_base = base.is_some_and(|base| base.head().name() == *name);
        match verified {
            Ok((head, _)) if head.name() == *name => {
                Finding::good(WHAT, format!("height {}, verified", name.height))
            }
            Ok(_) => {
                let found = format!("{} holds another state", path.display());
                Finding::bad(WHAT, found, Some("remove it"))
            }
            Err(error) if is_base => {
                let advice = "history begins after it: put another copy of it here, from another node or a backup; \
                              until then a damaged index store cannot be rebuilt";
                Finding::bad(WHAT, error.to_string(), Some(advice))
            }
            Err(error) => {
                let advice =
                    "remove it, check the disk, and make another: talea-node snapshot create";
                Finding::bad(WHAT, error.to_string(), Some(advice))
            }
        }
    };
    names.iter().map(examine).collect()
}

pub(super) fn examine_space(data: &Path) -> Finding {
    const WHAT: &str = "disk";
    const ADVICE: &str = "make room: a node whose write fails ends itself; do not remove anything from `blocks` or \
         `consensus` by hand, but talea-node prune drops old blocks";
    match free_bytes(data) {
        Err(error) => Finding::bad(WHAT, format!("cannot ask for free space: {error}"), None),
        Ok(free) => space(free, ADVICE),
    }
}

fn space(free: u64, advice: &str) -> Finding {
    const WHAT: &str = "disk";
    let found = format!("{} MiB are free", free >> 20);
    match free {
        0..FREE_BYTES_MIN => Finding::bad(WHAT, found, Some(advice)),
        FREE_BYTES_MIN..FREE_BYTES_LOW => Finding::note(WHAT, found, advice),
        _ => Finding::good(WHAT, found),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Severity;
    use super::*;

    #[test]
    fn little_room_is_told_before_none_is() {
        let severity = |free| space(free, "make room").severity;
        assert_eq!(severity(FREE_BYTES_LOW), Severity::Good);
        assert_eq!(severity(FREE_BYTES_LOW - 1), Severity::Note);
        assert_eq!(severity(FREE_BYTES_MIN - 1), Severity::Bad);
    }
}
