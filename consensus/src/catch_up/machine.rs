//! The machine of catch-up.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{
    BUFFER_BYTES_MAX, CatchUpFault, CatchUpInput, CatchUpOutput, GRACE_MS, REQUEST_HEIGHTS_MAX,
    REQUEST_TIMEOUT_MS, REQUESTS_MAX, STATUS_INTERVAL_MS, peers::Peers,
};
use crate::{peer::PeerId, rules};

/// Heights above the own that are asked for ahead.
const WINDOW_HEIGHTS: u64 = 4 * REQUEST_HEIGHTS_MAX;

/// A range of blocks on its way.
#[derive(Debug, Clone, Copy)]
struct Request {
    from: u64,
    to: u64,
    deadline: u64,
}

/// Catch-up on this node. See the module's header.
#[derive(Debug)]
pub struct CatchUp {
    now: u64,
    /// The last height committed here.
    height: u64,
    peers: Peers,
    requests: BTreeMap<PeerId, Request>,
    /// Blocks that wait for their turn, and who sent them.
    buffer: BTreeMap<u64, (PeerId, Bytes)>,
    buffered: usize,
    /// The block that is being checked.
    checking: Option<(u64, PeerId)>,
    /// Since when a peer is known to be ahead.
    behind_since: Option<u64>,
    status_at: u64,
    wake_at: Option<u64>,
    outputs: Vec<CatchUpOutput>,
}

impl CatchUp {
    /// A machine on a node whose last committed height is `height`.
    #[must_use]
    pub fn new(height: u64) -> Self {
        Self {
            now: 0,
            height,
            peers: Peers::default(),
            requests: BTreeMap::new(),
            buffer: BTreeMap::new(),
            buffered: 0,
            checking: None,
            behind_since: None,
            status_at: 0,
            wake_at: None,
            outputs: Vec::new(),
        }
    }

    /// Handles one input at time `now`, milliseconds.
    pub fn step(&mut self, now: u64, input: CatchUpInput) -> Vec<CatchUpOutput> {
        self.now = self.now.max(now);
        match input {
            CatchUpInput::PeerConnected { peer } => {
                self.peers.connect(peer);
                self.tell(peer);
            }
            CatchUpInput::PeerDisconnected { peer } => {
                self.peers.disconnect(peer);
                self.requests.remove(&peer);
            }
            CatchUpInput::Status { peer, height } => {
                if height < self.height {
                    rules::acts("C-30");
                }
                self.peers.claim(peer, height);
            }
            CatchUpInput::TellPeer { peer } => self.tell(peer),
            CatchUpInput::BlocksReceived { peer, from, blocks } => {
                self.on_blocks(peer, from, blocks);
            }
            CatchUpInput::BlocksDropped { peer, first } => self.on_dropped(peer, first),
            CatchUpInput::Applied { height } => self.on_applied(height),
            CatchUpInput::BlockRefused { height } => self.on_refused(height),
            CatchUpInput::Tick => {}
        }
        self.end_silent_requests();
        self.hand_out();
        self.ask();
        self.tell_everybody();
        self.schedule();
        std::mem::take(&mut self.outputs)
    }

