//! Proofs of what is, or is not, in the tree.

use talea_types::{
    Hash,
    merkle::{MapProof, Terminal, map::path_bit},
};

use super::{Place, Tree};

impl Tree {
    /// Shows what is, or that nothing is, at a path.
    pub(crate) fn prove(&self, path: &Hash) -> MapProof {
        let mut siblings = Vec::new();
        let mut subtree = self.root;
        let terminal = loop {
            match subtree.place {
                Place::Empty => break Terminal::Empty,
                Place::Leaf(place) => {
                    let leaf = self.leaves.get(place);
                    break Terminal::Leaf {
                        path: leaf.path,
                        value_hash: leaf.value_hash,
                    };
                }
                Place::Node(place) => {
                    let node = self.nodes.get(place);
                    let (on_path, beside) = if path_bit(path, siblings.len()) {
                        (node.right, node.left)
                    } else {
                        (node.left, node.right)
                    };
                    siblings.push(beside.hash);
                    subtree = on_path;
                }
            }
        };
        MapProof { siblings, terminal }
    }
}
