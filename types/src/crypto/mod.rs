//! Signatures: keys, the one rule by which a signature is accepted, and its two ways of being
//! computed, for one signature and for many.
//!
//! Kept true: every validator gives the same verdict on the same bytes, whether it checks a
//! signature alone, in a batch, or in another batch than its peer did. The rule is that of ZIP 215
//! (see `docs/adr/0002-one-signature-rule.md`):
//!
//! 1. `S` is canonical: below the group order `L`.
//! 2. `A` (the key) and `R` decompress to points of the curve; an encoding whose `y` is not reduced
//!    is accepted and, as always, hashed as the bytes that came.
//! 3. `[8](S B - R - k A)` is the identity, with `k = SHA-512(R || A || message)`.
//!
//! Nothing else in the workspace verifies an Ed25519 signature.

mod batch;
mod equation;
mod error;
mod hex_text;
mod key_cache;
mod known;
mod public_key;
mod secret_key;
mod signature;
#[cfg(test)]
mod tests;
mod verifying_key;

pub use batch::BatchVerifier;
pub use error::{KeyError, SignatureError};
pub use hex_text::HexError;
pub(crate) use hex_text::{deserialize_fixed, hex_text, parse_hex};
pub use key_cache::KeyCache;
pub use public_key::PublicKey;
pub use secret_key::SecretKey;
pub use signature::Signature;
pub use verifying_key::VerifyingKey;