    /// Whether a peer that may be asked claims more than is committed here.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.target() > self.height
    }

    /// The highest height that a peer that may be asked claims.
    #[must_use]
    pub fn target(&self) -> u64 {
        self.peers.target(self.now)
    }

    /// The lowest height that peers have, if they are ahead and none that may be asked has the next block: then
    /// this node cannot catch up by blocks.
    #[must_use]
    pub fn stranded(&self) -> Option<u64> {
        self.peers
            .lowest_first(self.height.saturating_add(1), self.now)
    }

    fn on_dropped(&mut self, peer: PeerId, first: u64) {
        let asked = self.requests.remove(&peer);
        if asked.is_some_and(|request| request.from < first) {
            self.peers.keeps_from(peer, first);
        } else {
            self.blame(peer, CatchUpFault::UnwantedAnswer);
        }
    }

    fn on_blocks(&mut self, peer: PeerId, from: u64, blocks: Vec<Bytes>) {
        let Some(request) = self.requests.remove(&peer) else {
            self.blame(peer, CatchUpFault::UnwantedAnswer);
            return;
        };
        let asked = request.to.saturating_sub(request.from).saturating_add(1);
        if request.from != from || u64::try_from(blocks.len()).is_ok_and(|count| count > asked) {
            self.blame(peer, CatchUpFault::UnwantedAnswer);
            return;
        }
        if blocks.is_empty() {
            self.blame(peer, CatchUpFault::EmptyAnswer);
            return;
        }
        for (height, block) in (from..).zip(blocks) {
            let bytes = self.buffered.saturating_add(block.len());
            if height > self.height
                && !self.buffer.contains_key(&height)
                && bytes <= BUFFER_BYTES_MAX
            {
                self.buffered = bytes;
                self.buffer.insert(height, (peer, block));
            }
        }
    }

    fn on_applied(&mut self, height: u64) {
        if height <= self.height {
            return;
        }
        self.height = height;
        if let Some((checked, peer)) = self.checking
            && checked <= height
        {
            self.peers.trust(peer);
            self.checking = None;
        }
        self.keep_blocks(|above, _| above > height);
        self.behind_since = None;
    }

    fn on_refused(&mut self, height: u64) {
        let Some((checked, peer)) = self.checking else {
            return;
        };
        if checked == height {
            self.checking = None;
            self.keep_blocks(|_, sender| sender != peer);
            self.blame(peer, CatchUpFault::BadBlock);
        }
    }

    fn end_silent_requests(&mut self) {
        let now = self.now;
        let silent: Vec<PeerId> = self
            .requests
            .iter()
            .filter(|(_, request)| request.deadline <= now)
            .map(|(peer, _)| *peer)
            .collect();
        for peer in silent {
            self.requests.remove(&peer);
            self.blame(peer, CatchUpFault::Silent);
        }
    }

    /// Hands out the next block for checking, if none is being checked (C-31).
    fn hand_out(&mut self) {
        let next = self.height.saturating_add(1);
        if self.checking.is_some() {
            rules::acts("C-31");
            return;
        }
        if let Some((peer, block)) = self.buffer.remove(&next) {
            self.buffered = self.buffered.saturating_sub(block.len());
            self.checking = Some((next, peer));
            self.outputs.push(CatchUpOutput::CheckBlock {
                peer,
                height: next,
                block,
            });
        }
    }

    fn ask(&mut self) {
        let target = self.target();
        if target <= self.height {
            self.behind_since = None;
            return;
        }
        let since = *self.behind_since.get_or_insert(self.now);
        let far = target.saturating_sub(self.height) >= 2;
        if !far && self.now.saturating_sub(since) < GRACE_MS {
            return;
        }
        while self.requests.len() < REQUESTS_MAX && self.buffered < BUFFER_BYTES_MAX / 2 {
            let Some(from) = self.first_missing(target) else {
                break;
            };
            let requests = &self.requests;
            let chosen = self
                .peers
                .choose(from, self.now, |peer| requests.contains_key(peer));
            let Some((peer, claim)) = chosen else { break };
            let to = self.last_missing(from, claim.min(target));
            let deadline = self.now.saturating_add(REQUEST_TIMEOUT_MS);
            self.requests.insert(peer, Request { from, to, deadline });
            self.outputs
                .push(CatchUpOutput::RequestBlocks { peer, from, to });
        }
    }

    /// The lowest height in the window that is neither here nor on its way.
    fn first_missing(&self, target: u64) -> Option<u64> {
        let first = self.height.saturating_add(1);
        let last = target.min(self.height.saturating_add(WINDOW_HEIGHTS));
        (first..=last).find(|height| !self.is_here_or_coming(*height))
    }

    /// The last height of an unbroken range of missing heights from `from` on.
    fn last_missing(&self, from: u64, target: u64) -> u64 {
        let longest = from.saturating_add(REQUEST_HEIGHTS_MAX).saturating_sub(1);
        let missing = |height: &u64| !self.is_here_or_coming(*height);
        (from..=longest.min(target))
            .take_while(missing)
            .last()
            .unwrap_or(from)
    }

    fn is_here_or_coming(&self, height: u64) -> bool {
        self.buffer.contains_key(&height)
            || self.checking.is_some_and(|(checked, _)| checked == height)
            || self
                .requests
                .values()
                .any(|request| (request.from..=request.to).contains(&height))
    }

    fn keep_blocks(&mut self, keep: impl Fn(u64, PeerId) -> bool) {
        self.buffer
            .retain(|height, (sender, _)| keep(*height, *sender));
        self.buffered = self
            .buffer
            .values()
            .fold(0, |bytes, (_, block)| bytes.saturating_add(block.len()));
    }

    fn tell(&mut self, peer: PeerId) {
        self.outputs.push(CatchUpOutput::SendStatus {
            to: peer,
            height: self.height,
        });
    }

    fn tell_everybody(&mut self) {
        if self.now >= self.status_at {
            self.status_at = self.now.saturating_add(STATUS_INTERVAL_MS);
            self.outputs.push(CatchUpOutput::BroadcastStatus {
                height: self.height,
            });
        }
    }

    fn schedule(&mut self) {
        let grace = self
            .behind_since
            .map(|since| since.saturating_add(GRACE_MS))
            .filter(|time| *time > self.now);
        let deadlines = self.requests.values().map(|request| request.deadline);
        let wake_at = deadlines
            .chain(grace)
            .chain(self.peers.next_pardon(self.now))
            .chain([self.status_at])
            .min();
        if let Some(time) = wake_at
            && wake_at != self.wake_at
        {
            self.outputs.push(CatchUpOutput::WakeAt(time));
        }
        self.wake_at = wake_at;
    }

    fn blame(&mut self, peer: PeerId, fault: CatchUpFault) {
        rules::acts("C-32");
        self.peers.distrust(peer, self.now);
        self.outputs.push(CatchUpOutput::PeerFault { peer, fault });
    }
}
