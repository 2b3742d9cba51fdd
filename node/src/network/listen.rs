//! Binding the addresses on which the node listens.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpListener},
};

use futures::StreamExt;
use libp2p::{Multiaddr, Swarm, multiaddr::Protocol, swarm::SwarmEvent};

use super::{NetworkError, transport::Behaviour};

/// Binds the addresses and waits until each is known.
pub(super) async fn listen_on(
    swarm: &mut Swarm<Behaviour>,
    wanted: &[Multiaddr],
) -> Result<Vec<Multiaddr>, NetworkError> {
    let mut bound = Vec::new();
    for address in wanted {
        let failed = |reason: String| NetworkError::Listen {
            address: address.clone(),
            reason,
        };
        check_free(address).map_err(|error| failed(error.to_string()))?;
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

/// Refuses an address that another process listens on. libp2p's own socket would share the port
/// with it (`SO_REUSEPORT`), and half of the peers would reach the wrong process.
fn check_free(address: &Multiaddr) -> io::Result<()> {
    let mut parts = address.iter();
    let ip = match parts.next() {
        Some(Protocol::Ip4(ip)) => IpAddr::V4(ip),
        Some(Protocol::Ip6(ip)) => IpAddr::V6(ip),
        _ => return Ok(()),
    };
    let Some(Protocol::Tcp(port)) = parts.next() else {
        return Ok(());
    };
    TcpListener::bind(SocketAddr::new(ip, port)).map(drop)
}
