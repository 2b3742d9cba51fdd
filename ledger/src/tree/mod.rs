//! The tree under the state root: a compact sparse binary Merkle tree as defined in
//! [`talea_types::merkle::map`].
//!
//! Nodes and leaves lie in arenas. An update reads the tree and changes nothing: it gives the places
//! that the tree would write ([`TreeUpdate`]), so several executions over one state cost what they
//! touch, and committing one writes exactly those places. Nothing is allocated, counted or freed for a
//! node: at a million leaves that would cost more than its hash (`docs/adr/0004-state-tree.md`).

mod arena;
mod prove;
#[cfg(test)]
mod tests;
mod update;

use talea_types::{Hash, merkle::map::EMPTY};

use arena::Arena;
pub(crate) use update::{LeafChange, TreeUpdate};

/// The tree of the committed state.
pub(crate) struct Tree {
    root: Subtree,
    nodes: Arena<Node>,
    leaves: Arena<Leaf>,
}

/// A subtree: its hash stands beside its place, so that a node is read without those beside it.
#[derive(Clone, Copy)]
struct Subtree {
    hash: Hash,
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    Empty,
    Leaf(u32),
    Node(u32),
}

#[derive(Clone, Copy)]
struct Leaf {
    path: Hash,
    value_hash: Hash,
}

/// Kept true: not both sides are empty, and no side is empty while the other is a leaf.
#[derive(Clone, Copy)]
struct Node {
    left: Subtree,
    right: Subtree,
}

const NOTHING: Subtree = Subtree {
    hash: EMPTY,
    place: Place::Empty,
};

impl Tree {
    /// The tree of these leaves, which are strictly ascending by path.
    pub(crate) fn of(leaves: &[LeafChange]) -> Self {
        let mut tree = Self {
            root: NOTHING,
            nodes: Arena::default(),
            leaves: Arena::default(),
        };
        let update = tree.update(leaves);
        tree.apply(update);
        tree
    }

    /// The hash that commits to every leaf.
    pub(crate) const fn root(&self) -> Hash {
        self.root.hash
    }

    /// Takes over an update that was computed on this tree.
    pub(crate) fn apply(&mut self, update: TreeUpdate) {
        assert!(
            update.base == self.root.hash,
            "an update of tree {} cannot be applied to {}",
            update.base,
            self.root.hash
        );
        self.root = update.root;
        self.nodes.apply(update.nodes);
        self.leaves.apply(update.leaves);
    }
}
