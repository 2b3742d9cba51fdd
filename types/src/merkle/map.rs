//! The state tree, as one who verifies it sees it: a compact sparse binary Merkle tree over 256-bit
//! paths. The tree that is kept and updated lives in the ledger and hashes with the functions here.
//!
//! ```text
//! tree of nothing             = 32 zero bytes
//! tree of exactly one leaf    = H_leaf(path || value_hash)            at whatever depth it stands
//! tree of more                = H_node(left || right)
//! ```
//!
//! where, at depth `d` (0 at the root), paths whose bit `d` is 0 go left and the others right; bit 0
//! is the most significant bit of the first byte.
//!
//! # What a proof is worth
//!
//! Under the root of a tree built by this definition, a path has exactly one proof: leaf, node and
//! nothing cannot have the same hash, so each level's hash fixes the two below it. What a proof
//! shows on its face to be outside the definition (an inner node with nothing on one side and
//! nothing or a single leaf on the other, a leaf off its path) is refused whatever it hashes to.

use thiserror::Error;

use super::node::{MAP_LEAF, MAP_NODE};
use crate::{Hash, limits::MAP_DEPTH_MAX};

/// The hash of a tree, or subtree, of nothing.
pub const EMPTY: Hash = Hash([0; 32]);

/// The hash of a subtree that holds one leaf only.
pub fn leaf_hash(path: &Hash, value_hash: &Hash) -> Hash {
    MAP_LEAF.pair(path.as_bytes(), value_hash.as_bytes())
}

/// The hash of a subtree that holds more than one leaf.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    MAP_NODE.pair(left.as_bytes(), right.as_bytes())
}

/// The bit of `path` that decides at `depth`: true is right. Bits past the last are false.
pub fn path_bit(path: &Hash, depth: usize) -> bool {
    let byte = path.as_bytes().get(depth / 8).copied().unwrap_or(0);
    byte & (0x80 >> (depth % 8)) != 0
}

/// Where the descent along a path ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Terminal {
    /// In an empty subtree: nothing is at the path.
    Empty,
    /// At the only leaf of a subtree: the path's own, or another that shares the way so far.
    Leaf {
        /// The leaf's whole path.
        path: Hash,
        /// Hash of its value.
        value_hash: Hash,
    },
}

/// Shows what is, or that nothing is, at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapProof {
    /// The other subtree at each depth, from the root down. At most [`MAP_DEPTH_MAX`].
    pub siblings: Vec<Hash>,
    /// What the descent ends at.
    pub terminal: Terminal,
}

/// Why a [`MapProof`] is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MapProofError {
    /// Deeper than a path has bits.
    #[error("proof holds {depth} hashes; a path has {MAP_DEPTH_MAX} bits")]
    TooDeep {
        /// Hashes in the proof.
        depth: usize,
    },
    /// The tree would not have this node: with nothing beside it, it would stand further up.
    #[error("proof shows a node at depth {depth} that the tree would have compacted")]
    NotCompact {
        /// Depth of the needless node.
        depth: usize,
    },
    /// The terminal leaf does not stand on the way along the path.
    #[error("proof ends at leaf {leaf}, which is not on the way to {path}")]
    OffPath {
        /// Path that was asked for.
        path: Hash,
        /// Path of the leaf.
        leaf: Hash,
    },
    /// The proof shows that nothing is at the path.
    #[error("proof shows that nothing is at {path}")]
    Absent {
        /// Path that was asked for.
        path: Hash,
    },
    /// The proof shows that something is at the path.
    #[error("proof shows that something is at {path}")]
    Present {
        /// Path that was asked for.
        path: Hash,
    },
    /// The proof shows another value at the path.
    #[error("proof shows value {found} at {path}, not {expected}")]
    OtherValue {
        /// Path that was asked for.
        path: Hash,
        /// Hash of the value that was to be shown.
        expected: Hash,
        /// Hash of the value that the proof shows.
        found: Hash,
    },
    /// The proof leads to another root.
    #[error("proof leads to root {computed}, not to {root}")]
    RootMismatch {
        /// The root that was to be reached.
        root: Hash,
        /// The root that the proof leads to.
        computed: Hash,
    },
}

impl MapProof {
    /// Verifies that under `root` the value at `path` has the hash `value_hash`.
    ///
    /// # Errors
    /// If the proof is malformed, leads to another root, or shows something else.
    pub fn verify_inclusion(
        &self,
        root: &Hash,
        path: &Hash,
        value_hash: &Hash,
    ) -> Result<(), MapProofError> {
        match self.verify(root, path)? {
            None => Err(MapProofError::Absent { path: *path }),
            Some(found) if found != *value_hash => Err(MapProofError::OtherValue {
                path: *path,
                expected: *value_hash,
                found,
            }),
            Some(_) => Ok(()),
        }
    }

    /// Verifies that under `root` nothing is at `path`.
    ///
    /// # Errors
    /// If the proof is malformed, leads to another root, or shows a value.
    pub fn verify_absence(&self, root: &Hash, path: &Hash) -> Result<(), MapProofError> {
        match self.verify(root, path)? {
            None => Ok(()),
            Some(_) => Err(MapProofError::Present { path: *path }),
        }
    }

    /// Verifies the proof for `path` under `root` and tells what it shows: the hash of the value
    /// there, or `None` if nothing is there.
    ///
    /// # Errors
    /// If the proof is malformed or leads to another root.
    pub fn verify(&self, root: &Hash, path: &Hash) -> Result<Option<Hash>, MapProofError> {
        let (terminal, shown) = self.check_shape(path)?;
        let levels = self.siblings.iter().enumerate().rev();
        let computed = levels.fold(terminal, |node, (depth, sibling)| {
            if path_bit(path, depth) {
                node_hash(sibling, &node)
            } else {
                node_hash(&node, sibling)
            }
        });
        if computed != *root {
            return Err(MapProofError::RootMismatch {
                root: *root,
                computed,
            });
        }
        Ok(shown)
    }

    /// Refuses what the definition excludes. Returns the terminal's hash and the value it shows.
    fn check_shape(&self, path: &Hash) -> Result<(Hash, Option<Hash>), MapProofError> {
        let depth = self.siblings.len();
        if depth > MAP_DEPTH_MAX {
            return Err(MapProofError::TooDeep { depth });
        }
        // Two subtrees of which one is nothing and the other nothing or a leaf are no node. Higher
        // up, an empty sibling is as it should be: what is on the way holds two leaves or more.
        if self.siblings.last() == Some(&EMPTY) {
            return Err(MapProofError::NotCompact {
                depth: depth.saturating_sub(1),
            });
        }
        match self.terminal {
            Terminal::Empty => Ok((EMPTY, None)),
            Terminal::Leaf {
                path: leaf,
                value_hash,
            } => {
                if !(0..depth).all(|bit| path_bit(&leaf, bit) == path_bit(path, bit)) {
                    return Err(MapProofError::OffPath { path: *path, leaf });
                }
                let shown = (leaf == *path).then_some(value_hash);
                Ok((leaf_hash(&leaf, &value_hash), shown))
            }
        }
    }
}
