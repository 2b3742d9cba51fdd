//! Takes connections: so many at once, each with a head that comes soon, and an end that waits for answers that
//! are on their way.

use std::{io, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};

use crate::limits::{CONNECTIONS_MAX, END_PATIENCE, HEAD_PATIENCE};

/// Wait after the system refused to accept: it is out of files or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop` says so, then lets answers finish for a while.
pub(super) async fn serve(listener: TcpListener, routes: Router, mut stop: watch::Receiver<bool>) {
    let slots = std::sync::Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let slot = std::sync::Arc::clone(&slots).acquire_owned();
        let accepted = tokio::select! {
            accepted = async {
                // Who comes when all slots are taken waits in the system's queue.
                let slot = slot.await;
                listener.accept().await.map(|(stream, _)| (stream, slot))
            } => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, Ok(slot))) => {
                let connection = connection(stream, routes.clone(), stop.clone());
                tokio::spawn(async move {
                    // What a client does to its own connection is its own affair.
                    let _ = connection.await;
                    drop(slot);
                });
            }
            Ok((_, Err(_))) => break,
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
    drop(listener);
    let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    // All slots are back when the last connection has ended.
    let _ = tokio::time::timeout(END_PATIENCE, slots.acquire_many(all)).await;
}

async fn connection(
    stream: TcpStream,
    routes: Router,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let service = TowerToHyperService::new(routes);
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        ended = serving.as_mut() => return ended.map_err(io::Error::other),
        _ = stop.wait_for(|stop| *stop) => serving.as_mut().graceful_shutdown(),
    }
    serving.await.map_err(io::Error::other)
}
