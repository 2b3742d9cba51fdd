//! What a node's metrics say.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A node that answers at all answers within this.
const ANSWER: Duration = Duration::from_secs(2);

/// Figures without labels, by name; `None` when one is missing or the node does not answer.
pub async fn figures<const COUNT: usize>(
    address: SocketAddr,
    names: [&str; COUNT],
) -> Option<[f64; COUNT]> {
    let text = tokio::time::timeout(ANSWER, scrape(address)).await.ok()??;
    let mut found = [0.0; COUNT];
    for (name, found) in names.iter().zip(&mut found) {
        let of_name = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok();
        *found = text.lines().find_map(of_name)?;
    }
    Some(found)
}

async fn scrape(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = b"GET /metrics HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}
