//! One pass over the tree for all changes of a block.

use talea_types::{
    Hash,
    merkle::map::{leaf_hash, node_hash, path_bit},
};

use super::{Leaf, NOTHING, Node, Place, Subtree, Tree, arena::Writes};

/// A leaf to set, or with `None` to remove.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeafChange {
    pub(crate) path: Hash,
    pub(crate) value_hash: Option<Hash>,
}

/// The tree after some changes, as what is different from the tree before.
pub(crate) struct TreeUpdate {
    /// Root of the tree that it was computed on.
    pub(super) base: Hash,
    pub(super) root: Subtree,
    pub(super) nodes: Writes<Node>,
    pub(super) leaves: Writes<Leaf>,
}

impl TreeUpdate {
    /// Root of the tree after it.
    pub(crate) const fn root(&self) -> Hash {
        self.root.hash
    }
}

impl Tree {
    /// The tree after these changes, which are strictly ascending by path.
    pub(crate) fn update(&self, changes: &[LeafChange]) -> TreeUpdate {
        assert!(
            changes.is_sorted_by(|a, b| a.path < b.path),
            "changes are sorted and name each path once"
        );
        let mut pass = Pass {
            tree: self,
            nodes: self.nodes.writes(),
            leaves: self.leaves.writes(),
        };
        let root = pass.update(self.root, 0, changes);
        TreeUpdate {
            base: self.root.hash,
            root,
            nodes: pass.nodes,
            leaves: pass.leaves,
        }
    }
}

/// A leaf that shall stand somewhere below.
#[derive(Clone, Copy)]
enum Standing {
    /// It stands already; only its depth changes.
    Kept { path: Hash, subtree: Subtree },
    /// It gets a value, at the place of the leaf before it if there was one.
    Set {
        path: Hash,
        value_hash: Hash,
        place: Option<u32>,
    },
}

impl Standing {
    const fn path(&self) -> &Hash {
        match self {
            Self::Kept { path, .. } | Self::Set { path, .. } => path,
        }
    }
}

struct Pass<'a> {
    tree: &'a Tree,
    nodes: Writes<Node>,
    leaves: Writes<Leaf>,
}

impl Pass<'_> {
    /// The subtree at `depth` after changes that all belong in it.
    fn update(&mut self, subtree: Subtree, depth: usize, changes: &[LeafChange]) -> Subtree {
        if changes.is_empty() {
            return subtree;
        }
        match subtree.place {
            Place::Empty => self.build(depth, &standing(changes)),
            Place::Leaf(place) => self.update_leaf(subtree, place, depth, changes),
            Place::Node(place) => {
                let node = *self.tree.nodes.get(place);
                let (left, right) = split(depth, changes, |change| &change.path);
                let below = depth.saturating_add(1);
                let left = self.update(node.left, below, left);
                let right = self.update(node.right, below, right);
                self.join(left, right, Some(place))
            }
        }
    }

    /// What becomes of a leaf that was alone in its subtree.
    fn update_leaf(
        &mut self,
        subtree: Subtree,
        place: u32,
        depth: usize,
        changes: &[LeafChange],
    ) -> Subtree {
        let path = self.tree.leaves.get(place).path;
        // By far the most common: one leaf, set again.
        if let [change] = changes
            && change.path == path
            && let Some(value_hash) = change.value_hash
        {
            let place = Some(place);
            return self.stand(&Standing::Set {
                path,
                value_hash,
                place,
            });
        }
        let mut standing = standing(changes);
        let found = standing.binary_search_by(|one| one.path().cmp(&path));
        match found {
            Ok(index) => {
                if let Some(Standing::Set { place: slot, .. }) = standing.get_mut(index) {
                    *slot = Some(place);
                }
            }
            Err(_) if changes.iter().any(|change| change.path == path) => self.leaves.free(place),
            Err(index) => standing.insert(index, Standing::Kept { path, subtree }),
        }
        self.build(depth, &standing)
    }

    /// The subtree at `depth` of these leaves.
    fn build(&mut self, depth: usize, leaves: &[Standing]) -> Subtree {
        match leaves {
            [] => NOTHING,
            [one] => self.stand(one),
            _ => {
                let (left, right) = split(depth, leaves, Standing::path);
                let below = depth.saturating_add(1);
                let left = self.build(below, left);
                let right = self.build(below, right);
                self.join(left, right, None)
            }
        }
    }

    fn stand(&mut self, leaf: &Standing) -> Subtree {
        match *leaf {
            Standing::Kept { subtree, .. } => subtree,
            Standing::Set {
                path,
                value_hash,
                place,
            } => {
                let leaf = Leaf { path, value_hash };
                let place = match place {
                    Some(place) => {
                        self.leaves.set(place, leaf);
                        place
                    }
                    None => self.leaves.insert(&self.tree.leaves, leaf),
                };
                Subtree {
                    hash: leaf_hash(&path, &value_hash),
                    place: Place::Leaf(place),
                }
            }
        }
    }

    /// What stands where two subtrees meet, at the place of the node before it if there was one: a leaf
    /// alone rises.
    fn join(&mut self, left: Subtree, right: Subtree, place: Option<u32>) -> Subtree {
        let alone = match (left.place, right.place) {
            (Place::Empty, Place::Empty | Place::Leaf(_)) => Some(right),
            (Place::Leaf(_), Place::Empty) => Some(left),
            _ => None,
        };
        if let Some(alone) = alone {
            if let Some(place) = place {
                self.nodes.free(place);
            }
            return alone;
        }
        let node = Node { left, right };
        let place = match place {
            Some(place) => {
                self.nodes.set(place, node);
                place
            }
            None => self.nodes.insert(&self.tree.nodes, node),
        };
        Subtree {
            hash: node_hash(&left.hash, &right.hash),
            place: Place::Node(place),
        }
    }
}

fn standing(changes: &[LeafChange]) -> Vec<Standing> {
    let set = |change: &LeafChange| {
        Some(Standing::Set {
            path: change.path,
            value_hash: change.value_hash?,
            place: None,
        })
    };
    changes.iter().filter_map(set).collect()
}

/// Those that go left at `depth`, and those that go right.
fn split<T>(depth: usize, sorted: &[T], path: impl Fn(&T) -> &Hash) -> (&[T], &[T]) {
    sorted.split_at(sorted.partition_point(|one| !path_bit(path(one), depth)))
}
