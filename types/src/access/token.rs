//! The token by which a reader shows that it holds a key of an account or an organisation.
//!
//! Reading is not spending: any one key of the policy is enough. Kept true: a token is good for one
//! network, one reader, one node and a short time; its bytes are canonical; whether the key is one of the
//! reader's now is for the state to say, each time.

use bytes::Bytes;
use prost::Message;

use crate::{
    crypto::{PublicKey, SecretKey, Signature, VerifyingKey},
    decode::{DecodeError, array},
    ids::{AccountId, ChainId, ParticipantId},
    limits::{READER_TOKEN_BYTES_MAX, READER_TOKEN_MS_MAX},
    subject::Subject,
    time::Timestamp,
    wire,
};

/// First bytes of everything that a token's signature covers. No other signed message starts so.
const SIGNING_TAG: &[u8] = b"talea/reader/v1";

/// What a reader says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReaderStatement {
    /// The network.
    pub chain: ChainId,
    /// As whom it reads: an account or an organisation.
    pub reader: Subject,
    /// Key of the network identity of the node that may take it.
    pub audience: PublicKey,
    /// Ledger time from which it is worth nothing.
    pub expires_at: Timestamp,
    /// The key that signs.
    pub key: PublicKey,
}

/// A decoded token whose signature has not been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReaderToken {
    statement: ReaderStatement,
    statement_bytes: Bytes,
    signature: Signature,
    encoded: Bytes,
}

/// Why a token is worth nothing here and now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is of another network.
    #[error("the reader's token is of another network; make one with this network's chain id")]
    OtherChain,
    /// It is for another node.
    #[error(
        "the reader's token is for another node; make one for the network key that this node's GetNetwork gives"
    )]
    OtherAudience,
    /// Its time has passed.
    #[error("the reader's token has expired; make a new one")]
    Expired,
    /// Its end is too far ahead.
    #[error(
        "the reader's token ends more than ten minutes of ledger time ahead; make one that ends sooner"
    )]
    TooLong,
    /// The signature does not verify.
    #[error(
        "the signature of the reader's token does not verify; sign it with the key that it names"
    )]
    Signature,
}

impl ReaderStatement {
    fn to_wire(self) -> wire::ReaderStatement {
        use wire::reader_statement::Reader;
        wire::ReaderStatement {
            chain_id: self.chain.to_wire(),
            reader: match self.reader {
                Subject::Account(id) => Some(Reader::Account(id.to_wire())),
                Subject::Participant(id) => Some(Reader::Participant(id.to_wire())),
                // No reader: reading it back says that the reader is missing.
                Subject::Debtor(_) | Subject::Loan(_) | Subject::Case(_) => None,
            },
            audience: Bytes::copy_from_slice(self.audience.as_bytes()),
            expires_at_ms: self.expires_at.millis(),
            key: Bytes::copy_from_slice(self.key.as_bytes()),
        }
    }

    fn from_wire(statement: &wire::ReaderStatement) -> Result<Self, DecodeError> {
        use wire::reader_statement::Reader;
        const READER: &str = "reader";
        let reader = match &statement.reader {
            None => return Err(DecodeError::Missing { field: READER }),
            Some(Reader::Account(id)) => Subject::Account(AccountId::from_wire(READER, id)?),
            Some(Reader::Participant(id)) => {
                Subject::Participant(ParticipantId::from_wire(READER, id)?)
            }
        };
        Ok(Self {
            chain: ChainId::from_wire("reader.chain_id", &statement.chain_id)?,
            reader,
            audience: array("reader.audience", &statement.audience).map(PublicKey::from_bytes)?,
            expires_at: Timestamp::from_millis(statement.expires_at_ms),
            key: array("reader.key", &statement.key).map(PublicKey::from_bytes)?,
        })
    }
}

impl ReaderToken {
    /// Signs a statement: its key is the signer's, whatever it says.
    ///
    /// # Errors
    /// [`DecodeError::Missing`] when the reader is neither an account nor an organisation.
    pub fn sign(statement: ReaderStatement, key: &SecretKey) -> Result<Self, DecodeError> {
        let statement = ReaderStatement {
            key: key.public_key(),
            ..statement
        };
        let statement_bytes = Bytes::from(statement.to_wire().encode_to_vec());
        let signature = key.sign(&signed_message(&statement_bytes));
        let token = wire::ReaderToken {
            statement: statement_bytes,
            signature: Bytes::copy_from_slice(signature.as_bytes()),
        };
        Self::decode(token.encode_to_vec().into())
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`DecodeError`]: too large, malformed, not canonical, or a field that breaks its rule.
    pub fn decode(bytes: Bytes) -> Result<Self, DecodeError> {
        let token: wire::ReaderToken =
            wire::decode_canonical("reader token", &bytes, READER_TOKEN_BYTES_MAX)?;
        let statement: wire::ReaderStatement =
            wire::decode_canonical("reader statement", &token.statement, READER_TOKEN_BYTES_MAX)?;
        Ok(Self {
            statement: ReaderStatement::from_wire(&statement)?,
            signature: array("reader.signature", &token.signature).map(Signature::from_bytes)?,
            statement_bytes: token.statement,
            encoded: bytes,
        })
    }

    /// What it says.
    #[must_use]
    pub const fn statement(&self) -> &ReaderStatement {
        &self.statement
    }

    /// Its canonical bytes.
    #[must_use]
    pub const fn encoded(&self) -> &Bytes {
        &self.encoded
    }

