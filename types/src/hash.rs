//! Hashes: blake3, with the purpose of each hash in its input.

use crate::crypto::hex_text;

/// 256 bits of blake3.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; 32]);

hex_text!(Hash, 32);

impl Hash {
    /// All zero: the hash of nothing (an empty subtree, no parent).
    pub const ZERO: Self = Self([0; 32]);

    /// Takes the bytes as they are.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// blake3 of `tag length (one byte) || tag || parts`: the tag says what the hash is for, so that no
/// hash of one kind is also a hash of another.
pub fn tagged(tag: &'static str, parts: &[&[u8]]) -> Hash {
    let length = u8::try_from(tag.len()).unwrap_or_else(|_| unreachable!("a tag is a short name"));
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[length]).update(tag.as_bytes());
    for part in parts {
        hasher.update(part);
    }
    Hash(*hasher.finalize().as_bytes())
}
