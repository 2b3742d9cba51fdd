//! TLS in front of the API: who is let in, and what a client certificate is good for.

mod api_support;

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use api_support::{GRPC, TestNode, start_with};
use talea_node::{
    api::ApiServerError,
    config::{GrpcConfig, TlsFiles},
};
use talea_proto::{LedgerClient, OperatorClient, api};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/api_support/tls")
        .join(name)
}

fn pem(name: &str) -> Vec<u8> {
    std::fs::read(file(name)).unwrap()
}

/// The server's key where only its owner may read it: a checkout cannot keep that.
fn private_key() -> &'static Path {
    static COPY: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
        let directory = tempfile::tempdir().unwrap();
        let copy = directory.path().join("server.key");
        std::fs::copy(file("server.key"), &copy).unwrap();
        set_mode(&copy, 0o600);
        (directory, copy)
    });
    &COPY.1
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn config(client_ca: Option<&str>) -> GrpcConfig {
    let tls = TlsFiles {
        certificate: file("server.pem"),
        key: private_key().to_owned(),
        client_ca: client_ca.map(file),
        clients_without_certificate: false,
    };
    GrpcConfig {
        tls: Some(tls),
        ..GRPC
    }
}

fn endpoint(node: &TestNode) -> Endpoint {
    let address = format!("https://localhost:{}", node.server.address.port());
    Endpoint::from_shared(address).unwrap()
}

fn trusting() -> ClientTlsConfig {
    ClientTlsConfig::new().ca_certificate(Certificate::from_pem(pem("authority.pem")))
}

async fn asks(channel: Channel) -> Result<(), tonic::Status> {
    LedgerClient::new(channel)
        .get_genesis(api::GetGenesisRequest {})
        .await
        .map(|_| ())
}

#[tokio::test]
async fn a_server_certificate_protects_every_call() {
    let node = start_with(config(None)).await;
    let channel = endpoint(&node)
        .tls_config(trusting())
        .unwrap()
        .connect()
        .await
        .unwrap();
    asks(channel).await.unwrap();
    // Plain text is not answered.
    let plain = Endpoint::from_shared(format!("http://{}", node.server.address)).unwrap();
    assert!(asks(plain.connect_lazy()).await.is_err());
    // A client that trusts nobody of ours does not talk to this server.
    let stranger = endpoint(&node).tls_config(ClientTlsConfig::new()).unwrap();
    assert!(asks(stranger.connect_lazy()).await.is_err());
}

#[tokio::test]
async fn with_an_authority_every_client_shows_its_certificate() {
    let node = start_with(config(Some("authority.pem"))).await;
    let nameless = endpoint(&node).tls_config(trusting()).unwrap();
    assert!(asks(nameless.connect_lazy()).await.is_err());
    let identity = Identity::from_pem(pem("client.pem"), pem("client.key"));
    let known = endpoint(&node)
        .tls_config(trusting().identity(identity))
        .unwrap();
    let channel = known.connect().await.unwrap();
    asks(channel.clone()).await.unwrap();
    OperatorClient::new(channel)
        .get_status(api::GetStatusRequest {})
        .await
        .unwrap();
}

#[tokio::test]
async fn files_that_do_not_fit_are_refused_at_the_start() {
    let chain = api_support::TestChain::new();
    let mut wrong = config(None);
    if let Some(tls) = &mut wrong.tls {
        tls.key = file("missing.key");
    }
    let error = api_support::start_server(chain, wrong).await.err().unwrap();
    assert!(
        matches!(&error, ApiServerError::TlsFile { path, .. } if path.ends_with("missing.key"))
    );
    let chain = api_support::TestChain::new();
    let mut wrong = config(None);
    if let Some(tls) = &mut wrong.tls {
        let directory = private_key().parent().unwrap();
        tls.key = directory.join("authority.pem");
        std::fs::copy(file("authority.pem"), &tls.key).unwrap();
        set_mode(&tls.key, 0o600);
    }
    let error = api_support::start_server(chain, wrong).await.err().unwrap();
    assert!(matches!(error, ApiServerError::Tls { .. }), "{error}");
}

#[tokio::test]
async fn a_key_that_others_can_read_is_refused_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let key = directory.path().join("server.key");
    std::fs::copy(file("server.key"), &key).unwrap();
    for (mode, is_open) in [(0o644, true), (0o640, true), (0o600, false), (0o400, false)] {
        set_mode(&key, mode);
        let mut config = config(None);
        if let Some(tls) = &mut config.tls {
            tls.key.clone_from(&key);
        }
        let chain = api_support::TestChain::new();
        let error = api_support::start_server(chain, config).await.err();
        assert_eq!(error.is_some(), is_open, "{mode:o}: {error:?}");
        let text = error.map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(text.contains("chmod 600"), is_open, "{text}");
    }
}
