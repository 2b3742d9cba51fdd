//! What the network hands to the node, the most urgent first.
//!
//! Bounded without ever blocking a peer for another's sake: messages by each peer's budget, which
//! its reader holds until the node has taken the message; connections by coalescing what the node
//! has not seen yet; faults by count.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use bytes::Bytes;
use libp2p::PeerId;
use parking_lot::Mutex;
use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::{PeerFault, PerPriority, Priority};
use crate::limits::network::FAULT_EVENTS_MAX;

/// Something that happened on the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkEvent {
    /// A peer can be reached. Whatever was sent on an earlier connection may be lost.
    Connected(PeerId),
    /// A peer cannot be reached any more. Messages that it sent earlier may still follow.
    Disconnected(PeerId),
    /// A peer sent a message.
    Message {
        /// The sender, authenticated.
        from: PeerId,
        /// The stream it came on.
        priority: Priority,
        /// The payload, between 1 byte and the priority's maximum.
        bytes: Bytes,
    },
    /// A peer did what no honest peer does.
    Fault {
        /// The peer.
        from: PeerId,
        /// What it did.
        kind: PeerFault,
    },
}

#[derive(Debug)]
struct Message {
    from: PeerId,
    bytes: Bytes,
    /// The part of the peer's budget that the message holds until it is taken.
    _budget: OwnedSemaphorePermit,
}

/// What changed for a peer since the node last looked: it is told of the end first.
#[derive(Clone, Copy, Debug, Default)]
struct LinkChange {
    disconnected: bool,
    connected: bool,
}

#[derive(Debug, Default)]
struct Contents {
    links: BTreeMap<PeerId, LinkChange>,
    faults: VecDeque<(PeerId, PeerFault)>,
    messages: PerPriority<VecDeque<Message>>,
    closed: bool,
}

/// The meeting point of all readers and the node.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    contents: Mutex<Contents>,
    arrived: Notify,
}

impl Inbox {
    pub(super) fn on_connected(&self, peer: PeerId) {
        self.contents
            .lock()
            .links
            .entry(peer)
            .or_default()
            .connected = true;
        self.arrived.notify_one();
    }

    pub(super) fn on_disconnected(&self, peer: PeerId) {
        let mut contents = self.contents.lock();
        let change = contents.links.entry(peer).or_default();
        if change.connected {
            // The node never learned of this connection: nothing to take back.
            change.connected = false;
            if !change.disconnected {
                contents.links.remove(&peer);
            }
        } else {
            change.disconnected = true;
        }
        drop(contents);
        self.arrived.notify_one();
    }

    pub(super) fn on_fault(&self, peer: PeerId, fault: PeerFault) {
        let mut contents = self.contents.lock();
        if contents.faults.len() < FAULT_EVENTS_MAX {
            contents.faults.push_back((peer, fault));
        }
        drop(contents);
        self.arrived.notify_one();
    }

    pub(super) fn on_message(
        &self,
        from: PeerId,
        priority: Priority,
        bytes: Bytes,
        budget: OwnedSemaphorePermit,
    ) {
        let message = Message {
            from,
            bytes,
            _budget: budget,
        };
        self.contents
            .lock()
            .messages
            .get_mut(priority)
            .push_back(message);
        self.arrived.notify_one();
    }

    /// Nothing more will come.
    pub(super) fn close(&self) {
        self.contents.lock().closed = true;
        self.arrived.notify_one();
    }
}

impl Contents {
    fn take(&mut self, least: Priority) -> Option<NetworkEvent> {
        if let Some(mut entry) = self.links.first_entry() {
            let peer = *entry.key();
            let change = entry.get_mut();
            if change.disconnected {
                change.disconnected = false;
                if !change.connected {
                    entry.remove();
                }
                return Some(NetworkEvent::Disconnected(peer));
            }
            entry.remove();
            return Some(NetworkEvent::Connected(peer));
        }
        if let Some((from, kind)) = self.faults.pop_front() {
            return Some(NetworkEvent::Fault { from, kind });
        }
        for priority in Priority::ALL
            .into_iter()
            .filter(|priority| *priority <= least)
        {
            if let Some(message) = self.messages.get_mut(priority).pop_front() {
                let Message { from, bytes, .. } = message;
                return Some(NetworkEvent::Message {
                    from,
                    priority,
                    bytes,
                });
            }
        }
        None
    }
}

