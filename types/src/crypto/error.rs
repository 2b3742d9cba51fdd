//! What can be wrong with a key, a signature or their text.

use thiserror::Error;

use super::PublicKey;

/// A key that cannot be used, or that must not be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// The 32 bytes are not the encoding of a point: no signature can be verified with them.
    #[error("public key {key} is not a point of the curve; check that it was copied whole")]
    NotOnCurve {
        /// The refused key.
        key: PublicKey,
    },
    /// The point has another, canonical encoding: one signer would have two names.
    #[error(
        "public key {key} is not the canonical encoding of its point; register the canonical one"
    )]
    NonCanonical {
        /// The refused key.
        key: PublicKey,
    },
    /// The point's order divides eight: anyone can sign for it.
    #[error(
        "public key {key} is a point of small order, for which anyone can sign; generate a new key"
    )]
    SmallOrder {
        /// The refused key.
        key: PublicKey,
    },
    /// The point has a component of small order: no honest key generation makes one.
    #[error("public key {key} has a component of small order; generate a new key")]
    Torsion {
        /// The refused key.
        key: PublicKey,
    },
}

/// A signature that the rule refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// `S` is not below the group order: a second form of an existing signature.
    #[error("signature scalar is not reduced; sign again with a standard Ed25519 library")]
    ScalarNotCanonical,
    /// `R` is not a point of the curve.
    #[error("first half of the signature is not a point of the curve")]
    NonceNotOnCurve,
    /// The equation does not hold: other key, other message, or altered signature.
    #[error("signature does not match the key and the message")]
    Mismatch,
}
