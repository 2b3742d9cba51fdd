//! The consensus log: what a validator must still know after a crash to keep its word.
//!
//! Records are replayed in order after a restart; what they lead to must be what was signed before
//! (C-4). The host stores them framed and checksummed and never looks inside.

use bytes::Bytes;
use prost::Message as _;
use talea_types::{
    BlockHash, Hash, ValidatorId,
    decode::DecodeError,
    hash::tagged,
    limits::{BLOCK_CONTENT_BYTES_MAX, CERTIFICATE_BYTES_MAX},
    wire::decode_canonical,
};

use crate::{
    message::{
        LockCertificate, SignedProposal, SignedVote, WireContentVerdict, WireLogRecord,
        WireLogRecordKind, WireTimeoutElapsed,
    },
    safety::{Position, signed_record},
    timeouts::Step,
};

/// Largest record, bytes.
pub const LOG_RECORD_BYTES_MAX: usize = BLOCK_CONTENT_BYTES_MAX + 2 * CERTIFICATE_BYTES_MAX;

/// An entry of the consensus log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogRecord {
    /// A height was started; nothing below it is signed any more.
    Started {
        /// The height.
        height: u64,
    },
    /// A proposal was accepted or made, with its content.
    Proposal(SignedProposal),
    /// A vote was accepted or cast.
    Vote(SignedVote),
    /// A quorum of prevotes was accepted as a certificate.
    Lock(LockCertificate),
    /// The host's verdict about a proposal's content.
    Content(ContentVerdict),
    /// A wait ended.
    Timeout {
        /// Its height.
        height: u64,
        /// Its round.
        round: u32,
        /// What was waited for; never [`Step::Rebroadcast`].
        step: Step,
    },
}

/// The host's verdict about a proposal's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentVerdict {
    /// Height of the block.
    pub height: u64,
    /// Round of the proposal that carried the content.
    pub round: u32,
    /// The block.
    pub block_hash: BlockHash,
    /// Digest of the content.
    pub content_digest: Hash,
    /// Who proposed it.
    pub proposer: ValidatorId,
    /// Whether it can be voted for.
    pub valid: bool,
}

impl LogRecord {
    /// Reads a record.
    ///
    /// # Errors
    /// When the bytes are not a canonical record.
    pub fn decode(bytes: &Bytes) -> Result<Self, DecodeError> {
        let record: WireLogRecord =
            decode_canonical("consensus log record", bytes, LOG_RECORD_BYTES_MAX)?;
        match record.kind.ok_or(DecodeError::Missing { field: "kind" })? {
            WireLogRecordKind::Started(height) => Ok(Self::Started { height }),
            WireLogRecordKind::Proposal(proposal) => proposal.try_into().map(Self::Proposal),
            WireLogRecordKind::Vote(vote) => vote.try_into().map(Self::Vote),
            WireLogRecordKind::Lock(lock) => lock.try_into().map(Self::Lock),
            WireLogRecordKind::Content(verdict) => Ok(Self::Content(ContentVerdict {
                height: verdict.height,
                round: verdict.round,
                block_hash: BlockHash::from_wire("block_hash", &verdict.block_hash)?,
                content_digest: BlockHash::from_wire("content_digest", &verdict.content_digest)?
                    .hash(),
                proposer: ValidatorId::from_wire("proposer", &verdict.proposer)?,
                valid: verdict.valid,
            })),
            WireLogRecordKind::Timeout(timeout) => Ok(Self::Timeout {
                height: timeout.height,
                round: timeout.round,
                step: match timeout.step {
                    1 => Step::Propose,
                    2 => Step::Prevote,
                    3 => Step::Precommit,
                    _ => {
                        return Err(DecodeError::Range {
                            field: "step",
                            reason: "not a step of a round",
                        });
                    }
                },
            }),
        }
    }

    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Bytes {
        let kind = match self {
            Self::Started { height } => WireLogRecordKind::Started(*height),
            Self::Proposal(proposal) => WireLogRecordKind::Proposal(proposal.into()),
            Self::Vote(vote) => WireLogRecordKind::Vote(vote.into()),
            Self::Lock(lock) => WireLogRecordKind::Lock(lock.into()),
            Self::Content(verdict) => WireLogRecordKind::Content(WireContentVerdict {
                height: verdict.height,
                round: verdict.round,
                block_hash: verdict.block_hash.to_wire(),
                content_digest: Bytes::copy_from_slice(verdict.content_digest.as_bytes()),
                proposer: verdict.proposer.to_wire(),
                valid: verdict.valid,
            }),
            Self::Timeout {
                height,
                round,
                step,
            } => WireLogRecordKind::Timeout(WireTimeoutElapsed {
                height: *height,
                round: *round,
                step: match step {
                    Step::Propose => 1,
                    Step::Prevote => 2,
                    Step::Precommit => 3,
                    Step::Rebroadcast => unreachable!("repeating oneself is not logged"),
                },
            }),
        };
        WireLogRecord { kind: Some(kind) }.encode_to_vec().into()
    }

    /// The height it belongs to. The host may drop records of heights below that of the newest durable
    /// [`LogRecord::Started`].
    #[must_use]
    pub const fn height(&self) -> u64 {
        match self {
            Self::Started { height } | Self::Timeout { height, .. } => *height,
            Self::Proposal(proposal) => proposal.height,
            Self::Vote(vote) => vote.vote.height,
            Self::Lock(lock) => lock.height,
            Self::Content(verdict) => verdict.height,
        }
    }

    /// Who made the statement that it is, and where; `None` when it is no statement.
    #[must_use]
    pub fn stated_by(&self) -> Option<(ValidatorId, Position)> {
        signed_record(self).map(|(validator, position, _, _)| (validator, position))
    }

    /// Names the record within its height, to find it again among those that are replayed.
    pub(crate) fn fingerprint(&self) -> Hash {
        tagged("talea/consensus-log/v1", &[&self.encode()])
    }
}
