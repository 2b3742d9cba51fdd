//! Which peer is sent which chunk next.
//!
//! Every peer has a short queue, and the peers take turns. Whatever is answered costs a chunk's worth of the pace, a
//! list as well, so that no request is cheap for the one who asks and dear for this node. Files are open for a few
//! peers at once; the others are told to come back. A file that is removed while it is being sent stays readable.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;

use super::message::{ChunkPosition, RefusalReason, SnapshotOffer, SnapshotReply, SnapshotRequest};
use super::pace::Pace;
use crate::limits::bootstrap::{
    CHUNK_BYTES, CHUNKS_ASKED_MAX, READER_IDLE_MS, SERVED_AT_ONCE_MAX, SNAPSHOTS_OFFERED_MAX,
};
use crate::network::PeerId;
use crate::snapshot::{self, Seal, SnapshotError, SnapshotName};
use crate::storage::disk::{Disk, DiskFile};

/// What is to be done next.
#[derive(Debug)]
pub enum Turn {
    /// Send this.
    Answer(PeerId, SnapshotReply),
    /// Look again after so many milliseconds.
    Wait(u64),
    /// Nobody waits.
    Idle,
}

/// A snapshot that is being sent.
#[derive(Debug)]
struct OpenSnapshot {
    name: SnapshotName,
    seal: Seal,
    bytes: u64,
    file: Box<dyn DiskFile>,
}

/// A peer that asks.
#[derive(Debug, Default)]
struct Reader {
    waiting: VecDeque<SnapshotRequest>,
    open: Option<OpenSnapshot>,
    /// When it asked last, milliseconds.
    asked_at: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Serving {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    /// At most as many as there are registered peers.
    readers: BTreeMap<PeerId, Reader>,
    /// Who was answered last.
    last: Option<PeerId>,
    pace: Pace,
}

impl Serving {
    /// Of the snapshots in a directory, from this time on, milliseconds.
    #[must_use]
    pub fn new(disk: &Arc<dyn Disk>, directory: PathBuf, now: u64) -> Self {
        Self {
            disk: Arc::clone(disk),
            directory,
            readers: BTreeMap::new(),
            last: None,
            pace: Pace::new(now),
        }
    }

    /// Takes a request. What is refused at once is answered here.
    pub fn on_request(
        &mut self,
        now: u64,
        from: PeerId,
        request: SnapshotRequest,
    ) -> Option<SnapshotReply> {
        let reader = self.readers.entry(from).or_default();
        reader.asked_at = now;
        if reader.waiting.len() < CHUNKS_ASKED_MAX {
            reader.waiting.push_back(request);
            return None;
        }
        match request {
            SnapshotRequest::Chunk(position) => {
                Some(SnapshotReply::Refused(position, RefusalReason::Busy))
            }
            // It has asked already.
            SnapshotRequest::List => None,
        }
    }

    /// The next answer.
    pub fn turn(&mut self, now: u64) -> Turn {
        self.readers.retain(|_, reader| {
            !reader.waiting.is_empty() || now.saturating_sub(reader.asked_at) < READER_IDLE_MS
        });
        let Some(peer) = self.next_peer() else {
            // An open file keeps its room on the disk after its snapshot was removed.
            return match self.readers.is_empty() {
                true => Turn::Idle,
                false => Turn::Wait(READER_IDLE_MS),
            };
        };
        if let Err(wait) = self.pace.try_take(now, CHUNK_BYTES) {
            return Turn::Wait(wait);
        }
        self.last = Some(peer);
        let request = self
            .readers
            .get_mut(&peer)
            .and_then(|reader| reader.waiting.pop_front());
        match request {
            Some(SnapshotRequest::List) => Turn::Answer(peer, self.offers()),
            Some(SnapshotRequest::Chunk(position)) => {
                Turn::Answer(peer, self.chunk(peer, position))
            }
            None => Turn::Idle,
        }
    }

    /// A peer that can no longer be reached.
    pub fn forget(&mut self, peer: &PeerId) {
        self.readers.remove(peer);
    }

    /// The first that waits after the last that was answered.
    fn next_peer(&self) -> Option<PeerId> {
        let waits =
            |(peer, reader): (&PeerId, &Reader)| (!reader.waiting.is_empty()).then_some(*peer);
        let after = self.readers.iter().filter_map(waits);
        let mut after = after.filter(|peer| Some(*peer) > self.last);
        after.next().or_else(|| self.readers.iter().find_map(waits))
    }

    fn offers(&self) -> SnapshotReply {
        let names = snapshot::list(&*self.disk, &self.directory).unwrap_or_else(|error| {
            tracing::warn!(%error, "the snapshots cannot be listed");
            Vec::new()
        });
        let newest = names.into_iter().rev();
        let offers = newest.filter_map(|name| match self.open(name) {
            Ok(open) => Some(SnapshotOffer {
                name,
                seal: open.seal,
                bytes: open.bytes,
            }),
            Err(error) => {
                tracing::warn!(%error, "a snapshot cannot be offered");
                None
            }
        });
        SnapshotReply::Snapshots(offers.take(SNAPSHOTS_OFFERED_MAX).collect())
    }

    fn chunk(&mut self, peer: PeerId, position: ChunkPosition) -> SnapshotReply {
        match self.read(peer, &position) {
            Ok(bytes) => SnapshotReply::Chunk(position, bytes),
            Err(reason) => SnapshotReply::Refused(position, reason),
        }
    }

    fn read(&mut self, peer: PeerId, position: &ChunkPosition) -> Result<Bytes, RefusalReason> {
        let is_wanted =
            |open: &OpenSnapshot| open.name == position.name && open.seal == position.seal;
        let opened = match self.readers.get_mut(&peer).and_then(|own| own.open.take()) {
            Some(open) if is_wanted(&open) => open,
            _ => {
                let others = self.readers.values();
                if others.filter(|other| other.open.is_some()).count() >= SERVED_AT_ONCE_MAX {
                    return Err(RefusalReason::Busy);
                }
                let open = self.open(position.name);
                let open = open.map_err(|error| {
                    tracing::debug!(%error, "a snapshot that was asked for cannot be opened");
                    RefusalReason::Gone
                })?;
                if !is_wanted(&open) {
                    return Err(RefusalReason::Gone);
                }
                tracing::info!(%peer, height = open.name.height, bytes = open.bytes, "a peer fetches a snapshot");
                open
            }
        };
        let left = opened.bytes.saturating_sub(position.offset);
        let result = match left.min(CHUNK_BYTES) {
            0 => Err(RefusalReason::BeyondEnd),
            length => read_exactly(&*opened.file, position.offset, length).map_err(|error| {
                tracing::warn!(%error, height = opened.name.height, "a snapshot cannot be read");
                RefusalReason::Gone
            }),
        };
        if let Some(reader) = self.readers.get_mut(&peer) {
            reader.open = Some(opened);
        }
        result
    }

    fn open(&self, name: SnapshotName) -> Result<OpenSnapshot, SnapshotError> {
        let (file, bytes, seal) =
            snapshot::open_sealed(&*self.disk, &self.directory.join(name.to_string()))?;
        Ok(OpenSnapshot {
            name,
            seal,
            bytes,
            file,
        })
    }
}

fn read_exactly(file: &dyn DiskFile, offset: u64, length: u64) -> io::Result<Bytes> {
    let mut buffer = vec![0; length as usize];
    match file.read_at(offset, &mut buffer)? {
        read if read == buffer.len() => Ok(buffer.into()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
