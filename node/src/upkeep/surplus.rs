//! Which snapshots stay.

use std::path::Path;
use std::sync::Arc;

use super::{PruneError, Retention};
use crate::limits::snapshot::SNAPSHOTS_KEPT;
use crate::snapshot::{self, SNAPSHOTS_DIRECTORY, SnapshotName};
use crate::storage::base::BaseRecord;
use crate::storage::disk::Disk;

/// Removes the snapshots of a data directory that nobody needs any more. Nobody may be choosing a base meanwhile.
///
/// # Errors
/// [`PruneError::Base`], [`PruneError::Snapshot`].
pub(super) fn remove_surplus(
    disk: &Arc<dyn Disk>,
    data: &Path,
    retention: Option<Retention>,
) -> Result<(), PruneError> {
    let directory = data.join(SNAPSHOTS_DIRECTORY);
    let base = BaseRecord::new(disk, data).read()?;
    let base = base.map(|base| SnapshotName::of_base(&base));
    let names = snapshot::list(&**disk, &directory)?;
    for name in surplus(&names, base, retention) {
        snapshot::remove(&**disk, &directory, name)?;
    }
    Ok(())
}

/// Those of `names`, ascending, that go: all but the newest ones, the base and, where old blocks are to be dropped, the
/// oldest above the base. That one grows old enough to be the next base; the newest, replaced again and again, never do.
fn surplus(
    names: &[SnapshotName],
    base: Option<SnapshotName>,
    retention: Option<Retention>,
) -> Vec<SnapshotName> {
    let above_base = |name: &&SnapshotName| base.is_none_or(|base| name.height > base.height);
    let next_base = retention.and_then(|_| names.iter().find(above_base).copied());
    let older = names.len().saturating_sub(SNAPSHOTS_KEPT);
    let goes = |name: &SnapshotName| base != Some(*name) && next_base != Some(*name);
    names.iter().take(older).copied().filter(goes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use talea_types::Hash;

    const KEEP: Retention = Retention {
        blocks: 50,
        days: 0,
    };

    fn name(height: u64) -> SnapshotName {
        SnapshotName {
            height,
            root: Hash([1; 32]),
        }
    }

    /// Heights that stay of these.
    fn stay(heights: &[u64], base: Option<u64>, retention: Option<Retention>) -> Vec<u64> {
        let names: Vec<SnapshotName> = heights.iter().copied().map(name).collect();
        let gone = surplus(&names, base.map(name), retention);
        let stays = names.iter().filter(|name| !gone.contains(name));
        stays.map(|name| name.height).collect()
    }

    #[test]
    fn who_keeps_all_blocks_keeps_the_newest_snapshots_and_the_base() {
        assert_eq!(stay(&[10, 20, 30], None, None), [10, 20, 30]);
        assert_eq!(stay(&[10, 20, 30, 40, 50], None, None), [30, 40, 50]);
        assert_eq!(stay(&[10, 20, 30, 40], Some(10), None), [10, 20, 30, 40]);
        assert_eq!(
            stay(&[10, 20, 30, 40, 50], Some(20), None),
            [20, 30, 40, 50]
        );
    }

    #[test]
    fn who_drops_blocks_keeps_the_next_base_until_it_is_one() {
        let drops = Some(KEEP);
        assert_eq!(
            stay(&[10, 20, 30, 40, 50], None, drops),
            [10, 30, 40, 50],
            "the oldest is the next base"
        );
        assert_eq!(
            stay(&[10, 40, 50, 60], Some(10), drops),
            [10, 40, 50, 60],
            "the oldest above the base is one of the newest"
        );
        assert_eq!(
            stay(&[10, 40, 50, 60, 70], Some(10), drops),
            [10, 40, 50, 60, 70]
        );
        assert_eq!(
            stay(&[10, 40, 60, 70, 80], Some(40), drops),
            [40, 60, 70, 80],
            "the base before goes"
        );
    }

    /// However long blocks are kept, some snapshot becomes old enough, and the files stay few.
    #[test]
    fn a_base_is_found_for_every_retention() {
        for every in [1, 7, 10] {
            for kept in [1, 25, 45, 230] {
                let (mut heights, mut base): (Vec<u64>, Option<u64>) = (Vec::new(), None);
                for tip in 1..2_000 {
                    if tip % every != 0 {
                        continue;
                    }
                    heights.push(tip);
                    let usable = |height: &u64| height + kept <= tip && base < Some(*height);
                    base = heights.iter().copied().rfind(usable).or(base);
                    heights = stay(&heights, base, Some(KEEP));
                    assert!(heights.len() <= SNAPSHOTS_KEPT + 2, "{heights:?}");
                    let blocks = tip - base.unwrap_or(0);
                    let most = 2 * (kept + every) + 3 * every;
                    assert!(
                        blocks <= most,
                        "of {kept} blocks with a snapshot every {every} there are {blocks}"
                    );
                }
            }
        }
    }
}
