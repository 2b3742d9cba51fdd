//! Catching up: whom to ask for committed blocks, and whom not to believe.
//!
//! A pure machine. Peers claim a height; a claim costs the one who makes it: a peer that is asked for
//! what it claims to have and does not deliver, or delivers what is refused, is not asked for a while,
//! longer each time. Heights of peers may fall (a restored node): a claim is what was said last. The
//! own height never falls (C-30), blocks are handed out for checking in order, one at a time (C-31),
//! and requests, buffered bytes and peers are bounded (C-32). It serves nothing itself.

mod machine;
mod peers;

#[cfg(test)]
mod tests;

use bytes::Bytes;

pub use machine::CatchUp;

use crate::peer::PeerId;

/// Heights asked for in one request.
pub const REQUEST_HEIGHTS_MAX: u64 = 32;
/// Requests on their way at one time, each to another peer.
pub const REQUESTS_MAX: usize = 4;
/// Bytes of blocks that wait for their turn, beyond which nothing more is asked for.
pub const BUFFER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Peers that are remembered.
pub const PEERS_MAX: usize = 512;
/// How long a peer may take to answer, milliseconds.
pub const REQUEST_TIMEOUT_MS: u64 = 10_000;
/// How long to be one block behind is left to the votes, milliseconds.
pub const GRACE_MS: u64 = 500;
/// How often the own height is told to everybody, milliseconds.
pub const STATUS_INTERVAL_MS: u64 = 1_000;
/// How long a peer is not asked after its first failure, milliseconds; doubles with each further one.
pub const DISTRUST_MS_MIN: u64 = 5_000;
/// The longest that a peer is not asked, milliseconds.
pub const DISTRUST_MS_MAX: u64 = 300_000;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatchUpInput {
    /// A peer can be reached.
    PeerConnected {
        /// The peer.
        peer: PeerId,
    },
    /// It cannot any more.
    PeerDisconnected {
        /// The peer.
        peer: PeerId,
    },
    /// A peer says up to which height it has committed blocks.
    Status {
        /// The peer.
        peer: PeerId,
        /// The last height it committed.
        height: u64,
    },
    /// A peer should be told the own height (see [`crate::Output::PeerBehind`]).
    TellPeer {
        /// The peer.
        peer: PeerId,
    },
    /// The answer to [`CatchUpOutput::RequestBlocks`]: committed blocks from `from` on, in order, as
    /// many as the peer wants to send, none if it has none.
    BlocksReceived {
        /// The peer.
        peer: PeerId,
        /// Height of the first.
        from: u64,
        /// Encoded committed blocks.
        blocks: Vec<Bytes>,
    },
    /// Another answer to [`CatchUpOutput::RequestBlocks`]: the peer dropped the first of the blocks asked for and has
    /// those from `first` on. Nobody is blamed for that; it is asked for later blocks only.
    BlocksDropped {
        /// The peer.
        peer: PeerId,
        /// The lowest height that it has.
        first: u64,
    },
    /// A block is committed on this node, wherever it came from.
    Applied {
        /// Its height.
        height: u64,
    },
    /// A block handed out with [`CatchUpOutput::CheckBlock`] is not what it should be.
    BlockRefused {
        /// Its height.
        height: u64,
    },
    /// The time of the last [`CatchUpOutput::WakeAt`] has come.
    Tick,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CatchUpOutput {
    /// Ask a peer for committed blocks.
    RequestBlocks {
        /// The peer.
        peer: PeerId,
        /// First height.
        from: u64,
        /// Last height, included.
        to: u64,
    },
    /// Verify certificate and content of a block and commit it, or answer
    /// [`CatchUpInput::BlockRefused`].
    CheckBlock {
        /// Who sent it.
        peer: PeerId,
        /// Its height, as it should be.
        height: u64,
        /// The encoded committed block.
        block: Bytes,
    },
    /// Tell every peer the own height.
    BroadcastStatus {
        /// The last height committed here.
        height: u64,
    },
    /// Tell one peer the own height.
    SendStatus {
        /// The peer.
        to: PeerId,
        /// The last height committed here.
        height: u64,
    },
    /// A peer did not deliver what it claims to have.
    PeerFault {
        /// The peer.
        peer: PeerId,
        /// What it did.
        fault: CatchUpFault,
    },
    /// Give [`CatchUpInput::Tick`] at this time, milliseconds; replaces the time given before.
    WakeAt(u64),
}

/// How a peer disappointed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CatchUpFault {
    /// It did not answer in time.
    #[error("no answer to a request for blocks")]
    Silent,
    /// It claims a height but has no blocks.
    #[error("claims a height that it cannot deliver")]
    EmptyAnswer,
    /// More blocks than were asked for, or others, or an answer that nobody asked for.
    #[error("an answer that was not asked for")]
    UnwantedAnswer,
    /// A block that was refused.
    #[error("a block that is not the committed one")]
    BadBlock,
}
