//! A proxy on every way from one node to another. What is said arrives late, so that it overtakes what others
//! said before or is overtaken; it is held back; connections break. Bytes of one connection stay in order, as
//! TCP promises.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use talea_node::localnet::LocalnetNode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use crate::sim::Random;

/// Pieces on their way on one connection at most; whoever sends more waits.
const PIECES_MAX: usize = 256;
const PIECE_BYTES: usize = 16 << 10;
/// A stalled way looks this often whether it may go on.
const STALL_POLL: Duration = Duration::from_millis(20);

/// How a way is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weather {
    /// Every piece comes later by at least this, milliseconds.
    pub delay_ms_min: u64,
    /// And by this at most.
    pub delay_ms_max: u64,
    /// Nothing passes.
    pub stalled: bool,
}

#[derive(Debug)]
struct Way {
    weather: Mutex<Weather>,
    /// Connections made before the newest number are broken.
    broken: tokio::sync::watch::Sender<u64>,
    random: Mutex<Random>,
}

/// All ways between some nodes.
#[derive(Debug)]
pub struct Proxies {
    /// `ways[from][to]`.
    ways: Vec<Vec<Arc<Way>>>,
}

impl Proxies {
    /// Listens for every way, and writes the new addresses into the nodes' settings.
    ///
    /// # Errors
    /// When there are no ports, or the settings cannot be written.
    pub async fn start(home: &Path, nodes: &[LocalnetNode]) -> anyhow::Result<Self> {
        let mut ways = Vec::new();
        for (from, node) in nodes.iter().enumerate() {
            let settings = home.join(&node.entry().name).join("node.toml");
            let mut text = std::fs::read_to_string(&settings)?;
            let mut of_node = Vec::new();
            for (to, other) in nodes.iter().enumerate() {
                let way = Arc::new(Way {
                    weather: Mutex::default(),
                    broken: tokio::sync::watch::Sender::new(0),
                    random: Mutex::new(Random::new((from * nodes.len() + to) as u64, "proxy")),
                });
                of_node.push(Arc::clone(&way));
                if from != to {
                    let listener = TcpListener::bind("127.0.0.1:0").await?;
                    let (old, new) = (other.entry().p2p, listener.local_addr()?);
                    let multiaddr =
                        |one: SocketAddr| format!("/ip4/{}/tcp/{}", one.ip(), one.port());
                    text = text.replace(&multiaddr(old), &multiaddr(new));
                    tokio::spawn(serve(listener, old, way));
                }
            }
            std::fs::write(&settings, text)?;
            ways.push(of_node);
        }
        Ok(Self { ways })
    }

    /// Makes the weather on the ways of a pair of nodes, both directions of whatever connection they have.
    pub fn set(&self, one: usize, other: usize, weather: Weather) {
        for way in [&self.ways[one][other], &self.ways[other][one]] {
            *way.weather.lock() = weather;
        }
    }

    /// Breaks the connections of a pair of nodes.
    pub fn break_between(&self, one: usize, other: usize) {
        for way in [&self.ways[one][other], &self.ways[other][one]] {
            way.broken.send_modify(|number| *number += 1);
        }
    }
}

async fn serve(listener: TcpListener, to: SocketAddr, way: Arc<Way>) {
    while let Ok((near, _)) = listener.accept().await {
        let way = Arc::clone(&way);
        tokio::spawn(async move {
            // A node that does not run refuses, and so does its proxy.
            if let Ok(far) = TcpStream::connect(to).await {
                let mut broken = way.broken.subscribe();
                let _ = (near.set_nodelay(true), far.set_nodelay(true));
                let (near_read, near_write) = near.into_split();
                let (far_read, far_write) = far.into_split();
                tokio::select! {
                    () = pass(near_read, far_write, &way) => {}
                    () = pass(far_read, near_write, &way) => {}
                    _ = broken.changed() => {}
                }
            }
        });
    }
}

/// Carries bytes in one direction until one side ends.
async fn pass(mut from: OwnedReadHalf, to: OwnedWriteHalf, way: &Arc<Way>) {
    let (sender, receiver) = mpsc::channel(PIECES_MAX);
    let deliver = deliver(receiver, to, way);
    let take = async {
        let mut buffer = vec![0; PIECE_BYTES];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let weather = *way.weather.lock();
            let delay = match weather.delay_ms_max {
                0 => 0,
                most => way.random.lock().between(weather.delay_ms_min, most),
            };
            let due = Instant::now() + Duration::from_millis(delay);
            if sender.send((due, buffer[..length].to_vec())).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = take => {}
        () = deliver => {}
    }
}

async fn deliver(
    mut pieces: mpsc::Receiver<(Instant, Vec<u8>)>,
    mut to: OwnedWriteHalf,
    way: &Way,
) {
    while let Some((due, bytes)) = pieces.recv().await {
        sleep_until(due).await;
        while way.weather.lock().stalled {
            sleep(STALL_POLL).await;
        }
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
