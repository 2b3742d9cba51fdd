//! Envelopes: data about the holder of an account, encrypted to named recipients (RFC 9180, base mode,
//! DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305).
//!
//! ```text
//! random material -> content key --seals--> content          (with the account)
//!                 '----------------seals--> material, once for each recipient   (with the hash of all that)
//! ```
//!
//! Kept true: a file has one encoding, so the hash that the ledger knows names one content; nothing of it
//! can be moved to another account or mixed with another envelope unnoticed. Base mode says nothing about
//! who sealed: that is what the transaction that puts the hash on the ledger says.

use std::path::Path;

use bytes::Bytes;
use hpke::{Deserializable, OpModeR, OpModeS, Serializable};
use prost::Message;
use talea_proto::api;
use talea_types::{
    AccountId, Hash,
    hash::tagged,
    limits::{ENVELOPE_BYTES_MAX, ENVELOPE_RECIPIENTS_MAX},
    operation::EnvelopePut,
    wire::decode_canonical,
};
use zeroize::Zeroizing;

use super::{
    PrivacyError, file,
    recipient::{Aead, EnvelopeKey, Kdf, Kem, RecipientKey},
};

const CONTENT: &[u8] = b"talea/envelope-content/v1";
const RECIPIENT: &[u8] = b"talea/envelope-recipient/v1";
/// Largest content: with all recipients the file is within the ledger's limit.
pub const CONTENT_BYTES_MAX: usize = ENVELOPE_BYTES_MAX as usize - 4 * 1024;

/// An envelope as it is kept off the ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct SealedEnvelope {
    account: AccountId,
    file: api::EnvelopeFile,
    encoded: Bytes,
}

type EncappedKey = <Kem as hpke::Kem>::EncappedKey;

fn form(reason: impl std::fmt::Display) -> PrivacyError {
    PrivacyError::Form {
        what: "an envelope",
        reason: reason.to_string(),
    }
}

fn seal(
    to: RecipientKey,
    info: &[u8],
    content: &[u8],
    with: &[u8],
) -> Result<(Bytes, Bytes), PrivacyError> {
    let (key, ciphertext) = hpke::single_shot_seal::<Aead, Kdf, Kem>(
        &OpModeS::Base,
        &to.to_kem()?,
        info,
        content,
        with,
    )
    .map_err(|_| form("the recipient's key cannot be used"))?;
    Ok((Bytes::copy_from_slice(&key.to_bytes()), ciphertext.into()))
}

fn open(
    key: &EnvelopeKey,
    info: &[u8],
    encapsulated: &[u8],
    ciphertext: &[u8],
    with: &[u8],
) -> Result<Zeroizing<Vec<u8>>, PrivacyError> {
    let encapsulated = EncappedKey::from_bytes(encapsulated).map_err(|_| PrivacyError::Altered)?;
    hpke::single_shot_open::<Aead, Kdf, Kem>(
        &OpModeR::Base,
        key.secret(),
        &encapsulated,
        info,
        ciphertext,
        with,
    )
    .map(Zeroizing::new)
    .map_err(|_| PrivacyError::Altered)
}

/// What binds a recipient's part to the content.
fn binding(account: &AccountId, encapsulated: &[u8], ciphertext: &[u8]) -> Hash {
    tagged(
        "talea/envelope-binding/v1",
        &[account.as_bytes(), encapsulated, ciphertext],
    )
}

