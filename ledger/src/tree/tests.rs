use std::collections::BTreeMap;

use proptest::prelude::*;
use talea_types::{
    Hash,
    merkle::map::{EMPTY, leaf_hash, node_hash, path_bit},
};

use super::{LeafChange, Place, Subtree, Tree};

/// The definition, word for word.
fn naive_root(leaves: &[(Hash, Hash)], depth: usize) -> Hash {
    match leaves {
        [] => EMPTY,
        [(path, value)] => leaf_hash(path, value),
        _ => {
            let (left, right): (Vec<_>, Vec<_>) =
                leaves.iter().partition(|(path, _)| !path_bit(path, depth));
            node_hash(
                &naive_root(&left, depth + 1),
                &naive_root(&right, depth + 1),
            )
        }
    }
}

fn root_of(map: &BTreeMap<Hash, Hash>) -> Hash {
    let leaves: Vec<_> = map.iter().map(|(path, value)| (*path, *value)).collect();
    naive_root(&leaves, 0)
}

/// Few distinct paths, many of which share long beginnings.
fn path() -> impl Strategy<Value = Hash> {
    (0u8..4, 0u8..4, 0u8..8).prop_map(|(first, middle, last)| {
        let mut bytes = [0u8; 32];
        bytes[0] = first << 6;
        bytes[15] = middle;
        bytes[31] = last;
        Hash(bytes)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn agrees_with_the_definition(blocks in prop::collection::vec(
        prop::collection::btree_map(path(), prop::option::weighted(0.7, 0u8..3), 0..24), 1..8,
    )) {
        let mut map = BTreeMap::new();
        let mut tree = Tree::of(&[]);
        for block in &blocks {
            let changes: Vec<_> = block
                .iter()
                .map(|(path, value)| LeafChange {
                    path: *path,
                    value_hash: value.map(|value| Hash([value + 1; 32])),
                })
                .collect();
            for change in &changes {
                match change.value_hash {
                    Some(value) => map.insert(change.path, value),
                    None => map.remove(&change.path),
                };
            }
            // Updates that are not applied leave the tree as it is.
            let others: Vec<_> = changes.iter().step_by(2).copied().collect();
            drop(tree.update(&others));
            let update = tree.update(&changes);
            prop_assert_eq!(update.root(), root_of(&map));
            tree.apply(update);
            let root = tree.root();
            prop_assert_eq!(root, root_of(&map));
            for path in blocks.iter().flat_map(BTreeMap::keys) {
                let proof = tree.prove(path);
                prop_assert_eq!(proof.verify(&root, path), Ok(map.get(path).copied()));
            }
            // Every place is in use exactly once, or free.
            prop_assert_eq!(tree.leaves.in_use(), map.len());
            prop_assert_eq!(tree.nodes.in_use(), tree.count_nodes(tree.root));
        }
    }
}

impl Tree {
    fn count_nodes(&self, subtree: Subtree) -> usize {
        match subtree.place {
            Place::Empty | Place::Leaf(_) => 0,
            Place::Node(place) => {
                let node = self.nodes.get(place);
                1 + self.count_nodes(node.left) + self.count_nodes(node.right)
            }
        }
    }
}
