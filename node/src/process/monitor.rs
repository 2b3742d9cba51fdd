//! Looks at the node twice a second: gauges that nobody else sets, health.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;

use super::status::StatusSources;
use crate::{
    api::ServingSwitch,
    network::{PerPriority, Priority},
    telemetry::{Direction, Health, HealthSource, Metrics, WatchedPeer},
};

const INTERVAL: Duration = Duration::from_millis(500);
/// A node this many heights behind its best peer catches up; clients should go elsewhere.
const BEHIND_MAX: u64 = 16;

/// See the module.
pub(super) struct Monitor {
    health: Arc<Mutex<Health>>,
}

impl Monitor {
    pub(super) fn new() -> Self {
        Self {
            health: Arc::new(Mutex::new(Health::NotServing { reason: "starting" })),
        }
    }

    /// What `/healthz` asks.
    pub(super) fn health_source(&self) -> HealthSource {
        let health = Arc::clone(&self.health);
        Arc::new(move || *health.lock())
    }

    /// Looks until it is aborted.
    pub(super) async fn run(self, sources: Arc<StatusSources>, serving: ServingSwitch) {
        let mut tip = sources.new_blocks();
        loop {
            let health = self.look(&sources).await;
            let before = std::mem::replace(&mut *self.health.lock(), health);
            if before != health {
                tracing::info!(?health, "health changed");
                serving.set(health == Health::Serving).await;
            }
            sources.note_blocks(&mut tip, INTERVAL).await;
        }
    }

    async fn look(&self, sources: &StatusSources) -> Health {
        let Some(replica) = sources.replica().await else {
            return Health::NotServing { reason: "stopping" };
        };
        let metrics = &sources.metrics;
        metrics.round.set(i64::from(replica.engine.round));
        metrics.mempool_transactions.set(gauge(replica.mempool.0));
        metrics.mempool_bytes.set(gauge(replica.mempool.1));
        metrics.batches_waiting.set(gauge(replica.batches));
        metrics
            .peers_connected
            .set(gauge(sources.network.connected().len()));
        set_network_figures(metrics, sources);
        let height = sources.height();
        let behind = replica.best_peer_height.saturating_sub(height);
        let watched = &metrics.watched;
        watched.set_chain(sources.newest_block_age(), behind);
        watched.set_voting(replica.identity.is_some(), replica.not_voting.is_none());
        watched.set_disk_free(sources.disk_free());
        let peers = sources.peers(Some(&replica));
        watched.set_peers(peers.iter().map(|peer| {
            WatchedPeer {
                name: &peer.name,
                connected: peer.connected,
                round_trip: peer
                    .connected
                    .then(|| Duration::from_millis(peer.round_trip_ms.into())),
                queued_bytes: peer.queue_bytes,
            }
        }));
        if replica.best_peer_height > height.saturating_add(BEHIND_MAX) {
            return Health::NotServing {
                reason: "catching up",
            };
        }
        Health::Serving
    }
}

fn set_network_figures(metrics: &Metrics, sources: &StatusSources) {
    let counters = sources.network.counters();
    let set = |direction, bytes: &PerPriority<u64>| {
        for priority in Priority::ALL {
            metrics.set_network_bytes(direction, priority.name(), *bytes.get(priority));
        }
    };
    set(Direction::In, &counters.bytes_in);
    set(Direction::Out, &counters.bytes_out);
    for (reason, count) in [
        ("stranger", counters.refused_strangers),
        ("penalised", counters.refused_penalised),
        ("limit", counters.refused_by_limit),
        ("handshake", counters.handshakes_failed),
    ] {
        metrics.set_connections_refused(reason, count);
    }
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