impl SealedEnvelope {
    /// Encrypts content about the holder of an account to 1 to 16 recipients.
    ///
    /// # Errors
    /// [`PrivacyError`].
    pub fn seal(
        account: AccountId,
        content: &[u8],
        recipients: &[RecipientKey],
    ) -> Result<Self, PrivacyError> {
        if content.len() > CONTENT_BYTES_MAX {
            return Err(form(format!(
                "the content is longer than {CONTENT_BYTES_MAX} bytes"
            )));
        }
        let mut recipients = recipients.to_vec();
        recipients.sort_by_key(RecipientKey::id);
        recipients.dedup();
        if !(1..=ENVELOPE_RECIPIENTS_MAX).contains(&recipients.len()) {
            return Err(form("it is for 1 to 16 recipients"));
        }
        let mut material = Zeroizing::new([0; 32]);
        getrandom::fill(&mut material[..]).map_err(|error| PrivacyError::Random {
            reason: error.to_string(),
        })?;
        let own = EnvelopeKey::from_material(&material);
        let (encapsulated_key, ciphertext) =
            seal(own.public(), CONTENT, content, account.as_bytes())?;
        let binding = binding(&account, &encapsulated_key, &ciphertext);
        let mut parts = Vec::with_capacity(recipients.len());
        for recipient in recipients {
            let (encapsulated_key, ciphertext) =
                seal(recipient, RECIPIENT, &material[..], binding.as_bytes())?;
            parts.push(api::EnvelopeRecipient {
                key_id: Bytes::copy_from_slice(recipient.id().as_bytes()),
                encapsulated_key,
                ciphertext,
            });
        }
        let file = api::EnvelopeFile {
            account: account.to_wire(),
            recipients: parts,
            encapsulated_key,
            ciphertext,
        };
        Self::decode(file.encode_to_vec().into())
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`PrivacyError::Form`].
    pub fn decode(encoded: Bytes) -> Result<Self, PrivacyError> {
        let file: api::EnvelopeFile =
            decode_canonical("envelope", &encoded, ENVELOPE_BYTES_MAX as usize).map_err(form)?;
        let ids: Vec<&Bytes> = file.recipients.iter().map(|one| &one.key_id).collect();
        let is_bounded = (1..=ENVELOPE_RECIPIENTS_MAX).contains(&ids.len());
        if !is_bounded || !ids.is_sorted_by(|one, other| one < other) {
            return Err(form("1 to 16 recipients, in the order of their keys' ids"));
        }
        if ids.iter().any(|id| id.len() != 32) {
            return Err(form("the id of a key has 32 bytes"));
        }
        Ok(Self {
            account: AccountId::from_wire("account", &file.account).map_err(form)?,
            file,
            encoded,
        })
    }

    /// Whom it is about.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// What the ledger names it by.
    #[must_use]
    pub fn hash(&self) -> Hash {
        tagged("talea/envelope/v1", &[&self.encoded])
    }

    /// The bytes of its file.
    #[must_use]
    pub const fn encoded(&self) -> &Bytes {
        &self.encoded
    }

    /// The ids of the recipients' keys, ascending.
    #[must_use]
    pub fn recipients(&self) -> Vec<Hash> {
        let ids = self.file.recipients.iter();
        ids.filter_map(|one| <[u8; 32]>::try_from(one.key_id.as_ref()).ok())
            .map(Hash)
            .collect()
    }

    /// The operation that commits to it.
    #[must_use]
    pub fn put(&self) -> EnvelopePut {
        EnvelopePut {
            account: self.account,
            ciphertext_hash: self.hash(),
            size: u32::try_from(self.encoded.len())
                .unwrap_or_else(|_| unreachable!("decoding bounds it")),
            recipients: self.recipients(),
        }
    }

    /// Decrypts it. The content is erased from memory when dropped.
    ///
    /// # Errors
    /// [`PrivacyError::NotARecipient`]; [`PrivacyError::Altered`].
    pub fn open(&self, key: &EnvelopeKey) -> Result<Zeroizing<Vec<u8>>, PrivacyError> {
        let id = key.public().id();
        let parts = self.file.recipients.iter();
        let Some(part) = parts.clone().find(|part| part.key_id == id.as_bytes()[..]) else {
            let recipients: Vec<String> = self.recipients().iter().map(Hash::to_string).collect();
            return Err(PrivacyError::NotARecipient {
                key: id,
                recipients: recipients.join(", "),
            });
        };
        let file = &self.file;
        let binding = binding(&self.account, &file.encapsulated_key, &file.ciphertext);
        let material = open(
            key,
            RECIPIENT,
            &part.encapsulated_key,
            &part.ciphertext,
            binding.as_bytes(),
        )?;
        let material = <[u8; 32]>::try_from(&material[..]).map_err(|_| PrivacyError::Altered)?;
        let own = EnvelopeKey::from_material(&Zeroizing::new(material));
        open(
            &own,
            CONTENT,
            &file.encapsulated_key,
            &file.ciphertext,
            self.account.as_bytes(),
        )
    }

