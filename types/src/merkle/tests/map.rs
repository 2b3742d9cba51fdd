use std::collections::BTreeMap;

use proptest::prelude::*;

use super::numbered;
use crate::merkle::map::{
    EMPTY, MapProof, MapProofError, Terminal, leaf_hash, node_hash, path_bit,
};
use crate::{Hash, limits::MAP_DEPTH_MAX};

type Leaves = BTreeMap<Hash, Hash>;

/// The definition, word for word.
fn naive_root(leaves: &Leaves, depth: usize) -> Hash {
    let mut entries = leaves.iter();
    match (entries.next(), entries.next()) {
        (None, _) => EMPTY,
        (Some((path, value_hash)), None) => leaf_hash(path, value_hash),
        _ => {
            let [left, right] = split(leaves, depth);
            node_hash(
                &naive_root(&left, depth + 1),
                &naive_root(&right, depth + 1),
            )
        }
    }
}

fn split(leaves: &Leaves, depth: usize) -> [Leaves; 2] {
    let (right, left) = leaves.iter().partition(|(path, _)| path_bit(path, depth));
    [left, right]
}

fn naive_proof(leaves: &Leaves, path: &Hash) -> MapProof {
    let mut siblings = Vec::new();
    let mut subtree = leaves.clone();
    while subtree.len() > 1 {
        let depth = siblings.len();
        let [left, right] = split(&subtree, depth);
        let (on_path, beside) = if path_bit(path, depth) {
            (right, left)
        } else {
            (left, right)
        };
        siblings.push(naive_root(&beside, depth + 1));
        subtree = on_path;
    }
    let terminal = match subtree.into_iter().next() {
        None => Terminal::Empty,
        Some((path, value_hash)) => Terminal::Leaf { path, value_hash },
    };
    MapProof { siblings, terminal }
}

/// A path whose first byte is given and whose others are zero: neighbours meet at any depth.
fn path(first: u8) -> Hash {
    let mut bytes = [0; 32];
    bytes[0] = first;
    Hash(bytes)
}

fn tree(firsts: &[u8]) -> Leaves {
    firsts
        .iter()
        .map(|first| (path(*first), numbered(u64::from(*first))))
        .collect()
}

#[test]
fn bits_are_read_from_the_most_significant() {
    let mut bytes = [0; 32];
    bytes[0] = 0b1010_0000;
    bytes[31] = 1;
    let path = Hash(bytes);
    let set: Vec<usize> = (0..MAP_DEPTH_MAX)
        .filter(|depth| path_bit(&path, *depth))
        .collect();
    assert_eq!(set, [0, 2, 255]);
}

#[test]
fn the_smallest_trees_are_as_defined() {
    let (low, high) = (path(0x00), path(0x80));
    let value = numbered(1);
    let nothing = MapProof {
        siblings: vec![],
        terminal: Terminal::Empty,
    };
    nothing.verify_absence(&EMPTY, &low).unwrap();
    assert_eq!(
        nothing.verify_inclusion(&EMPTY, &low, &value),
        Err(MapProofError::Absent { path: low })
    );

    let terminal = Terminal::Leaf {
        path: low,
        value_hash: value,
    };
    let one = MapProof {
        siblings: vec![],
        terminal,
    };
    let root = leaf_hash(&low, &value);
    one.verify_inclusion(&root, &low, &value).unwrap();
    one.verify_absence(&root, &high).unwrap();
    assert_eq!(
        one.verify_absence(&root, &low),
        Err(MapProofError::Present { path: low })
    );
    let other = numbered(2);
    assert_eq!(
        one.verify_inclusion(&root, &low, &other),
        Err(MapProofError::OtherValue {
            path: low,
            expected: other,
            found: value
        })
    );

    let two = MapProof {
        siblings: vec![leaf_hash(&high, &other)],
        terminal,
    };
    let root = node_hash(&root, &leaf_hash(&high, &other));
    two.verify_inclusion(&root, &low, &value).unwrap();
    assert_eq!(
        two.verify_absence(&root, &high),
        Err(MapProofError::OffPath {
            path: high,
            leaf: low
        })
    );
}

/// Leaves that part only at the last bit stand at the greatest depth.
#[test]
fn paths_that_part_at_the_last_bit_are_proved() {
    let (mut left, mut right) = ([7; 32], [7; 32]);
    left[31] = 6;
    right[31] = 7;
    let leaves = Leaves::from([(Hash(left), numbered(1)), (Hash(right), numbered(2))]);
    let root = naive_root(&leaves, 0);
    for (path, value_hash) in &leaves {
        let mut proof = naive_proof(&leaves, path);
        assert_eq!(proof.siblings.len(), MAP_DEPTH_MAX);
        proof.verify_inclusion(&root, path, value_hash).unwrap();
        proof.siblings.push(numbered(3));
        assert_eq!(
            proof.verify_inclusion(&root, path, value_hash),
            Err(MapProofError::TooDeep { depth: 257 })
        );
    }
}

