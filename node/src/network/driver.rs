//! The task that owns the swarm: it dials, chooses between connections, starts and ends links,
//! and weighs faults. Messages do not pass through it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::StreamExt;
use libp2p::{
    PeerId, Swarm,
    allow_block_list::NotAllowed,
    connection_limits::Exceeded,
    ping,
    swarm::{
        ConnectionId, DialError, ListenError, SwarmEvent,
        dial_opts::{DialOpts, PeerCondition},
    },
};
use tokio::{sync::mpsc, time::Instant};

use super::{
    NetworkConfig, NetworkError, NetworkHandle, NetworkReceiver, PeerConfig,
    config::{check_peers, keypair_of},
    connections::Connection,
    handle::Shared,
    inbox::Inbox,
    link::LinkReport,
    listen::listen_on,
    peers::Register,
    transport::{Behaviour, BehaviourEvent, new_swarm},
};

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
    let addresses = listen_on(&mut swarm, &config.listen).await?;

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

/// Tells the node of the end of the task, however it ends.
struct CloseAtEnd(Arc<Inbox>);

impl Drop for CloseAtEnd {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The state of the task.
pub(super) struct Driver {
    pub(super) swarm: Swarm<Behaviour>,
    pub(super) local_peer: PeerId,
    pub(super) register: Register,
    /// For each peer at most one that is not closing.
    pub(super) connections: BTreeMap<ConnectionId, Connection>,
    pub(super) shared: Arc<Shared>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) report_sender: mpsc::Sender<LinkReport>,
}

impl Driver {
    async fn run(mut self, mut reports: mpsc::Receiver<LinkReport>) {
        let shared = Arc::clone(&self.shared);
        let _inbox = CloseAtEnd(Arc::clone(&self.inbox));
        loop {
            let deadline = self.on_time(Instant::now());
            tokio::select! {
                event = self.swarm.select_next_some() => self.on_swarm_event(event),
                Some(report) = reports.recv() => self.on_report(&report),
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
        // Its sockets are closed before the node learns of the end.
        drop(self.swarm);
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
}
