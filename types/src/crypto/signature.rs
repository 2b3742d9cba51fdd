//! An Ed25519 signature as it travels: 64 bytes, `R` then `S`, judged by nobody yet.

use super::hex_text;

/// The bytes of a signature. That they verify is shown by
/// [`VerifyingKey::verify`](super::VerifyingKey::verify), not by the type.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature([u8; 64]);

hex_text!(Signature, 64);

impl Signature {
    /// Length in bytes.
    pub const LENGTH: usize = 64;

    /// Takes the bytes as they came.
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The bytes as they travel.
    pub const fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// `R`: the encoding of the nonce point.
    pub(super) fn nonce_bytes(&self) -> &[u8; 32] {
        let [nonce, _] = self.halves();
        nonce
    }

    /// `S`: the response scalar, little endian.
    pub(super) fn response_bytes(&self) -> &[u8; 32] {
        let [_, response] = self.halves();
        response
    }

    fn halves(&self) -> [&[u8; 32]; 2] {
        match self.0.as_chunks::<32>().0 {
            [nonce, response] => [nonce, response],
            _ => unreachable!("64 bytes are two halves of 32"),
        }
    }
}
