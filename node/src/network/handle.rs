//! The node's grip on the network: cheap to clone, and it never waits.

use std::{collections::BTreeMap, collections::VecDeque, sync::Arc, time::Duration};

use bytes::Bytes;
use libp2p::{Multiaddr, PeerId};
use parking_lot::{Mutex, RwLock};
use tokio::{sync::Notify, time::Instant};

use super::{
    NetworkCounters, NetworkError, PeerConfig, PeerFault, PeerRole, PerPriority, Priority,
    config::check_peers, counters::Counters, link::Link, queue::Pushed,
};
use crate::limits::network::FAULT_REPORTS_MAX;

/// What became of a message to one peer. None of these promises delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// It waits to be written.
    Queued,
    /// It waits to be written; this many older votes were forgotten for it.
    QueuedForOlder {
        /// Votes forgotten.
        forgotten: u64,
    },
    /// It was dropped: the queue is full, because the peer reads too slowly.
    Dropped,
    /// There is no connection with the peer.
    NotConnected,
    /// It is empty or longer than its priority allows: no peer would accept it.
    InvalidLength,
}

/// What became of a message to all validators.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BroadcastOutcome {
    /// Validators for which it waits to be written.
    pub queued: usize,
    /// Connected validators whose queue is full.
    pub dropped: usize,
}

/// A connected peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerStatus {
    /// Its identity.
    pub peer_id: PeerId,
    /// Its name in the register.
    pub name: String,
    /// Its role in the register.
    pub role: PeerRole,
    /// How long it has been connected.
    pub connected_for: Duration,
    /// The last measured round trip, if one was.
    pub round_trip: Option<Duration>,
    /// How long ago its newest message came, if one did.
    pub heard_ago: Option<Duration>,
    /// Bytes that wait to be written, by priority.
    pub queued_bytes: PerPriority<usize>,
    /// Messages dropped on this connection, by priority.
    pub dropped: PerPriority<u64>,
}

/// A link and what the register says of its peer.
#[derive(Clone, Debug)]
pub(super) struct Connected {
    pub(super) link: Arc<Link>,
    pub(super) name: String,
    pub(super) role: PeerRole,
}

/// What the handles ask of the driver.
#[derive(Debug, Default)]
pub(super) struct Requests {
    pub(super) peers: Option<Vec<PeerConfig>>,
    pub(super) faults: VecDeque<(PeerId, PeerFault)>,
    pub(super) shutdown: bool,
}

/// What the handles and the driver share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) links: RwLock<BTreeMap<PeerId, Connected>>,
    pub(super) addresses: RwLock<Vec<Multiaddr>>,
    pub(super) counters: Arc<Counters>,
    pub(super) requests: Mutex<Requests>,
    pub(super) requested: Notify,
}

impl Shared {
    pub(super) fn request_shutdown(&self) {
        self.requests.lock().shutdown = true;
        self.requested.notify_one();
    }

    fn push(&self, link: &Link, priority: Priority, bytes: Bytes) -> SendOutcome {
        match link.queues.get(priority).push(bytes) {
            Pushed::Queued => SendOutcome::Queued,
            Pushed::ReplacedOldest(forgotten) => {
                link.dropped.get(priority).add(forgotten);
                self.counters.dropped.get(priority).add(forgotten);
                SendOutcome::QueuedForOlder { forgotten }
            }
            Pushed::Refused => {
                link.dropped.get(priority).add(1);
                self.counters.dropped.get(priority).add(1);
                SendOutcome::Dropped
            }
        }
    }
}

/// The node's grip on the network. No call waits or does I/O.
#[derive(Clone, Debug)]
pub struct NetworkHandle {
    pub(super) shared: Arc<Shared>,
    pub(super) local_peer: PeerId,
}

impl NetworkHandle {
    /// This node's identity on the network.
    pub fn local_peer(&self) -> PeerId {
        self.local_peer
    }

    /// Queues a message for one peer.
    pub fn send(&self, peer: &PeerId, priority: Priority, bytes: Bytes) -> SendOutcome {
        if !is_valid_length(priority, &bytes) {
            return SendOutcome::InvalidLength;
        }
        match self.shared.links.read().get(peer) {
            Some(connected) => self.shared.push(&connected.link, priority, bytes),
            None => SendOutcome::NotConnected,
        }
    }

    /// Queues a message for every connected validator. The bytes are shared, not copied. A message
    /// of an invalid length is queued for none.
    pub fn broadcast(&self, priority: Priority, bytes: &Bytes) -> BroadcastOutcome {
        let mut outcome = BroadcastOutcome::default();
        if !is_valid_length(priority, bytes) {
            return outcome;
        }
        let links = self.shared.links.read();
        for connected in links
            .values()
            .filter(|peer| peer.role == PeerRole::Validator)
        {
            match self.shared.push(&connected.link, priority, bytes.clone()) {
                SendOutcome::Queued | SendOutcome::QueuedForOlder { .. } => {
                    outcome.queued = outcome.queued.saturating_add(1);
                }
                _ => outcome.dropped = outcome.dropped.saturating_add(1),
            }
        }
        outcome
    }

    /// Replaces the register of peers. Connections with peers that are no longer in it are closed,
    /// new ones are dialled.
    ///
    /// # Errors
    ///
    /// If the register breaks a limit or names a peer twice; it is then left as it was.
    pub fn set_peers(&self, peers: Vec<PeerConfig>) -> Result<(), NetworkError> {
        check_peers(&peers)?;
        self.shared.requests.lock().peers = Some(peers);
        self.shared.requested.notify_one();
        Ok(())
    }

    /// Tells the network that a peer sent what no honest peer sends. A peer with too many faults is
    /// disconnected and refused for a while.
    pub fn report_fault(&self, peer: PeerId, fault: PeerFault) {
        let mut requests = self.shared.requests.lock();
        if requests.faults.len() < FAULT_REPORTS_MAX {
            requests.faults.push_back((peer, fault));
        }
        drop(requests);
        self.shared.requested.notify_one();
    }

    /// The connected peers, by identity.
    pub fn connected(&self) -> Vec<PeerStatus> {
        let now = Instant::now();
        let status = |(peer_id, connected): (&PeerId, &Connected)| {
            let link = &connected.link;
            PeerStatus {
                peer_id: *peer_id,
                name: connected.name.clone(),
                role: connected.role,
                connected_for: now.saturating_duration_since(link.connected_at),
                round_trip: link.round_trip(),
                heard_ago: link.heard_ago(),
                queued_bytes: PerPriority::from_fn(|priority| link.queues.get(priority).bytes()),
                dropped: PerPriority::from_fn(|priority| link.dropped.get(priority).get()),
            }
        };
        self.shared.links.read().iter().map(status).collect()
    }

    /// The addresses on which the node listens.
    pub fn local_addresses(&self) -> Vec<Multiaddr> {
        self.shared.addresses.read().clone()
    }

    /// What was counted since the start.
    pub fn counters(&self) -> NetworkCounters {
        self.shared.counters.snapshot()
    }

    /// Closes all connections and stops. The receiver then ends.
    pub fn shutdown(&self) {
        self.shared.request_shutdown();
    }
}

fn is_valid_length(priority: Priority, bytes: &Bytes) -> bool {
    !bytes.is_empty() && bytes.len() <= priority.message_bytes_max()
}
