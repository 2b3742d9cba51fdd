//! A public key made ready for verifying: decompressed once, used often.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "scalars and points are groups: their operators are total and cannot overflow"
)]

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;

use super::equation::{challenge_digest, holds_alone, nonce_point, response_scalar};
use super::{KeyError, PublicKey, Signature, SignatureError, known};

/// A public key whose bytes are known to be a point. Holds `-A`, the form the equation uses.
/// Decompressing costs a fifth of a verification: keep these (see [`KeyCache`](super::KeyCache)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    key: PublicKey,
    negated_point: EdwardsPoint,
}

impl TryFrom<PublicKey> for VerifyingKey {
    type Error = KeyError;

    /// Decompresses by the rule of ZIP 215: an unreduced `y` is accepted.
    fn try_from(key: PublicKey) -> Result<Self, KeyError> {
        let point = CompressedEdwardsY(*key.as_bytes())
            .decompress()
            .ok_or(KeyError::NotOnCurve { key })?;
        Ok(Self {
            key,
            negated_point: -point,
        })
    }
}

impl VerifyingKey {
    /// The key's bytes, as they came.
    pub const fn public_key(&self) -> PublicKey {
        self.key
    }

    /// `-A`.
    pub(super) const fn negated_point(&self) -> &EdwardsPoint {
        &self.negated_point
    }

    /// Verifies one signature. Gives the same verdict as [`BatchVerifier`](super::BatchVerifier),
    /// which costs less from a handful of signatures on.
    ///
    /// # Errors
    /// Says which part of the rule the signature breaks.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), SignatureError> {
        let digest = challenge_digest(&self.key, message, signature);
        let challenge = Scalar::from_bytes_mod_order_wide(&digest);
        let known = known::verdict(&self.key, &challenge, signature);
        if known == Some(true) {
            return Ok(());
        }
        let response = response_scalar(signature)?;
        let nonce = nonce_point(signature)?;
        let holds = known
            .unwrap_or_else(|| holds_alone(&self.negated_point, &challenge, &response, &nonce));
        known::note(&self.key, &challenge, signature, holds);
        if holds {
            Ok(())
        } else {
            Err(SignatureError::Mismatch)
        }
    }
}
