//! Names of snapshot files: height and state root.

use std::fmt;

use talea_types::Hash;

use crate::storage::base::Base;

/// Directory of the snapshots in a data directory.
pub const SNAPSHOTS_DIRECTORY: &str = "snapshots";

const SUFFIX: &str = ".snapshot";
/// Of a file that is being written.
pub(super) const UNFINISHED_SUFFIX: &str = ".unfinished";
/// Of a file that is being fetched from peers: nothing in it is verified.
pub const FETCHED_SUFFIX: &str = ".fetched";

/// Height and state root of a snapshot; its text is the name of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SnapshotName {
    /// Height of the state.
    pub height: u64,
    /// Its root.
    pub root: Hash,
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = hex::encode(self.root.as_bytes());
        write!(formatter, "{:012}-{root}{SUFFIX}", self.height)
    }
}

impl SnapshotName {
    /// Of the file that a record of the base means.
    #[must_use]
    pub const fn of_base(base: &Base) -> Self {
        Self {
            height: base.height,
            root: Hash(base.root),
        }
    }

    /// Reads the name of a file; `None` if it is not that of a snapshot.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (height, root) = name.strip_suffix(SUFFIX)?.split_once('-')?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(root, &mut bytes).ok()?;
        let parsed = Self {
            height: height.parse().ok()?,
            root: Hash(bytes),
        };
        (parsed.to_string() == name).then_some(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_and_nothing_else_is_one() {
        let name = SnapshotName {
            height: 42,
            root: Hash([0xab; 32]),
        };
        assert_eq!(SnapshotName::parse(&name.to_string()), Some(name));
        for other in [
            "000000000042-abab.snapshot",
            "42-.snapshot",
            "LOCK",
            "000000000042.snapshot",
        ] {
            assert_eq!(SnapshotName::parse(other), None, "{other}");
        }
        let upper = name.to_string().replace("ab", "AB");
        assert_eq!(SnapshotName::parse(&upper), None);
    }
}
