//! Fetches a snapshot from peers that may lie: a state machine without clock and network.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use talea_types::{ChainId, ValidatorSet};

use super::error::{FetchError, PassedOver};
use super::message::{ChunkPosition, RefusalReason, SnapshotOffer, SnapshotReply, SnapshotRequest};
use super::partial::Partial;
use super::peers::Peers;
use crate::limits::bootstrap::{
    CHUNK_BYTES, CHUNK_PATIENCE_MS, CHUNKS_ASKED_MAX, FETCH_PATIENCE_MS, HEAD_BYTES_MAX,
};
use crate::network::PeerId;
use crate::snapshot::{SNAPSHOTS_DIRECTORY, SnapshotError, SnapshotName, SnapshotReader};
use crate::storage::disk::{Disk, DiskLock};
use crate::upkeep::{UpkeepError, begin_after, check_vacant};

const LOCK_NAME: &str = "FETCH-LOCK";

/// What a fetcher works with.
#[derive(Clone, Debug)]
pub struct FetchSetup {
    /// The file system.
    pub disk: Arc<dyn Disk>,
    /// The data directory, without blocks.
    pub data: PathBuf,
    /// The network.
    pub chain: ChainId,
    /// Its first validators.
    pub genesis_set: ValidatorSet,
    /// Who may be asked, with names for people.
    pub peers: BTreeMap<PeerId, String>,
    /// Free bytes of the disk.
    pub free_bytes: u64,
}

/// What happens to a fetcher.
#[derive(Clone, Debug)]
pub enum FetchEvent {
    /// A peer can be reached.
    Connected(PeerId),
    /// It cannot any more.
    Disconnected(PeerId),
    /// It sent a reply.
    Reply(PeerId, Bytes),
    /// Time has passed.
    Tick,
}

/// Something to tell whoever waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchNews {
    /// A peer said what it has.
    Offered {
        /// The peer.
        peer: String,
        /// Its newest snapshot.
        newest: Option<SnapshotOffer>,
    },
    /// A fetch begins or goes on.
    Begun {
        /// From whom.
        peer: String,
        /// What.
        offer: SnapshotOffer,
        /// Bytes that are there already.
        there: u64,
    },
    /// A chunk arrived.
    Arrived {
        /// Bytes that are there.
        bytes: u64,
        /// Bytes of the whole.
        of: u64,
    },
    /// A peer did not deliver; it may be asked again.
    NotDelivered(PassedOver),
    /// A peer is not asked any more.
    PassedOver(PassedOver),
    /// Everything is there and is being verified.
    Verifying,
}

/// A snapshot that was fetched, verified, and made the base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Height and state root.
    pub name: SnapshotName,
    /// Its length.
    pub bytes: u64,
    /// Who sent the end of it.
    pub from: String,
    /// Who was passed over before.
    pub passed_over: Vec<PassedOver>,
}

/// A fetch from one peer.
#[derive(Debug)]
struct Transfer {
    peer: PeerId,
    /// Offsets of chunks that are on their way, ascending.
    asked: VecDeque<u64>,
    next_offset: u64,
    /// The next chunk is waited for until then, milliseconds.
    deadline: u64,
}

/// What became of the fetch from a peer.
enum Trouble {
    /// The peer did what no honest one does.
    Lie(String),
    /// What is there is wrong, whoever sent it.
    Wrong(String),
    /// It can happen to an honest peer.
    Failure(&'static str),
    Busy,
}

/// See the module.
#[derive(Debug)]
pub struct Fetcher {
    setup: FetchSetup,
    directory: PathBuf,
    _lock: Box<dyn DiskLock>,
    peers: Peers,
    partial: Option<Partial>,
    /// The head of what is there was verified.
    head_verified: bool,
    /// The head is looked at when there are as many bytes.
    look_at: u64,
    transfer: Option<Transfer>,
    /// What several peers sent was wrong: a peer goes on with nothing of others.
    one_sends_all: bool,
    /// When something happened last, milliseconds.
    lively_at: u64,
    requests: Vec<(PeerId, SnapshotRequest)>,
    news: Vec<FetchNews>,
}

impl Fetcher {
    /// A fetcher that has heard of nobody, at this time, milliseconds.
    ///
    /// # Errors
    /// [`FetchError`]: the data directory is not empty, another fetch is under way, or the disk fails.
    pub fn new(setup: FetchSetup, now: u64) -> Result<Self, FetchError> {
        check_vacant(&setup.disk, &setup.data)?;
        let directory = setup.data.join(SNAPSHOTS_DIRECTORY);
        setup
            .disk
            .create_directories(&directory)
            .map_err(SnapshotError::io("create", &directory))?;
        let lock = setup.disk.lock(&directory.join(LOCK_NAME));
        let lock = lock.map_err(|source| FetchError::Locked { source })?;
        // What an earlier fetch left is gone on with, or gives way.
        let left = Partial::bytes_left(&setup.disk, &directory)?;
        let room = setup.free_bytes.saturating_add(left);
        Ok(Self {
            directory,
            _lock: lock,
            peers: Peers::new(setup.peers.clone(), room),
            partial: None,
            head_verified: false,
            one_sends_all: false,
            look_at: 0,
            transfer: None,
            lively_at: now,
            requests: Vec::new(),
            news: Vec::new(),
            setup,
        })
    }