#[test]
fn nodes_that_the_tree_would_have_compacted_are_refused() {
    let (low, value) = (path(0), numbered(1));
    let terminal = Terminal::Leaf {
        path: low,
        value_hash: value,
    };
    // A leaf, and nothing, with nothing beside them: each hashes to the root it is given.
    let cases = [
        (terminal, node_hash(&leaf_hash(&low, &value), &EMPTY)),
        (Terminal::Empty, node_hash(&EMPTY, &EMPTY)),
    ];
    for (terminal, root) in cases {
        let proof = MapProof {
            siblings: vec![EMPTY],
            terminal,
        };
        assert_eq!(
            proof.verify(&root, &low),
            Err(MapProofError::NotCompact { depth: 0 })
        );
    }
    // Further up an empty sibling is what the definition asks for.
    let leaves = tree(&[0x00, 0x01]);
    let proof = naive_proof(&leaves, &low);
    assert_eq!(proof.siblings[..7], [EMPTY; 7]);
    proof
        .verify_inclusion(&naive_root(&leaves, 0), &low, &numbered(0))
        .unwrap();
}

#[test]
fn every_path_of_small_trees_has_one_verdict() {
    for mask in 0..256u32 {
        let firsts: Vec<u8> = (0..8)
            .filter(|bit| mask >> bit & 1 == 1)
            .map(|bit| [0, 1, 3, 8, 64, 127, 128, 255][bit])
            .collect();
        let leaves = tree(&firsts);
        let root = naive_root(&leaves, 0);
        for first in [0, 1, 2, 3, 8, 9, 64, 127, 128, 200, 255] {
            let path = path(first);
            let proof = naive_proof(&leaves, &path);
            assert_eq!(proof.verify(&root, &path), Ok(leaves.get(&path).copied()));
            assert_eq!(
                proof.verify_absence(&root, &path).is_ok(),
                !leaves.contains_key(&path)
            );
            let value_hash = numbered(u64::from(first));
            let included = proof.verify_inclusion(&root, &path, &value_hash);
            assert_eq!(included.is_ok(), leaves.contains_key(&path));
        }
    }
}

#[test]
fn roots_are_pinned() {
    let pinned = [
        (
            tree(&[1]),
            "d5d66897437ee9dd91567df2ba39400d078a0ad26bbd5f5c40b957ff63818c7b",
        ),
        (
            tree(&[0, 1, 3, 64, 128, 255]),
            "f7614b3f6c1ab97276e92d660ee1cf2d55955a8664a26ff02a2cef6348b93426",
        ),
    ];
    for (leaves, root) in pinned {
        assert_eq!(naive_root(&leaves, 0).to_string(), root);
    }
}

fn leaves() -> impl Strategy<Value = Leaves> {
    // Half of the paths share long prefixes, as hashes never would.
    let spread = any::<u64>().prop_map(numbered);
    let crowded = (0..4u8, 0..32usize, any::<u8>()).prop_map(|(head, place, byte)| {
        let mut bytes = [head; 32];
        bytes[place] = byte;
        Hash(bytes)
    });
    let paths = prop_oneof![spread, crowded];
    prop::collection::btree_map(paths, any::<u64>().prop_map(numbered), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn agrees_with_the_definition(leaves in leaves(), stranger in any::<u64>()) {
        let root = naive_root(&leaves, 0);
        for (path, value_hash) in &leaves {
            let proof = naive_proof(&leaves, path);
            prop_assert_eq!(proof.verify_inclusion(&root, path, value_hash), Ok(()));
            prop_assert!(proof.verify_absence(&root, path).is_err());
            prop_assert!(proof.verify_inclusion(&root, path, &numbered(stranger)).is_err());
        }
        let stranger = numbered(stranger);
        prop_assume!(!leaves.contains_key(&stranger));
        prop_assert_eq!(naive_proof(&leaves, &stranger).verify_absence(&root, &stranger), Ok(()));
    }

    /// A proof that is altered anywhere shows nothing: not another value, and not absence.
    #[test]
    fn altered_proofs_are_refused(leaves in leaves(), at in any::<prop::sample::Index>(), bit in 0..256usize) {
        prop_assume!(!leaves.is_empty());
        let root = naive_root(&leaves, 0);
        let (path, _) = leaves.iter().nth(at.index(leaves.len())).unwrap();
        let proof = naive_proof(&leaves, path);
        let flip = |hash: Hash| {
            let mut hash = hash;
            hash.0[bit / 8] ^= 1 << (bit % 8);
            hash
        };
        let mut altered = vec![];
        for place in 0..proof.siblings.len() {
            let mut one = proof.clone();
            one.siblings[place] = flip(one.siblings[place]);
            altered.push(one);
            let mut one = proof.clone();
            one.siblings.remove(place);
            altered.push(one);
            let mut one = proof.clone();
            one.siblings.insert(place, EMPTY);
            altered.push(one);
        }
        altered.push(MapProof { terminal: Terminal::Empty, ..proof.clone() });
        if let Terminal::Leaf { path, value_hash } = proof.terminal {
            let path_flipped = Terminal::Leaf { path: flip(path), value_hash };
            let value_flipped = Terminal::Leaf { path, value_hash: flip(value_hash) };
            altered.push(MapProof { terminal: path_flipped, ..proof.clone() });
            altered.push(MapProof { terminal: value_flipped, ..proof.clone() });
        }
        for one in altered.iter().filter(|one| **one != proof) {
            prop_assert!(one.verify(&root, path).is_err(), "{:?}", one);
        }
        prop_assert!(proof.verify(&flip(root), path).is_err());
    }
}
