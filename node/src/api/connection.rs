//! A client's connection, plain or under TLS, and who is at its other end.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;
use std::{fmt, io};

use talea_types::ParticipantId;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::server::TlsStream;
use tonic::{Request, transport::server::Connected};

use super::control_frames::ControlFrames;
use super::listener::Client;
use super::shares::ClientId;
use crate::admission::Standing;

/// How the connection of a request stands.
pub(super) fn standing<T>(request: &Request<T>) -> Arc<Standing> {
    let peer = request.extensions().get::<Arc<Peer>>();
    peer.map(|peer| Arc::clone(&peer.standing))
        .unwrap_or_default()
}

/// Who sent a request, when the system said so.
pub(super) fn peer<T>(request: &Request<T>) -> Option<Arc<Peer>> {
    request.extensions().get::<Arc<Peer>>().cloned()
}

/// Whose shares a request counts against.
pub(super) fn client<T>(request: &Request<T>) -> ClientId {
    let peer = request.extensions().get::<Arc<Peer>>();
    peer.map_or(ClientId::Unknown, |peer| peer.client())
}

/// Prefix of the name in a certificate that says whose it is.
const NAME_PREFIX: &str = "talea:";

/// Who is at the other end.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    /// What the connection may still cost.
    pub(super) standing: Arc<Standing>,
    pub(super) address: Option<SocketAddr>,
    /// Named by a certificate that was verified. Whether it is registered is for the ledger to say.
    pub(super) organisation: Option<ParticipantId>,
}

impl Peer {
    /// Whose shares it counts against.
    pub(super) fn client(&self) -> ClientId {
        match (self.organisation, self.address) {
            (Some(id), _) => ClientId::Organisation(id),
            (None, Some(address)) => ClientId::of_address(address.ip()),
            (None, None) => ClientId::Unknown,
        }
    }

    /// Whether it is on this machine.
    pub(super) fn is_local(&self) -> bool {
        self.address.is_some_and(|address| is_local(address.ip()))
    }
}

fn is_local(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// The organisation that a certificate names: the one name of the form `talea:PARTICIPANT` among its URIs.
/// Two are none.
pub(super) fn organisation(certificate: &CertificateDer<'_>) -> Option<ParticipantId> {
    let certificate = webpki::EndEntityCert::try_from(certificate).ok()?;
    let names = certificate.valid_uri_names();
    let mut named = names.filter_map(|name| name.strip_prefix(NAME_PREFIX)?.parse().ok());
    let first = named.next();
    first.filter(|_| named.next().is_none())
}

/// A connection. One with too many frames that carry nothing is read with pauses.
pub(super) struct Connection {
    socket: Socket,
    peer: Arc<Peer>,
    frames: ControlFrames,
    pause: Option<Pin<Box<Sleep>>>,
}

enum Socket {
    Plain(Client),
    Tls(Box<TlsStream<Client>>),
}

impl Connection {
    pub(super) fn plain(client: Client) -> Self {
        let address = client.address();
        Self::new(Socket::Plain(client), address, None)
    }

    pub(super) fn tls(stream: TlsStream<Client>) -> Self {
        let (client, session) = stream.get_ref();
        let shown = session.peer_certificates().and_then(<[_]>::first);
        let (address, organisation) = (client.address(), shown.and_then(organisation));
        Self::new(Socket::Tls(Box::new(stream)), address, organisation)
    }

    fn new(
        socket: Socket,
        address: Option<SocketAddr>,
        organisation: Option<ParticipantId>,
    ) -> Self {
        let peer = Peer {
            standing: Arc::default(),
            address,
            organisation,
        };
        Self {
            socket,
            peer: Arc::new(peer),
            frames: ControlFrames::new(Instant::now()),
            pause: None,
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Connection({:?})", self.peer)
    }
}

impl Connected for Connection {
    type ConnectInfo = Arc<Peer>;

    fn connect_info(&self) -> Arc<Peer> {
        Arc::clone(&self.peer)
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Some(pause) = &mut this.pause {
            ready!(pause.as_mut().poll(context));
            this.pause = None;
        }
        let before = buffer.filled().len();
        ready!(match &mut this.socket {
            Socket::Plain(client) => Pin::new(client).poll_read(context, buffer),
            Socket::Tls(stream) => Pin::new(stream.as_mut()).poll_read(context, buffer),
        })?;
        let read = buffer.filled().get(before..).unwrap_or_default();
        let wait = this.frames.on_bytes(read, Instant::now());
        if !wait.is_zero() {
            this.pause = Some(Box::pin(tokio::time::sleep(wait)));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().socket {
            Socket::Plain(client) => Pin::new(client).poll_write(context, bytes),
            Socket::Tls(stream) => Pin::new(stream.as_mut()).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().socket {
            Socket::Plain(client) => Pin::new(client).poll_flush(context),
            Socket::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().socket {
            Socket::Plain(client) => Pin::new(client).poll_shutdown(context),
            Socket::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(context),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().socket {
            Socket::Plain(client) => Pin::new(client).poll_write_vectored(context, bytes),
            Socket::Tls(stream) => Pin::new(stream.as_mut()).poll_write_vectored(context, bytes),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match &self.socket {
            Socket::Plain(client) => client.is_write_vectored(),
            Socket::Tls(stream) => stream.is_write_vectored(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_local() {
        let is_local = |text: &str| {
            Peer {
                standing: Arc::default(),
                address: text.parse().ok(),
                organisation: None,
            }
            .is_local()
        };
        for local in ["127.0.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert!(is_local(local), "{local}");
        }
        for remote in [
            "10.0.0.1:1",
            "[::ffff:10.0.0.1]:1",
            "0.0.0.0:1",
            "[fe80::1]:1",
            "?",
        ] {
            assert!(!is_local(remote), "{remote}");
        }
    }
}
