//! A client's connection, plain or under TLS, and who is at its other end.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{fmt, io};

use talea_types::ParticipantId;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

use super::listener::Client;

/// Prefix of the name in a certificate that says whose it is.
const NAME_PREFIX: &str = "talea:";

/// Who is at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Peer {
    pub(super) address: Option<SocketAddr>,
    /// Named by a certificate that was verified. Whether it is registered is for the ledger to say.
    pub(super) organisation: Option<ParticipantId>,
}

impl Peer {
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

/// A connection.
pub(super) enum Connection {
    Plain(Client, Arc<Peer>),
    Tls(Box<TlsStream<Client>>, Arc<Peer>),
}

impl Connection {
    pub(super) fn plain(client: Client) -> Self {
        let address = client.address();
        Self::Plain(
            client,
            Arc::new(Peer {
                address,
                organisation: None,
            }),
        )
    }

    pub(super) fn tls(stream: TlsStream<Client>) -> Self {
        let (client, session) = stream.get_ref();
        let shown = session.peer_certificates().and_then(<[_]>::first);
        let peer = Peer {
            address: client.address(),
            organisation: shown.and_then(organisation),
        };
        Self::Tls(Box::new(stream), Arc::new(peer))
    }

    const fn peer(&self) -> &Arc<Peer> {
        match self {
            Self::Plain(_, peer) | Self::Tls(_, peer) => peer,
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Connection({:?})", self.peer())
    }
}

impl Connected for Connection {
    type ConnectInfo = Arc<Peer>;

    fn connect_info(&self) -> Arc<Peer> {
        Arc::clone(self.peer())
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(client, _) => Pin::new(client).poll_read(context, buffer),
            Self::Tls(stream, _) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(client, _) => Pin::new(client).poll_write(context, bytes),
            Self::Tls(stream, _) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(client, _) => Pin::new(client).poll_flush(context),
            Self::Tls(stream, _) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(client, _) => Pin::new(client).poll_shutdown(context),
            Self::Tls(stream, _) => Pin::new(stream).poll_shutdown(context),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(client, _) => Pin::new(client).poll_write_vectored(context, bytes),
            Self::Tls(stream, _) => Pin::new(stream).poll_write_vectored(context, bytes),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(client, _) => client.is_write_vectored(),
            Self::Tls(stream, _) => stream.is_write_vectored(),
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