    /// Writes a new file that only its owner can read.
    ///
    /// # Errors
    /// [`PrivacyError::File`], also when the file exists.
    pub fn save(&self, path: &Path) -> Result<(), PrivacyError> {
        file::write_new(path, &self.encoded)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`PrivacyError`].
    pub fn load(path: &Path) -> Result<Self, PrivacyError> {
        Self::decode(file::read(path, ENVELOPE_BYTES_MAX as usize)?.into())
    }
}

#[cfg(test)]
mod tests {
    use talea_types::SecretKey;

    use super::*;

    fn key(byte: u8) -> EnvelopeKey {
        EnvelopeKey::of(&SecretKey::from_seed([byte; 32]))
    }

    fn account() -> AccountId {
        AccountId::from_bytes([9; 16])
    }

    const CONTENT: &[u8] = b"Jana Novakova, born 1990-02-03";

    fn envelope() -> SealedEnvelope {
        let recipients = [key(1).public(), key(2).public()];
        SealedEnvelope::seal(account(), CONTENT, &recipients).unwrap()
    }

    #[test]
    fn every_recipient_opens_it_and_nobody_else() {
        let envelope = envelope();
        for byte in [1, 2] {
            assert_eq!(&envelope.open(&key(byte)).unwrap()[..], CONTENT);
        }
        let refused = envelope.open(&key(3)).unwrap_err();
        assert!(
            matches!(refused, PrivacyError::NotARecipient { .. }),
            "{refused}"
        );
        let put = envelope.put();
        assert_eq!(put.recipients, envelope.recipients());
        assert_eq!(put.size as usize, envelope.encoded().len());
        let shown = envelope.encoded().windows(4).any(|part| part == b"Jana");
        assert!(!shown, "the content shows in the file");
        assert_ne!(envelope.hash(), self::envelope().hash());
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let envelope = envelope();
        for position in 0..envelope.encoded().len() {
            let mut altered = envelope.encoded().to_vec();
            altered[position] ^= 1;
            let Ok(altered) = SealedEnvelope::decode(altered.into()) else {
                continue;
            };
            let opened = [1, 2].map(|byte| altered.open(&key(byte)).is_ok());
            assert_ne!(opened, [true, true], "byte {position}");
            assert_ne!(altered.hash(), envelope.hash());
        }
    }

    #[test]
    fn parts_of_two_envelopes_do_not_mix() {
        let (one, other) = (envelope(), envelope());
        let mut mixed = one.file.clone();
        mixed.ciphertext = other.file.ciphertext.clone();
        mixed.encapsulated_key = other.file.encapsulated_key.clone();
        let mixed = SealedEnvelope::decode(mixed.encode_to_vec().into()).unwrap();
        assert!(matches!(mixed.open(&key(1)), Err(PrivacyError::Altered)));
        let mut moved = one.file;
        moved.account = AccountId::from_bytes([8; 16]).to_wire();
        let moved = SealedEnvelope::decode(moved.encode_to_vec().into()).unwrap();
        assert!(matches!(moved.open(&key(1)), Err(PrivacyError::Altered)));
    }

    #[test]
    fn bounds() {
        let long = vec![0; CONTENT_BYTES_MAX + 1];
        assert!(SealedEnvelope::seal(account(), &long, &[key(1).public()]).is_err());
        assert!(SealedEnvelope::seal(account(), CONTENT, &[]).is_err());
        let many: Vec<RecipientKey> = (0..17).map(|byte| key(byte).public()).collect();
        assert!(SealedEnvelope::seal(account(), CONTENT, &many).is_err());
        let most = SealedEnvelope::seal(account(), &long[1..], &many[1..]).unwrap();
        assert!(most.put().size <= ENVELOPE_BYTES_MAX);
        let twice = [key(1).public(), key(1).public()];
        let once = SealedEnvelope::seal(account(), CONTENT, &twice).unwrap();
        assert_eq!(once.recipients().len(), 1);
    }
}
