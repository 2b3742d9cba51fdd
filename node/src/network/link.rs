//! A link: the connection in use with one peer, its three writers and its three readers.
//!
//! Each stream has a task of its own, so that a peer that reads or sends slowly on one holds up
//! neither its other streams nor other peers.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures::{
    AsyncWrite, AsyncWriteExt,
    io::{BufReader, BufWriter},
};
use libp2p::{PeerId, Stream, swarm::ConnectionId};
use tokio::{
    sync::{Semaphore, mpsc},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use super::{
    PeerFault, PerPriority, Priority,
    counters::{Counter, Counters},
    frame::{FrameError, read_header, read_payload},
    inbox::Inbox,
    queue::SendQueue,
};
use crate::limits::network as limits;

/// Small messages are gathered up to this many bytes before they are handed to the stream.
const WRITE_BUFFER_BYTES: usize = 16 * 1024;
/// Headers and small messages are read this many bytes at a time.
const READ_BUFFER_BYTES: usize = 16 * 1024;

/// Bytes of one peer that may wait for the node, by priority. They outlive its connections.
pub(super) type Budgets = PerPriority<Arc<Semaphore>>;

/// Full budgets for one peer.
pub(super) fn new_budgets() -> Budgets {
    PerPriority::from_fn(|priority| Arc::new(Semaphore::new(priority.receive_budget_bytes())))
}

/// A task of a link found that the peer broke the protocol.
#[derive(Debug)]
pub(super) struct LinkReport {
    pub(super) connection: ConnectionId,
    pub(super) fault: PeerFault,
}

/// The connection in use with one peer.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) peer: PeerId,
    pub(super) connection: ConnectionId,
    pub(super) connected_at: Instant,
    pub(super) queues: PerPriority<SendQueue>,
    pub(super) dropped: PerPriority<Counter>,
    round_trip_us: AtomicU64,
    /// When the newest message came, milliseconds after the connection.
    heard_ms: AtomicU64,
    /// Cancelled when the connection ends or is replaced; all tasks of the link end with it.
    pub(super) closed: CancellationToken,
}

impl Link {
    pub(super) fn new(peer: PeerId, connection: ConnectionId) -> Self {
        Self {
            peer,
            connection,
            connected_at: Instant::now(),
            queues: PerPriority::from_fn(SendQueue::new),
            dropped: PerPriority::default(),
            round_trip_us: AtomicU64::new(u64::MAX),
            heard_ms: AtomicU64::new(u64::MAX),
            closed: CancellationToken::new(),
        }
    }

    pub(super) fn set_round_trip(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.round_trip_us.store(micros, Ordering::Relaxed);
    }

    pub(super) fn round_trip(&self) -> Option<Duration> {
        match self.round_trip_us.load(Ordering::Relaxed) {
            u64::MAX => None,
            micros => Some(Duration::from_micros(micros)),
        }
    }

    fn on_heard(&self) {
        let millis = u64::try_from(self.connected_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heard_ms.store(millis, Ordering::Relaxed);
    }

    /// How long ago the newest message came; `None` when none came.
    pub(super) fn heard_ago(&self) -> Option<Duration> {
        match self.heard_ms.load(Ordering::Relaxed) {
            u64::MAX => None,
            millis => Some(
                self.connected_at
                    .elapsed()
                    .saturating_sub(Duration::from_millis(millis)),
            ),
        }
    }
}

/// What the tasks of a link share.
#[derive(Clone)]
pub(super) struct LinkTasks {
    pub(super) link: Arc<Link>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) budgets: Budgets,
    pub(super) counters: Arc<Counters>,
    pub(super) reports: mpsc::Sender<LinkReport>,
}

impl LinkTasks {
    /// Starts the writer of one stream.
    pub(super) fn spawn_writer(&self, priority: Priority, stream: Stream) {
        let tasks = self.clone();
        tokio::spawn(async move {
            let closed = tasks.link.closed.clone();
            let mut writer = BufWriter::with_capacity(WRITE_BUFFER_BYTES, stream);
            let ended = tokio::select! {
                () = closed.cancelled() => return,
                ended = tasks.write_all(priority, &mut writer) => ended,
            };
            if ended.is_err() {
                tasks.on_end(PeerFault::StreamEnded { priority }).await;
            }
        });
    }

    /// Starts the reader of one stream.
    pub(super) fn spawn_reader(&self, priority: Priority, stream: Stream) {
        let tasks = self.clone();
        tokio::spawn(async move {
            let closed = tasks.link.closed.clone();
            let mut reader = BufReader::with_capacity(READ_BUFFER_BYTES, stream);
            let error = tokio::select! {
                () = closed.cancelled() => return,
                error = tasks.read_all(priority, &mut reader) => error,
            };
            match error {
                FrameError::Ended(fault) => tasks.on_end(fault).await,
                FrameError::Broken(fault) => tasks.report(fault).await,
            }
        });
    }

    /// Writes messages as they come and flushes whenever none waits.
    async fn write_all<W: AsyncWrite + Unpin>(
        &self,
        priority: Priority,
        writer: &mut W,
    ) -> std::io::Result<()> {
        let queue = self.link.queues.get(priority);
        loop {
            let mut next = Some(queue.pop().await);
            while let Some(message) = next {
                let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
                writer.write_all(&length.to_le_bytes()).await?;
                writer.write_all(&message).await?;
                self.counters.on_written(priority, message.len());
                next = queue.try_pop();
            }
            writer.flush().await?;
        }
    }

    /// Reads messages while the peer's budget allows; otherwise lets the peer wait.
    async fn read_all<R: futures::AsyncRead + Unpin>(
        &self,
        priority: Priority,
        reader: &mut R,
    ) -> FrameError {
        loop {
            match self.read_one(priority, reader).await {
                Ok(()) => {}
                Err(error) => return error,
            }
        }
    }

    async fn read_one<R: futures::AsyncRead + Unpin>(
        &self,
        priority: Priority,
        reader: &mut R,
    ) -> Result<(), FrameError> {
        let length = read_header(reader, priority).await?;
        let charge = length.saturating_add(limits::MESSAGE_OVERHEAD_BYTES);
        let charge = u32::try_from(charge).unwrap_or(u32::MAX);
        // Before the payload is read, so that what is being read counts as well.
        let budget = Arc::clone(self.budgets.get(priority))
            .acquire_many_owned(charge)
            .await
            .expect("budgets are never closed");
        let payload = read_payload(reader, length, priority).await?;
        self.counters.on_received(priority, payload.len());
        self.link.on_heard();
        self.inbox
            .on_message(self.link.peer, priority, Bytes::from(payload), budget);
        Ok(())
    }

    /// A stream ended. If its connection is ending too, nobody is at fault.
    async fn on_end(&self, fault: PeerFault) {
        tokio::select! {
            () = self.link.closed.cancelled() => {}
            () = tokio::time::sleep(limits::STREAM_END_GRACE) => self.report(fault).await,
        }
    }

    async fn report(&self, fault: PeerFault) {
        let report = LinkReport {
            connection: self.link.connection,
            fault,
        };
        // The driver is gone only when the network shuts down.
        let _ = self.reports.send(report).await;
    }
}
