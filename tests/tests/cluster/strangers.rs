//! Who is not registered: garbage on the peers' port, and a libp2p peer that nobody knows.

use std::net::SocketAddr;

use talea_node::network::Priority;
use talea_types::SecretKey;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::figures::{faults, refused};
use crate::network::{Cluster, until};
use crate::raw_peer::RawPeer;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_turned_away_before_any_protocol() {
    let mut cluster = Cluster::start().await;
    let mut balances = cluster.funded();
    let chain = cluster.client(0).network().await.unwrap().chain;
    let key = cluster.keys.validators[0].network_key.clone();
    let node = &cluster.network.nodes()[0];

    let mut stranger = RawPeer::dial(&SecretKey::from_seed([66; 32]), node, &key, chain);
    stranger.until_ended().await;
    for priority in Priority::ALL {
        assert!(
            stranger.open(priority).await.is_none(),
            "a stranger gets a stream"
        );
    }
    until("the stranger is counted", async || {
        refused(node, "stranger").await > 0
    })
    .await;

    // A voting key is no network key: whoever votes with it is still a stranger here.
    let voting_key = cluster.keys.validators[3].voting_key.clone();
    let before = refused(node, "stranger").await;
    let mut impostor = RawPeer::dial(&voting_key, node, &key, chain);
    impostor.until_ended().await;
    until("the impostor is counted", async || {
        refused(node, "stranger").await > before
    })
    .await;

    garbage(node.entry().p2p).await;
    until("garbage is counted", async || {
        refused(node, "handshake").await >= 3
    })
    .await;
    for peer in ["validator-2", "validator-3", "validator-4"] {
        assert_eq!(
            faults(node, peer, "Hostile").await,
            0,
            "{peer} is not to blame"
        );
    }

    cluster.pay(100, &mut balances).await;
    cluster.check(&balances).await;
    cluster.network.stop();
}

/// Bytes of other protocols, noise, and sockets that say nothing.
pub async fn garbage(address: SocketAddr) {
    let http = &b"GET / HTTP/1.1\r\nHost: node\r\n\r\n"[..];
    for bytes in [http, &[0xff; 4_096], b"\x13/multistream/1.0.0\n\xff\xff"] {
        let mut socket = TcpStream::connect(address).await.unwrap();
        // The node may close it before all is written.
        let _ = socket.write_all(bytes).await;
        let _ = socket.shutdown().await;
    }
}
