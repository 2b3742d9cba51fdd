//! The verification equation's terms for one signature, shared by the check of one and of many.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "scalars and points are groups: their operators are total and cannot overflow"
)]

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use sha2::{Digest, Sha512};

use super::{PublicKey, Signature, SignatureError};

/// `SHA-512(R || A || message)`, over the bytes that came: an encoding is never replaced by the
/// canonical one before hashing.
pub(super) fn challenge_digest(key: &PublicKey, message: &[u8], signature: &Signature) -> [u8; 64] {
    let mut hasher = Sha512::new();
    hasher.update(signature.nonce_bytes());
    hasher.update(key.as_bytes());
    hasher.update(message);
    hasher.finalize().into()
}

/// `S`, if it is canonical.
pub(super) fn response_scalar(signature: &Signature) -> Result<Scalar, SignatureError> {
    Option::from(Scalar::from_canonical_bytes(*signature.response_bytes()))
        .ok_or(SignatureError::ScalarNotCanonical)
}

/// `R`, if it is a point of the curve.
pub(super) fn nonce_point(signature: &Signature) -> Result<EdwardsPoint, SignatureError> {
    CompressedEdwardsY(*signature.nonce_bytes())
        .decompress()
        .ok_or(SignatureError::NonceNotOnCurve)
}

/// Whether `[8](S B - k A - R)` is the identity. Takes `-A`, as it is stored.
pub(super) fn holds_alone(
    negated_key: &EdwardsPoint,
    challenge: &Scalar,
    response: &Scalar,
    nonce: &EdwardsPoint,
) -> bool {
    let expected_nonce =
        EdwardsPoint::vartime_double_scalar_mul_basepoint(challenge, negated_key, response);
    // A point's order divides eight exactly if eight times the point is the identity.
    (expected_nonce - nonce).is_small_order()
}
