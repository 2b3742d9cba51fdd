//! The swarm: TCP, Noise, bounded Yamux, and the behaviours that decide who may connect.

use std::{num::NonZeroUsize, sync::Arc};

use libp2p::{
    StreamProtocol, Swarm, Transport,
    allow_block_list::{self, AllowedPeers},
    connection_limits::{self, ConnectionLimits},
    core::upgrade::Version,
    identity::Keypair,
    noise, ping,
    swarm::{Config, NetworkBehaviour},
    tcp,
};

use super::{
    NetworkError, PerPriority, config::check_chain_name, muxer::BoundedYamux,
    streams::StreamsBehaviour,
};
use crate::limits::network as limits;

/// Who may connect, whether it still answers, and the streams. Strangers are refused first.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    pub(super) allowed: allow_block_list::Behaviour<AllowedPeers>,
    pub(super) limits: connection_limits::Behaviour,
    pub(super) ping: ping::Behaviour,
    pub(super) streams: StreamsBehaviour,
}

/// Builds the swarm of a node.
pub(super) fn new_swarm(keypair: &Keypair, chain: &str) -> Result<Swarm<Behaviour>, NetworkError> {
    check_chain_name(chain)?;
    let protocols = Arc::new(PerPriority::from_fn(|priority| {
        StreamProtocol::try_from_owned(format!("/talea/{chain}/{}/1", priority.name()))
            .expect("the name begins with a slash")
    }));
    let encryption = noise::Config::new(keypair).map_err(|error| NetworkError::Encryption {
        reason: error.to_string(),
    })?;
    let transport = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true))
        .upgrade(Version::V1Lazy)
        .authenticate(encryption)
        .multiplex(BoundedYamux)
        .timeout(limits::HANDSHAKE_TIMEOUT)
        .boxed();
    let connection_limits = ConnectionLimits::default()
        .with_max_pending_incoming(Some(limits::PENDING_INBOUND_MAX))
        .with_max_pending_outgoing(Some(limits::PENDING_OUTBOUND_MAX))
        .with_max_established_per_peer(Some(limits::CONNECTIONS_PER_PEER_MAX))
        .with_max_established(Some(limits::CONNECTIONS_MAX));
    let ping_config = ping::Config::new()
        .with_interval(limits::PING_INTERVAL)
        .with_timeout(limits::SILENCE_MAX);
    let behaviour = Behaviour {
        allowed: allow_block_list::Behaviour::default(),
        limits: connection_limits::Behaviour::new(connection_limits),
        ping: ping::Behaviour::new(ping_config),
        streams: StreamsBehaviour::new(protocols),
    };
    let config = Config::with_tokio_executor()
        .with_notify_handler_buffer_size(NonZeroUsize::MIN)
        .with_per_connection_event_buffer_size(8)
        .with_max_negotiating_inbound_streams(limits::NEGOTIATING_STREAMS_MAX);
    let peer = keypair.public().to_peer_id();
    Ok(Swarm::new(transport, behaviour, peer, config))
}
