//! Keeps the decompressed form of the keys that were used lately.

use std::fmt;

use super::{KeyError, PublicKey, VerifyingKey};
use crate::limits::KEY_CACHE_SLOTS;

/// A table of [`KEY_CACHE_SLOTS`] slots, each holding the last key whose bytes led to it. Memory is
/// bounded (about 16 MiB when full, half a MiB when empty) and the content is a function of the
/// calls alone. Keys made to share a slot only cost each other the saving: a decompression, a fifth
/// of the verification that follows.
pub struct KeyCache {
    slots: Vec<Option<Box<VerifyingKey>>>,
}

impl Default for KeyCache {
    fn default() -> Self {
        Self {
            slots: vec![None; KEY_CACHE_SLOTS],
        }
    }
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let used = self.slots.iter().flatten().count();
        write!(
            formatter,
            "KeyCache({used} of {KEY_CACHE_SLOTS} slots used)"
        )
    }
}

impl KeyCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// The key ready for verifying, decompressed if it is not here yet. A key that fails is not
    /// kept: it displaces nothing.
    ///
    /// # Errors
    /// If the bytes are not a point of the curve.
    pub fn verifying_key(&mut self, key: PublicKey) -> Result<&VerifyingKey, KeyError> {
        let slot = self.slots.get_mut(slot_of(&key));
        let slot = slot.unwrap_or_else(|| unreachable!("a slot is below the number of slots"));
        let kept = match slot.take_if(|kept| kept.public_key() == key) {
            Some(kept) => kept,
            None => Box::new(VerifyingKey::try_from(key)?),
        };
        Ok(slot.insert(kept))
    }
}

/// The encodings of points are spread evenly over their low bytes.
fn slot_of(key: &PublicKey) -> usize {
    let [low, high, ..] = *key.as_bytes();
    usize::from(u16::from_le_bytes([low, high])) % KEY_CACHE_SLOTS
}
