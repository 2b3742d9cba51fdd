//! A block's parts: what the proposer sends, what is stored, what a node that catches up is handed.

use bytes::Bytes;
use prost::Message;

use super::{Batch, BlockHeader};
use crate::{
    certificate::Certificate, decode::DecodeError, hash::Hash, ids::BatchDigest, limits,
    merkle::list, wire,
};

/// Header, certificate of the parent, and the batches by digest: all that a validator needs beside the
/// batches themselves. Kept true: the header commits to the certificate and to the digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockContent {
    /// The header.
    pub header: BlockHeader,
    /// Certificate of the parent; absent at height 1.
    pub parent_certificate: Option<Certificate>,
    /// Batches in order of execution, without repeats.
    pub batch_digests: Vec<BatchDigest>,
}

impl BlockContent {
    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::BlockContent {
        wire::BlockContent {
            header: Some(self.header.to_wire()),
            parent_certificate: self.parent_certificate.as_ref().map(Certificate::to_wire),
            batch_digests: self
                .batch_digests
                .iter()
                .map(BatchDigest::to_wire)
                .collect(),
        }
    }

    /// Reads a wire message and checks that the header commits to the rest.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn from_wire(content: &wire::BlockContent) -> Result<Self, DecodeError> {
        let header = content.header.as_ref().ok_or(DecodeError::Missing {
            field: "block.header",
        })?;
        let header = BlockHeader::from_wire(header)?;
        let parent_certificate = content
            .parent_certificate
            .as_ref()
            .map(Certificate::from_wire)
            .transpose()?;
        if content.batch_digests.len() > limits::BLOCK_BATCHES_MAX {
            return Err(DecodeError::Range {
                field: "block.batch_digests",
                reason: "too many batches",
            });
        }
        let batch_digests = content
            .batch_digests
            .iter()
            .map(|digest| BatchDigest::from_wire("block.batch_digests", digest))
            .collect::<Result<Vec<_>, _>>()?;
        let distinct: std::collections::BTreeSet<_> = batch_digests.iter().collect();
        if distinct.len() != batch_digests.len() {
            return Err(DecodeError::Range {
                field: "block.batch_digests",
                reason: "a batch repeats",
            });
        }
        let commits = header.parent_certificate
            == parent_certificate.as_ref().map(Certificate::hash)
            && header.parent_round
                == parent_certificate
                    .as_ref()
                    .map_or(0, |certificate| certificate.round)
            && header.batches_root == batches_root(&batch_digests);
        if !commits {
            return Err(DecodeError::Range {
                field: "block.header",
                reason: "it does not commit to the certificate and the batches beside it",
            });
        }
        Ok(Self {
            header,
            parent_certificate,
            batch_digests,
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
        let content: wire::BlockContent =
            wire::decode_canonical("block content", bytes, limits::BLOCK_CONTENT_BYTES_MAX)?;
        Self::from_wire(&content)
    }

    /// The root of a list of batch digests.
    #[must_use]
    pub fn batches_root(digests: &[BatchDigest]) -> Hash {
        batches_root(digests)
    }
}

fn batches_root(digests: &[BatchDigest]) -> Hash {
    let leaves: Vec<Hash> = digests.iter().map(BatchDigest::hash).collect();
    list::root(&leaves)
}

/// A block with its batches. Kept true: the batches are those of the digests, in the same order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockBody {
    /// Header, parent's certificate, digests.
    pub content: BlockContent,
    /// The batches.
    pub batches: Vec<Batch>,
}

impl BlockBody {
    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        self.to_wire().encode_to_vec().into()
    }

    /// As a wire message.
    #[must_use]
    pub fn to_wire(&self) -> wire::BlockBody {
        wire::BlockBody {
            content: Some(self.content.to_wire()),
            batches: self
                .batches
                .iter()
                .map(|batch| batch.encoded().clone())
                .collect(),
        }
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        Self::from_wire(&wire::decode_canonical(
            "block body",
            bytes,
            limits::COMMITTED_BLOCK_BYTES_MAX,
        )?)
    }

    /// Reads a wire message.
    ///
    /// # Errors
    /// [`DecodeError`] naming the field.
    pub fn from_wire(body: &wire::BlockBody) -> Result<Self, DecodeError> {
        let content = body.content.as_ref().ok_or(DecodeError::Missing {
            field: "block.content",
        })?;
        let content = BlockContent::from_wire(content)?;
        if body.batches.len() != content.batch_digests.len() {
            return Err(DecodeError::Range {
                field: "block.batches",
                reason: "one for each digest",
            });
        }
        let batches = body
            .batches
            .iter()
            .map(|batch| Batch::decode(batch.clone()))
            .collect::<Result<Vec<_>, _>>()?;
        if !batches
            .iter()
            .map(Batch::digest)
            .eq(content.batch_digests.iter().copied())
        {
            return Err(DecodeError::Range {
                field: "block.batches",
                reason: "a batch is not that of its digest",
            });
        }
        Ok(Self { content, batches })
    }
}

/// A block and the certificate that makes it final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedBlock {
    /// The block.
    pub body: BlockBody,
    /// Precommits of a quorum for its header.
    pub certificate: Certificate,
}

impl CommittedBlock {
    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let block = wire::CommittedBlock {
            body: Some(self.body.to_wire()),
            certificate: Some(self.certificate.to_wire()),
        };
        block.encode_to_vec().into()
    }

    /// Reads canonical bytes. The certificate is not verified here; it is checked to be for this block.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let block: wire::CommittedBlock =
            wire::decode_canonical("block", bytes, limits::COMMITTED_BLOCK_BYTES_MAX)?;
        let body = block.body.as_ref().ok_or(DecodeError::Missing {
            field: "block.body",
        })?;
        let body = BlockBody::from_wire(body)?;
        let certificate = block.certificate.as_ref().ok_or(DecodeError::Missing {
            field: "block.certificate",
        })?;
        let certificate = Certificate::from_wire(certificate)?;
        let header = &body.content.header;
        if certificate.height != header.height || certificate.block != header.hash() {
            return Err(DecodeError::Range {
                field: "block.certificate",
                reason: "it is for another block",
            });
        }
        Ok(Self { body, certificate })
    }
}
