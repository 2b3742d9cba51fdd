//! TLS to a PostgreSQL server that is not on this machine: `sslmode` and `sslrootcert` in its URL.
//!
//! Kept true: where TLS is asked for, nothing is sent to a server whose certificate does not verify, with its name,
//! against the named authority or those of this machine. `require` verifies too, other than elsewhere: a certificate
//! that nobody verifies keeps out nobody who can stand between.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::{
    TlsConnector, client,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    },
};

/// Where systems keep the authorities that they trust, PEM.
const SYSTEM_AUTHORITIES: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// A URL that asks for TLS which cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A word of no meaning.
    #[error("sslmode={0} is not known; say disable, or verify-full (require is the same here)")]
    Mode(String),
    /// An authority that nothing is verified against.
    #[error("sslrootcert stands in the URL without TLS; add sslmode=verify-full")]
    AuthorityAlone,
    /// The file of authorities cannot be used.
    #[error(
        "{path} holds no certificate of an authority: {reason}; name a PEM file with sslrootcert"
    )]
    Authorities {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// How to speak to the server of a URL.
pub(crate) struct Asked {
    /// The URL in words that the client of the server knows.
    pub(crate) url: String,
    /// `None` for no TLS.
    pub(crate) verified: Option<Verified>,
}

/// Makes connections to servers whose certificate verifies.
#[derive(Clone)]
pub(crate) struct Verified(Arc<ClientConfig>);

impl Asked {
    /// Reads what a URL says of TLS.
    pub(crate) fn of(url: &str) -> Result<Self, TlsError> {
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut authorities, mut rest) = (None, None, Vec::new());
        for part in query.split('&').filter(|part| !part.is_empty()) {
            match part.split_once('=') {
                Some(("sslmode", word)) => mode = Some(word),
                Some(("sslrootcert", path)) => authorities = Some(PathBuf::from(decoded(path))),
                _ => rest.push(part),
            }
        }
        let verified = match (mode, &authorities) {
            (None | Some("disable"), None) => None,
            (None | Some("disable"), Some(_)) => return Err(TlsError::AuthorityAlone),
            (Some("require" | "verify-full"), _) => Some(Verified::by(authorities.as_deref())?),
            (Some(other), _) => return Err(TlsError::Mode(other.to_owned())),
        };
        rest.push(match verified {
            Some(_) => "sslmode=require",
            None => "sslmode=disable",
        });
        Ok(Self {
            url: format!("{place}?{}", rest.join("&")),
            verified,
        })
    }
}

/// What stands in a URL as `%2F` and the like, as text.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| *first == b'%');
        let hex = escaped.and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Verified {
    /// By the authorities in a file, or those of this machine.
    fn by(file: Option<&Path>) -> Result<Self, TlsError> {
        let path = match file {
            Some(path) => path.to_owned(),
            None => std::env::var_os("SSL_CERT_FILE").map_or_else(system, PathBuf::from),
        };
        let refused = |reason: &dyn fmt::Display| TlsError::Authorities {
            path: path.clone(),
            reason: reason.to_string(),
        };
        let text = fs::read(&path).map_err(|error| refused(&error))?;
        let mut authorities = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&text) {
            let certificate = certificate.map_err(|error| refused(&error))?;
            let added = authorities.add(certificate);
            // Of the many of a system one or the other is always odd; the one that was named is not.
            if file.is_some() {
                added.map_err(|error| refused(&error))?;
            }
        }
        if authorities.is_empty() {
            return Err(refused(&"it is empty"));
        }
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| refused(&error))?;
        let config = config.with_root_certificates(authorities);
        Ok(Self(Arc::new(config.with_no_client_auth())))
    }
}

fn system() -> PathBuf {
    let mut known = SYSTEM_AUTHORITIES.iter().map(PathBuf::from);
    let found = known.find(|path| path.exists());
    found.unwrap_or_else(|| PathBuf::from(SYSTEM_AUTHORITIES[0]))
}

/// A connection that is about to be made.
pub(crate) struct Handshake {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
}

impl<S> MakeTlsConnect<S> for Verified
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Encrypted<S>;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, domain: &str) -> io::Result<Handshake> {
        let name = ServerName::try_from(domain.to_owned()).map_err(io::Error::other)?;
        Ok(Handshake {
            config: Arc::clone(&self.0),
            name,
        })
    }
}

impl<S> TlsConnect<S> for Handshake
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        let connector = TlsConnector::from(self.config);
        Box::pin(async move {
            let stream = connector.connect(self.name, stream).await?;
            Ok(Encrypted(Box::new(stream)))
        })
    }
}

/// An encrypted connection.
pub(crate) struct Encrypted<S>(Box<client::TlsStream<S>>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_whether_there_is_tls() {
        let plain = |url: &str| Asked::of(url).map(|asked| (asked.url, asked.verified.is_some()));
        for (url, expected) in [
            ("postgresql://a@h/d", "postgresql://a@h/d?sslmode=disable"),
            (
                "postgresql:///d?host=/tmp/x&user=a",
                "postgresql:///d?host=/tmp/x&user=a&sslmode=disable",
            ),
            (
                "postgresql://a@h/d?sslmode=disable&user=b",
                "postgresql://a@h/d?user=b&sslmode=disable",
            ),
        ] {
            assert_eq!(plain(url).unwrap(), (expected.to_owned(), false));
        }
        let alone = plain("postgresql://h/d?sslrootcert=x");
        assert!(matches!(alone, Err(TlsError::AuthorityAlone)));
        // Whoever asks for less than is verified here learns it, instead of getting nothing.
        for word in ["prefer", "allow", "verify-ca", ""] {
            let refused = plain(&format!("postgresql://h/d?sslmode={word}"));
            assert!(matches!(refused, Err(TlsError::Mode(_))), "{word}");
        }
        let missing = plain("postgresql://h/d?sslmode=verify-full&sslrootcert=%2Fno%20where.pem");
        let Err(TlsError::Authorities { path, .. }) = missing else {
            panic!("{missing:?}");
        };
        assert_eq!(path, Path::new("/no where.pem"));
    }
}
