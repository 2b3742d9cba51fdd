//! The life of a connection: established, chosen between two of a pair, linked, closed; and the
//! faults that end it.

use std::sync::Arc;

use libp2p::{
    PeerId, Stream,
    swarm::{ConnectionError, ConnectionId},
};
use tokio::time::Instant;

use super::{
    PeerFault, PerPriority, Priority,
    driver::Driver,
    handle::Connected,
    link::{Link, LinkReport, LinkTasks},
    muxer::MuxerError,
    streams::StreamEvent,
};
use crate::limits::network as limits;

/// An established connection.
pub(super) struct Connection {
    pub(super) peer: PeerId,
    dialled_by_us: bool,
    established_at: Instant,
    pub(super) heard_at: Instant,
    /// Streams that wait for the link to be complete.
    opened: PerPriority<Option<Stream>>,
    accepted: PerPriority<Option<Stream>>,
    pub(super) tasks: Option<LinkTasks>,
    /// It is being closed and no longer counts.
    pub(super) closing: bool,
}

impl Driver {
    /// Adds a connection, unless one of the pair's two is better.
    pub(super) fn on_established(&mut self, peer: PeerId, id: ConnectionId, dialled_by_us: bool) {
        let now = Instant::now();
        let connection = Connection {
            peer,
            dialled_by_us,
            established_at: now,
            heard_at: now,
            opened: PerPriority::default(),
            accepted: PerPriority::default(),
            tasks: None,
            closing: false,
        };
        let registered = match self.register.get_mut(&peer) {
            Some(record) => {
                record.on_established(id);
                !record.refused
            }
            None => false,
        };
        let worse = match self.current(&peer) {
            _ if !registered => Some(id),
            None => None,
            Some(other) if self.is_kept(other, &connection, now) => Some(id),
            Some(other) => Some(other),
        };
        self.connections.insert(id, connection);
        if let Some(worse) = worse {
            self.close(worse);
        }
    }

    /// Whether a connection is kept beside a newer one with the same peer. Both sides decide alike.
    fn is_kept(&self, id: ConnectionId, newer: &Connection, now: Instant) -> bool {
        let Some(older) = self.connections.get(&id) else {
            return false;
        };
        let simultaneous = older.dialled_by_us != newer.dialled_by_us
            && now.saturating_duration_since(older.established_at) < limits::SIMULTANEOUS_DIAL;
        let we_are_lower = self.local_peer < older.peer;
        simultaneous && older.dialled_by_us == we_are_lower
    }

    /// The connection with a peer that is in use or will be.
    fn current(&self, peer: &PeerId) -> Option<ConnectionId> {
        self.connections
            .iter()
            .find(|(_, connection)| connection.peer == *peer && !connection.closing)
            .map(|(id, _)| *id)
    }

