//! Certificates: the precommits of a quorum. Whoever knows the validator set can check one alone.

use bytes::Bytes;
use prost::Message;

use crate::{
    crypto::{BatchVerifier, KeyCache, Signature},
    decode::{DecodeError, array},
    hash::{Hash, tagged},
    ids::{BlockHash, ChainId, ValidatorId},
    limits,
    planted::{self, Bug},
    validator::ValidatorSet,
    vote::{Vote, VoteKind},
    wire,
};

/// Precommits for one block at one height and round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Height decided.
    pub height: u64,
    /// Round in which it was decided.
    pub round: u32,
    /// The block.
    pub block: BlockHash,
    /// Strictly ascending by validator.
    pub signatures: Vec<(ValidatorId, Signature)>,
}

/// Why a certificate proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Somebody signed who is not in the set.
    #[error("{validator} signed but is not a validator of height {height}")]
    Stranger {
        /// Who signed.
        validator: ValidatorId,
        /// The height.
        height: u64,
    },
    /// A signature does not verify.
    #[error("the signature of {validator} at height {height} does not verify")]
    Signature {
        /// Whose signature.
        validator: ValidatorId,
        /// The height.
        height: u64,
    },
    /// Less than a quorum signed.
    #[error(
        "height {height} is signed by power {power} of {total}; more than two thirds are required"
    )]
    NoQuorum {
        /// The height.
        height: u64,
        /// Power that signed.
        power: u64,
        /// Power of the set.
        total: u64,
    },
}

impl Certificate {
    /// Verifies that a quorum of `set` precommitted the block. This function alone says which
    /// signatures count: each must be of a member of the set and verify; one that does not makes the
    /// whole certificate invalid.
    ///
    /// # Errors
    /// [`CertificateError`] with the first thing that is wrong.
    pub fn verify(
        &self,
        chain: &ChainId,
        set: &ValidatorSet,
        keys: &mut KeyCache,
    ) -> Result<(), CertificateError> {
        if planted::is(Bug::CertificateUnverified) {
            return Ok(());
        }
        let height = self.height;
        let mut power: u64 = 0;
        let mut batch = BatchVerifier::with_capacity(self.signatures.len());
        for (validator, signature) in &self.signatures {
            let member = set.get(validator).ok_or(CertificateError::Stranger {
                validator: *validator,
                height,
            })?;
            let vote = Vote {
                kind: VoteKind::Precommit,
                height,
                round: self.round,
                block: Some(self.block),
                validator: *validator,
            };
            let key =
                keys.verifying_key(member.voting_key)
                    .map_err(|_| CertificateError::Signature {
                        validator: *validator,
                        height,
                    })?;
            batch.push(key, &vote.signed_message(chain), signature);
            power = power.saturating_add(member.power);
        }
        if !self.signatures.is_sorted_by(|(a, _), (b, _)| a < b) || !set.is_quorum(power) {
            return Err(CertificateError::NoQuorum {
                height,
                power,
                total: set.total_power(),
            });
        }
        batch.verify().map_err(|bad| {
            let validator = bad
                .first()
                .and_then(|first| self.signatures.get(*first))
                .map(|(id, _)| *id);
            CertificateError::Signature {
                validator: validator.unwrap_or(ValidatorId::from_bytes([0; 16])),
                height,
            }
        })
    }

    /// The hash that the next header commits to.
    #[must_use]
    pub fn hash(&self) -> Hash {
        tagged("talea/certificate/v1", &[&self.to_wire().encode_to_vec()])
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::Certificate {
        wire::Certificate {
            height: self.height,
            round: self.round,
            block_hash: self.block.to_wire(),
            signatures: self
                .signatures
                .iter()
                .map(|(validator, signature)| wire::CommitSignature {
                    validator: validator.to_wire(),
                    signature: Bytes::copy_from_slice(signature.as_bytes()),
                })
                .collect(),
        }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn from_wire(certificate: &wire::Certificate) -> Result<Self, DecodeError> {
        if certificate.signatures.len() > limits::VALIDATORS_MAX {
            return Err(DecodeError::Range {
                field: "certificate.signatures",
                reason: "too many",
            });
        }
        let mut signatures: Vec<(ValidatorId, Signature)> =
            Vec::with_capacity(certificate.signatures.len());
        for one in &certificate.signatures {
            let validator = ValidatorId::from_wire("certificate.validator", &one.validator)?;
            if signatures
                .last()
                .is_some_and(|(last, _)| *last >= validator)
            {
                return Err(DecodeError::Order {
                    field: "certificate.signatures",
                });
            }
            let signature =
                array("certificate.signature", &one.signature).map(Signature::from_bytes)?;
            signatures.push((validator, signature));
        }
        Ok(Self {
            height: certificate.height,
            round: certificate.round,
            block: BlockHash::from_wire("certificate.block_hash", &certificate.block_hash)?,
            signatures,
        })
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        self.to_wire().encode_to_vec().into()
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let certificate: wire::Certificate =
            wire::decode_canonical("certificate", bytes, limits::CERTIFICATE_BYTES_MAX)?;
        Self::from_wire(&certificate)
    }
}
