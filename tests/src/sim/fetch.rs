//! A fetch of a snapshot in virtual time: one that asks, and peers in memory that answer or lie.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use talea_node::bootstrap::{
    ChunkPosition, FetchEvent, FetchSetup, Fetched, Fetcher, Serving, SnapshotReply,
    SnapshotRequest, Turn,
};
use talea_node::network::{PeerId, peer_id_of};

use super::random::Random;

/// Events of one fetch at most: each liar costs some ten.
const EVENTS_MAX: u64 = 20_000;
/// How much higher a boaster says that its snapshot is.
const BOAST: u64 = 1_000;
/// Seed of the identity of who asks; those of peers are smaller.
const ASKS: u8 = 255;

/// How a peer lies about a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lie {
    /// The header that was decided, above a state of the same height that was not.
    OtherState,
    /// An object of the state is not there.
    ObjectMissing,
    /// An object has another bit.
    ObjectChanged,
    /// A header of its own that names the state, signed by one validator.
    OwnHeader,
    /// The file has another bit.
    Rot,
    /// The offer names a greater height.
    Boast,
    /// No chunk can be decoded.
    Garbage,
    /// No chunk comes.
    Silence,
}

impl Lie {
    /// All of them.
    pub(super) const ALL: [Self; 8] = [
        Self::OtherState,
        Self::ObjectMissing,
        Self::ObjectChanged,
        Self::OwnHeader,
        Self::Rot,
        Self::Boast,
        Self::Garbage,
        Self::Silence,
    ];
}

/// A peer: the node's own server, and what becomes of its words.
pub(super) struct Peer {
    serving: Serving,
    lie: Option<Lie>,
    arriving: VecDeque<Bytes>,
}

impl Peer {
    pub(super) const fn new(serving: Serving, lie: Option<Lie>) -> Self {
        Self {
            serving,
            lie,
            arriving: VecDeque::new(),
        }
    }

    fn hear(&mut self, now: u64, from: PeerId, request: SnapshotRequest) {
        let request = match (request, self.lie) {
            (SnapshotRequest::Chunk(mut position), Some(Lie::Boast)) => {
                position.name.height = position.name.height.saturating_sub(BOAST);
                SnapshotRequest::Chunk(position)
            }
            (request, _) => request,
        };
        if let Some(reply) = self.serving.on_request(now, from, request) {
            self.say(reply);
        }
    }

    fn say(&mut self, reply: SnapshotReply) {
        let boasted = |mut position: ChunkPosition| {
            position.name.height += BOAST;
            position
        };
        let said = match (reply, self.lie) {
            (SnapshotReply::Chunk(..), Some(Lie::Silence)) => return,
            (SnapshotReply::Chunk(..), Some(Lie::Garbage)) => Bytes::from_static(b"\xff\xff"),
            (SnapshotReply::Snapshots(mut offers), Some(Lie::Boast)) => {
                for offer in &mut offers {
                    offer.name.height += BOAST;
                }
                SnapshotReply::Snapshots(offers).encode()
            }
            (SnapshotReply::Chunk(position, bytes), Some(Lie::Boast)) => {
                SnapshotReply::Chunk(boasted(position), bytes).encode()
            }
            (SnapshotReply::Refused(position, reason), Some(Lie::Boast)) => {
                SnapshotReply::Refused(boasted(position), reason).encode()
            }
            (reply, _) => reply.encode(),
        };
        self.arriving.push_back(said);
    }
}

/// See the module.
pub(super) struct Fetch {
    setup: FetchSetup,
    peers: BTreeMap<PeerId, Peer>,
    random: Random,
}

impl Fetch {
    pub(super) const fn new(
        setup: FetchSetup,
        peers: BTreeMap<PeerId, Peer>,
        random: Random,
    ) -> Self {
        Self {
            setup,
            peers,
            random,
        }
    }

    /// Fetches until the data directory begins after a snapshot, or says why it does not.
    pub(super) fn run(mut self) -> Result<Fetched, String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let mut now = 0;
        let mut fetcher = Fetcher::new(self.setup.clone(), now).map_err(|error| told(&error))?;
        let mut events: VecDeque<FetchEvent> = self
            .peers
            .keys()
            .copied()
            .map(FetchEvent::Connected)
            .collect();
        let mut answers_at = None;
        for _ in 0..EVENTS_MAX {
            let event = events.pop_front().or_else(|| self.arrived());
            let event = event.unwrap_or_else(|| {
                let patience = fetcher.wake_at(now);
                now = answers_at.map_or(patience, |at: u64| at.min(patience));
                FetchEvent::Tick
            });
            let fetched = fetcher.step(now, event).map_err(|error| told(&error))?;
            if let Some(fetched) = fetched {
                return Ok(fetched);
            }
            fetcher.take_news();
            let asks = peer_id_of(&[ASKS; 32]).expect("any seed is a key");
            for (peer, request) in fetcher.take_requests() {
                if let Some(peer) = self.peers.get_mut(&peer) {
                    peer.hear(now, asks, request);
                }
            }
            answers_at = self.answer(now);
        }
        Err(format!("it does not end: {EVENTS_MAX} events"))
    }

    /// Whose answer comes first is chance; those of one peer come in order.
    fn arrived(&mut self) -> Option<FetchEvent> {
        let with_some = self
            .peers
            .iter()
            .filter(|(_, peer)| !peer.arriving.is_empty());
        let waiting: Vec<PeerId> = with_some.map(|(id, _)| *id).collect();
        if waiting.is_empty() {
            return None;
        }
        let from = self.random.one_of(&waiting);
        let bytes = self.peers.get_mut(&from)?.arriving.pop_front()?;
        Some(FetchEvent::Reply(from, bytes))
    }

    /// Whoever can answer at this time does. Gives when the next one can.
    fn answer(&mut self, now: u64) -> Option<u64> {
        let mut next = None;
        for peer in self.peers.values_mut() {
            loop {
                match peer.serving.turn(now) {
                    Turn::Answer(_, reply) => peer.say(reply),
                    Turn::Wait(millis) => {
                        let at = now + millis;
                        next = Some(next.map_or(at, |next: u64| next.min(at)));
                        break;
                    }
                    Turn::Idle => break,
                }
            }
        }
        next
    }
}
