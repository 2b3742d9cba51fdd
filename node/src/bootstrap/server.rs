//! The thread that serves snapshots.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::message::{SnapshotReply, SnapshotRequest};
use super::serving::{Serving, Turn};
use crate::limits::bootstrap::REQUESTS_WAITING_MAX;
use crate::network::{NetworkHandle, PeerFault, PeerId, Priority, SendOutcome};
use crate::replica::NodeMessage;
use crate::snapshot::SNAPSHOTS_DIRECTORY;
use crate::storage::disk::Disk;

/// Takes requests for snapshots and never makes anybody wait. Its thread ends once this is dropped.
#[derive(Debug)]
pub struct SnapshotServer {
    requests: Sender<(PeerId, Bytes)>,
}

impl SnapshotServer {
    /// Starts the thread, which serves the snapshots of a data directory.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn start(
        disk: &Arc<dyn Disk>,
        data: &Path,
        network: NetworkHandle,
    ) -> std::io::Result<Self> {
        let (requests, received) = bounded(REQUESTS_WAITING_MAX);
        let serving = Serving::new(disk, data.join(SNAPSHOTS_DIRECTORY), 0);
        thread::Builder::new()
            .name("snapshots".to_owned())
            .spawn(move || run(serving, &network, &received))?;
        Ok(Self { requests })
    }

    /// Hands over a peer's request. One too many is lost, as on any network; the peer asks again.
    pub fn ask(&self, from: PeerId, request: Bytes) {
        let _ = self.requests.try_send((from, request));
    }
}

fn run(mut serving: Serving, network: &NetworkHandle, received: &Receiver<(PeerId, Bytes)>) {
    let started = Instant::now();
    let now = || u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    loop {
        let next = match serving.turn(now()) {
            Turn::Answer(peer, reply) => {
                send(network, &mut serving, peer, &reply);
                received.recv_timeout(Duration::ZERO)
            }
            Turn::Wait(millis) => received.recv_timeout(Duration::from_millis(millis)),
            Turn::Idle => received.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match next {
            Ok((peer, request)) => match SnapshotRequest::decode(&request) {
                Ok(request) => {
                    if let Some(reply) = serving.on_request(now(), peer, request) {
                        send(network, &mut serving, peer, &reply);
                    }
                }
                Err(error) => {
                    tracing::warn!(%peer, %error, "a request for a snapshot is refused");
                    let reason = "not a request for a snapshot";
                    network.report_fault(peer, PeerFault::InvalidMessage { reason });
                }
            },
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn send(network: &NetworkHandle, serving: &mut Serving, peer: PeerId, reply: &SnapshotReply) {
    let message = NodeMessage::SnapshotReply(reply.encode()).encode();
    // A chunk that does not fit into the peer's queue is lost; the peer asks again.
    if network.send(&peer, Priority::Bulk, message) == SendOutcome::NotConnected {
        serving.forget(&peer);
    }
}
