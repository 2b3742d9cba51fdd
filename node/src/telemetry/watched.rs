//! Figures that somebody looks at now and then rather than counts: how old the newest block is, how far
//! behind the node is, how each peer is, how full the disk is.

use std::{collections::BTreeSet, sync::atomic::AtomicU64, time::Duration};

use parking_lot::Mutex;
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

type Seconds = Gauge<f64, AtomicU64>;

/// Which peer, by its name in the register.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PeerLabels {
    peer: String,
}

impl PeerLabels {
    fn of(name: &str) -> Self {
        Self {
            peer: name.to_owned(),
        }
    }
}

/// How a registered peer is.
#[derive(Clone, Copy, Debug)]
pub struct WatchedPeer<'a> {
    /// Its name in the register.
    pub name: &'a str,
    /// Whether there is a connection.
    pub connected: bool,
    /// Last measured round trip.
    pub round_trip: Option<Duration>,
    /// Bytes that wait to be sent to it.
    pub queued_bytes: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Watched {
    newest_block_age: Seconds,
    blocks_behind: Gauge,
    validator: Gauge,
    voting: Gauge,
    disk_free_bytes: Gauge,
    peer_connected: Family<PeerLabels, Gauge>,
    peer_round_trip: Family<PeerLabels, Seconds>,
    peer_queue_bytes: Family<PeerLabels, Gauge>,
    /// Names of the peers that have figures.
    peers: Mutex<BTreeSet<String>>,
}

impl Watched {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Since the newest block was committed here";
        let age = self.newest_block_age.clone();
        registry.register_with_unit("newest_block_age", help, Unit::Seconds, age);
        let help = "Heights that the best connected peer is ahead";
        registry.register("blocks_behind", help, self.blocks_behind.clone());
        let help = "1 if this node is set up to vote";
        registry.register("validator", help, self.validator.clone());
        let help = "1 while this node votes";
        registry.register("voting", help, self.voting.clone());
        let help = "Free on the disk of the data directory";
        let free = self.disk_free_bytes.clone();
        registry.register_with_unit("disk_free", help, Unit::Bytes, free);
        let help = "1 while a registered peer is connected";
        registry.register("peer_connected", help, self.peer_connected.clone());
        let help = "Last measured round trip to a peer";
        let round_trip = self.peer_round_trip.clone();
        registry.register_with_unit("peer_round_trip", help, Unit::Seconds, round_trip);
        let help = "Waiting to be sent to a peer";
        let queue = self.peer_queue_bytes.clone();
        registry.register_with_unit("peer_queue", help, Unit::Bytes, queue);
    }

    /// Where the chain stands here.
    pub fn set_chain(&self, newest_block_age: Duration, blocks_behind: u64) {
        self.newest_block_age.set(newest_block_age.as_secs_f64());
        self.blocks_behind.set(gauge(blocks_behind));
    }

    /// Whether this node is set up to vote, and whether it does.
    pub fn set_voting(&self, validator: bool, votes: bool) {
        self.validator.set(i64::from(validator));
        self.voting.set(i64::from(validator && votes));
    }

    /// Bytes free on the disk of the data directory.
    pub fn set_disk_free(&self, bytes: u64) {
        self.disk_free_bytes.set(gauge(bytes));
    }

    /// Every registered peer; one that is no longer registered is forgotten.
    pub fn set_peers<'a>(&self, peers: impl Iterator<Item = WatchedPeer<'a>>) {
        let mut gone = self.peers.lock();
        let mut named = BTreeSet::new();
        for peer in peers {
            gone.remove(peer.name);
            named.insert(peer.name.to_owned());
            let labels = PeerLabels::of(peer.name);
            let connected = self.peer_connected.get_or_create(&labels);
            connected.set(i64::from(peer.connected));
            if let Some(time) = peer.round_trip {
                let seconds = self.peer_round_trip.get_or_create(&labels);
                seconds.set(time.as_secs_f64());
            }
            let queue = self.peer_queue_bytes.get_or_create(&labels);
            queue.set(gauge(peer.queued_bytes));
        }
        for name in std::mem::replace(&mut *gone, named) {
            let labels = PeerLabels::of(&name);
            self.peer_connected.remove(&labels);
            self.peer_round_trip.remove(&labels);
            self.peer_queue_bytes.remove(&labels);
        }
    }
}

fn gauge(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