    pub(super) fn on_stream(&mut self, id: ConnectionId, event: StreamEvent) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if connection.closing {
            return;
        }
        match event {
            StreamEvent::Opened(priority, stream) => {
                *connection.opened.get_mut(priority) = Some(stream);
                self.try_link(id);
            }
            StreamEvent::Accepted(priority, stream) => match &connection.tasks {
                Some(tasks) => tasks.spawn_reader(priority, stream),
                None => *connection.accepted.get_mut(priority) = Some(stream),
            },
            StreamEvent::Refused(priority) => {
                self.on_connection_fault(id, &PeerFault::StreamRefused { priority });
            }
            StreamEvent::Failed => self.close(id),
            StreamEvent::Duplicate(priority) => {
                self.on_connection_fault(id, &PeerFault::DuplicateStream { priority });
            }
        }
    }

    /// Starts the link once all streams to write on are open.
    fn try_link(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let complete = Priority::ALL
            .iter()
            .all(|priority| connection.opened.get(*priority).is_some());
        let Some(record) = self.register.get(&connection.peer).filter(|_| complete) else {
            return;
        };
        let link = Arc::new(Link::new(connection.peer, id));
        let tasks = LinkTasks {
            link: Arc::clone(&link),
            inbox: Arc::clone(&self.inbox),
            budgets: record.budgets.clone(),
            counters: Arc::clone(&self.shared.counters),
            reports: self.report_sender.clone(),
        };
        let connected = Connected {
            link,
            name: record.config.name.clone(),
            role: record.config.role,
        };
        // Under one lock: who sees the link also finds its event.
        let mut links = self.shared.links.write();
        links.insert(connection.peer, connected);
        self.inbox.on_connected(connection.peer);
        drop(links);
        for priority in Priority::ALL {
            if let Some(stream) = connection.opened.get_mut(priority).take() {
                tasks.spawn_writer(priority, stream);
            }
            if let Some(stream) = connection.accepted.get_mut(priority).take() {
                tasks.spawn_reader(priority, stream);
            }
        }
        connection.tasks = Some(tasks);
    }

    /// Ends the use of a connection at once and closes it.
    pub(super) fn close(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        connection.closing = true;
        connection.opened = PerPriority::default();
        connection.accepted = PerPriority::default();
        if let Some(tasks) = connection.tasks.take() {
            tasks.link.closed.cancel();
            let mut links = self.shared.links.write();
            links.remove(&connection.peer);
            self.inbox.on_disconnected(connection.peer);
        }
        self.swarm.close_connection(id);
    }

    pub(super) fn on_closed(&mut self, id: ConnectionId, cause: Option<&ConnectionError>) {
        if cause.is_some_and(is_stream_flood) {
            self.on_connection_fault(id, &PeerFault::StreamFlood);
        }
        self.close(id);
        let Some(connection) = self.connections.remove(&id) else {
            return;
        };
        if self.current(&connection.peer).is_some() {
            return;
        }
        if let Some(record) = self.register.get_mut(&connection.peer) {
            record.on_disconnected(connection.established_at, Instant::now());
        }
    }

    pub(super) fn on_report(&mut self, report: &LinkReport) {
        let closing = self
            .connections
            .get(&report.connection)
            .is_none_or(|other| other.closing);
        if !closing {
            self.on_connection_fault(report.connection, &report.fault);
        }
    }

    /// A peer broke the protocol on a connection: it is closed, told to the node, and weighed.
    pub(super) fn on_connection_fault(&mut self, id: ConnectionId, fault: &PeerFault) {
        let Some(connection) = self.connections.get(&id) else {
            return;
        };
        let peer = connection.peer;
        tracing::warn!(%peer, %fault, "a peer broke the protocol");
        self.close(id);
        self.inbox.on_fault(peer, fault.clone());
        self.weigh(peer, fault);
    }

    /// Adds a fault to the peer's record and penalises the peer if it is one too many.
    pub(super) fn weigh(&mut self, peer: PeerId, fault: &PeerFault) {
        self.shared.counters.faults.add(1);
        let Some(record) = self.register.get_mut(&peer) else {
            return;
        };
        if let Some(penalty) = record.faults.on_fault(fault, Instant::now()) {
            record.refused = true;
            self.shared.counters.penalties.add(1);
            tracing::warn!(peer = %record.config.name, ?penalty, "a peer is refused for a while");
            self.expel(peer);
        }
    }

    pub(super) fn close_silent(&mut self, now: Instant) {
        let silent = |connection: &Connection| {
            !connection.closing
                && now.saturating_duration_since(connection.heard_at) >= limits::SILENCE_MAX
        };
        let found: Vec<ConnectionId> = self
            .connections
            .iter()
            .filter(|(_, connection)| silent(connection))
            .map(|(id, _)| *id)
            .collect();
        for id in found {
            self.on_connection_fault(id, &PeerFault::Silent);
        }
    }

    /// Closes all connections with a peer and refuses further ones.
    pub(super) fn expel(&mut self, peer: PeerId) {
        self.swarm.behaviour_mut().allowed.disallow_peer(peer);
        let of_peer: Vec<ConnectionId> = self
            .connections
            .iter()
            .filter(|(_, connection)| connection.peer == peer)
            .map(|(id, _)| *id)
            .collect();
        for id in of_peer {
            self.close(id);
        }
    }
}

fn is_stream_flood(cause: &ConnectionError) -> bool {
    let ConnectionError::IO(error) = cause else {
        return false;
    };
    error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<MuxerError>())
        .is_some_and(|error| matches!(error, MuxerError::StreamFlood))
}
