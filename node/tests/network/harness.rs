//! Nodes on the loopback interface and peers that do not follow the rules.

use std::time::Duration;

use bytes::Bytes;
use futures::{AsyncWriteExt, StreamExt};
use libp2p::{
    Stream, StreamProtocol, Swarm, SwarmBuilder, identity::Keypair, noise, swarm::SwarmEvent, tcp,
    yamux,
};
use talea_node::network::{
    self, Multiaddr, NetworkConfig, NetworkError, NetworkEvent, NetworkHandle, NetworkReceiver,
    PeerConfig, PeerFault, PeerId, PeerRole, Priority, peer_id_of,
};
use tokio::{sync::watch, time::timeout};

pub const CHAIN: &str = "test";
/// Turns a hang into a failure. Nothing else depends on it.
pub const HANG: Duration = Duration::from_secs(60);

fn seed(number: u8) -> [u8; 32] {
    [number; 32]
}

pub fn id(number: u8) -> PeerId {
    peer_id_of(&seed(number)).unwrap()
}

/// A registered validator; without an address it has to dial us.
pub fn peer(number: u8, address: Option<&Multiaddr>) -> PeerConfig {
    PeerConfig {
        name: format!("node-{number}"),
        peer_id: id(number),
        addresses: address.into_iter().cloned().collect(),
        role: PeerRole::Validator,
    }
}

pub struct Node {
    pub handle: NetworkHandle,
    pub receiver: NetworkReceiver,
}

impl Node {
    pub async fn try_start(
        number: u8,
        listen: &str,
        chain: &str,
        peers: Vec<PeerConfig>,
    ) -> Result<Node, NetworkError> {
        let config = NetworkConfig {
            identity_seed: seed(number).into(),
            chain: chain.into(),
            listen: vec![listen.parse().unwrap()],
            peers,
        };
        network::spawn(config)
            .await
            .map(|(handle, receiver)| Node { handle, receiver })
    }

    pub async fn start(number: u8, peers: Vec<PeerConfig>) -> Node {
        Self::try_start(number, "/ip4/127.0.0.1/tcp/0", CHAIN, peers)
            .await
            .unwrap()
    }

    pub fn address(&self) -> Multiaddr {
        self.handle.local_addresses().into_iter().next().unwrap()
    }

    pub async fn next(&mut self) -> NetworkEvent {
        timeout(HANG, self.receiver.recv())
            .await
            .expect("no event")
            .expect("still running")
    }

    /// Skips events until one is as wanted.
    pub async fn until<T>(&mut self, mut wanted: impl FnMut(NetworkEvent) -> Option<T>) -> T {
        loop {
            if let Some(found) = wanted(self.next().await) {
                return found;
            }
        }
    }

    pub async fn until_connected(&mut self, to: PeerId) {
        self.until(|event| (event == NetworkEvent::Connected(to)).then_some(()))
            .await;
    }

    pub async fn until_disconnected(&mut self, from: PeerId) {
        self.until(|event| (event == NetworkEvent::Disconnected(from)).then_some(()))
            .await;
    }

    pub async fn until_message(&mut self) -> (PeerId, Priority, Bytes) {
        self.until(|event| match event {
            NetworkEvent::Message {
                from,
                priority,
                bytes,
            } => Some((from, priority, bytes)),
            _ => None,
        })
        .await
    }

    pub async fn until_fault(&mut self, of: PeerId) -> PeerFault {
        self.until(|event| match event {
            NetworkEvent::Fault { from, kind } if from == of => Some(kind),
            _ => None,
        })
        .await
    }

    pub async fn stop(mut self) {
        self.handle.shutdown();
        while timeout(HANG, self.receiver.recv())
            .await
            .expect("no end")
            .is_some()
        {}
    }
}

/// Waits until a condition that no event announces holds.
pub async fn until(mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(HANG, wait).await.expect("the condition never held");
}