    /// Takes what happened. Gives the snapshot once the node begins after it.
    ///
    /// # Errors
    /// [`FetchError`]: nobody is left to ask, or the disk fails.
    pub fn step(&mut self, now: u64, event: FetchEvent) -> Result<Option<Fetched>, FetchError> {
        match event {
            FetchEvent::Connected(peer) => self.peers.on_connected(&peer),
            FetchEvent::Disconnected(peer) => {
                self.peers.on_disconnected(&peer);
                if self.is_asked(&peer) {
                    self.on_trouble(now, Trouble::Failure("the connection ended"))?;
                }
            }
            FetchEvent::Reply(peer, bytes) => {
                if let Some(fetched) = self.on_reply(now, peer, &bytes)? {
                    return Ok(Some(fetched));
                }
            }
            FetchEvent::Tick => {}
        }
        if self
            .transfer
            .as_ref()
            .is_some_and(|transfer| transfer.deadline <= now)
        {
            self.on_trouble(now, Trouble::Failure("nothing came for too long"))?;
        }
        if self.transfer.is_none() {
            self.begin(now)?;
        }
        let unasked = self.peers.take_unasked(now).into_iter();
        self.requests
            .extend(unasked.map(|peer| (peer, SnapshotRequest::List)));
        self.ask();
        Ok(None)
    }

    /// What is to be sent, in order.
    pub fn take_requests(&mut self) -> Vec<(PeerId, SnapshotRequest)> {
        std::mem::take(&mut self.requests)
    }

    /// What is to be told, in order.
    pub fn take_news(&mut self) -> Vec<FetchNews> {
        std::mem::take(&mut self.news)
    }

    /// When [`FetchEvent::Tick`] is due if nothing happens before, milliseconds.
    #[must_use]
    pub fn wake_at(&self, now: u64) -> u64 {
        match &self.transfer {
            Some(transfer) => transfer.deadline,
            None => {
                let given_up = self.lively_at.saturating_add(FETCH_PATIENCE_MS);
                let look = self.peers.next_look(now);
                look.map_or(given_up, |look| look.min(given_up))
            }
        }
    }

    fn is_asked(&self, peer: &PeerId) -> bool {
        self.transfer
            .as_ref()
            .is_some_and(|transfer| transfer.peer == *peer)
    }

    fn on_reply(
        &mut self,
        now: u64,
        peer: PeerId,
        bytes: &Bytes,
    ) -> Result<Option<Fetched>, FetchError> {
        match SnapshotReply::decode(bytes) {
            Ok(SnapshotReply::Snapshots(offers)) => {
                if self.peers.on_list(now, &peer, &offers) {
                    self.lively_at = now;
                    let newest = offers.iter().max_by_key(|offer| offer.name.height);
                    self.news.push(FetchNews::Offered {
                        peer: self.peers.name(&peer),
                        newest: newest.copied(),
                    });
                }
            }
            Ok(SnapshotReply::Chunk(position, chunk)) => {
                return self.on_chunk(now, peer, position, &chunk);
            }
            Ok(SnapshotReply::Refused(position, reason)) => {
                self.on_refused(now, peer, position, reason)?;
            }
            Err(error) if self.is_asked(&peer) => {
                self.on_trouble(now, Trouble::Lie(error.to_string()))?;
            }
            Err(error) => self.pass_over(&peer, &error.to_string()),
        }
        Ok(None)
    }

