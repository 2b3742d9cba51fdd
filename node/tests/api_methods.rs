//! Who may call which method: every cell of the matrix through TLS, with a certificate of its own for each organisation.

mod api_support;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use api_support::{GRPC, TestChain, key, registration, start_server};
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, KeyPair, SanType};
use talea_node::config::{GrpcConfig, TlsFiles};
use talea_types::{ParticipantId, Timestamp, state::Registration, state::Role};
use tonic::{
    Code, Request, Status,
    client::Grpc,
    codegen::http::uri::PathAndQuery,
    transport::{self, Channel, ClientTlsConfig, Endpoint, Identity},
};
use tonic_prost::ProstCodec;

/// The matrix as it is written, read apart from the node's own reading.
const MATRIX: &str = include_str!("../src/api/methods.txt");

/// Who signs certificates.
struct Authority {
    certificate: Certificate,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { certificate, key }
    }

    /// Certificate and key, PEM.
    fn sign(&self, names: Vec<SanType>) -> (String, String) {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.subject_alt_names = names;
        let key = KeyPair::generate().unwrap();
        let signed = params.signed_by(&key, &self.certificate, &self.key);
        (signed.unwrap().pem(), key.serialize_pem())
    }

    fn organisation(&self, id: &ParticipantId) -> (String, String) {
        let name = format!("talea:{id}");
        self.sign(vec![SanType::URI(name.try_into().unwrap())])
    }

    /// The settings of a server that knows clients by this authority, and asks nobody for a certificate.
    fn server(&self, listen: IpAddr, directory: &Path) -> GrpcConfig {
        let names = [listen, Ipv4Addr::LOCALHOST.into()];
        let (certificate, key) = self.sign(names.map(SanType::IpAddress).to_vec());
        let write = |name: &str, content: &str| {
            let path = directory.join(name);
            std::fs::write(&path, content).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            path
        };
        let tls = TlsFiles {
            certificate: write("server.pem", &certificate),
            key: write("server.key", &key),
            client_ca: Some(write("clients.pem", &self.certificate.pem())),
            clients_without_certificate: true,
        };
        GrpcConfig {
            listen: SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0),
            tls: Some(tls),
            ..GRPC
        }
    }

    async fn connect(&self, to: SocketAddr, shown: Option<(String, String)>) -> Channel {
        let authority = transport::Certificate::from_pem(self.certificate.pem());
        let mut tls = ClientTlsConfig::new().ca_certificate(authority);
        if let Some((certificate, key)) = shown {
            tls = tls.identity(Identity::from_pem(certificate, key));
        }
        let endpoint = Endpoint::from_shared(format!("https://{to}")).unwrap();
        endpoint.tls_config(tls).unwrap().connect().await.unwrap()
    }
}

/// An address of this machine that is not its loopback; nothing is sent to find it.
fn outside_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// Calls a method with an empty message; whatever it answers to that, unless the caller may not call it.
async fn may_call(channel: &Channel, path: &str) -> bool {
    let mut client = Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let codec = ProstCodec::<(), ()>::default();
    let path = PathAndQuery::try_from(path).unwrap();
    let answer = client
        .server_streaming(Request::new(()), path.clone(), codec)
        .await;
    match answer.map(drop) {
        Err(status) if status.code() == Code::PermissionDenied => {
            assert!(is_the_guards(&status), "{path}: {status:?}");
            false
        }
        _ => true,
    }
}

fn is_the_guards(status: &Status) -> bool {
    status.message().contains("is not for this caller")
}

/// As HTTP/2 names a row of the matrix.
fn path(method: &str) -> String {
    match method {
        "health" => "/grpc.health.v1.Health/Check".to_owned(),
        "reflection" => "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo".to_owned(),
        method => format!("/talea.api.v1.{method}"),
    }
}

/// The organisation of a column that is a role; who runs the validator has a role that may do nothing more.
fn organisation(number: usize, caller: &str) -> Registration {
    let role = match caller {
        "operator" => Role::Operator,
        "bank" | "own" => Role::Bank,
        "merchant" => Role::Merchant,
        "collection_agency" => Role::CollectionAgency,
        "credit_bureau" => Role::CreditBureau,
        "kyc_provider" => Role::KycProvider,
        "monitor" => Role::Monitor,
        "adviser" => Role::Adviser,
        "authority" => Role::Authority,
        "regulator" => Role::Regulator,
        other => panic!("{other} is no organisation"),
    };
    let seed = u8::try_from(10 + number).unwrap();
    registration(&format!("ORGANISATION{number:08}"), role, &key(seed))
}

#[tokio::test]
async fn every_cell_is_answered_over_tls_as_it_is_written() {
    let Some(outside) = outside_address() else {
        eprintln!("skipped: this machine has no address but its loopback");
        return;
    };
    let mut lines = MATRIX
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let callers: Vec<&str> = lines.next().unwrap()[1..].to_vec();
    let rows: Vec<Vec<&str>> = lines.collect();

    let mut organisations = Vec::new();
    for (number, caller) in callers.iter().enumerate() {
        let is_one = !["anybody", "local"].contains(caller);
        organisations.push(is_one.then(|| organisation(number, caller)));
    }
    // An operator whose licence has expired may do no more than anybody.
    let mut expired = organisation(callers.len(), "operator");
    expired.licence_expires_at = Some(Timestamp::from_millis(1));
    let place = |caller| callers.iter().position(|one| *one == caller).unwrap();
    let own = organisations[place("own")].as_ref().unwrap().id();
    let registered = organisations.iter().flatten().chain([&expired]);
    let chain = TestChain::of(registered.cloned().collect(), own);

    let authority = Authority::new();
    let directory = tempfile::tempdir().unwrap();
    let config = authority.server(outside, directory.path());
    let node = start_server(chain, config).await.unwrap();
    let port = node.server.address.port();

    for (column, (caller, organisation)) in callers.iter().zip(&organisations).enumerate() {
        let shown = organisation
            .as_ref()
            .map(|one| authority.organisation(&one.id()));
        let address = match *caller {
            "local" => Ipv4Addr::LOCALHOST.into(),
            _ => outside,
        };
        let channel = authority
            .connect(SocketAddr::new(address, port), shown)
            .await;
        for row in &rows {
            assert_eq!(row.len(), callers.len() + 1, "{row:?}");
            let wanted = row[column + 1] == "yes";
            let answered = may_call(&channel, &path(row[0])).await;
            assert_eq!(answered, wanted, "{} by {caller}", row[0]);
        }
        for unknown in ["/talea.api.v1.Operator/Stop", "/talea.api.v1.Ledger/submit"] {
            assert!(!may_call(&channel, unknown).await, "{unknown} by {caller}");
        }
    }

    let shown = authority.organisation(&expired.id());
    let channel = authority
        .connect(SocketAddr::new(outside, port), Some(shown))
        .await;
    for row in &rows {
        let wanted = row[place("anybody") + 1] == "yes";
        let answered = may_call(&channel, &path(row[0])).await;
        assert_eq!(answered, wanted, "{} by who has expired", row[0]);
    }
}
