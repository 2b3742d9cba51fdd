//! Accepts clients: so many at once, and each must say something soon.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::Sleep,
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use super::{
    connection::Connection,
    shares::{ClientId, Share, Shared},
    tls::Tls,
};
use crate::{
    limits::api::{CONNECTIONS_WAITING_MAX, FIRST_BYTE_MAX},
    telemetry::Metrics,
};

/// Wait after the system refused to accept: it is out of files or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Where clients come in.
#[derive(Debug)]
pub(super) struct Clients {
    listener: TcpListener,
    slots: Arc<Shared>,
    metrics: Arc<Metrics>,
}

impl Clients {
    pub(super) async fn bind(
        address: SocketAddr,
        connections_max: usize,
        metrics: Arc<Metrics>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self {
            listener,
            slots: Shared::new(connections_max),
            metrics,
        })
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Connections as they come, until the node stops. One that shakes hands holds up no other.
    pub(super) fn connections(
        self,
        tls: Option<Arc<Tls>>,
        stop: CancellationToken,
    ) -> ReceiverStream<io::Result<Connection>> {
        let (sender, receiver) = mpsc::channel(CONNECTIONS_WAITING_MAX);
        tokio::spawn(async move {
            loop {
                let client = tokio::select! {
                    () = stop.cancelled() => return,
                    client = self.next() => client,
                };
                let Some(tls) = &tls else {
                    // Who does not take it has ended.
                    if sender.send(Ok(Connection::plain(client))).await.is_err() {
                        return;
                    }
                    continue;
                };
                let (tls, sender) = (Arc::clone(tls), sender.clone());
                tokio::spawn(async move {
                    match tls.accept(client).await {
                        Ok(connection) => drop(sender.send(Ok(connection)).await),
                        Err(error) => tracing::debug!(%error, "a client did not shake hands"),
                    }
                });
            }
        });
        ReceiverStream::new(receiver)
    }

    async fn next(&self) -> Client {
        loop {
            let (stream, address) = match self.listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a client could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // One too many is closed at once, so that it tries another node instead of waiting.
            let client = ClientId::of_address(address.ip());
            if let Some(slot) = self.slots.try_take(client, 1) {
                return Client::new(stream, slot, Arc::clone(&self.metrics));
            }
        }
    }
}

/// A connection with its slot.
#[derive(Debug)]
pub(super) struct Client {
    stream: TcpStream,
    metrics: Arc<Metrics>,
    /// Until the first byte has come.
    silent: Option<Pin<Box<Sleep>>>,
    _slot: Share,
}

impl Client {
    fn new(stream: TcpStream, slot: Share, metrics: Arc<Metrics>) -> Self {
        // A small answer must not wait for the acknowledgement of the one before. Without it the
        // connection works as well.
        let _ = stream.set_nodelay(true);
        metrics.grpc_connections.inc();
        let silent = Some(Box::pin(tokio::time::sleep(FIRST_BYTE_MAX)));
        Self {
            stream,
            metrics,
            silent,
            _slot: slot,
        }
    }
}

impl Client {
    /// Where it calls from.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.stream.peer_addr().ok()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.metrics.grpc_connections.dec();
    }
}

impl AsyncRead for Client {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(read) => {
                self.silent = None;
                Poll::Ready(read)
            }
            Poll::Pending => {
                let Some(silent) = &mut self.silent else {
                    return Poll::Pending;
                };
                ready!(silent.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl AsyncWrite for Client {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
