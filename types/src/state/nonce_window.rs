//! Replay protection without unbounded state: which nonces an author has used.
//!
//! ```text
//!   refused for ever      the window: NONCE_WINDOW nonces      may be jumped to    too far
//! ----------------------|-------------------------------|----------------------|------------->
//!                      base                      base + WINDOW        base + WINDOW + JUMP
//! ```
//!
//! Within the window nonces may be used in any order, each once. Using the lowest moves the window up
//! past everything that is used there. Using one above the window slides the window up until that one
//! is its last; what falls below unused can never be used.
//!
//! Kept true: a nonce is accepted at most once, for ever; the lowest nonce of the window is unused.

use crate::{
    decode::DecodeError,
    encode::{FieldWriter, required},
    limits::{NONCE_JUMP_MAX, NONCE_WINDOW},
    planted::{self, Bug},
    wire,
};

const WORD_BITS: u64 = 64;

/// The nonces that an author can still use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NonceWindow {
    base: u64,
    /// Bit `i` of word `j`: nonce `base + 64 j + i` was used. No zero words at the end; bit 0 unset.
    used: Vec<u64>,
}

/// Why a nonce cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonceRefusal {
    /// It is below the window.
    Below,
    /// It was used.
    Used,
    /// It is too far above the window.
    TooFar,
}

impl NonceWindow {
    /// The lowest nonce that can still be used.
    #[must_use]
    pub const fn base(&self) -> u64 {
        self.base
    }

    /// Whether `nonce` could be used now.
    ///
    /// # Errors
    /// [`NonceRefusal`] says why not.
    pub fn check(&self, nonce: u64) -> Result<(), NonceRefusal> {
        if planted::is(Bug::NonceBelowWindow) && nonce.checked_add(1) == Some(self.base) {
            return Ok(());
        }
        let Some(offset) = nonce.checked_sub(self.base) else {
            return Err(NonceRefusal::Below);
        };
        // The last number of all is never used: the base could not move past it.
        if offset >= NONCE_WINDOW.saturating_add(NONCE_JUMP_MAX) || nonce == u64::MAX {
            return Err(NonceRefusal::TooFar);
        }
        if self.is_used(offset) && !planted::is(Bug::NonceReused) {
            return Err(NonceRefusal::Used);
        }
        Ok(())
    }

    /// Uses a nonce.
    ///
    /// # Errors
    /// As [`check`](Self::check); nothing changes then.
    pub fn try_use(&mut self, nonce: u64) -> Result<(), NonceRefusal> {
        self.check(nonce)?;
        let above = nonce
            .saturating_sub(self.base)
            .saturating_add(1)
            .saturating_sub(NONCE_WINDOW);
        self.slide(above);
        let offset = nonce.saturating_sub(self.base);
        let (word, bit) = position(offset);
        if self.used.len() <= word {
            self.used.resize(word.saturating_add(1), 0);
        }
        if let Some(slot) = self.used.get_mut(word) {
            *slot |= 1 << bit;
        }
        self.slide(self.leading_used());
        Ok(())
    }

    fn is_used(&self, offset: u64) -> bool {
        let (word, bit) = position(offset);
        self.used
            .get(word)
            .is_some_and(|word| word & (1 << bit) != 0)
    }

    /// How many nonces from the base on were used without a gap.
    fn leading_used(&self) -> u64 {
        let mut count: u64 = 0;
        for word in &self.used {
            let ones = u64::from(word.trailing_ones());
            count = count.saturating_add(ones);
            if ones < WORD_BITS {
                break;
            }
        }
        count
    }

    /// Moves the base up.
    fn slide(&mut self, by: u64) {
        if by == 0 {
            return;
        }
        self.base = self.base.saturating_add(by);
        let (words, bits) = position(by);
        self.used.drain(..words.min(self.used.len()));
        if bits > 0 {
            let mut above = 0;
            for word in self.used.iter_mut().rev() {
                let carried = above;
                above = *word << (WORD_BITS.saturating_sub(bits));
                *word = (*word >> bits) | carried;
            }
        }
        while self.used.last() == Some(&0) {
            self.used.pop();
        }
    }

    pub(super) fn write(&self, field: u32, w: &mut FieldWriter<'_>) {
        w.message(field, |w| {
            w.number(1, self.base);
            let mut bytes = [0u8; (NONCE_WINDOW / 8) as usize];
            let mut length = 0;
            let all = self.used.iter().flat_map(|word| word.to_le_bytes());
            for (index, (slot, byte)) in bytes.iter_mut().zip(all).enumerate() {
                *slot = byte;
                if byte != 0 {
                    length = index.saturating_add(1);
                }
            }
            w.bytes(2, bytes.get(..length).unwrap_or_default());
        });
    }

    pub(super) fn from_wire(window: Option<&wire::NonceWindow>) -> Result<Self, DecodeError> {
        let window = required("nonces", window)?;
        let bytes = &window.used;
        let fits = (bytes.len() as u64).saturating_mul(8) <= NONCE_WINDOW;
        let trimmed = bytes.last() != Some(&0);
        let base_unused = bytes.first().is_none_or(|first| first & 1 == 0);
        if !fits || !trimmed || !base_unused {
            return Err(DecodeError::Range {
                field: "nonces.used",
                reason: "at most 1,024 bits, no zero bytes at the end, the first bit unset",
            });
        }
        let used = bytes.chunks(8).map(|chunk| {
            let mut word = [0u8; 8];
            for (slot, byte) in word.iter_mut().zip(chunk) {
                *slot = *byte;
            }
            u64::from_le_bytes(word)
        });
        Ok(Self {
            base: window.base,
            used: used.collect(),
        })
    }
}

/// The word of an offset and the bit in it.
fn position(offset: u64) -> (usize, u64) {
    let word = usize::try_from(offset / WORD_BITS).unwrap_or(usize::MAX);
    (word, offset % WORD_BITS)
}

#[cfg(test)]
mod tests;
