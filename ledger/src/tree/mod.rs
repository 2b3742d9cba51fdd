//! The tree under the state root: a compact sparse binary Merkle tree as defined in
//! [`talea_types::merkle::map`].
//!
//! A tree never changes: an update makes a new one that shares every node which the update did not
//! touch. So executions over one base cost what they touch, commit replaces a pointer, and a root can
//! be kept for proofs as long as somebody asks.

mod prove;
#[cfg(test)]
mod tests;
mod update;

use std::sync::Arc;

use talea_types::{
    Hash,
    merkle::map::{EMPTY, leaf_hash, node_hash},
};

pub(crate) use update::LeafChange;

/// A version of the tree.
#[derive(Clone, Default)]
pub(crate) struct Tree {
    root: Subtree,
}

/// A subtree. Its hash stands beside the pointer, so that the path to a leaf is read without a look at
/// the nodes beside it.
#[derive(Clone, Default)]
enum Subtree {
    #[default]
    Empty,
    Leaf(Arc<Leaf>),
    Node(Hash, Arc<Node>),
}

struct Leaf {
    hash: Hash,
    path: Hash,
    value_hash: Hash,
}

/// Kept true: not both sides are empty, and no side is empty while the other is a leaf.
struct Node {
    left: Subtree,
    right: Subtree,
}

impl Tree {
    /// The hash that commits to every leaf.
    pub(crate) fn root(&self) -> Hash {
        self.root.hash()
    }
}

impl Subtree {
    fn hash(&self) -> Hash {
        match self {
            Self::Empty => EMPTY,
            Self::Leaf(leaf) => leaf.hash,
            Self::Node(hash, _) => *hash,
        }
    }

    fn leaf(path: Hash, value_hash: Hash) -> Self {
        Self::Leaf(Arc::new(Leaf {
            hash: leaf_hash(&path, &value_hash),
            path,
            value_hash,
        }))
    }

    /// What stands where two subtrees meet: a leaf alone rises.
    fn join(left: Self, right: Self) -> Self {
        match (&left, &right) {
            (Self::Empty, Self::Empty | Self::Leaf(_)) => right,
            (Self::Leaf(_), Self::Empty) => left,
            _ => Self::Node(
                node_hash(&left.hash(), &right.hash()),
                Arc::new(Node { left, right }),
            ),
        }
    }
}
