//! One pass over the tree for all changes of a block.

use talea_types::{Hash, merkle::map::path_bit};

use super::{Subtree, Tree};

/// A leaf to set, or with `None` to remove.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeafChange {
    pub(crate) path: Hash,
    pub(crate) value_hash: Option<Hash>,
}

impl Tree {
    /// The tree after these changes, which are strictly ascending by path.
    pub(crate) fn updated(&self, changes: &[LeafChange]) -> Self {
        assert!(
            changes.is_sorted_by(|a, b| a.path < b.path),
            "changes are sorted and name each path once"
        );
        Self {
            root: update(&self.root, 0, changes),
        }
    }
}

/// The subtree at `depth` after changes that all belong in it.
fn update(subtree: &Subtree, depth: usize, changes: &[LeafChange]) -> Subtree {
    if changes.is_empty() {
        return subtree.clone();
    }
    match subtree {
        Subtree::Empty => build(depth, changes),
        Subtree::Leaf(leaf) => {
            let place = changes.binary_search_by(|change| change.path.cmp(&leaf.path));
            let Err(place) = place else {
                return build(depth, changes);
            };
            // Few changes ever meet at a leaf.
            let (before, after) = changes.split_at(place);
            let kept = LeafChange {
                path: leaf.path,
                value_hash: Some(leaf.value_hash),
            };
            build(depth, &[before, &[kept], after].concat())
        }
        Subtree::Node(_, node) => {
            let (left, right) = split(depth, changes);
            Subtree::join(
                update(&node.left, depth.saturating_add(1), left),
                update(&node.right, depth.saturating_add(1), right),
            )
        }
    }
}

/// The subtree at `depth` of the leaves that are set.
fn build(depth: usize, changes: &[LeafChange]) -> Subtree {
    match changes {
        [] => Subtree::Empty,
        [one] => match one.value_hash {
            Some(value_hash) => Subtree::leaf(one.path, value_hash),
            None => Subtree::Empty,
        },
        _ => {
            let (left, right) = split(depth, changes);
            let below = depth.saturating_add(1);
            Subtree::join(build(below, left), build(below, right))
        }
    }
}

/// Those that go left at `depth`, and those that go right.
fn split(depth: usize, changes: &[LeafChange]) -> (&[LeafChange], &[LeafChange]) {
    changes.split_at(changes.partition_point(|change| !path_bit(&change.path, depth)))
}
