//! Both trees against naive implementations of their definitions.

mod list;
mod map;

use crate::Hash;

fn numbered(number: u64) -> Hash {
    Hash(*blake3::hash(&number.to_le_bytes()).as_bytes())
}
