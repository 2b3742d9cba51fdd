//! Blocks of the simulation: the smallest content that can be wrong.

use bytes::Bytes;
use talea_types::{BlockHash, Hash, hash::tagged};

/// A block: its hash is that of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub height: u64,
    pub parent: Hash,
    pub parent_round: u32,
    pub nonce: u64,
}

impl Block {
    pub fn content(&self) -> Bytes {
        let mut bytes = Vec::with_capacity(52);
        bytes.extend_from_slice(&self.height.to_be_bytes());
        bytes.extend_from_slice(self.parent.as_bytes());
        bytes.extend_from_slice(&self.parent_round.to_be_bytes());
        bytes.extend_from_slice(&self.nonce.to_be_bytes());
        bytes.into()
    }

    pub fn hash(&self) -> BlockHash {
        BlockHash::new(tagged("simulation/block", &[&self.content()]))
    }

    pub fn read(content: &[u8]) -> Option<Self> {
        let (height, rest) = content.split_first_chunk::<8>()?;
        let (parent, rest) = rest.split_first_chunk::<32>()?;
        let (parent_round, rest) = rest.split_first_chunk::<4>()?;
        let nonce = <[u8; 8]>::try_from(rest).ok()?;
        Some(Self {
            height: u64::from_be_bytes(*height),
            parent: Hash(*parent),
            parent_round: u32::from_be_bytes(*parent_round),
            nonce: u64::from_be_bytes(nonce),
        })
    }
}
