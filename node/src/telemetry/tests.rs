//! What a scraper reads.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use talea_types::Outcome;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::*;

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn metrics_and_health_are_served() {
    let metrics = Arc::new(Metrics::new());
    metrics.height.set(42);
    metrics.on_outcome(Outcome::Applied, 3);
    metrics.on_refusal("SIGNATURE");
    metrics.set_network_bytes(Direction::Out, "vote", 512);
    let labels = RequestLabels {
        method: "Ledger/Submit",
        code: "OK",
    };
    metrics.on_request(&labels, Some(Duration::from_millis(3)));
    let health: HealthSource = Arc::new(|| Health::NotServing {
        reason: "catching up",
    });
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = serve(listen, metrics, health).await.unwrap();

    let answer = get(server.address, "/metrics").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    for line in [
        "talea_height 42",
        "talea_transactions_total{outcome=\"APPLIED\"} 3",
        "talea_refusals_total{reason=\"SIGNATURE\"} 1",
        "talea_network_bytes_total{direction=\"Out\",priority=\"vote\"} 512",
        "talea_grpc_requests_total{method=\"Ledger/Submit\",code=\"OK\"} 1",
        "talea_grpc_request_seconds_count 1",
        "talea_process_resident_memory_bytes ",
        "# EOF",
    ] {
        assert!(answer.contains(line), "no {line:?} in\n{answer}");
    }
    let answer = get(server.address, "/healthz").await;
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.ends_with("catching up\n"),
        "{answer}"
    );
    assert!(
        get(server.address, "/other")
            .await
            .starts_with("HTTP/1.1 404")
    );
    server.stop().await;
}
