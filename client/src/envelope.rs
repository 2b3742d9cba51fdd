//! A transaction on its way between its signers: the body, and the signatures that have come so far.
//!
//! A text file, so that it can be mailed, reviewed and kept; nothing in it is secret. Each signer adds a
//! signature to its own copy; copies are merged; when nobody is missing the transaction can be submitted
//! by anyone. Kept true: every signature in it verifies and is of a signer that the body names.

use std::{collections::BTreeMap, path::Path};

use bytes::Bytes;
use prost::Message;
use serde::{Deserialize, Serialize};
use talea_types::{
    ChainId, DecodeError, PublicKey, SecretKey, Signature, SignedTransaction, TransactionBody,
    TransactionId, crypto::VerifyingKey, limits, transaction, wire,
};

const FORMAT: u32 = 1;
/// Largest file that is read: a transaction in hexadecimal with its signatures.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// A body with the signatures collected so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    chain: ChainId,
    body_bytes: Bytes,
    body: TransactionBody,
    signatures: BTreeMap<PublicKey, Signature>,
}

/// Why an envelope cannot be read, signed or merged.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// The file cannot be read or written.
    #[error("cannot access {path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// The text is not an envelope.
    #[error("it is not a transaction file: {reason}")]
    Syntax {
        /// What is wrong.
        reason: String,
    },
    /// The body is not a transaction's.
    #[error("the transaction is not valid: {0}")]
    Body(#[from] DecodeError),
    /// A key that the body does not name.
    #[error(
        "key {key} is not among the signers of this transaction; build it with this key among them"
    )]
    Stranger {
        /// The key.
        key: PublicKey,
    },
    /// A signature that does not verify.
    #[error("the signature of key {key} does not verify; was the body changed after signing?")]
    Signature {
        /// Whose it claims to be.
        key: PublicKey,
    },
    /// Envelopes of two transactions.
    #[error("the files hold two transactions, {first} and {second}; merge copies of one only")]
    Different {
        /// One.
        first: TransactionId,
        /// The other.
        second: TransactionId,
    },
    /// Somebody has not signed yet.
    #[error("{} of {} signatures are missing: {}", missing.len(), total, list(missing))]
    Incomplete {
        /// Who.
        missing: Vec<PublicKey>,
        /// How many there must be.
        total: usize,
    },
}

fn list(keys: &[PublicKey]) -> String {
    let texts: Vec<String> = keys.iter().map(PublicKey::to_string).collect();
    texts.join(", ")
}

/// The file's form. `id` is there for people; it is checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    chain: ChainId,
    id: TransactionId,
    body: String,
    signatures: BTreeMap<PublicKey, Signature>,
}

impl Envelope {
    /// An envelope without signatures.
    ///
    /// # Errors
    /// [`EnvelopeError::Body`] when the body breaks a rule of the encoding.
    pub fn new(chain: ChainId, body: &TransactionBody) -> Result<Self, EnvelopeError> {
        Self::from_bytes(chain, body.to_wire().encode_to_vec().into())
    }

    fn from_bytes(chain: ChainId, body_bytes: Bytes) -> Result<Self, EnvelopeError> {
        let body = wire::decode_canonical(
            "transaction body",
            &body_bytes,
            limits::TRANSACTION_BYTES_MAX,
        )?;
        Ok(Self {
            chain,
            body: TransactionBody::from_wire(&body)?,
            body_bytes,
            signatures: BTreeMap::new(),
        })
    }

    /// The id that the transaction will have.
    #[must_use]
    pub fn id(&self) -> TransactionId {
        transaction::transaction_id(&self.chain, &self.body_bytes)
    }

    /// The network it is for.
    #[must_use]
    pub const fn chain(&self) -> &ChainId {
        &self.chain
    }

    /// What it asks for.
    #[must_use]
    pub const fn body(&self) -> &TransactionBody {
        &self.body
    }

    /// Signers that have not signed.
    #[must_use]
    pub fn missing(&self) -> Vec<PublicKey> {
        let signers = self.body.signers.iter();
        signers
            .filter(|key| !self.signatures.contains_key(key))
            .copied()
            .collect()
    }

    /// Adds the signature of a key.
    ///
    /// # Errors
    /// [`EnvelopeError::Stranger`].
    pub fn sign(&mut self, key: &SecretKey) -> Result<(), EnvelopeError> {
        let message = transaction::signed_message(&self.chain, &self.body_bytes);
        self.add(key.public_key(), key.sign(&message))
    }

    /// Adds a signature that was made elsewhere.
    ///
    /// # Errors
    /// [`EnvelopeError::Stranger`], [`EnvelopeError::Signature`].
    pub fn add(&mut self, key: PublicKey, signature: Signature) -> Result<(), EnvelopeError> {
        if !self.body.signers.contains(&key) {
            return Err(EnvelopeError::Stranger { key });
        }
        let message = transaction::signed_message(&self.chain, &self.body_bytes);
        let verified =
            VerifyingKey::try_from(key).is_ok_and(|key| key.verify(&message, &signature).is_ok());
        if !verified {
            return Err(EnvelopeError::Signature { key });
        }
        self.signatures.insert(key, signature);
        Ok(())
    }

    /// Adds the signatures of another copy.
    ///
    /// # Errors
    /// [`EnvelopeError::Different`] when it is of another transaction.
    pub fn merge(&mut self, other: &Self) -> Result<(), EnvelopeError> {
        if self.id() != other.id() {
            return Err(EnvelopeError::Different {
                first: self.id(),
                second: other.id(),
            });
        }
        self.signatures.extend(&other.signatures);
        Ok(())
    }

