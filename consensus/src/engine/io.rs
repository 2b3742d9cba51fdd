//! What goes into an engine and what comes out.

use bytes::Bytes;
use talea_types::{
    BlockHash, Certificate, Hash, ValidatorId, ValidatorSet, certificate::CertificateError,
    decode::DecodeError,
};

use super::EngineError;
use crate::{evidence::Evidence, log::LogRecord, peer::PeerId};

/// Something that happened to the node.
#[derive(Debug, Clone)]
pub enum Input {
    /// The node is up. Given once, before anything else.
    Start,
    /// A message from another validator.
    Message {
        /// Whose connection it came from.
        from: PeerId,
        /// As received.
        bytes: Bytes,
    },
    /// There is something to put into a block.
    WorkAvailable,
    /// The answer to [`Output::BuildProposal`]. The block's body is durable on this node.
    ProposalBuilt {
        /// As asked.
        height: u64,
        /// As asked.
        round: u32,
        /// Hash of the header.
        block_hash: BlockHash,
        /// What other validators need beside the batches.
        content: Bytes,
    },
    /// The answer to [`Output::CheckContent`], however late. Invalid may become valid later.
    ContentChecked {
        /// As asked.
        height: u64,
        /// As asked.
        block_hash: BlockHash,
        /// As asked.
        content_digest: Hash,
        /// Whether it can be voted for.
        verdict: Verdict,
    },
    /// A block came by catch-up with its certificate; its content is valid and durable on this node.
    Synced {
        /// Verified by the engine.
        certificate: Certificate,
    },
    /// A block is committed on this node; the next height can begin.
    Applied {
        /// The height committed.
        height: u64,
        /// The set that decides the next height.
        next_validators: ValidatorSet,
        /// `parent_round` of the committed header.
        parent_round: u32,
        /// Whether there is something to put into the next block already.
        work_pending: bool,
    },
    /// The time of the last [`Output::WakeAt`] has come.
    Tick,
}

/// The host's verdict about a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every root is equal to what execution gave, **and the block's body is durable on this node**
    /// (C-8): a precommit follows from this.
    Valid,
    /// It must not be voted for, as far as is known now.
    Invalid,
}

/// Messages in one lane never wait behind those of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Votes and certificates: small.
    Votes,
    /// Proposals: up to tens of kilobytes.
    Proposals,
}

/// Something for the host to do, in order. Whatever follows a [`Output::Persist`], in this list or a
/// later one, and leaves the node or commits ([`Output::Broadcast`], [`Output::Decided`]) must wait
/// until the record is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Append to the consensus log.
    Persist(LogRecord),
    /// Send to every other validator.
    Broadcast {
        /// Its queue.
        lane: Lane,
        /// The message.
        bytes: Bytes,
    },
    /// Build a block, with or without work, and answer with [`Input::ProposalBuilt`] in time.
    BuildProposal {
        /// Height of the block.
        height: u64,
        /// Round of the proposal.
        round: u32,
        /// Others stop waiting some time after this, milliseconds.
        deadline: u64,
    },
    /// Fetch what is missing, execute, make the body durable; answer with [`Input::ContentChecked`].
    CheckContent {
        /// Height of the block.
        height: u64,
        /// Round of the proposal.
        round: u32,
        /// The earlier round in which a quorum prevoted for it. The quorum is known to the engine; such
        /// a block may be old by now and must still be accepted.
        lock_round: Option<u32>,
        /// Claimed hash of the header.
        block_hash: BlockHash,
        /// Names the content in the answer.
        content_digest: Hash,
        /// Who proposes it.
        proposer: ValidatorId,
        /// The host's own encoding, from a validator that may be lying.
        content: Bytes,
    },
    /// A height is decided. Commit the block and answer with [`Input::Applied`].
    Decided {
        /// The height.
        height: u64,
        /// The round of the certificate.
        round: u32,
        /// The block.
        block_hash: BlockHash,
        /// Precommits of a quorum.
        certificate: Certificate,
        /// The content, unless the decision came by catch-up.
        content: Option<Bytes>,
    },
    /// Give [`Input::Tick`] at this time, milliseconds; replaces the time given before.
    WakeAt(u64),
    /// A validator contradicted itself.
    Evidence(Evidence),
    /// A peer broke the protocol.
    PeerFault {
        /// Whose connection.
        from: PeerId,
        /// What it did.
        fault: PeerFault,
    },
    /// A peer still works on a height that is committed here: tell it this node's height.
    PeerBehind {
        /// The peer.
        peer: PeerId,
        /// The height it works on.
        height: u64,
    },
    /// A peer works on a later height: everything below it is committed there, it says.
    PeerAhead {
        /// The peer.
        peer: PeerId,
        /// The height it works on.
        height: u64,
    },
    /// A certificate from catch-up proves nothing.
    CertificateRefused {
        /// Its height.
        height: u64,
        /// Why.
        error: CertificateError,
    },
    /// The engine stopped for good; nothing else comes out. The node must not go on.
    Halt(EngineError),
}

/// How a peer broke the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PeerFault {
    /// The bytes are not a message.
    #[error("not a consensus message: {0}")]
    Malformed(#[from] DecodeError),
    /// It relays a statement of somebody who is not a validator.
    #[error("a statement of {0}, who is no validator of this height")]
    Stranger(ValidatorId),
    /// It relays a proposal of somebody whose turn it is not.
    #[error("a proposal of {proposer} in round {round}, which is not its turn")]
    NotProposer {
        /// Who proposes.
        proposer: ValidatorId,
        /// The round.
        round: u32,
    },
    /// It relays a statement with a signature that does not verify, or a certificate without quorum.
    #[error("a signature that does not verify or a certificate without enough power")]
    BadSignature,
}
