//! A public key as it travels and as it names a signer: 32 bytes, compared as bytes.

use curve25519_dalek::edwards::CompressedEdwardsY;

use super::{KeyError, hex_text, known};

/// The bytes of an Ed25519 public key. Whether they are a point at all is asked by
/// [`VerifyingKey::try_from`](super::VerifyingKey), whether they may name a signer by
/// [`PublicKey::check_registrable`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

hex_text!(PublicKey, 32);

impl PublicKey {
    /// Length in bytes.
    pub const LENGTH: usize = 32;

    /// Takes the bytes as they came.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes as they travel.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Checks that the key may be registered as a signer's: the canonical encoding of a point of
    /// the prime-order group other than the identity. With such keys the rule of this module
    /// accepts nothing that a strict verifier would refuse on account of the key.
    ///
    /// Costs a scalar multiplication (tens of microseconds): for registration, not for every use.
    ///
    /// # Errors
    /// Names the first property that the key lacks.
    pub fn check_registrable(&self) -> Result<(), KeyError> {
        let key = *self;
        if known::is_registrable(&key) {
            return Ok(());
        }
        let compressed = CompressedEdwardsY(self.0);
        let point = compressed
            .decompress()
            .ok_or(KeyError::NotOnCurve { key })?;
        if point.compress() != compressed {
            return Err(KeyError::NonCanonical { key });
        }
        if point.is_small_order() {
            return Err(KeyError::SmallOrder { key });
        }
        if !point.is_torsion_free() {
            return Err(KeyError::Torsion { key });
        }
        known::note_registrable(&key);
        Ok(())
    }
}
