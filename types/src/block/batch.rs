//! Batches: transactions that one validator collected and pushed to all others ahead of proposals.

use bytes::Bytes;
use prost::{Message, bytes::Buf, encoding::decode_varint};

use crate::{
    decode::DecodeError,
    hash::tagged,
    ids::{BatchDigest, ValidatorId},
    limits, wire,
};

/// A batch with its digest. Transactions are opaque bytes here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    digest: BatchDigest,
    encoded: Bytes,
    author: ValidatorId,
    sequence: u64,
    transactions: Vec<Bytes>,
}

impl Batch {
    /// Seals transactions into a batch.
    ///
    /// # Errors
    /// As [`Batch::decode`].
    pub fn seal(
        author: ValidatorId,
        sequence: u64,
        transactions: Vec<Bytes>,
    ) -> Result<Self, DecodeError> {
        let batch = wire::Batch {
            author: author.to_wire(),
            sequence,
            transactions,
        };
        Self::decode(batch.encode_to_vec().into())
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`DecodeError`]: too large, malformed, not canonical, empty, or too many transactions.
    pub fn decode(bytes: Bytes) -> Result<Self, DecodeError> {
        check_entries(&bytes)?;
        let batch: wire::Batch = wire::decode_canonical("batch", &bytes, limits::BATCH_BYTES_MAX)?;
        if batch.transactions.is_empty() {
            return Err(DecodeError::Missing {
                field: "batch.transactions",
            });
        }
        Ok(Self {
            digest: BatchDigest::new(tagged("talea/batch/v1", &[&bytes])),
            author: ValidatorId::from_wire("batch.author", &batch.author)?,
            sequence: batch.sequence,
            transactions: batch.transactions,
            encoded: bytes,
        })
    }

    /// Its digest: the hash of its bytes.
    #[must_use]
    pub const fn digest(&self) -> BatchDigest {
        self.digest
    }

    /// Its canonical bytes.
    #[must_use]
    pub const fn encoded(&self) -> &Bytes {
        &self.encoded
    }

    /// Who sealed it.
    #[must_use]
    pub const fn author(&self) -> ValidatorId {
        self.author
    }

    /// Its number among the author's.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Encoded signed transactions, in order of execution.
    #[must_use]
    pub fn transactions(&self) -> &[Bytes] {
        &self.transactions
    }
}

/// Counts fields before anything is allocated for them: an entry of two bytes must not cost the memory
/// of a decoded one.
fn check_entries(bytes: &Bytes) -> Result<(), DecodeError> {
    const MALFORMED: DecodeError = DecodeError::Malformed { what: "batch" };
    let mut rest = bytes.clone();
    let mut fields: usize = 0;
    while rest.has_remaining() {
        let key = decode_varint(&mut rest).map_err(|_| MALFORMED)?;
        let skip = match key & 7 {
            0 => {
                decode_varint(&mut rest).map_err(|_| MALFORMED)?;
                0
            }
            2 => decode_varint(&mut rest).map_err(|_| MALFORMED)?,
            _ => return Err(MALFORMED),
        };
        let skip = usize::try_from(skip).map_err(|_| MALFORMED)?;
        if skip > rest.remaining() {
            return Err(MALFORMED);
        }
        rest.advance(skip);
        fields = fields.saturating_add(1);
        if fields > limits::BATCH_TRANSACTIONS_MAX.saturating_add(2) {
            return Err(DecodeError::Range {
                field: "batch.transactions",
                reason: "too many transactions",
            });
        }
    }
    Ok(())
}