    /// Checks that it is for this network and this node, and has not ended at `now`. Cheap.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn check(
        &self,
        chain: &ChainId,
        audience: &PublicKey,
        now: Timestamp,
    ) -> Result<(), TokenError> {
        let statement = &self.statement;
        if statement.chain != *chain {
            return Err(TokenError::OtherChain);
        }
        if statement.audience != *audience {
            return Err(TokenError::OtherAudience);
        }
        if statement.expires_at <= now {
            return Err(TokenError::Expired);
        }
        if statement.expires_at > now.plus_millis(READER_TOKEN_MS_MAX) {
            return Err(TokenError::TooLong);
        }
        Ok(())
    }

    /// Verifies the signature, by the rule that holds for all.
    ///
    /// # Errors
    /// [`TokenError::Signature`].
    pub fn verify_signature(&self) -> Result<(), TokenError> {
        let key = VerifyingKey::try_from(self.statement.key).map_err(|_| TokenError::Signature)?;
        key.verify(&signed_message(&self.statement_bytes), &self.signature)
            .map_err(|_| TokenError::Signature)
    }
}

/// The bytes that the signature of a token covers.
fn signed_message(statement: &[u8]) -> Vec<u8> {
    [SIGNING_TAG, statement].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Hash;

    fn chain() -> ChainId {
        ChainId::new(Hash([7; 32]))
    }

    fn node() -> PublicKey {
        SecretKey::from_seed([4; 32]).public_key()
    }

    fn key() -> SecretKey {
        SecretKey::from_seed([1; 32])
    }

    fn token() -> ReaderToken {
        let statement = ReaderStatement {
            chain: chain(),
            reader: Subject::Participant(ParticipantId::from_bytes([9; 16])),
            audience: node(),
            expires_at: Timestamp::from_millis(1_000),
            key: key().public_key(),
        };
        ReaderToken::sign(statement, &key()).unwrap()
    }

    /// Pins the bytes: other languages make tokens from the .proto.
    #[test]
    fn its_encoding_is_pinned() {
        let hash = blake3::hash(token().encoded()).to_hex();
        assert_eq!(token().encoded().len(), 191);
        assert_eq!(
            hash.as_str(),
            "c48c5ba9e60121a5571f340305c5f6927481613a22b17bf0fb1cc736e2def258"
        );
    }

    #[test]
    fn a_token_is_for_one_network_one_node_and_a_time() {
        let token = token();
        let at = Timestamp::from_millis;
        token.verify_signature().unwrap();
        assert_eq!(token.check(&chain(), &node(), at(999)), Ok(()));
        assert_eq!(
            token.check(&chain(), &node(), at(1_000)),
            Err(TokenError::Expired)
        );
        let other = ChainId::new(Hash([8; 32]));
        assert_eq!(
            token.check(&other, &node(), at(0)),
            Err(TokenError::OtherChain)
        );
        assert_eq!(
            token.check(&chain(), &key().public_key(), at(0)),
            Err(TokenError::OtherAudience)
        );
        let furthest = ReaderStatement {
            expires_at: at(READER_TOKEN_MS_MAX + 1),
            ..*token.statement()
        };
        let furthest = ReaderToken::sign(furthest, &key()).unwrap();
        assert_eq!(furthest.check(&chain(), &node(), at(1)), Ok(()));
        assert_eq!(
            furthest.check(&chain(), &node(), at(0)),
            Err(TokenError::TooLong)
        );
    }

    #[test]
    fn a_token_is_of_an_account_or_an_organisation() {
        for reader in [
            Subject::Debtor(AccountId::from_bytes([1; 16])),
            Subject::Loan(crate::LoanId::from_bytes([1; 16])),
            Subject::Case(crate::CaseId::from_bytes([1; 16])),
        ] {
            let statement = ReaderStatement {
                reader,
                ..*token().statement()
            };
            let signed = ReaderToken::sign(statement, &key());
            assert_eq!(signed, Err(DecodeError::Missing { field: "reader" }));
        }
    }

    /// Every byte that is changed, left out or added is refused: by the decoder or by the signature.
    #[test]
    fn no_altered_token_verifies() {
        let good = token().encoded().to_vec();
        let verifies = |bytes: Vec<u8>| {
            let decoded = ReaderToken::decode(bytes.into());
            decoded.is_ok_and(|token| token.verify_signature().is_ok())
        };
        assert!(verifies(good.clone()));
        for at in 0..good.len() {
            for bit in [0, 7] {
                let mut bytes = good.clone();
                bytes[at] ^= 1 << bit;
                assert!(!verifies(bytes), "byte {at} bit {bit}");
            }
            assert!(!verifies(good[..at].to_vec()), "cut at {at}");
            let mut longer = good.clone();
            longer.insert(at, 0);
            assert!(!verifies(longer), "one more at {at}");
        }
        let large = vec![0; READER_TOKEN_BYTES_MAX + 1];
        assert!(matches!(
            ReaderToken::decode(large.into()),
            Err(DecodeError::TooLarge { .. })
        ));
    }

    /// Bytes that nobody made: the decoder refuses them and does not panic; what it takes it gives back.
    #[test]
    fn any_bytes_are_refused_or_read_back() {
        let mut seed = blake3::hash(b"reader tokens");
        for _ in 0..20_000 {
            seed = blake3::hash(seed.as_bytes());
            let mut bytes = token().encoded().to_vec();
            let [at, value, length, ..] = *seed.as_bytes();
            let at = usize::from(at) % bytes.len();
            bytes[at] = value;
            bytes.truncate(bytes.len() - usize::from(length) % 4);
            if let Ok(decoded) = ReaderToken::decode(bytes.clone().into()) {
                assert_eq!(decoded.encoded().as_ref(), bytes);
                assert_eq!(
                    decoded.statement().to_wire().encode_to_vec(),
                    decoded.statement_bytes
                );
            }
            let _ = ReaderToken::decode(seed.as_bytes().to_vec().into());
        }
    }
}
