//! Talking to the other nodes: authenticated, encrypted, bounded, and by priority.
//!
//! libp2p over TCP with Noise and Yamux. Bytes in, bytes out: what a payload means is for the
//! layers above. What this module keeps true:
//!
//! - **Only registered peers.** A peer proves its identity in the Noise handshake; one that is not
//!   registered, or is penalised, is refused before any stream. Dials check the expected identity.
//! - **Votes never wait behind batches.** Each peer has a stream, a bounded queue and a writer for
//!   each [`Priority`]; the multiplexer takes turns between streams in frames of 16 KiB.
//! - **Bounded.** Queues by bytes and count, received messages by a budget per peer and priority,
//!   windows and streams per connection, connections per peer and in all. A message's memory grows
//!   with the bytes that arrive. A peer past its budget is no longer read, and only on that stream.
//! - **One link per pair.** Both sides dial, so that a restarted node is back at once. Of two
//!   simultaneous connections both sides keep the one that the lower identity dialled; otherwise
//!   the newer one, because its dialler no longer has the older.
//! - **Peers are untrusted.** What breaks the protocol is a typed [`PeerFault`] and ends the
//!   connection; a peer that keeps at it is refused for a bounded, growing time.
//!
//! Delivery is not promised: messages are lost with their connection and when queues are full.
//! After [`NetworkEvent::Connected`] the layers above send again what matters.

mod backoff;
mod config;
mod connections;
mod counters;
mod driver;
mod fault;
mod frame;
mod handle;
mod inbox;
mod link;
mod listen;
mod muxer;
mod peers;
mod priority;
mod queue;
mod streams;
mod transport;

/// Reads what a peer sends on a stream: the first byte says which priority it has.
pub(crate) fn reads_frames(bytes: &[u8]) -> bool {
    let Some((first, mut rest)) = bytes.split_first() else {
        return false;
    };
    let priority = match first % 3 {
        0 => Priority::Vote,
        1 => Priority::Control,
        _ => Priority::Bulk,
    };
    futures::executor::block_on(async {
        while !rest.is_empty() {
            let Ok(length) = frame::read_header(&mut rest, priority).await else {
                return false;
            };
            if frame::read_payload(&mut rest, length, priority)
                .await
                .is_err()
            {
                return false;
            }
        }
        true
    })
}

pub use config::{NetworkConfig, NetworkError, PeerConfig, PeerRole, peer_id_of};
pub use counters::NetworkCounters;
pub use driver::spawn;
pub use fault::PeerFault;
pub use handle::{BroadcastOutcome, NetworkHandle, PeerStatus, SendOutcome};
pub use inbox::{NetworkEvent, NetworkReceiver};
pub use libp2p::{Multiaddr, PeerId};
pub use priority::{PerPriority, Priority};
