//! The task that owns the swarm: it dials, chooses between connections, starts and ends links,
//! and weighs faults. Messages do not pass through it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::StreamExt;
use libp2p::{
    Multiaddr, PeerId, Stream, Swarm,
    allow_block_list::NotAllowed,
    connection_limits::Exceeded,
    ping,
    swarm::{
        ConnectionError, ConnectionId, DialError, ListenError, SwarmEvent,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use tokio::{sync::mpsc, time::Instant};

use super::{
    NetworkConfig, NetworkError, NetworkHandle, NetworkReceiver, PeerConfig, PeerFault,
    PerPriority, Priority,
    config::{check_peers, keypair_of},
    handle::{Connected, Shared},
    inbox::Inbox,
    link::{Link, LinkReport, LinkTasks},
    muxer::MuxerError,
    peers::Register,
    streams::StreamEvent,
    transport::{Behaviour, BehaviourEvent, new_swarm},
};
use crate::limits::network as limits;

/// Between two looks at connections that may have fallen silent.
const SILENCE_CHECK: Duration = Duration::from_secs(1);
/// Reports of link tasks in flight; a task waits for room.
const REPORTS_MAX: usize = 64;

/// Starts the network on the current tokio runtime and listens. The addresses are known when it
/// returns; connections come as events.
///
/// # Errors
///
/// If the configuration is invalid or an address cannot be listened on.
pub async fn spawn(
    config: NetworkConfig,
) -> Result<(NetworkHandle, NetworkReceiver), NetworkError> {
    check_peers(&config.peers)?;
    let keypair = keypair_of(&config.identity_seed)?;
    let mut swarm = new_swarm(&keypair, &config.chain)?;
    let addresses = listen(&mut swarm, &config.listen).await?;

    let shared = Arc::new(Shared::default());
    *shared.addresses.write() = addresses;
    let inbox = Arc::new(Inbox::default());
    let local_peer = *swarm.local_peer_id();
    let (report_sender, reports) = mpsc::channel(REPORTS_MAX);
    let mut driver = Driver {
        swarm,
        local_peer,
        register: Register::new(local_peer),
        connections: BTreeMap::new(),
        shared: Arc::clone(&shared),
        inbox: Arc::clone(&inbox),
        report_sender,
    };
    driver.set_peers(config.peers);
    tokio::spawn(driver.run(reports));
    let handle = NetworkHandle {
        shared: Arc::clone(&shared),
        local_peer,
    };
    Ok((handle, NetworkReceiver { inbox, shared }))
}

/// Binds the addresses and waits until each is known.
async fn listen(
    swarm: &mut Swarm<Behaviour>,
    wanted: &[Multiaddr],
) -> Result<Vec<Multiaddr>, NetworkError> {
    let mut bound = Vec::new();
    for address in wanted {
        let failed = |reason: String| NetworkError::Listen {
            address: address.clone(),
            reason,
        };
        let id = swarm
            .listen_on(address.clone())
            .map_err(|error| failed(error.to_string()))?;
        loop {
            match swarm.select_next_some().await {
                SwarmEvent::NewListenAddr {
                    listener_id,
                    address,
                } => {
                    bound.push(address);
                    if listener_id == id {
                        break;
                    }
                }
                SwarmEvent::ListenerError { listener_id, error } if listener_id == id => {
                    return Err(failed(error.to_string()));
                }
                SwarmEvent::ListenerClosed {
                    listener_id,
                    reason,
                    ..
                } if listener_id == id => {
                    return Err(failed(format!("{reason:?}")));
                }
                // Nobody is allowed in yet: early callers are refused and come back.
                _ => {}
            }
        }
    }
    Ok(bound)
}

/// An established connection.
struct Connection {
    peer: PeerId,
    dialled_by_us: bool,
    established_at: Instant,
    heard_at: Instant,
    /// Streams that wait for the link to be complete.
    opened: PerPriority<Option<Stream>>,
    accepted: PerPriority<Option<Stream>>,
    tasks: Option<LinkTasks>,
    /// It is being closed and no longer counts.
    closing: bool,
}

struct Driver {
    swarm: Swarm<Behaviour>,
    local_peer: PeerId,
    register: Register,
    /// For each peer at most one that is not closing.
    connections: BTreeMap<ConnectionId, Connection>,
    shared: Arc<Shared>,
    inbox: Arc<Inbox>,
    report_sender: mpsc::Sender<LinkReport>,
}

impl Driver {
    async fn run(mut self, mut reports: mpsc::Receiver<LinkReport>) {
        let shared = Arc::clone(&self.shared);
        loop {
            let deadline = self.on_time(Instant::now());
            tokio::select! {
                event = self.swarm.select_next_some() => self.on_swarm_event(event),
                Some(report) = reports.recv() => self.on_report(report),
                () = shared.requested.notified() => {
                    if self.on_requests() {
                        break;
                    }
                }
                () = tokio::time::sleep_until(deadline) => {}
            }
        }
        let all: Vec<ConnectionId> = self.connections.keys().copied().collect();
        for id in all {
            self.close(id);
        }
        drop(self.swarm);
        self.inbox.close();
    }

    /// Does what is due. Returns when to look again.
    fn on_time(&mut self, now: Instant) -> Instant {
        self.close_silent(now);
        let mut deadline = now.checked_add(SILENCE_CHECK).unwrap_or(now);
        let mut due = Vec::new();
        for (peer, record) in self.register.iter_mut() {
            if record.refused {
                match record.faults.penalised_until(now) {
                    Some(until) => deadline = deadline.min(until),
                    None => {
                        record.refused = false;
                        self.swarm.behaviour_mut().allowed.allow_peer(*peer);
                    }
                }
            }
            if self
                .connections
                .values()
                .any(|other| other.peer == *peer && !other.closing)
            {
                continue;
            }
            match record.dial_at() {
                Some(at) if at <= now => due.push(*peer),
                Some(at) => deadline = deadline.min(at),
                None => {}
            }
        }
        for peer in due {
            self.dial(peer, now);
        }
        deadline
    }

    fn dial(&mut self, peer: PeerId, now: Instant) {
        let Some(record) = self.register.get_mut(&peer) else {
            return;
        };
        // A fresh port: the one we listen on may still be held by an earlier connection.
        let options = DialOpts::peer_id(peer)
            .addresses(record.config.addresses.clone())
            .condition(PeerCondition::Always)
            .allocate_new_port()
            .build();
        record.on_dialling(options.connection_id());
        if let Err(error) = self.swarm.dial(options) {
            tracing::debug!(%peer, %error, "cannot dial");
            record.on_dial_failed(now);
            self.shared.counters.dials_failed.add(1);
        }
    }

    fn close_silent(&mut self, now: Instant) {
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
            self.on_connection_fault(id, PeerFault::Silent);
        }
    }

    /// Handles what the handles asked for. Returns whether to shut down.
    fn on_requests(&mut self) -> bool {
        let requests = std::mem::take(&mut *self.shared.requests.lock());
        if let Some(peers) = requests.peers {
            self.set_peers(peers);
        }
        for (peer, fault) in requests.faults {
            self.weigh(peer, &fault);
        }
        requests.shutdown
    }

    fn set_peers(&mut self, peers: Vec<PeerConfig>) {
        let change = self.register.replace(peers, Instant::now());
        for peer in change.added {
            self.swarm.behaviour_mut().allowed.allow_peer(peer);
        }
        for peer in change.removed {
            self.expel(peer);
        }
        for (peer, connected) in self.shared.links.write().iter_mut() {
            if let Some(record) = self.register.get(peer) {
                connected.name.clone_from(&record.config.name);
                connected.role = record.config.role;
            }
        }
    }

    /// Closes all connections with a peer and refuses further ones.
    fn expel(&mut self, peer: PeerId) {
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

    fn on_swarm_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished {
                peer_id,
                connection_id,
                endpoint,
                ..
            } => {
                self.on_established(peer_id, connection_id, endpoint.is_dialer());
            }
            SwarmEvent::ConnectionClosed {
                connection_id,
                cause,
                ..
            } => {
                self.on_closed(connection_id, cause.as_ref());
            }
            SwarmEvent::Behaviour(BehaviourEvent::Streams((_, id, event))) => {
                self.on_stream(id, event);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event {
                connection, result, ..
            })) => {
                if let (Ok(time), Some(connection)) =
                    (result, self.connections.get_mut(&connection))
                {
                    connection.heard_at = Instant::now();
                    if let Some(tasks) = &connection.tasks {
                        tasks.link.set_round_trip(time);
                    }
                }
            }
            SwarmEvent::IncomingConnectionError { error, peer_id, .. } => {
                self.on_inbound_failed(&error, peer_id);
            }
            SwarmEvent::OutgoingConnectionError {
                connection_id,
                error,
                ..
            } => {
                self.on_dial_failed(connection_id, &error);
            }
            SwarmEvent::NewListenAddr { address, .. } => {
                self.shared.addresses.write().push(address);
            }
            SwarmEvent::ExpiredListenAddr { address, .. } => {
                self.shared
                    .addresses
                    .write()
                    .retain(|known| *known != address);
            }
            SwarmEvent::ListenerError { error, .. } => {
                tracing::warn!(%error, "a listener failed");
            }
            _ => {}
        }
    }

    fn on_inbound_failed(&mut self, error: &ListenError, peer: Option<PeerId>) {
        let counters = &self.shared.counters;
        match error {
            ListenError::Denied { cause } if cause.downcast_ref::<NotAllowed>().is_some() => {
                if peer.is_some_and(|peer| self.register.get(&peer).is_some()) {
                    counters.refused_penalised.add(1);
                } else {
                    counters.refused_strangers.add(1);
                    tracing::debug!(?peer, "refused a stranger");
                }
            }
            ListenError::Denied { cause } if cause.downcast_ref::<Exceeded>().is_some() => {
                counters.refused_by_limit.add(1);
            }
            other => {
                counters.handshakes_failed.add(1);
                tracing::debug!(error = %other, "an inbound handshake failed");
            }
        }
    }

    fn on_dial_failed(&mut self, connection: ConnectionId, error: &DialError) {
        self.shared.counters.dials_failed.add(1);
        if matches!(error, DialError::WrongPeerId { .. }) {
            self.shared.counters.dials_wrong_peer.add(1);
        }
        if let Some(record) = self.register.dialled_by(connection) {
            tracing::debug!(peer = %record.config.name, %error, "a dial failed");
            record.on_dial_failed(Instant::now());
        }
    }

    /// Adds a connection, unless one of the pair's two is better.
    fn on_established(&mut self, peer: PeerId, id: ConnectionId, dialled_by_us: bool) {
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

    fn on_stream(&mut self, id: ConnectionId, event: StreamEvent) {
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
                self.on_connection_fault(id, PeerFault::StreamRefused { priority });
            }
            StreamEvent::Failed => self.close(id),
            StreamEvent::Duplicate(priority) => {
                self.on_connection_fault(id, PeerFault::DuplicateStream { priority });
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
        self.shared.links.write().insert(connection.peer, connected);
        self.inbox.on_connected(connection.peer);
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
    fn close(&mut self, id: ConnectionId) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        connection.closing = true;
        connection.opened = PerPriority::default();
        connection.accepted = PerPriority::default();
        if let Some(tasks) = connection.tasks.take() {
            tasks.link.closed.cancel();
            self.shared.links.write().remove(&connection.peer);
            self.inbox.on_disconnected(connection.peer);
        }
        self.swarm.close_connection(id);
    }

    fn on_closed(&mut self, id: ConnectionId, cause: Option<&ConnectionError>) {
        if cause.is_some_and(is_stream_flood) {
            self.on_connection_fault(id, PeerFault::StreamFlood);
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

    fn on_report(&mut self, report: LinkReport) {
        let closing = self
            .connections
            .get(&report.connection)
            .is_none_or(|other| other.closing);
        if !closing {
            self.on_connection_fault(report.connection, report.fault);
        }
    }

    /// A peer broke the protocol on a connection: it is closed, told to the node, and weighed.
    fn on_connection_fault(&mut self, id: ConnectionId, fault: PeerFault) {
        let Some(connection) = self.connections.get(&id) else {
            return;
        };
        let peer = connection.peer;
        tracing::warn!(%peer, %fault, "a peer broke the protocol");
        self.close(id);
        self.inbox.on_fault(peer, fault.clone());
        self.weigh(peer, &fault);
    }

    /// Adds a fault to the peer's record and penalises the peer if it is one too many.
    fn weigh(&mut self, peer: PeerId, fault: &PeerFault) {
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
