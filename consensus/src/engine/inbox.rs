//! Messages of the next height that came before this node got there.
//!
//! Nobody can be asked yet whether they are genuine, because the next set of validators is not known.
//! So each peer has its own small allowance in bytes, and only the very next height is kept (C-20).

use std::collections::BTreeMap;

use crate::{
    message::{ConsensusMessage, MESSAGE_BYTES_MAX},
    peer::PeerId,
    rules,
};

/// Bytes kept for one peer.
pub const INBOX_BYTES_PER_PEER_MAX: usize = 2 * MESSAGE_BYTES_MAX;
/// Messages kept for one peer.
pub const INBOX_MESSAGES_PER_PEER_MAX: usize = 64;
/// Peers for which messages are kept.
pub const INBOX_PEERS_MAX: usize = 256;

/// Early messages, in order of arrival for each peer.
#[derive(Debug, Default)]
pub struct Inbox {
    peers: BTreeMap<PeerId, Early>,
}

#[derive(Debug, Default)]
struct Early {
    bytes: usize,
    messages: Vec<ConsensusMessage>,
}

impl Inbox {
    /// Keeps a message of `bytes` bytes if the peer's allowance permits.
    pub fn push(&mut self, from: PeerId, bytes: usize, message: ConsensusMessage) {
        if !self.peers.contains_key(&from) && self.peers.len() >= INBOX_PEERS_MAX {
            return;
        }
        let early = self.peers.entry(from).or_default();
        let total = early.bytes.saturating_add(bytes);
        if total <= INBOX_BYTES_PER_PEER_MAX
            && early.messages.len() < INBOX_MESSAGES_PER_PEER_MAX
            && !early.messages.contains(&message)
        {
            rules::acts("C-20");
            early.bytes = total;
            early.messages.push(message);
        }
    }

    /// Takes everything.
    pub fn take(&mut self) -> Vec<(PeerId, ConsensusMessage)> {
        let peers = std::mem::take(&mut self.peers);
        peers
            .into_iter()
            .flat_map(|(peer, early)| {
                early
                    .messages
                    .into_iter()
                    .map(move |message| (peer, message))
            })
            .collect()
    }
}
