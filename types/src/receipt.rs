//! Receipts: what happened to a transaction, provable to somebody who has only the genesis document.

use bytes::Bytes;
use prost::Message;

use crate::{
    block::{BlockHeader, TransactionResult},
    certificate::{Certificate, CertificateError},
    crypto::KeyCache,
    decode::{DecodeError, array},
    hash::Hash,
    ids::ChainId,
    limits,
    merkle::{ListProof, ListProofError, MapProof, Terminal},
    validator::ValidatorSet,
    wire,
};

/// One change of the validator set: the last header of the old set names the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetChange {
    /// The last header that the old set decided.
    pub header: BlockHeader,
    /// Its certificate.
    pub certificate: Certificate,
    /// The set that it names.
    pub next: ValidatorSet,
}

/// Shows that a header is final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinalityProof {
    /// Every change of the set up to the header, ascending.
    pub set_changes: Vec<SetChange>,
    /// The header.
    pub header: BlockHeader,
    /// Its certificate.
    pub certificate: Certificate,
}

/// What happened to a transaction, with the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The transaction and its outcome.
    pub result: TransactionResult,
    /// Its place among the block's results.
    pub inclusion: ListProof,
    /// The block.
    pub finality: FinalityProof,
}

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A header of another network.
    #[error("the header at height {height} is of network {found}, not of {expected}")]
    OtherChain {
        /// Its height.
        height: u64,
        /// The network asked about.
        expected: ChainId,
        /// The network it names.
        found: ChainId,
    },
    /// A certificate is for another block than the header beside it.
    #[error("the certificate beside the header at height {height} is for another block")]
    OtherBlock {
        /// The header's height.
        height: u64,
    },
    /// Headers whose validator sets do not connect.
    #[error(
        "the header at height {height} was decided by a validator set that genesis does not lead to"
    )]
    OtherValidators {
        /// The header's height.
        height: u64,
    },
    /// A certificate that does not verify.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The result is not in the block.
    #[error("the result is not in the block: {0}")]
    Inclusion(#[from] ListProofError),
    /// The proof covers another number of results than the header.
    #[error("the proof is for {found} results; the block has {expected}")]
    ResultCount {
        /// In the header.
        expected: u64,
        /// In the proof.
        found: u64,
    },
}