/// The node's end of the network: events, the most urgent first. Dropping it shuts the network
/// down.
#[derive(Debug)]
pub struct NetworkReceiver {
    pub(super) inbox: Arc<Inbox>,
    pub(super) shared: Arc<super::handle::Shared>,
}

impl NetworkReceiver {
    /// The next event: connections and faults, then votes, control, bulk. `None` once the network
    /// has shut down, its sockets are closed, and everything was taken. Safe to cancel.
    pub async fn recv(&mut self) -> Option<NetworkEvent> {
        self.recv_at_least(Priority::Bulk).await
    }

    /// Like [`recv`](Self::recv), but leaves messages less urgent than `least` where they are, so
    /// that a busy node can put off bulk without putting off votes. Safe to cancel.
    pub async fn recv_at_least(&mut self, least: Priority) -> Option<NetworkEvent> {
        loop {
            {
                let mut contents = self.inbox.contents.lock();
                if let Some(event) = contents.take(least) {
                    return Some(event);
                }
                if contents.closed {
                    return None;
                }
            }
            self.inbox.arrived.notified().await;
        }
    }

    /// The next event if one waits.
    pub fn try_recv(&mut self) -> Option<NetworkEvent> {
        self.inbox.contents.lock().take(Priority::Bulk)
    }
}

impl Drop for NetworkReceiver {
    fn drop(&mut self) {
        self.shared.request_shutdown();
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::*;

    fn take_all(inbox: &Inbox, least: Priority) -> Vec<NetworkEvent> {
        let mut contents = inbox.contents.lock();
        std::iter::from_fn(|| contents.take(least)).collect()
    }

    #[test]
    fn connections_are_coalesced_and_their_order_makes_sense() {
        let inbox = Inbox::default();
        let peer = PeerId::random();
        inbox.on_connected(peer);
        inbox.on_disconnected(peer);
        assert_eq!(take_all(&inbox, Priority::Bulk), []);
        for _ in 0..3 {
            inbox.on_connected(peer);
            inbox.on_disconnected(peer);
        }
        inbox.on_connected(peer);
        assert_eq!(
            take_all(&inbox, Priority::Bulk),
            [NetworkEvent::Connected(peer)]
        );
        for _ in 0..3 {
            inbox.on_disconnected(peer);
            inbox.on_connected(peer);
        }
        assert_eq!(
            take_all(&inbox, Priority::Bulk),
            [
                NetworkEvent::Disconnected(peer),
                NetworkEvent::Connected(peer)
            ]
        );
        inbox.on_disconnected(peer);
        assert_eq!(
            take_all(&inbox, Priority::Bulk),
            [NetworkEvent::Disconnected(peer)]
        );
    }

    #[test]
    fn the_most_urgent_comes_first_and_taking_frees_the_budget() {
        let inbox = Inbox::default();
        let peer = PeerId::random();
        let budget = Arc::new(Semaphore::new(3));
        for priority in [Priority::Bulk, Priority::Control, Priority::Vote] {
            let permit = Arc::clone(&budget).try_acquire_owned().unwrap();
            inbox.on_message(peer, priority, Bytes::from_static(b"x"), permit);
        }
        let order = |events: Vec<NetworkEvent>| -> Vec<Priority> {
            let priority = |event| match event {
                NetworkEvent::Message { priority, .. } => priority,
                other => panic!("unexpected {other:?}"),
            };
            events.into_iter().map(priority).collect()
        };
        assert_eq!(order(take_all(&inbox, Priority::Vote)), [Priority::Vote]);
        assert_eq!(budget.available_permits(), 1);
        assert_eq!(
            order(take_all(&inbox, Priority::Bulk)),
            [Priority::Control, Priority::Bulk]
        );
        assert_eq!(budget.available_permits(), 3);
    }

    #[test]
    fn fault_events_are_bounded() {
        let inbox = Inbox::default();
        for _ in 0..2 * FAULT_EVENTS_MAX {
            inbox.on_fault(PeerId::random(), PeerFault::StreamFlood);
        }
        assert_eq!(take_all(&inbox, Priority::Bulk).len(), FAULT_EVENTS_MAX);
    }
}
