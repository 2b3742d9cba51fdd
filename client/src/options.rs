//! Which nodes a client talks to and how long it waits.

use std::time::Duration;

use talea_proto::{LedgerClient, OperatorClient, limits};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

use crate::{
    ClientError,
    reader::{LedgerShown, Shown},
};

/// How to reach the network.
#[derive(Clone, Debug)]
pub struct Options {
    /// Addresses of nodes, `http://host:port` or `https://host:port`, best first. Ask nodes of more
    /// than one organisation, so that none alone can keep you waiting.
    pub nodes: Vec<String>,
    /// For `https`.
    pub tls: Tls,
    /// Longest wait for the answer to one look-up.
    pub call_timeout: Duration,
}

/// Certificates in PEM.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// Authority that signed the nodes' certificates.
    pub authority: Option<Vec<u8>>,
    /// The client's own certificate and key, where a node asks for one.
    pub identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl Options {
    /// These nodes, without certificates, ten seconds for a look-up.
    pub fn new(nodes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            nodes: nodes.into_iter().map(Into::into).collect(),
            tls: Tls::default(),
            call_timeout: Duration::from_secs(10),
        }
    }
}

/// A node and the connection to it, which opens when it is first used and again when it broke.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) url: String,
    channel: Channel,
}

impl Node {
    pub(crate) fn new(url: &str, tls: &Tls) -> Result<Self, ClientError> {
        let refuse = |reason: String| ClientError::Options { reason };
        let malformed = || {
            refuse(format!(
                "'{url}' is not an address; write it as http://host:port"
            ))
        };
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(malformed());
        }
        let mut endpoint = Endpoint::from_shared(url.to_owned())
            .map_err(|_| malformed())?
            .connect_timeout(Duration::from_secs(5))
            .tcp_nodelay(true)
            .http2_keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(10));
        if url.starts_with("https://") {
            let mut config = ClientTlsConfig::new();
            if let Some(authority) = &tls.authority {
                config = config.ca_certificate(Certificate::from_pem(authority));
            }
            if let Some((certificate, key)) = &tls.identity {
                config = config.identity(Identity::from_pem(certificate, key));
            }
            endpoint = endpoint
                .tls_config(config)
                .map_err(|error| refuse(format!("the certificates cannot be used: {error}")))?;
        }
        Ok(Self {
            url: url.to_owned(),
            channel: endpoint.connect_lazy(),
        })
    }

    pub(crate) fn ledger(&self) -> LedgerClient<Channel> {
        LedgerClient::new(self.channel.clone())
            .max_decoding_message_size(limits::RESPONSE_BYTES_MAX)
    }

    /// The same, showing who reads.
    pub(crate) fn ledger_shown(&self, shown: Shown) -> LedgerShown {
        LedgerClient::with_interceptor(self.channel.clone(), shown)
            .max_decoding_message_size(limits::RESPONSE_BYTES_MAX)
    }

    pub(crate) fn operator(&self) -> OperatorClient<Channel> {
        OperatorClient::new(self.channel.clone())
            .max_decoding_message_size(limits::RESPONSE_BYTES_MAX)
    }
}
