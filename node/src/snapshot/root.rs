//! The root of a state whose objects come in the order of their paths, in the memory of one path.
//!
//! So it is known whether the objects are those that were decided before any of them is kept: whoever made the file
//! cannot make its reader hold more than the state.

use talea_types::Hash;
use talea_types::merkle::map::{EMPTY, leaf_hash, node_hash, path_bit};

/// A tree, as far as its leaves have come.
#[derive(Debug, Default)]
pub(super) struct RisingRoot {
    /// Subtrees that are complete and left of what is still to come, and the depth of the node above each: the deeper
    /// the later, at most one for each bit of a path.
    complete: Vec<(usize, Subtree)>,
    newest: Option<Subtree>,
}

#[derive(Clone, Copy, Debug)]
struct Subtree {
    hash: Hash,
    /// Path of its last leaf.
    path: Hash,
    /// Depth of its top; `None` for a leaf, which has the same hash at any.
    depth: Option<usize>,
}

impl RisingRoot {
    /// Takes the next leaf; false if its path is not above the one before.
    pub(super) fn push(&mut self, path: Hash, value_hash: &Hash) -> bool {
        if let Some(newest) = self.newest {
            let Some(split) = split_of(&newest.path, &path) else {
                return false;
            };
            let left = self.close_below(split, newest);
            self.complete.push((split, left.raised_to(split + 1)));
        }
        self.newest = Some(Subtree {
            hash: leaf_hash(&path, value_hash),
            path,
            depth: None,
        });
        true
    }

    /// The root, when all leaves have come.
    pub(super) fn finish(mut self) -> Hash {
        let Some(newest) = self.newest else {
            return EMPTY;
        };
        let mut top = newest;
        while let Some((depth, left)) = self.complete.pop() {
            top = left.joined(top, depth);
        }
        top.raised_to(0).hash
    }

    /// Joins a subtree with those on its left whose node is below a depth.
    fn close_below(&mut self, depth: usize, subtree: Subtree) -> Subtree {
        let mut top = subtree;
        while let Some((at, left)) = self.complete.pop_if(|(at, _)| *at > depth) {
            top = left.joined(top, at);
        }
        top
    }
}

impl Subtree {
    /// The node at a depth with this on its left; this is as high as that already.
    fn joined(self, right: Self, depth: usize) -> Self {
        Self {
            hash: node_hash(&self.hash, &right.raised_to(depth + 1).hash),
            path: right.path,
            depth: Some(depth),
        }
    }

    /// The same subtree with nothing beside it up to a depth.
    fn raised_to(mut self, depth: usize) -> Self {
        let Some(from) = self.depth else {
            return self;
        };
        for at in (depth..from).rev() {
            self.hash = match path_bit(&self.path, at) {
                false => node_hash(&self.hash, &EMPTY),
                true => node_hash(&EMPTY, &self.hash),
            };
        }
        self.depth = Some(depth);
        self
    }
}

/// The first bit in which a path differs from a larger one; `None` if the other is not larger.
fn split_of(path: &Hash, larger: &Hash) -> Option<usize> {
    let (path, larger) = (path.as_bytes(), larger.as_bytes());
    let byte = path.iter().zip(larger).position(|(a, b)| a != b)?;
    let differ = path[byte] ^ larger[byte];
    (path[byte] < larger[byte]).then_some(byte * 8 + differ.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition.
    fn root_of(leaves: &[(Hash, Hash)], depth: usize) -> Hash {
        match leaves {
            [] => EMPTY,
            [(path, value)] => leaf_hash(path, value),
            _ => {
                let right = leaves.partition_point(|(path, _)| !path_bit(path, depth));
                let (left, right) = leaves.split_at(right);
                node_hash(&root_of(left, depth + 1), &root_of(right, depth + 1))
            }
        }
    }

    fn rising(leaves: &[(Hash, Hash)]) -> Hash {
        let mut root = RisingRoot::default();
        for (path, value) in leaves {
            assert!(root.push(*path, value));
            assert!(root.complete.len() <= 256);
        }
        root.finish()
    }

    #[test]
    fn it_is_the_root_of_the_definition() {
        for bytes in [1, 2, 32] {
            for count in 0..80_u32 {
                let path = |number: u32| {
                    let hash = *blake3::hash(&number.to_le_bytes()).as_bytes();
                    let mut path = [0; 32];
                    // Few bytes that differ, first or last, make long common ways.
                    let at = if number.is_multiple_of(2) {
                        0
                    } else {
                        32 - bytes
                    };
                    path[at..at + bytes].copy_from_slice(&hash[..bytes]);
                    Hash(path)
                };
                let mut leaves: Vec<(Hash, Hash)> = (0..count)
                    .map(|number| (path(number), Hash([number as u8; 32])))
                    .collect();
                leaves.sort_unstable();
                leaves.dedup_by_key(|(path, _)| *path);
                assert_eq!(rising(&leaves), root_of(&leaves, 0), "{bytes}, {count}");
            }
        }
    }

    #[test]
    fn leaves_out_of_order_are_refused() {
        let hash = |byte| Hash([byte; 32]);
        for second in [3, 4] {
            let mut root = RisingRoot::default();
            assert!(root.push(hash(4), &hash(1)));
            assert!(!root.push(hash(second), &hash(1)));
        }
    }
}
