//! A peer that speaks libp2p with any identity and keeps none of the rules of a node's streams.

use futures::{AsyncWriteExt as _, StreamExt as _};
use libp2p::identity::Keypair;
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, Stream, StreamProtocol, Swarm, SwarmBuilder, noise, tcp, yamux};
use talea_node::localnet::LocalnetNode;
use talea_node::network::{PeerId, Priority, peer_id_of};
use talea_types::{ChainId, SecretKey};
use tokio::sync::watch;

use crate::network::PATIENCE;

/// It drains what its victim sends.
pub struct RawPeer {
    streams: libp2p_stream::Control,
    victim: PeerId,
    chain: ChainId,
    ended: watch::Receiver<bool>,
}

impl RawPeer {
    /// Dials a node that has this network key.
    pub fn dial(
        identity: &SecretKey,
        victim: &LocalnetNode,
        key: &SecretKey,
        chain: ChainId,
    ) -> Self {
        let mut seed = identity.as_signing_key().to_bytes();
        let keypair = Keypair::ed25519_from_bytes(&mut seed).unwrap();
        let mut swarm: Swarm<libp2p_stream::Behaviour> =
            SwarmBuilder::with_existing_identity(keypair)
                .with_tokio()
                .with_tcp(
                    tcp::Config::default(),
                    noise::Config::new,
                    yamux::Config::default,
                )
                .unwrap()
                .with_behaviour(|_| libp2p_stream::Behaviour::new())
                .unwrap()
                .build();
        let streams = swarm.behaviour().new_control();
        for priority in Priority::ALL {
            let mut incoming = streams.clone().accept(protocol(&chain, priority)).unwrap();
            tokio::spawn(async move {
                while let Some((_, mut stream)) = incoming.next().await {
                    tokio::spawn(async move {
                        let _ = futures::io::copy(&mut stream, &mut futures::io::sink()).await;
                    });
                }
            });
        }
        let peer = peer_id_of(&key.as_signing_key().to_bytes()).unwrap();
        let address = victim.entry().p2p;
        let address: Multiaddr = format!("/ip4/{}/tcp/{}/p2p/{peer}", address.ip(), address.port())
            .parse()
            .unwrap();
        swarm.dial(address).unwrap();
        let (ended_sender, ended) = watch::channel(false);
        tokio::spawn(async move {
            loop {
                if let SwarmEvent::ConnectionClosed { .. }
                | SwarmEvent::OutgoingConnectionError { .. } = swarm.select_next_some().await
                {
                    ended_sender.send_replace(true);
                }
            }
        });
        Self {
            streams,
            victim: peer,
            chain,
            ended,
        }
    }

    /// Waits until the connection was refused or ended.
    pub async fn until_ended(&mut self) {
        let ended = self.ended.wait_for(|ended| *ended);
        let ended = tokio::time::timeout(PATIENCE, ended).await;
        assert!(*ended.expect("it is never turned away").unwrap());
    }

    /// Opens a stream of a priority, if the victim lets it.
    pub async fn open(&mut self, priority: Priority) -> Option<Stream> {
        let name = protocol(&self.chain, priority);
        self.streams.open_stream(self.victim, name).await.ok()
    }

    /// Writes bytes on a stream, framed or not. `None` when the victim did not let it.
    pub async fn write(&mut self, priority: Priority, bytes: &[u8]) -> Option<Stream> {
        let mut stream = self.open(priority).await?;
        stream.write_all(bytes).await.ok()?;
        stream.flush().await.ok()?;
        Some(stream)
    }
}

fn protocol(chain: &ChainId, priority: Priority) -> StreamProtocol {
    let name = format!("/talea/{chain}/{}/1", priority.name());
    StreamProtocol::try_from_owned(name).unwrap()
}
