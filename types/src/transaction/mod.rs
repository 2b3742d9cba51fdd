//! Transactions: the bytes that were signed, their id, and what they ask for.
//!
//! A signature covers `tag || chain id || body`; the id is the BLAKE3 hash of the same bytes. The bytes
//! are kept as they came: nobody re-encodes what somebody signed.

mod verify;

pub use verify::{VerifiedTransaction, verify_all};

use bytes::Bytes;
use prost::Message;

use crate::{
    crypto::{PublicKey, SecretKey, Signature},
    decode::{DecodeError, array, ascending},
    hash::Hash,
    ids::{AccountId, ChainId, ParticipantId, TransactionId},
    limits,
    operation::Operation,
    subject::Subject,
    time::Timestamp,
    wire,
};

/// First bytes of everything that a transaction's signature covers. No other signed message starts so.
const SIGNING_TAG: &[u8] = b"talea/transaction/v1";

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionBody {
    /// Keys that sign, strictly ascending.
    pub signers: Vec<PublicKey>,
    /// Whose nonce is used: an account or an organisation.
    pub author: Subject,
    /// Unique for the author.
    pub nonce: u64,
    /// Ledger time after which it can never be applied.
    pub expires_at: Timestamp,
    /// What it asks for.
    pub operation: Operation,
}

impl TransactionBody {
    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::TransactionBody {
        use wire::transaction_body::Author;
        wire::TransactionBody {
            signers: self
                .signers
                .iter()
                .map(|key| Bytes::copy_from_slice(key.as_bytes()))
                .collect(),
            author: match self.author {
                Subject::Account(id) => Some(Author::AuthorAccount(id.to_wire())),
                Subject::Participant(id) => Some(Author::AuthorParticipant(id.to_wire())),
                // No author: reading it back says that the author is missing.
                Subject::Debtor(_) | Subject::Loan(_) | Subject::Case(_) => None,
            },
            nonce: self.nonce,
            expires_at_ms: self.expires_at.millis(),
            operation: Some(self.operation.to_wire()),
        }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn from_wire(body: &wire::TransactionBody) -> Result<Self, DecodeError> {
        use wire::transaction_body::Author;
        let signers = ascending("signers", &body.signers, limits::SIGNERS_MAX, |key| {
            array("signers", key).map(PublicKey::from_bytes)
        })?;
        if signers.is_empty() {
            return Err(DecodeError::Missing { field: "signers" });
        }
        let author = match body
            .author
            .as_ref()
            .ok_or(DecodeError::Missing { field: "author" })?
        {
            Author::AuthorAccount(id) => {
                Subject::Account(AccountId::from_wire("author_account", id)?)
            }
            Author::AuthorParticipant(id) => {
                Subject::Participant(ParticipantId::from_wire("author_participant", id)?)
            }
        };
        let operation = body
            .operation
            .as_ref()
            .ok_or(DecodeError::Missing { field: "operation" })?;
        Ok(Self {
            signers,
            author,
            nonce: body.nonce,
            expires_at: Timestamp::from_millis(body.expires_at_ms),
            operation: Operation::from_wire(operation)?,
        })
    }
}

/// A decoded transaction whose signatures have not been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTransaction {
    id: TransactionId,
    encoded: Bytes,
    signed_message: Vec<u8>,
    body: TransactionBody,
    signatures: Vec<Signature>,
}

impl SignedTransaction {
    /// Signs a body. `keys` may be in any order; each must be among the body's signers and all of
    /// those must be there.
    ///
    /// # Errors
    /// [`DecodeError::Missing`] when the key of a signer was not given; [`DecodeError::TooLarge`] when the
    /// result would exceed [`limits::TRANSACTION_BYTES_MAX`]; any error of the body's own form.
    pub fn sign(
        chain: &ChainId,
        body: &TransactionBody,
        keys: &[&SecretKey],
    ) -> Result<Self, DecodeError> {
        let body_bytes = body.to_wire().encode_to_vec();
        let message = signed_message(chain, &body_bytes);
        let mut signatures = Vec::with_capacity(body.signers.len());
        for signer in &body.signers {
            let key = keys.iter().find(|key| key.public_key() == *signer);
            let key = key.ok_or(DecodeError::Missing {
                field: "key of a signer",
            })?;
            signatures.push(Bytes::copy_from_slice(key.sign(&message).as_bytes()));
        }
        let signed = wire::SignedTransaction {
            body: body_bytes.into(),
            signatures,
        };
        Self::decode(chain, signed.encode_to_vec().into())
    }

    /// Puts a body and signatures that were made elsewhere together.
    ///
    /// # Errors
    /// As [`SignedTransaction::decode`].
    pub fn assemble(
        chain: &ChainId,
        body: Bytes,
        signatures: &[Signature],
    ) -> Result<Self, DecodeError> {
        let signatures = signatures
            .iter()
            .map(|one| Bytes::copy_from_slice(one.as_bytes()))
            .collect();
        Self::decode(
            chain,
            wire::SignedTransaction { body, signatures }
                .encode_to_vec()
                .into(),
        )
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`DecodeError`]: too large, malformed, not canonical, or a field that breaks its rule.
    pub fn decode(chain: &ChainId, bytes: Bytes) -> Result<Self, DecodeError> {
        let signed: wire::SignedTransaction =
            wire::decode_canonical("transaction", &bytes, limits::TRANSACTION_BYTES_MAX)?;
        let body: wire::TransactionBody = wire::decode_canonical(
            "transaction body",
            &signed.body,
            limits::TRANSACTION_BYTES_MAX,
        )?;
        let body = TransactionBody::from_wire(&body)?;
        if signed.signatures.len() != body.signers.len() {
            return Err(DecodeError::Range {
                field: "signatures",
                reason: "one for each signer",
            });
        }
        let signatures = signed
            .signatures
            .iter()
            .map(|signature| array("signatures", signature).map(Signature::from_bytes))
            .collect::<Result<Vec<_>, _>>()?;
        let signed_message = signed_message(chain, &signed.body);
        let id = TransactionId::new(Hash(*blake3::hash(&signed_message).as_bytes()));
        Ok(Self {
            id,
            encoded: bytes,
            signed_message,
            body,
            signatures,
        })
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> TransactionId {
        self.id
    }

    /// What it asks for.
    #[must_use]
    pub const fn body(&self) -> &TransactionBody {
        &self.body
    }

    /// Its canonical bytes.
    #[must_use]
    pub const fn encoded(&self) -> &Bytes {
        &self.encoded
    }

    /// The bytes that every signature covers.
    #[must_use]
    pub fn signed_message(&self) -> &[u8] {
        &self.signed_message
    }

    /// One signature for each signer, in the same order.
    #[must_use]
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }
}

/// The bytes that a signature of `body` covers on `chain`; an offline signer signs these.
#[must_use]
pub fn signed_message(chain: &ChainId, body: &[u8]) -> Vec<u8> {
    [SIGNING_TAG, chain.as_bytes().as_slice(), body].concat()
}

/// The id of the transaction with this body.
#[must_use]
pub fn transaction_id(chain: &ChainId, body: &[u8]) -> TransactionId {
    TransactionId::new(Hash(*blake3::hash(&signed_message(chain, body)).as_bytes()))
}
