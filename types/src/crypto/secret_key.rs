//! A signing key. It is erased from memory when dropped and never printed.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use zeroize::ZeroizeOnDrop;

use super::{PublicKey, Signature, known};

/// An Ed25519 signing key. Signing is deterministic (RFC 8032, section 5.1.6): it needs no
/// randomness and the same message always gets the same signature.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl ZeroizeOnDrop for SecretKey {}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretKey(of {})", self.public_key())
    }
}

impl From<SigningKey> for SecretKey {
    fn from(key: SigningKey) -> Self {
        Self(key)
    }
}

impl SecretKey {
    /// The key of a 32-byte seed (the private key of RFC 8032). The seed must come from a
    /// cryptographic random source; erasing the caller's copy is the caller's task.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey::from_bytes(self.0.verifying_key().to_bytes())
    }

    /// Signs a message. What is signed must begin with a domain tag, so that a signature for one
    /// purpose never serves another; that is the caller's part.
    pub fn sign(&self, message: &[u8]) -> Signature {
        let signature = Signature::from_bytes(self.0.sign(message).to_bytes());
        known::note_made(&self.public_key(), message, &signature);
        signature
    }

    /// The key in the library's own form, for writing and reading key files (PKCS#8).
    pub const fn as_signing_key(&self) -> &SigningKey {
        &self.0
    }
}
