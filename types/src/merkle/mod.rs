//! Merkle trees: what a root says, and the proofs that a value is, or is not, under it.
//!
//! Kept true: a leaf, a node and a root are hashed under different keys, so none can pass for
//! another; each hash is one compression of blake3 (at most 64 bytes of input); a proof that
//! verifies has the only shape that the tree's definition allows it.

pub mod list;
pub mod map;
pub(crate) mod node;
#[cfg(test)]
mod tests;

pub use list::{ListProof, ListProofError};
pub use map::{MapProof, MapProofError, Terminal};