/// Starts nodes that know each other and waits until all are connected.
pub async fn mesh<const N: usize>(numbers: [u8; N]) -> [Node; N] {
    let mut nodes = Vec::new();
    for number in numbers {
        nodes.push(Node::start(number, Vec::new()).await);
    }
    let known = numbers.iter().zip(&nodes);
    let peers: Vec<PeerConfig> = known
        .map(|(number, node)| peer(*number, Some(&node.address())))
        .collect();
    for node in &nodes {
        node.handle.set_peers(peers.clone()).unwrap();
    }
    for node in &mut nodes {
        until(|| node.handle.connected().len() == N - 1).await;
        // An end that follows is then told apart from a connection that was never seen.
        while node.receiver.try_recv().is_some() {}
    }
    nodes.try_into().ok().unwrap()
}

/// Sends a message each way until it arrives: simultaneous dials may still cost the first ones.
pub async fn assert_talking(one: &mut Node, other: &mut Node, text: &'static str) {
    async fn exchange(from: &Node, to: &mut Node, message: Bytes) {
        let (sender, receiver) = (from.handle.local_peer(), to.handle.local_peer());
        let expected = (sender, Priority::Control, message.clone());
        loop {
            from.handle
                .send(&receiver, Priority::Control, message.clone());
            let received = timeout(Duration::from_millis(200), to.until_message()).await;
            if received.is_ok_and(|received| received == expected) {
                return;
            }
        }
    }
    let message = Bytes::from_static(text.as_bytes());
    timeout(HANG, exchange(one, other, message.clone()))
        .await
        .expect("it never arrived");
    timeout(HANG, exchange(other, one, message))
        .await
        .expect("it never arrived");
}

pub fn protocol(priority: Priority) -> StreamProtocol {
    StreamProtocol::try_from_owned(format!("/talea/{CHAIN}/{}/1", priority.name())).unwrap()
}

pub fn framed(payload: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(payload.len()).unwrap().to_le_bytes().to_vec();
    frame.extend_from_slice(payload);
    frame
}

/// A peer that speaks libp2p but keeps none of our rules. It drains what its victim sends.
pub struct Attacker {
    streams: libp2p_stream::Control,
    victim: PeerId,
    ended: watch::Receiver<bool>,
}

impl Attacker {
    /// Dials the victim.
    pub fn start(number: u8, victim: &Node) -> Attacker {
        let mut identity = seed(number);
        let keypair = Keypair::ed25519_from_bytes(&mut identity).unwrap();
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
            let mut incoming = streams.clone().accept(protocol(priority)).unwrap();
            tokio::spawn(async move {
                while let Some((_, mut stream)) = incoming.next().await {
                    tokio::spawn(async move {
                        let _ = futures::io::copy(&mut stream, &mut futures::io::sink()).await;
                    });
                }
            });
        }
        let peer = victim.handle.local_peer();
        swarm
            .dial(victim.address().with_p2p(peer).unwrap())
            .unwrap();
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
        Attacker {
            streams,
            victim: peer,
            ended,
        }
    }

    /// Waits until a connection of this attacker was refused or ended.
    pub async fn until_ended(&mut self) {
        let ended = self.ended.wait_for(|ended| *ended);
        assert!(*timeout(HANG, ended).await.expect("never refused").unwrap());
    }

    pub async fn open(&mut self, name: StreamProtocol) -> Option<Stream> {
        self.streams.open_stream(self.victim, name).await.ok()
    }

    pub async fn write(&mut self, priority: Priority, bytes: &[u8]) -> Stream {
        let mut stream = self
            .open(protocol(priority))
            .await
            .expect("a registered peer's stream");
        stream.write_all(bytes).await.unwrap();
        stream.flush().await.unwrap();
        stream
    }
}

/// A victim with an honest peer, beside the registered attacker, number 9.
pub async fn victim_and_honest() -> (Node, Node) {
    let mut victim = Node::start(1, Vec::new()).await;
    victim
        .handle
        .set_peers(vec![peer(2, None), peer(9, None)])
        .unwrap();
    let mut honest = Node::start(2, vec![peer(1, Some(&victim.address()))]).await;
    victim.until_connected(id(2)).await;
    honest.until_connected(id(1)).await;
    (victim, honest)
}
