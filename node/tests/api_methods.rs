//! Who may call which method: every cell of the matrix through TLS, with a certificate of its own for each organisation.

mod api_support;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use api_support::{
    GRPC, TestChain,
    authority::{Authority, outside_address},
    key, registration, start_server,
};
use talea_node::config::{GrpcConfig, TlsFiles};
use talea_types::{
    Timestamp,
    state::{Registration, Role},
};
use tonic::{
    Code, Request, Status,
    client::Grpc,
    codegen::http::uri::PathAndQuery,
    transport::{self, Channel, ClientTlsConfig, Endpoint, Identity},
};
use tonic_prost::ProstCodec;

/// The matrix as it is written, read apart from the node's own reading.
const MATRIX: &str = include_str!("../src/api/methods.txt");

/// The settings of a server that knows clients by an authority, and asks nobody for a certificate.
fn server(authority: &Authority, listen: IpAddr, directory: &Path) -> GrpcConfig {
    let (certificate, key) = authority.server(&[listen, Ipv4Addr::LOCALHOST.into()]);
    let write = |name: &str, content: &str| {
        let path = directory.join(name);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    };
    let tls = TlsFiles {
        certificate: write("server.pem", &certificate),
        key: write("server.key", &key),
        client_ca: Some(write("clients.pem", &authority.pem())),
        clients_without_certificate: true,
    };
    GrpcConfig {
        listen: SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0),
        tls: Some(tls),
        ..GRPC
    }
}

async fn connect(
    authority: &Authority,
    to: SocketAddr,
    shown: Option<(String, String)>,
) -> Channel {
    let trusted = transport::Certificate::from_pem(authority.pem());
    let mut tls = ClientTlsConfig::new().ca_certificate(trusted);
    if let Some((certificate, key)) = shown {
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    let endpoint = Endpoint::from_shared(format!("https://{to}")).unwrap();
    endpoint.tls_config(tls).unwrap().connect().await.unwrap()
}

/// Calls a method with an empty message; whatever it answers to that, unless the caller may not call it.
async fn may_call(channel: &Channel, path: &str) -> bool {
    let mut client = Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let codec = ProstCodec::<(), ()>::default();
    let called = PathAndQuery::try_from(path).unwrap();
    let answer = client
        .server_streaming(Request::new(()), called, codec)
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

/// Who calls, and in which column of the matrix that is.
struct Caller {
    name: String,
    column: usize,
    organisation: Option<Registration>,
}

/// The organisation of a column that is a role; who runs the validator has a role that may do nothing more.
fn organisation(number: usize, column: &str) -> Option<Registration> {
    let word = if column == "own" { "bank" } else { column };
    let role = Role::from_word(word)?;
    let seed = u8::try_from(10 + number).unwrap();
    let lei = format!("ORGANISATION{number:08}");
    Some(registration(&lei, role, &key(seed)))
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
    let columns: Vec<&str> = lines.next().unwrap()[1..].to_vec();
    let rows: Vec<Vec<&str>> = lines.collect();
    let place = |column| columns.iter().position(|one| *one == column).unwrap();

    let numbered = columns.iter().enumerate();
    let mut callers: Vec<Caller> = numbered
        .map(|(column, name)| Caller {
            name: (*name).to_owned(),
            column,
            organisation: organisation(column, name),
        })
        .collect();
    let without = callers.iter().filter(|one| one.organisation.is_none());
    assert_eq!(without.count(), 2, "anybody and local are no organisations");
    // An operator whose licence has expired may do no more than anybody.
    let mut expired = organisation(columns.len(), "operator").unwrap();
    expired.licence_expires_at = Some(Timestamp::from_millis(1));
    callers.push(Caller {
        name: "an operator whose licence has expired".to_owned(),
        column: place("anybody"),
        organisation: Some(expired),
    });
    let registered = callers.iter().filter_map(|one| one.organisation.clone());
    let own = callers[place("own")].organisation.as_ref().unwrap().id();
    let chain = TestChain::of(registered.collect(), own);

    let authority = Authority::new("clients");
    let directory = tempfile::tempdir().unwrap();
    let config = server(&authority, outside, directory.path());
    let node = start_server(chain, config).await.unwrap();
    let port = node.server.address.port();

    for caller in &callers {
        let organisation = caller.organisation.as_ref();
        let shown = organisation.map(|one| authority.organisation(&one.id()));
        let address = match &*caller.name {
            "local" => Ipv4Addr::LOCALHOST.into(),
            _ => outside,
        };
        let channel = connect(&authority, SocketAddr::new(address, port), shown).await;
        for row in &rows {
            assert_eq!(row.len(), columns.len() + 1, "{row:?}");
            let wanted = row[caller.column + 1] == "yes";
            let answered = may_call(&channel, &path(row[0])).await;
            assert_eq!(answered, wanted, "{} by {}", row[0], caller.name);
        }
        for unknown in ["/talea.api.v1.Operator/Stop", "/talea.api.v1.Ledger/submit"] {
            let answered = may_call(&channel, unknown).await;
            assert!(!answered, "{unknown} by {}", caller.name);
        }
    }
}
