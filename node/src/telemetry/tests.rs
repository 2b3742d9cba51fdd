//! What a scraper reads.

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, time::Duration};

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
    metrics.on_refusal("SIGNATURE_INVALID");
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
        "talea_refusals_total{reason=\"SIGNATURE_INVALID\"} 1",
        "talea_network_bytes_total{direction=\"Out\",priority=\"vote\"} 512",
        "talea_grpc_requests_total{method=\"Ledger/Submit\",code=\"OK\"} 1",
        "talea_grpc_request_seconds_count 1",
        "talea_process_resident_memory_bytes ",
        "talea_process_heap_in_use_bytes ",
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

/// Names of our metrics in a text, without the suffixes that a histogram's parts have.
fn metric_names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words
        .filter(|word| word.starts_with("talea_"))
        .map(|word| word.strip_suffix("_bucket").unwrap_or(word))
        .collect()
}

#[test]
fn alerts_and_dashboard_ask_for_figures_that_exist() {
    let metrics = Metrics::new();
    metrics.on_outcome(Outcome::Applied, 1);
    metrics.on_refusal("SIGNATURE_INVALID");
    metrics.set_network_bytes(Direction::In, "vote", 1);
    metrics.on_peer_fault("bank-a", FaultKind::Hostile);
    let peer = WatchedPeer {
        name: "bank-a",
        connected: true,
        round_trip: Some(Duration::from_millis(1)),
        queued_bytes: 0,
    };
    metrics.watched.set_peers(std::iter::once(peer));
    let served = metrics.encode();
    let served = metric_names(&served);
    for (file, text) in [
        (
            "alerts.yml",
            include_str!("../../../docs/operations/alerts.yml"),
        ),
        (
            "dashboard.json",
            include_str!("../../../docs/operations/dashboard.json"),
        ),
    ] {
        let asked = metric_names(text);
        assert!(asked.len() > 10, "{file} asks for {} figures", asked.len());
        let unknown: Vec<_> = asked.difference(&served).collect();
        assert!(unknown.is_empty(), "{file} asks for {unknown:?}");
    }
}

/// Metrics of the dashboard's expressions that the chosen nodes do not reach.
fn without_instance(dashboard: &serde_json::Value) -> Vec<String> {
    let targets = dashboard["panels"].as_array().into_iter().flatten();
    let targets = targets.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    let expressions = targets.filter_map(|target| target["expr"].as_str());
    expressions
        .flat_map(|expression| {
            let asked = expression.match_indices("talea_");
            asked.map(|(place, _)| expression[place..].to_owned())
        })
        .filter(|asked| {
            let name = asked.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            let after = &asked[name.unwrap_or(asked.len())..];
            !after.starts_with("{instance=~\"$instance\"")
        })
        .collect()
}

#[test]
fn the_chosen_nodes_are_those_of_every_panel() {
    let text = include_str!("../../../docs/operations/dashboard.json");
    let dashboard: serde_json::Value = serde_json::from_str(text).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() > 10);
    assert_eq!(without_instance(&dashboard), Vec::<String>::new());
    let planted = serde_json::json!({"panels": [{"targets": [{"expr":
        "rate(talea_a_total[1m]) / scalar(count(talea_b{instance=~\"$instance\"}))"}]}]});
    assert_eq!(without_instance(&planted).len(), 1);
}

#[test]
fn a_peer_that_is_no_longer_registered_is_forgotten() {
    let metrics = Metrics::new();
    let peer = |name| WatchedPeer {
        name,
        connected: false,
        round_trip: None,
        queued_bytes: 7,
    };
    metrics
        .watched
        .set_peers([peer("bank-a"), peer("bank-b")].into_iter());
    metrics.watched.set_peers(std::iter::once(peer("bank-b")));
    let text = metrics.encode();
    assert!(
        text.contains("talea_peer_queue_bytes{peer=\"bank-b\"} 7"),
        "{text}"
    );
    assert!(!text.contains("bank-a"), "{text}");
}