    /// The transaction, when everybody has signed.
    ///
    /// # Errors
    /// [`EnvelopeError::Incomplete`]; [`EnvelopeError::Body`] when it is too large.
    pub fn assemble(&self) -> Result<SignedTransaction, EnvelopeError> {
        let signers = &self.body.signers;
        let signatures: Vec<Signature> = signers
            .iter()
            .filter_map(|key| self.signatures.get(key).copied())
            .collect();
        if signatures.len() < signers.len() {
            return Err(EnvelopeError::Incomplete {
                missing: self.missing(),
                total: signers.len(),
            });
        }
        Ok(SignedTransaction::assemble(
            &self.chain,
            self.body_bytes.clone(),
            &signatures,
        )?)
    }

    /// As text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let file = File {
            format: FORMAT,
            chain: self.chain,
            id: self.id(),
            body: to_hexadecimal(&self.body_bytes),
            signatures: self.signatures.clone(),
        };
        let text = serde_json::to_string_pretty(&file);
        text.unwrap_or_else(|_| unreachable!("texts and numbers are always JSON")) + "\n"
    }

    /// Reads text; verifies every signature.
    ///
    /// # Errors
    /// [`EnvelopeError`].
    pub fn from_text(text: &str) -> Result<Self, EnvelopeError> {
        let syntax = |reason: String| EnvelopeError::Syntax { reason };
        let file: File = serde_json::from_str(text).map_err(|error| syntax(error.to_string()))?;
        if file.format != FORMAT {
            return Err(syntax(format!(
                "format {} is not known; this program reads {FORMAT}",
                file.format
            )));
        }
        let body = from_hexadecimal(&file.body)
            .ok_or_else(|| syntax("the body is not hexadecimal".to_owned()))?;
        let mut envelope = Self::from_bytes(file.chain, body)?;
        if envelope.id() != file.id {
            return Err(syntax(
                "the id is not that of the body; the file was altered".to_owned(),
            ));
        }
        for (key, signature) in file.signatures {
            envelope.add(key, signature)?;
        }
        Ok(envelope)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`EnvelopeError`].
    pub fn load(path: &Path) -> Result<Self, EnvelopeError> {
        let refuse = |reason: String| EnvelopeError::File {
            path: path.display().to_string(),
            reason,
        };
        let length = std::fs::metadata(path)
            .map_err(|error| refuse(error.to_string()))?
            .len();
        if length > FILE_BYTES_MAX {
            return Err(refuse("it is too large for a transaction".to_owned()));
        }
        let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
        Self::from_text(&text)
    }

    /// Writes a file.
    ///
    /// # Errors
    /// [`EnvelopeError::File`].
    pub fn save(&self, path: &Path) -> Result<(), EnvelopeError> {
        std::fs::write(path, self.to_text()).map_err(|error| EnvelopeError::File {
            path: path.display().to_string(),
            reason: error.to_string(),
        })
    }
}

fn to_hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hexadecimal(text: &str) -> Option<Bytes> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect::<Option<Vec<u8>>>()
        .map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use talea_types::{AccountId, Amount, Asset, Hash, KeyPolicy, Operation, Subject, Timestamp};

    use super::*;
    use crate::operations;

    fn key(seed: u8) -> SecretKey {
        SecretKey::from_seed([seed; 32])
    }

    fn envelope() -> Envelope {
        let account = |byte| AccountId::from_bytes([byte; 16]);
        let policy = KeyPolicy::new(2, vec![key(1).public_key(), key(2).public_key()]).unwrap();
        let body = TransactionBody {
            signers: policy.keys().to_vec(),
            author: Subject::Account(account(1)),
            nonce: 5,
            expires_at: Timestamp::from_millis(1_000),
            operation: Operation::Transfer(operations::transfer(
                account(1),
                account(2),
                Asset::new("CZK").unwrap(),
                Amount::new(100).unwrap(),
            )),
        };
        Envelope::new(ChainId::new(Hash([9; 32])), &body).unwrap()
    }

    #[test]
    fn two_signers_each_with_a_copy() {
        let mut first = envelope();
        let mut second = Envelope::from_text(&first.to_text()).unwrap();
        first.sign(&key(1)).unwrap();
        assert_eq!(first.missing(), vec![key(2).public_key()]);
        let incomplete = first.assemble().unwrap_err();
        assert!(matches!(incomplete, EnvelopeError::Incomplete { .. }));
        second.sign(&key(2)).unwrap();
        let second = Envelope::from_text(&second.to_text()).unwrap();
        first.merge(&second).unwrap();
        let transaction = first.assemble().unwrap();
        assert_eq!(transaction.id(), first.id());
        assert_eq!(transaction.signatures().len(), 2);
    }

    #[test]
    fn strangers_and_altered_files_are_refused() {
        let mut one = envelope();
        let error = one.sign(&key(3)).unwrap_err();
        assert!(matches!(error, EnvelopeError::Stranger { .. }), "{error}");
        one.sign(&key(1)).unwrap();
        let text = one.to_text();
        // Another amount: the id no longer matches.
        let body = to_hexadecimal(&one.body_bytes);
        let altered = text.replace(&body, &body.replacen("2064", "2065", 1));
        assert_ne!(altered, text);
        let error = Envelope::from_text(&altered).unwrap_err();
        assert!(error.to_string().contains("altered"), "{error}");
        // With the id made to match, the signature does not.
        let other = {
            let bytes = from_hexadecimal(&body.replacen("2064", "2065", 1)).unwrap();
            Envelope::from_bytes(*one.chain(), bytes).unwrap().id()
        };
        let altered = altered.replace(&one.id().to_string(), &other.to_string());
        let error = Envelope::from_text(&altered).unwrap_err();
        assert!(matches!(error, EnvelopeError::Signature { .. }), "{error}");
    }
}
