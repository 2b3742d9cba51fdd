//! Every figure that the node counts, as plain fields that its parts add to.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use prometheus_client::{
    encoding::text,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};
use talea_types::Outcome;

use super::{
    histograms::{counts, seconds, short_seconds},
    labels::{
        Direction, FaultKind, FaultLabels, NetworkLabels, OutcomeLabels, RefusalLabels,
        RefusedLabels, RequestLabels,
    },
    memory::MemoryCollector,
    watched::Watched,
};
use crate::interface::CommittedRecord;

/// The node's figures. Adding to one is an atomic operation and never waits.
pub struct Metrics {
    registry: Registry,
    /// Height of the last committed block.
    pub height: Gauge,
    /// Round of the height in work.
    pub round: Gauge,
    /// Time between the last two blocks as seen here.
    pub block_interval_seconds: Histogram,
    /// Transactions in a block.
    pub block_transactions: Histogram,
    /// Rounds that ended without a decision.
    pub rounds_failed: Counter,
    /// Faults of validators that were proved.
    pub evidence: Counter,
    /// Transactions waiting to be final.
    pub mempool_transactions: Gauge,
    /// Their bytes.
    pub mempool_bytes: Gauge,
    /// Batches of others that were verified.
    pub batches_verified: Counter,
    /// Batches held and not yet in a block.
    pub batches_waiting: Gauge,
    /// Connected peers.
    pub peers_connected: Gauge,
    /// Time of a synced write of the block log.
    pub block_log_sync_seconds: Histogram,
    /// Time of a synced write of the consensus log.
    pub consensus_log_sync_seconds: Histogram,
    /// Bytes waiting for their signatures to be verified.
    pub verifier_queue_bytes: Gauge,
    /// Signatures in one check.
    pub signature_batch: Histogram,
    /// Signatures verified.
    pub signatures_verified: Counter,
    /// Signatures refused.
    pub signatures_refused: Counter,
    /// What is looked at rather than counted.
    pub watched: Watched,
    /// Connected gRPC clients.
    pub grpc_connections: Gauge,
    /// Open streams of watchers.
    pub watchers: Gauge,
    outcomes: Family<OutcomeLabels, Counter>,
    refusals: Family<RefusalLabels, Counter>,
    network_bytes: Family<NetworkLabels, Counter>,
    peer_faults: Family<FaultLabels, Counter>,
    connections_refused: Family<RefusedLabels, Counter>,
    requests: Family<RequestLabels, Counter>,
    /// Time of a unary request.
    pub request_seconds: Histogram,
    last_block: Mutex<Option<Instant>>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Metrics")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Figures of one node, all zero.
    #[must_use]
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("talea"),
            height: Gauge::default(),
            round: Gauge::default(),
            block_interval_seconds: seconds(),
            block_transactions: counts(),
            rounds_failed: Counter::default(),
            evidence: Counter::default(),
            mempool_transactions: Gauge::default(),
            mempool_bytes: Gauge::default(),
            batches_verified: Counter::default(),
            batches_waiting: Gauge::default(),
            peers_connected: Gauge::default(),
            block_log_sync_seconds: short_seconds(),
            consensus_log_sync_seconds: short_seconds(),
            verifier_queue_bytes: Gauge::default(),
            signature_batch: counts(),
            signatures_verified: Counter::default(),
            signatures_refused: Counter::default(),
            watched: Watched::default(),
            grpc_connections: Gauge::default(),
            watchers: Gauge::default(),
            outcomes: Family::default(),
            refusals: Family::default(),
            network_bytes: Family::default(),
            peer_faults: Family::default(),
            connections_refused: Family::default(),
            requests: Family::default(),
            request_seconds: seconds(),
            last_block: Mutex::new(None),
        };
        metrics.register_chain();
        metrics.register_machine();
        metrics.register_clients();
        metrics.watched.register(&mut metrics.registry);
        metrics
            .registry
            .register_collector(Box::new(MemoryCollector));
        metrics
    }

    fn register_chain(&mut self) {
        let chain = &mut self.registry;
        chain.register(
            "height",
            "Height of the last committed block",
            self.height.clone(),
        );
        chain.register("round", "Round of the height in work", self.round.clone());
        let help = "Time between the last two blocks as seen here";
        let interval = self.block_interval_seconds.clone();
        chain.register_with_unit("block_interval", help, Unit::Seconds, interval);
        let help = "Transactions in a block";
        chain.register("block_transactions", help, self.block_transactions.clone());
        let help = "Rounds that ended without a decision";
        chain.register("rounds_failed", help, self.rounds_failed.clone());
        let help = "Faults of validators that were proved";
        chain.register("evidence", help, self.evidence.clone());
        let help = "Transactions in committed blocks";
        chain.register("transactions", help, self.outcomes.clone());
        let help = "Transactions waiting to be final";
        chain.register(
            "mempool_transactions",
            help,
            self.mempool_transactions.clone(),
        );
        let help = "Bytes of transactions waiting to be final";
        chain.register_with_unit("mempool", help, Unit::Bytes, self.mempool_bytes.clone());
        let help = "Batches of others that were verified";
        chain.register("batches_verified", help, self.batches_verified.clone());
        let help = "Batches held and not yet in a block";
        chain.register("batches_waiting", help, self.batches_waiting.clone());
    }

    fn register_machine(&mut self) {
        let machine = &mut self.registry;
        machine.register(
            "peers_connected",
            "Connected peers",
            self.peers_connected.clone(),
        );
        let help = "Bytes between nodes";
        machine.register_with_unit("network", help, Unit::Bytes, self.network_bytes.clone());
        let help = "What peers did wrong";
        machine.register("peer_faults", help, self.peer_faults.clone());
        let help = "Connections refused before any message";
        let refused = self.connections_refused.clone();
        machine.register("connections_refused", help, refused);
        let help = "Time of a synced write of the block log";
        let sync = self.block_log_sync_seconds.clone();
        machine.register_with_unit("block_log_sync", help, Unit::Seconds, sync);
        let help = "Time of a synced write of the consensus log and of what the signer remembers";
        let sync = self.consensus_log_sync_seconds.clone();
        machine.register_with_unit("consensus_log_sync", help, Unit::Seconds, sync);
        let help = "Bytes waiting for their signatures to be verified";
        let queue = self.verifier_queue_bytes.clone();
        machine.register_with_unit("verifier_queue", help, Unit::Bytes, queue);
        let help = "Signatures in one check";
        machine.register("signature_batch", help, self.signature_batch.clone());
        let help = "Signatures verified";
        machine.register(
            "signatures_verified",
            help,
            self.signatures_verified.clone(),
        );
        let help = "Signatures refused";
        machine.register("signatures_refused", help, self.signatures_refused.clone());
    }

    fn register_clients(&mut self) {
        let clients = &mut self.registry;
        let help = "Submissions refused before any block";
        clients.register("refusals", help, self.refusals.clone());
        clients.register(
            "grpc_requests",
            "Requests of clients",
            self.requests.clone(),
        );
        let help = "Time of a unary request";
        let time = self.request_seconds.clone();
        clients.register_with_unit("grpc_request", help, Unit::Seconds, time);
        let help = "Connected gRPC clients";
        clients.register("grpc_connections", help, self.grpc_connections.clone());
        clients.register(
            "watchers",
            "Open streams of watchers",
            self.watchers.clone(),
        );
    }

    /// Counts what a block said of transactions.
    pub fn on_outcome(&self, outcome: Outcome, transactions: u64) {
        let labels = OutcomeLabels {
            outcome: outcome.name(),
        };
        self.outcomes.get_or_create(&labels).inc_by(transactions);
    }

    /// Counts a committed block.
    pub fn on_block(&self, record: &CommittedRecord) {
        let mut outcomes = BTreeMap::new();
        for result in &record.results {
            let count: &mut u64 = outcomes.entry(result.outcome).or_default();
            *count = count.saturating_add(1);
        }
        for (outcome, count) in outcomes {
            self.on_outcome(outcome, count);
        }
        self.block_transactions.observe(record.results.len() as f64);
        self.rounds_failed.inc_by(record.certificate.round.into());
        self.height
            .set(i64::try_from(record.height()).unwrap_or(i64::MAX));
        let now = Instant::now();
        if let Some(before) = self.last_block.lock().replace(now) {
            self.block_interval_seconds
                .observe(now.duration_since(before).as_secs_f64());
        }
    }

    /// Counts a submission that was refused before any block. `reason` is a name from a closed list.
    pub fn on_refusal(&self, reason: &'static str) {
        self.refusals.get_or_create(&RefusalLabels { reason }).inc();
    }

    /// Counts a request of a client that has its answer.
    pub fn on_request(&self, labels: &RequestLabels, elapsed: Option<Duration>) {
        self.requests.get_or_create(labels).inc();
        if let Some(elapsed) = elapsed {
            self.request_seconds.observe(elapsed.as_secs_f64());
        }
    }

    /// Counts what a registered peer did wrong.
    pub fn on_peer_fault(&self, peer: &str, kind: FaultKind) {
        let peer = peer.to_owned();
        let labels = FaultLabels { peer, kind };
        self.peer_faults.get_or_create(&labels).inc();
    }

    /// Takes over the connections that the network has refused since the start.
    pub fn set_connections_refused(&self, reason: &'static str, count: u64) {
        use std::sync::atomic::Ordering;
        let refused = self
            .connections_refused
            .get_or_create(&RefusedLabels { reason });
        refused.inner().store(count, Ordering::Relaxed);
    }

    /// Takes over the bytes counted by the network since the start.
    pub fn set_network_bytes(&self, direction: Direction, priority: &'static str, bytes: u64) {
        use std::sync::atomic::Ordering;
        let labels = NetworkLabels {
            direction,
            priority,
        };
        self.network_bytes
            .get_or_create(&labels)
            .inner()
            .store(bytes, Ordering::Relaxed);
    }

    /// Everything in the OpenMetrics text format.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)
            .unwrap_or_else(|_| unreachable!("writing to a string does not fail"));
        text
    }
}