    /// Whether the chunk at this position is the next one that is waited for from this peer. Anything else is of an
    /// earlier fetch, and not worth more than being dropped: nothing comes of it, and the deadline stands.
    fn is_next(&self, peer: PeerId, position: ChunkPosition) -> bool {
        let (Some(transfer), Some(partial)) = (&self.transfer, &self.partial) else {
            return false;
        };
        transfer.peer == peer
            && transfer.asked.front() == Some(&position.offset)
            && (position.name, position.seal) == (partial.offer.name, partial.offer.seal)
    }

    fn on_chunk(
        &mut self,
        now: u64,
        peer: PeerId,
        position: ChunkPosition,
        chunk: &Bytes,
    ) -> Result<Option<Fetched>, FetchError> {
        if !self.is_next(peer, position) {
            return Ok(None);
        }
        let (Some(transfer), Some(partial)) = (&mut self.transfer, &mut self.partial) else {
            return Ok(None);
        };
        if chunk.len() as u64 != partial.chunk_bytes() {
            let reason = "it sent a chunk of another length than it offered".to_owned();
            self.on_trouble(now, Trouble::Lie(reason))?;
            return Ok(None);
        }
        transfer.asked.pop_front();
        transfer.deadline = now.saturating_add(CHUNK_PATIENCE_MS);
        partial.append(peer, chunk)?;
        self.peers.on_delivered(&peer);
        self.lively_at = now;
        self.news.push(FetchNews::Arrived {
            bytes: partial.bytes,
            of: partial.offer.bytes,
        });
        if let Err(reason) = self.look_at_head()? {
            self.on_trouble(now, Trouble::Wrong(reason))?;
            return Ok(None);
        }
        self.finish(now, peer)
    }

    fn on_refused(
        &mut self,
        now: u64,
        peer: PeerId,
        position: ChunkPosition,
        reason: RefusalReason,
    ) -> Result<(), FetchError> {
        if !self.is_next(peer, position) {
            return Ok(());
        }
        self.on_trouble(
            now,
            match reason {
                RefusalReason::Busy => Trouble::Busy,
                RefusalReason::Gone => Trouble::Failure("it does not have the snapshot any more"),
                RefusalReason::BeyondEnd => Trouble::Lie("it has less than it offered".to_owned()),
            },
        )
    }

    /// Verifies the head as soon as it is there: who has no certificate of a quorum gets no further.
    fn look_at_head(&mut self) -> Result<Result<(), String>, FetchError> {
        let Some(partial) = &self.partial else {
            return Ok(Ok(()));
        };
        if self.head_verified || (partial.bytes < self.look_at && !partial.is_complete()) {
            return Ok(Ok(()));
        }
        self.look_at = partial.bytes.saturating_mul(2);
        let read = SnapshotReader::open(&*self.setup.disk, &partial.path)
            .and_then(|reader| reader.verify(&self.setup.chain, &self.setup.genesis_set));
        match read {
            Ok(verified) if verified.head().name() == partial.offer.name => {
                self.head_verified = true;
                Ok(Ok(()))
            }
            Ok(verified) => Ok(Err(format!(
                "{} was offered and {} sent",
                partial.offer.name,
                verified.head().name()
            ))),
            Err(SnapshotError::Damaged { .. })
                if !partial.is_complete() && partial.bytes < HEAD_BYTES_MAX =>
            {
                Ok(Ok(()))
            }
            Err(error) if error.is_of_the_disk() => Err(error.into()),
            Err(error) => Ok(Err(does_not_verify(&error))),
        }
    }

