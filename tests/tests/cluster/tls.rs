//! TLS of a real node: who is let in with which certificate, and certificates replaced without a restart.

#[path = "../../../node/tests/api_support/authority.rs"]
mod authority;

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use authority::{Authority, outside_address};
use rcgen::SanType;
use talea_proto::{LedgerClient, OperatorClient, api};
use talea_tests::programs::skipped;
use talea_types::ParticipantId;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Status};

use crate::network::{Cluster, PATIENCE};

async fn connect(
    address: SocketAddr,
    authority: &Authority,
    shown: Option<&(String, String)>,
) -> Result<Channel, tonic::transport::Error> {
    let mut tls = ClientTlsConfig::new()
        .ca_certificate(tonic::transport::Certificate::from_pem(authority.pem()));
    if let Some((certificate, key)) = shown {
        tls = tls.identity(Identity::from_pem(certificate, key));
    }
    let endpoint = Endpoint::from_shared(format!("https://{address}"))?;
    let endpoint = endpoint
        .connect_timeout(Duration::from_secs(5))
        .tls_config(tls)?;
    endpoint.connect().await
}

async fn network(channel: &Channel) -> Result<(), Status> {
    let mut client = LedgerClient::new(channel.clone());
    client
        .get_network(api::GetNetworkRequest {})
        .await
        .map(drop)
}

async fn status(channel: &Channel) -> Result<(), Status> {
    let mut client = OperatorClient::new(channel.clone());
    client.get_status(api::GetStatusRequest {}).await.map(drop)
}

/// Connects until the node answers; `None` when it does not in time.
async fn until_served(
    address: SocketAddr,
    authority: &Authority,
    shown: Option<&(String, String)>,
) -> Option<Channel> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if let Ok(channel) = connect(address, authority, shown).await
            && network(&channel).await.is_ok()
        {
            return Some(channel);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None
}

fn write_server(directory: &Path, server: &(String, String), clients: &Authority) {
    std::fs::write(directory.join("server.pem"), &server.0).unwrap();
    let key = directory.join("server.key");
    std::fs::write(&key, &server.1).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(directory.join("clients.pem"), clients.pem()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_open_what_the_matrix_says_and_are_replaced_while_the_node_runs() {
    let Some(outside) = outside_address() else {
        skipped("this machine has no address but its loopback");
        return;
    };
    const NODE: usize = 3;
    let mut cluster = Cluster::start().await;
    let (old, new, foreign) = (
        Authority::new("old"),
        Authority::new("new"),
        Authority::new("foreign"),
    );
    let node = cluster.network.node(NODE);
    node.stop();
    let directory = node.directory().to_path_buf();
    let address = SocketAddr::new(outside, node.entry().grpc.port());
    let file = directory.join("node.toml");
    let settings = std::fs::read_to_string(&file).unwrap();
    let listen = format!("\"{}\"", node.entry().grpc);
    assert!(settings.contains(&listen), "{settings}");
    let settings = settings.replace(&listen, &format!("\"0.0.0.0:{}\"", address.port()));
    let tls = "\n[grpc.tls]\ncertificate = \"server.pem\"\nkey = \"server.key\"\n\
               client_ca = \"clients.pem\"\nclients_without_certificate = true\n";
    std::fs::write(&file, settings + tls).unwrap();
    write_server(&directory, &old.server(&[outside]), &old);
    node.start().unwrap();

    let keys = &cluster.keys;
    let operator = old.organisation(&keys.operator().id);
    let own = keys.validators[NODE].participant;
    let other = keys
        .banks()
        .map(|bank| bank.id)
        .find(|id| *id != own)
        .unwrap();
    let regulator = old.organisation(&keys.regulator().id);
    let stranger = old.organisation(&ParticipantId::from_bytes([9; 16]));
    let nameless = old.sign(Vec::new());
    let both = old.sign(
        [&keys.operator().id, &own]
            .map(|id| SanType::URI(format!("talea:{id}").try_into().unwrap()))
            .to_vec(),
    );
    let standing = until_served(address, &old, None)
        .await
        .expect("the node serves TLS");
    assert_eq!(
        status(&standing).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    for (who, shown, may) in [
        ("operator", &operator, true),
        ("own organisation", &old.organisation(&own), true),
        ("another bank", &old.organisation(&other), false),
        ("regulator", &regulator, false),
        ("not registered", &stranger, false),
        ("no name", &nameless, false),
        ("two names", &both, false),
    ] {
        let channel = connect(address, &old, Some(shown)).await.unwrap();
        network(&channel).await.unwrap();
        assert_eq!(status(&channel).await.is_ok(), may, "{who}");
    }
    // A certificate of somebody else's authority is worse than none.
    let shown = foreign.organisation(&keys.operator().id);
    let refused = match connect(address, &old, Some(&shown)).await {
        Ok(channel) => network(&channel).await.is_err(),
        Err(_) => true,
    };
    assert!(refused, "a foreign certificate");
    let plain = Endpoint::from_shared(format!("http://{address}")).unwrap();
    let plain = match plain.connect().await {
        Ok(channel) => network(&channel).await.is_err(),
        Err(_) => true,
    };
    assert!(plain, "without TLS");

    // Files that do not fit change nothing.
    std::fs::write(directory.join("server.pem"), "nonsense").unwrap();
    hang_up(&cluster);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(
        connect(address, &old, None).await.is_ok(),
        "the old certificate stays"
    );

    // New certificates, and a new authority of clients.
    write_server(&directory, &new.server(&[outside]), &new);
    hang_up(&cluster);
    let shown = new.organisation(&cluster.keys.operator().id);
    let renewed = until_served(address, &new, Some(&shown))
        .await
        .expect("the new certificate");
    status(&renewed).await.unwrap();
    assert!(
        connect(address, &old, None).await.is_err(),
        "the old certificate is gone"
    );
    let refused = match connect(address, &new, Some(&operator)).await {
        Ok(channel) => network(&channel).await.is_err(),
        Err(_) => true,
    };
    assert!(refused, "a certificate of the old authority");
    // What was open goes on.
    network(&standing).await.unwrap();
    cluster.network.stop();
}

fn hang_up(cluster: &Cluster) {
    let process = cluster.network.nodes()[3].process_id().unwrap();
    let process = rustix::process::Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::HUP).unwrap();
}
