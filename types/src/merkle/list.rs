//! A Merkle tree over an ordered list: the transactions of a block with their outcomes, the
//! digests of its batches.
//!
//! The shape is that of RFC 6962, section 2.1: the left subtree of `n > 1` leaves holds the largest
//! power of two below `n`, nothing is duplicated or padded. The root hashes the tree's top together
//! with the number of leaves, so that a proof also says how long the list is:
//!
//! ```text
//! tree([leaf])  = H_leaf(leaf)
//! tree(leaves)  = H_node(tree(leaves[..k]) || tree(leaves[k..]))     k = largest 2^i < n
//! root(leaves)  = H_root(tree(leaves) || n as 32 bytes, little endian)
//! root([])      = H_root(32 zero bytes || 0)
//! ```

use thiserror::Error;

use super::node::{LIST_LEAF, LIST_NODE, LIST_ROOT};
use crate::Hash;

/// Shows that a leaf stands at `index` in a list of `count`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListProof {
    /// Position of the leaf, from 0.
    pub index: u64,
    /// Number of leaves in the list.
    pub count: u64,
    /// The other subtree at each level, from the leaf up. At most 64.
    pub siblings: Vec<Hash>,
}

/// Why a [`ListProof`] is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ListProofError {
    /// No leaf has this position.
    #[error("proof is for leaf {index} of a list of {count}")]
    IndexOutOfRange {
        /// Claimed position.
        index: u64,
        /// Claimed length.
        count: u64,
    },
    /// A proof of this position in a list of this length has another number of siblings.
    #[error("proof holds {found} hashes where this position has {expected}")]
    WrongLength {
        /// What the shape of the tree requires.
        expected: usize,
        /// What came.
        found: usize,
    },
    /// The proof leads to another root: another leaf, position, length or list.
    #[error("proof leads to root {computed}, not to {root}")]
    RootMismatch {
        /// The root that was to be reached.
        root: Hash,
        /// The root that the proof leads to.
        computed: Hash,
    },
}

/// The root of a list.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut level: Vec<Hash> = leaves.iter().map(leaf_node).collect();
    while level.len() > 1 {
        level = level_above(&level);
    }
    let top = level.first().copied().unwrap_or_default();
    bind_count(&top, length(leaves))
}

/// The proof for the leaf at `index`, or `None` if there is no such leaf.
pub fn prove(leaves: &[Hash], index: usize) -> Option<ListProof> {
    leaves.get(index)?;
    let mut siblings = Vec::new();
    let mut level: Vec<Hash> = leaves.iter().map(leaf_node).collect();
    let mut position = index;
    while level.len() > 1 {
        // The last node of an odd level has no sibling there: it rises as it is.
        siblings.extend(level.get(position ^ 1));
        level = level_above(&level);
        position /= 2;
    }
    Some(ListProof {
        index: u64::try_from(index).ok()?,
        count: length(leaves),
        siblings,
    })
}

impl ListProof {
    /// Verifies that `leaf` stands at [`index`](Self::index) in the list of
    /// [`count`](Self::count) leaves whose root is `root`.
    ///
    /// # Errors
    /// If the proof has not the shape of its position, or leads elsewhere.
    pub fn verify(&self, root: &Hash, leaf: &Hash) -> Result<(), ListProofError> {
        let Self {
            index,
            count,
            ref siblings,
        } = *self;
        let Some(last) = count.checked_sub(1).filter(|last| index <= *last) else {
            return Err(ListProofError::IndexOutOfRange { index, count });
        };
        let wrong_length = || ListProofError::WrongLength {
            expected: siblings_of(index, last),
            found: siblings.len(),
        };
        let mut remaining = siblings.iter();
        let mut node = leaf_node(leaf);
        let mut path = Path {
            position: index,
            last,
        };
        while path.last > 0 {
            match path.side() {
                Side::Left => node = join(&node, remaining.next().ok_or_else(wrong_length)?),
                Side::Right => node = join(remaining.next().ok_or_else(wrong_length)?, &node),
                Side::Alone => {}
            }
            path = path.above();
        }
        if remaining.next().is_some() {
            return Err(wrong_length());
        }
        let computed = bind_count(&node, count);
        if computed != *root {
            return Err(ListProofError::RootMismatch {
                root: *root,
                computed,
            });
        }
        Ok(())
    }
}

/// A node's place in its level, and that of the level's last node.
#[derive(Clone, Copy)]
struct Path {
    position: u64,
    last: u64,
}

/// Which child of the node above a node is.
enum Side {
    Left,
    Right,
    /// The last of an odd level: it rises without a sibling.
    Alone,
}

impl Path {
    fn side(self) -> Side {
        if self.position % 2 == 1 {
            Side::Right
        } else if self.position == self.last {
            Side::Alone
        } else {
            Side::Left
        }
    }

    fn above(self) -> Self {
        Self {
            position: self.position / 2,
            last: self.last / 2,
        }
    }
}

fn siblings_of(index: u64, last: u64) -> usize {
    let levels = std::iter::successors(
        Some(Path {
            position: index,
            last,
        }),
        |path| Some(path.above()).filter(|above| above.last > 0),
    );
    levels
        .filter(|path| path.last > 0 && !matches!(path.side(), Side::Alone))
        .count()
}

fn level_above(level: &[Hash]) -> Vec<Hash> {
    let pairs = level.chunks(2);
    pairs
        .filter_map(|pair| match pair {
            [left, right] => Some(join(left, right)),
            [alone] => Some(*alone),
            _ => None,
        })
        .collect()
}

fn length(leaves: &[Hash]) -> u64 {
    u64::try_from(leaves.len()).unwrap_or_else(|_| unreachable!("a length fits 64 bits"))
}

fn leaf_node(leaf: &Hash) -> Hash {
    LIST_LEAF.single(leaf.as_bytes())
}

fn join(left: &Hash, right: &Hash) -> Hash {
    LIST_NODE.pair(left.as_bytes(), right.as_bytes())
}

fn bind_count(top: &Hash, count: u64) -> Hash {
    let mut number = [0u8; 32];
    let (low, _) = number.split_at_mut(8);
    low.copy_from_slice(&count.to_le_bytes());
    LIST_ROOT.pair(top.as_bytes(), &number)
}
