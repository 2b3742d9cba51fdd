//! Under construction.
pub mod crypto;
pub mod hash;
pub mod limits;
pub mod merkle;

pub use hash::Hash;