    /// Verifies everything and makes it the base, if everything is there.
    fn finish(&mut self, now: u64, peer: PeerId) -> Result<Option<Fetched>, FetchError> {
        let Some(partial) = self
            .partial
            .as_ref()
            .filter(|partial| partial.is_complete())
        else {
            return Ok(None);
        };
        self.news.push(FetchNews::Verifying);
        partial.sync()?;
        let FetchSetup {
            disk,
            data,
            chain,
            genesis_set,
            ..
        } = &self.setup;
        match begin_after(disk, &partial.path, data, chain, genesis_set) {
            Ok(name) => Ok(Some(Fetched {
                name,
                bytes: partial.bytes,
                from: self.peers.name(&peer),
                passed_over: self.peers.passed_over(),
            })),
            Err(UpkeepError::Snapshot(error)) if !error.is_of_the_disk() => {
                self.on_trouble(now, Trouble::Wrong(does_not_verify(&error)))?;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn on_trouble(&mut self, now: u64, trouble: Trouble) -> Result<(), FetchError> {
        let Some(Transfer { peer, .. }) = self.transfer.take() else {
            return Ok(());
        };
        let is_all_of = |partial: &Partial| partial.is_all_of(peer);
        match trouble {
            Trouble::Busy => {
                self.lively_at = now;
                if self.peers.on_busy(now, &peer) {
                    self.pass_over(&peer, "it was always busy");
                }
            }
            Trouble::Failure(reason) => self.on_failure(now, peer, reason),
            Trouble::Lie(reason) => {
                self.pass_over(&peer, &reason);
                if self
                    .partial
                    .as_ref()
                    .is_some_and(|one| one.may_have_of(peer))
                {
                    self.discard()?;
                }
            }
            Trouble::Wrong(reason) if self.partial.as_ref().is_some_and(is_all_of) => {
                self.pass_over(&peer, &reason);
                self.discard()?;
            }
            Trouble::Wrong(_) => {
                // Who of them lied cannot be told: from now on one peer sends all of a file.
                self.discard()?;
                self.one_sends_all = true;
            }
        }
        Ok(())
    }

    fn on_failure(&mut self, now: u64, peer: PeerId, reason: &str) {
        if self.peers.on_failure(now, &peer) {
            self.pass_over(&peer, reason);
            return;
        }
        self.news.push(FetchNews::NotDelivered(PassedOver {
            peer: self.peers.name(&peer),
            reason: reason.to_owned(),
        }));
        // What it has may have changed.
        self.peers.forget_list(&peer);
    }

    fn pass_over(&mut self, peer: &PeerId, reason: &str) {
        if self.peers.pass_over(peer, reason) {
            self.news.push(FetchNews::PassedOver(PassedOver {
                peer: self.peers.name(peer),
                reason: reason.to_owned(),
            }));
        }
    }

    fn discard(&mut self) -> Result<(), FetchError> {
        match self.partial.take() {
            Some(partial) => Ok(partial.discard(&self.setup.disk)?),
            None => Ok(()),
        }
    }

    /// Begins with the best offer, if it is time.
    fn begin(&mut self, now: u64) -> Result<(), FetchError> {
        let begun = self.partial.as_ref().map(|partial| &partial.offer);
        let best = match self.peers.have_said(now) {
            true => self.peers.best(now, begun),
            false => None,
        };
        let Some((peer, offer)) = best else {
            let given_up = self.lively_at.saturating_add(FETCH_PATIENCE_MS) <= now;
            if given_up || !self.peers.any_hope() {
                return Err(FetchError::Nothing(self.peers.account()));
            }
            return Ok(());
        };
        let by_others = |partial: &Partial| partial.bytes > 0 && !partial.is_all_of(peer);
        if self.one_sends_all && self.partial.as_ref().is_some_and(by_others) {
            self.discard()?;
        }
        let there = match &self.partial {
            Some(partial) if partial.offer == offer => partial.bytes,
            _ => {
                let partial = Partial::open(&self.setup.disk, &self.directory, offer)?;
                let there = partial.bytes;
                self.partial = Some(partial);
                self.head_verified = false;
                self.look_at = 0;
                there
            }
        };
        self.news.push(FetchNews::Begun {
            peer: self.peers.name(&peer),
            offer,
            there,
        });
        self.transfer = Some(Transfer {
            peer,
            asked: VecDeque::new(),
            next_offset: there,
            deadline: now.saturating_add(CHUNK_PATIENCE_MS),
        });
        Ok(())
    }

    /// Asks for chunks as long as few are on their way.
    fn ask(&mut self) {
        let (Some(transfer), Some(partial)) = (&mut self.transfer, &self.partial) else {
            return;
        };
        let offer = partial.offer;
        while transfer.asked.len() < CHUNKS_ASKED_MAX && transfer.next_offset < offer.bytes {
            let position = ChunkPosition {
                name: offer.name,
                seal: offer.seal,
                offset: transfer.next_offset,
            };
            self.requests
                .push((transfer.peer, SnapshotRequest::Chunk(position)));
            transfer.asked.push_back(transfer.next_offset);
            transfer.next_offset += CHUNK_BYTES;
        }
    }
}

fn does_not_verify(error: &SnapshotError) -> String {
    format!("what it sent does not verify: {error}")
}
