//! What a node's metrics say.

use std::net::SocketAddr;

use talea_node::localnet::LocalnetNode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The sum of all series of a figure whose labels contain every one of `labels`; 0 when there is none.
pub async fn figure(node: &LocalnetNode, name: &str, labels: &[&str]) -> u64 {
    let text = scrape(node.entry().metrics).await;
    let of_figure = text.lines().filter_map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        let (found, of_series) = series.split_once('{').unwrap_or((series, ""));
        let matches = found == name && labels.iter().all(|label| of_series.contains(label));
        matches.then(|| value.parse::<f64>().unwrap() as u64)
    });
    of_figure.sum()
}

/// Faults of one kind that a node has counted of a peer.
pub async fn faults(node: &LocalnetNode, peer: &str, kind: &str) -> u64 {
    let labels = [format!("peer=\"{peer}\""), format!("kind=\"{kind}\"")];
    let labels = labels.each_ref().map(String::as_str);
    figure(node, "talea_peer_faults_total", &labels).await
}

/// Connections that a node has refused for a reason.
pub async fn refused(node: &LocalnetNode, reason: &str) -> u64 {
    let label = format!("reason=\"{reason}\"");
    figure(node, "talea_connections_refused_total", &[&label]).await
}

/// All metrics of a node, as a scraper reads them.
pub async fn scrape(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET /metrics HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
