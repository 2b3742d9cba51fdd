//! What a message costs on the network: CPU time of both ends together, and messages a second,
//! between two nodes on the loopback interface of this machine.
//!
//! `cargo run --release -p talea-node --example network_cost`

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use talea_node::network::{
    self, NetworkConfig, NetworkEvent, NetworkHandle, NetworkReceiver, PeerConfig, PeerId,
    PeerRole, Priority, SendOutcome,
};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let (sender, _sender_events) = start(1, Vec::new()).await?;
    let address = sender.local_addresses();
    let known = PeerConfig {
        name: "sender".into(),
        peer_id: sender.local_peer(),
        addresses: address,
        role: PeerRole::Validator,
    };
    let (receiver, mut events) = start(2, vec![known]).await?;
    let peer = receiver.local_peer();
    sender.set_peers(vec![PeerConfig {
        name: "receiver".into(),
        peer_id: peer,
        addresses: Vec::new(),
        role: PeerRole::Validator,
    }])?;
    while sender.connected().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    measure(
        "vote of 200 bytes",
        &sender,
        peer,
        Priority::Vote,
        200,
        500_000,
        &mut events,
    )
    .await?;
    let batch = 300 * 1024;
    measure(
        "batch of 300 KiB",
        &sender,
        peer,
        Priority::Bulk,
        batch,
        5_000,
        &mut events,
    )
    .await?;
    let round_trip = sender
        .connected()
        .first()
        .and_then(|status| status.round_trip);
    println!("round trip of the last ping: {round_trip:?}");
    Ok(())
}

async fn start(number: u8, peers: Vec<PeerConfig>) -> Result<(NetworkHandle, NetworkReceiver)> {
    let listen = vec!["/ip4/127.0.0.1/tcp/0".parse()?];
    Ok(network::spawn(NetworkConfig {
        identity_seed: [number; 32].into(),
        chain: "cost".into(),
        listen,
        peers,
    })
    .await?)
}

/// Sends `count` messages as fast as they are read, and prints what they cost.
async fn measure(
    what: &str,
    sender: &NetworkHandle,
    peer: PeerId,
    priority: Priority,
    length: usize,
    count: u64,
    events: &mut NetworkReceiver,
) -> Result<()> {
    let message = Bytes::from(vec![7; length]);
    let (started, cpu_before) = (Instant::now(), cpu_time()?);
    let (mut sent, mut received) = (0_u64, 0_u64);
    while received < count {
        // Well below the bounds of the queue, so that nothing is dropped.
        while sent < count && sent - received < 64.max(400_000 / length as u64) {
            match sender.send(&peer, priority, message.clone()) {
                SendOutcome::Queued => sent += 1,
                other => bail!("a message was not queued: {other:?}"),
            }
        }
        match events.recv().await.context("the receiver ended")? {
            NetworkEvent::Message { .. } => received += 1,
            NetworkEvent::Connected(_) => {}
            other => bail!("unexpected event: {other:?}"),
        }
    }
    let (elapsed, cpu) = (started.elapsed(), cpu_time()?.saturating_sub(cpu_before));
    let count = count as f64;
    println!(
        "{what}: {:.0}/s, {:.1} MB/s, {:.2} us of CPU each (both ends)",
        count / elapsed.as_secs_f64(),
        count * length as f64 / elapsed.as_secs_f64() / 1e6,
        cpu.as_secs_f64() * 1e6 / count,
    );
    Ok(())
}

/// User and system time of this process, in steps of 10 ms.
fn cpu_time() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, after_name) = stat
        .rsplit_once(')')
        .context("unknown format of /proc/self/stat")?;
    let ticks: u64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().unwrap_or(0))
        .sum();
    Ok(Duration::from_millis(ticks * 10))
}
