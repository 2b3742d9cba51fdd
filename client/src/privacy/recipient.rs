//! Keys under which envelopes are sealed.
//!
//! An envelope key follows from the seed in a key file (`talea keys new`): the seed is the input of
//! RFC 9180's `DeriveKeyPair`, after a hash that names the purpose. So the same file, passphrase and care
//! serve both, and neither key says anything about the other. Who wants a key for envelopes alone makes
//! a key file that signs nothing.

use std::{fmt, str::FromStr};

use hpke::{Deserializable, Kem as _, Serializable};
use talea_types::{Hash, PublicKey, SecretKey, hash::tagged};
use zeroize::Zeroizing;

use super::PrivacyError;

pub(super) type Kem = hpke::kem::X25519HkdfSha256;
pub(super) type Kdf = hpke::kdf::HkdfSha256;
pub(super) type Aead = hpke::aead::ChaCha20Poly1305;
pub(super) type KemPublic = <Kem as hpke::Kem>::PublicKey;
pub(super) type KemSecret = <Kem as hpke::Kem>::PrivateKey;

/// The public key of a recipient: what others seal to. Give it to them in any way that shows that it is
/// yours; it need not be secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecipientKey([u8; 32]);

impl RecipientKey {
    /// The id by which envelopes and the ledger name it.
    #[must_use]
    pub fn id(&self) -> Hash {
        tagged("talea/envelope-key-id/v1", &[&self.0])
    }

    /// Its bytes (RFC 7748).
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn to_kem(self) -> Result<KemPublic, PrivacyError> {
        KemPublic::from_bytes(&self.0).map_err(|_| PrivacyError::Form {
            what: "an envelope key",
            reason: "no point of the curve has these bytes".to_owned(),
        })
    }
}

impl fmt::Display for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The same text as a public key for signatures, told apart by what stands before it.
        write!(f, "x25519:{}", PublicKey::from_bytes(self.0))
    }
}

impl fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for RecipientKey {
    type Err = PrivacyError;

    fn from_str(text: &str) -> Result<Self, PrivacyError> {
        let form = || PrivacyError::Form {
            what: "an envelope key",
            reason: format!("'{text}' should be 'x25519:' and 64 hexadecimal digits"),
        };
        let key = text.strip_prefix("x25519:").ok_or_else(form)?;
        let key: PublicKey = key.parse().map_err(|_| form())?;
        Ok(Self(*key.as_bytes()))
    }
}

/// A recipient's secret key.
pub struct EnvelopeKey {
    secret: KemSecret,
    public: RecipientKey,
}

impl fmt::Debug for EnvelopeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnvelopeKey(of {})", self.public)
    }
}

impl EnvelopeKey {
    /// The envelope key of a key file.
    #[must_use]
    pub fn of(key: &SecretKey) -> Self {
        let seed = Zeroizing::new(key.as_signing_key().to_bytes());
        let material = Zeroizing::new(tagged("talea/envelope-key/v1", &[&seed[..]]).0);
        Self::from_material(&material)
    }

    /// The key that follows from random material.
    pub(super) fn from_material(material: &[u8; 32]) -> Self {
        let (secret, public) = Kem::derive_keypair(material);
        Self {
            secret,
            public: RecipientKey(public.to_bytes().into()),
        }
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> RecipientKey {
        self.public
    }

    pub(super) const fn secret(&self) -> &KemSecret {
        &self.secret
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_has_one_envelope_key_that_is_not_its_signing_key() {
        let signing = SecretKey::from_seed([3; 32]);
        let key = EnvelopeKey::of(&signing).public();
        assert_eq!(key, EnvelopeKey::of(&signing).public());
        assert_ne!(key.as_bytes(), signing.public_key().as_bytes());
        assert_ne!(
            key,
            EnvelopeKey::of(&SecretKey::from_seed([4; 32])).public()
        );
        assert_eq!(key.to_string().parse::<RecipientKey>().unwrap(), key);
        assert!(
            signing
                .public_key()
                .to_string()
                .parse::<RecipientKey>()
                .is_err()
        );
        assert!("x25519:00".parse::<RecipientKey>().is_err());
    }

    /// Changing it would lock everybody out of their envelopes.
    #[test]
    fn the_derivation_is_pinned() {
        let key = EnvelopeKey::of(&SecretKey::from_seed([3; 32])).public();
        assert_eq!(key.to_string(), PINNED);
    }

    const PINNED: &str = "x25519:ec6a1044daea203fc6c4d04f6fa3c1f33694ec686bfb0f31455017fc64153d43";
}