impl FinalityProof {
    /// Verifies that the header is final on `chain`, whose first validators are `genesis_set`.
    ///
    /// # Errors
    /// [`ProofError`] with the first step that does not hold.
    pub fn verify(
        &self,
        chain: &ChainId,
        genesis_set: &ValidatorSet,
        keys: &mut KeyCache,
    ) -> Result<(), ProofError> {
        let mut set = genesis_set;
        let mut height = 0;
        for change in &self.set_changes {
            verify_header(chain, set, &change.header, &change.certificate, keys)?;
            if change.header.height <= height
                || change.header.next_validators_hash != change.next.hash()
            {
                return Err(ProofError::OtherValidators {
                    height: change.header.height,
                });
            }
            height = change.header.height;
            set = &change.next;
        }
        if self.header.height <= height {
            return Err(ProofError::OtherValidators {
                height: self.header.height,
            });
        }
        verify_header(chain, set, &self.header, &self.certificate, keys)
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::FinalityProof {
        wire::FinalityProof {
            set_changes: self
                .set_changes
                .iter()
                .map(|change| wire::SetChange {
                    header: Some(change.header.to_wire()),
                    certificate: Some(change.certificate.to_wire()),
                    next: Some(change.next.to_wire()),
                })
                .collect(),
            header: Some(self.header.to_wire()),
            certificate: Some(self.certificate.to_wire()),
        }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn from_wire(proof: &wire::FinalityProof) -> Result<Self, DecodeError> {
        if proof.set_changes.len() > limits::SET_CHANGES_MAX {
            return Err(DecodeError::Range {
                field: "finality.set_changes",
                reason: "too many",
            });
        }
        let set_changes = proof
            .set_changes
            .iter()
            .map(|change| {
                Ok(SetChange {
                    header: header(change.header.as_ref())?,
                    certificate: certificate(change.certificate.as_ref())?,
                    next: ValidatorSet::from_wire(change.next.as_ref().ok_or(
                        DecodeError::Missing {
                            field: "finality.next",
                        },
                    )?)?,
                })
            })
            .collect::<Result<_, DecodeError>>()?;
        Ok(Self {
            set_changes,
            header: header(proof.header.as_ref())?,
            certificate: certificate(proof.certificate.as_ref())?,
        })
    }
}

fn header(header: Option<&wire::BlockHeader>) -> Result<BlockHeader, DecodeError> {
    BlockHeader::from_wire(header.ok_or(DecodeError::Missing {
        field: "finality.header",
    })?)
}

fn certificate(certificate: Option<&wire::Certificate>) -> Result<Certificate, DecodeError> {
    Certificate::from_wire(certificate.ok_or(DecodeError::Missing {
        field: "finality.certificate",
    })?)
}

fn verify_header(
    chain: &ChainId,
    set: &ValidatorSet,
    header: &BlockHeader,
    certificate: &Certificate,
    keys: &mut KeyCache,
) -> Result<(), ProofError> {
    let height = header.height;
    if header.chain != *chain {
        return Err(ProofError::OtherChain {
            height,
            expected: *chain,
            found: header.chain,
        });
    }
    if certificate.height != height || certificate.block != header.hash() {
        return Err(ProofError::OtherBlock { height });
    }
    if header.validators_hash != set.hash() {
        return Err(ProofError::OtherValidators { height });
    }
    certificate.verify(chain, set, keys)?;
    Ok(())
}

impl Receipt {
    /// Verifies that the result is what the network decided, from nothing but genesis.
    ///
    /// # Errors
    /// [`ProofError`] with the first step that does not hold.
    pub fn verify(
        &self,
        chain: &ChainId,
        genesis_set: &ValidatorSet,
        keys: &mut KeyCache,
    ) -> Result<(), ProofError> {
        self.finality.verify(chain, genesis_set, keys)?;
        let header = &self.finality.header;
        if self.inclusion.count != u64::from(header.result_count) {
            return Err(ProofError::ResultCount {
                expected: u64::from(header.result_count),
                found: self.inclusion.count,
            });
        }
        self.inclusion
            .verify(&header.results_root, &self.result.hash())?;
        Ok(())
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::Receipt {
        wire::Receipt {
            result: Some(self.result.to_wire()),
            inclusion: Some(list_proof_to_wire(&self.inclusion)),
            finality: Some(self.finality.to_wire()),
        }
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn from_wire(receipt: &wire::Receipt) -> Result<Self, DecodeError> {
        let result = receipt.result.as_ref().ok_or(DecodeError::Missing {
            field: "receipt.result",
        })?;
        let inclusion = receipt.inclusion.as_ref().ok_or(DecodeError::Missing {
            field: "receipt.inclusion",
        })?;
        let finality = receipt.finality.as_ref().ok_or(DecodeError::Missing {
            field: "receipt.finality",
        })?;
        Ok(Self {
            result: TransactionResult::from_wire(result)?,
            inclusion: list_proof_from_wire(inclusion)?,
            finality: FinalityProof::from_wire(finality)?,
        })
    }

    /// Its canonical bytes: a file that can be kept and verified years later.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        self.to_wire().encode_to_vec().into()
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let max = limits::SET_CHANGES_MAX.saturating_mul(limits::CERTIFICATE_BYTES_MAX);
        Self::from_wire(&wire::decode_canonical("receipt", bytes, max)?)
    }
}

/// A list proof as a wire message.
#[must_use]
pub fn list_proof_to_wire(proof: &ListProof) -> wire::ListProof {
    wire::ListProof {
        index: u32::try_from(proof.index).unwrap_or(u32::MAX),
        count: u32::try_from(proof.count).unwrap_or(u32::MAX),
        siblings: proof
            .siblings
            .iter()
            .map(|hash| Bytes::copy_from_slice(hash.as_bytes()))
            .collect(),
    }
}

/// Reads a list proof.
///
/// # Errors
/// [`DecodeError`] naming the field.
pub fn list_proof_from_wire(proof: &wire::ListProof) -> Result<ListProof, DecodeError> {
    if proof.siblings.len() > limits::LIST_DEPTH_MAX {
        return Err(DecodeError::Range {
            field: "proof.siblings",
            reason: "too many",
        });
    }
    let siblings = proof
        .siblings
        .iter()
        .map(|hash| array("proof.siblings", hash).map(Hash))
        .collect::<Result<_, _>>()?;
    Ok(ListProof {
        index: u64::from(proof.index),
        count: u64::from(proof.count),
        siblings,
    })
}

/// A map proof as a wire message. An empty subtree is an empty entry.
#[must_use]
pub fn map_proof_to_wire(proof: &MapProof) -> wire::MapProof {
    let bytes = |hash: &Hash| Bytes::copy_from_slice(hash.as_bytes());
    wire::MapProof {
        siblings: proof
            .siblings
            .iter()
            .map(|hash| {
                if *hash == Hash::ZERO {
                    Bytes::new()
                } else {
                    bytes(hash)
                }
            })
            .collect(),
        terminal: match &proof.terminal {
            Terminal::Empty => None,
            Terminal::Leaf { path, value_hash } => Some(wire::MapLeaf {
                path: bytes(path),
                value_hash: bytes(value_hash),
            }),
        },
    }
}

/// Reads a map proof.
///
/// # Errors
/// [`DecodeError`] naming the field.
pub fn map_proof_from_wire(proof: &wire::MapProof) -> Result<MapProof, DecodeError> {
    if proof.siblings.len() > limits::MAP_DEPTH_MAX {
        return Err(DecodeError::Range {
            field: "proof.siblings",
            reason: "too many",
        });
    }
    let siblings = proof
        .siblings
        .iter()
        .map(|hash| {
            let hash: Option<[u8; 32]> = crate::decode::optional_array("proof.siblings", hash)?;
            Ok(hash.map_or(Hash::ZERO, Hash))
        })
        .collect::<Result<_, DecodeError>>()?;
    let terminal = match &proof.terminal {
        None => Terminal::Empty,
        Some(leaf) => Terminal::Leaf {
            path: array("proof.path", &leaf.path).map(Hash)?,
            value_hash: array("proof.value_hash", &leaf.value_hash).map(Hash)?,
        },
    };
    Ok(MapProof { siblings, terminal })
}
