//! TLS of the gRPC server, with certificates that are replaced while it runs.
//!
//! The files of `[grpc.tls]` are looked at again every few seconds and at once on SIGHUP. When their
//! content has changed and fits, connections from then on use it; open ones go on. When it does not fit, the
//! old stays in use and the log says why.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use parking_lot::RwLock;
use talea_genesis::private_file::open_mode;
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, version::TLS13};
use tokio_util::sync::CancellationToken;

use super::{ApiServerError, connection::Connection, listener::Client};
use crate::config::TlsFiles;
use crate::limits::api::{HANDSHAKE_MAX, TLS_CHECK_INTERVAL, TLS_FILE_BYTES_MAX};

/// The certificates in use.
#[derive(Debug)]
pub(super) struct Tls {
    files: TlsFiles,
    current: RwLock<Current>,
}

#[derive(Debug)]
struct Current {
    content: Content,
    config: Arc<ServerConfig>,
}

/// What the files said.
#[derive(Debug, PartialEq, Eq)]
struct Content {
    certificate: Vec<u8>,
    key: zeroize::Zeroizing<Vec<u8>>,
    client_ca: Option<Vec<u8>>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`ApiServerError::TlsFile`], [`ApiServerError::Tls`].
    pub(super) fn load(files: TlsFiles) -> Result<Arc<Self>, ApiServerError> {
        let content = Content::read(&files)?;
        let config = content.config(files.clients_without_certificate)?;
        let current = RwLock::new(Current { content, config });
        Ok(Arc::new(Self { files, current }))
    }

    /// Shakes hands, in bounded time.
    ///
    /// # Errors
    /// When the client does not, or shows no certificate where one is required.
    pub(super) async fn accept(&self, client: Client) -> io::Result<Connection> {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.current.read().config));
        let stream = tokio::time::timeout(HANDSHAKE_MAX, acceptor.accept(client)).await??;
        Ok(Connection::tls(stream))
    }

    /// Looks at the files until the node stops.
    pub(super) async fn follow(self: Arc<Self>, stop: CancellationToken) {
        let mut hangup = signal(SignalKind::hangup()).ok();
        loop {
            let asked = async {
                match &mut hangup {
                    Some(hangup) => hangup.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(TLS_CHECK_INTERVAL) => {}
                _ = asked => {}
            }
            let tls = Arc::clone(&self);
            let renewed = tokio::task::spawn_blocking(move || tls.renew()).await;
            match renewed {
                Ok(Ok(true)) => tracing::info!("the certificates of the gRPC server were replaced"),
                Ok(Ok(false)) | Err(_) => {}
                Ok(Err(error)) => {
                    tracing::error!(%error, "the certificates of the gRPC server stay as they were");
                }
            }
        }
    }

    /// Takes up what the files say now; whether it is new.
    ///
    /// # Errors
    /// As [`Tls::load`]; what is in use stays.
    pub(super) fn renew(&self) -> Result<bool, ApiServerError> {
        let content = Content::read(&self.files)?;
        if content == self.current.read().content {
            return Ok(false);
        }
        let config = content.config(self.files.clients_without_certificate)?;
        *self.current.write() = Current { content, config };
        Ok(true)
    }
}

impl Content {
    fn read(files: &TlsFiles) -> Result<Self, ApiServerError> {
        Ok(Self {
            certificate: read(&files.certificate)?,
            key: read_private(&files.key)?,
            client_ca: files.client_ca.as_deref().map(read).transpose()?,
        })
    }

    fn config(
        &self,
        clients_without_certificate: bool,
    ) -> Result<Arc<ServerConfig>, ApiServerError> {
        let refuse = |reason: String| ApiServerError::Tls { reason };
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13])
            .map_err(|error| refuse(error.to_string()))?;
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates(authority)? {
                    let added = roots.add(certificate);
                    added.map_err(|error| refuse(format!("client_ca: {error}")))?;
                }
                let mut verifier =
                    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                if clients_without_certificate {
                    verifier = verifier.allow_unauthenticated();
                }
                let verifier = verifier.build();
                builder.with_client_cert_verifier(
                    verifier.map_err(|error| refuse(format!("client_ca: {error}")))?,
                )
            }
        };
        let key = PrivateKeyDer::from_pem_slice(&self.key);
        let key = key.map_err(|_| refuse("the key is not PEM".to_owned()))?;
        let config = builder.with_single_cert(certificates(&self.certificate)?, key);
        let mut config = config.map_err(|error| refuse(error.to_string()))?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(Arc::new(config))
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, ApiServerError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates
        .ok()
        .filter(|certificates| !certificates.is_empty());
    certificates.ok_or_else(|| ApiServerError::Tls {
        reason: "a file has no certificates in PEM".to_owned(),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, ApiServerError> {
    let content = File::open(path).and_then(content);
    content.map_err(|source| unreadable(path, source))
}

/// The same of a file that only its owner may read.
fn read_private(path: &Path) -> Result<zeroize::Zeroizing<Vec<u8>>, ApiServerError> {
    let file = File::open(path).map_err(|source| unreadable(path, source))?;
    let metadata = file.metadata();
    let metadata = metadata.map_err(|source| unreadable(path, source))?;
    if let Some(mode) = open_mode(&metadata) {
        let path = path.to_owned();
        return Err(ApiServerError::TlsKeyMode { path, mode });
    }
    let content = content(file).map_err(|source| unreadable(path, source))?;
    Ok(content.into())
}

fn content(file: File) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    file.take(TLS_FILE_BYTES_MAX).read_to_end(&mut content)?;
    Ok(content)
}

fn unreadable(path: &Path, source: io::Error) -> ApiServerError {
    ApiServerError::TlsFile {
        path: path.to_owned(),
        source,
    }
}
