use proptest::prelude::*;

use super::numbered;
use crate::Hash;
use crate::merkle::list::{self, ListProof, ListProofError};
use crate::merkle::node::{LIST_LEAF, LIST_NODE, LIST_ROOT};

/// The definition, word for word.
fn naive_tree(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash::default(),
        [leaf] => LIST_LEAF.single(leaf.as_bytes()),
        _ => {
            let mut split = 1;
            while split * 2 < leaves.len() {
                split *= 2;
            }
            let (left, right) = leaves.split_at(split);
            LIST_NODE.pair(naive_tree(left).as_bytes(), naive_tree(right).as_bytes())
        }
    }
}

fn naive_root(leaves: &[Hash]) -> Hash {
    let mut count = [0; 32];
    count[..8].copy_from_slice(&(leaves.len() as u64).to_le_bytes());
    LIST_ROOT.pair(naive_tree(leaves).as_bytes(), &count)
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count as u64).map(numbered).collect()
}

#[test]
fn every_leaf_of_every_short_list_has_a_proof() {
    for count in 0..70 {
        let leaves = leaves(count);
        let root = list::root(&leaves);
        assert_eq!(root, naive_root(&leaves), "{count}");
        for (index, leaf) in leaves.iter().enumerate() {
            let proof = list::prove(&leaves, index).unwrap();
            assert_eq!((proof.index, proof.count), (index as u64, count as u64));
            proof.verify(&root, leaf).unwrap();
        }
        assert_eq!(list::prove(&leaves, count), None);
    }
}

#[test]
fn a_proof_shows_one_leaf_at_one_place_of_one_list() {
    for count in 1..20u64 {
        let leaves = leaves(count as usize);
        let root = list::root(&leaves);
        for index in 0..count {
            let proof = list::prove(&leaves, index as usize).unwrap();
            for (other, leaf) in leaves.iter().enumerate() {
                assert_eq!(proof.verify(&root, leaf).is_ok(), other as u64 == index);
            }
            let leaf = &leaves[index as usize];
            for other_index in 0..count + 2 {
                for other_count in 0..count + 3 {
                    let claim = ListProof {
                        index: other_index,
                        count: other_count,
                        ..proof.clone()
                    };
                    let same = (other_index, other_count) == (index, count);
                    assert_eq!(claim.verify(&root, leaf).is_ok(), same, "{claim:?}");
                }
            }
        }
    }
}

#[test]
fn refusals_have_their_names() {
    let leaves = leaves(5);
    let root = list::root(&leaves);
    let proof = list::prove(&leaves, 4).unwrap();
    assert_eq!(proof.siblings.len(), 1);
    let leaf = &leaves[4];
    let outside = ListProof {
        index: 5,
        ..proof.clone()
    };
    assert_eq!(
        outside.verify(&root, leaf),
        Err(ListProofError::IndexOutOfRange { index: 5, count: 5 })
    );
    let mut long = proof.clone();
    long.siblings.push(root);
    assert_eq!(
        long.verify(&root, leaf),
        Err(ListProofError::WrongLength {
            expected: 1,
            found: 2
        })
    );
    let short = ListProof {
        siblings: vec![],
        ..proof.clone()
    };
    assert_eq!(
        short.verify(&root, leaf),
        Err(ListProofError::WrongLength {
            expected: 1,
            found: 0
        })
    );
    assert!(matches!(
        proof.verify(&root, &leaves[3]),
        Err(ListProofError::RootMismatch { .. })
    ));
}

/// Numbers at the ends of their range meet no arithmetic that could overflow.
#[test]
fn extreme_positions_are_judged() {
    let siblings = vec![Hash::default(); 64];
    let last = ListProof {
        index: u64::MAX - 1,
        count: u64::MAX,
        siblings,
    };
    let leaf = numbered(1);
    assert!(matches!(
        last.verify(&leaf, &leaf),
        Err(ListProofError::WrongLength {
            expected: 63,
            found: 64
        })
    ));
    let first = ListProof { index: 0, ..last };
    assert!(matches!(
        first.verify(&leaf, &leaf),
        Err(ListProofError::RootMismatch { .. })
    ));
}

/// An inner node is no leaf: the classic second preimage.
#[test]
fn an_inner_node_does_not_pass_for_a_leaf() {
    let leaves = leaves(4);
    let tops = [naive_tree(&leaves[..2]), naive_tree(&leaves[2..])];
    assert_ne!(list::root(&tops), list::root(&leaves));
    let proof = ListProof {
        index: 0,
        count: 2,
        siblings: vec![tops[1]],
    };
    assert!(proof.verify(&list::root(&leaves), &tops[0]).is_err());
}

#[test]
fn roots_are_pinned() {
    let pinned = [
        (
            0,
            "f6599646648138d9c74865a50cf046c3da65108c00401d0a95a0ecb8f4004941",
        ),
        (
            1,
            "14849dfc8b93daae2ebd6d2a2d11bf9fa06abade8bf85b47ef993d7d59b024dd",
        ),
        (
            5,
            "8b9d42b050d0a8f1d829b3cfe1277a1aca0e6cf9a184d6767f563252dd80ff38",
        ),
    ];
    for (count, root) in pinned {
        assert_eq!(list::root(&leaves(count)).to_string(), root, "{count}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn agrees_with_the_definition(count in 1..600usize, at in any::<prop::sample::Index>(), bit in 0..256usize) {
        let leaves = leaves(count);
        let index = at.index(count);
        let root = list::root(&leaves);
        prop_assert_eq!(root, naive_root(&leaves));
        let proof = list::prove(&leaves, index).unwrap();
        prop_assert_eq!(proof.verify(&root, &leaves[index]), Ok(()));
        for place in 0..proof.siblings.len() {
            let mut altered = proof.clone();
            altered.siblings[place].0[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(altered.verify(&root, &leaves[index]).is_err());
        }
        let mut altered = leaves[index];
        altered.0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(proof.verify(&root, &altered).is_err());
        let mut altered = root;
        altered.0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(proof.verify(&altered, &leaves[index]).is_err());
    }
}
