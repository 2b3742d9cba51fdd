//! Rules that the types of the settings do not express.

use std::collections::BTreeSet;

use talea_types::limits;
use tracing_subscriber::EnvFilter;

use super::{ConfigError, NodeConfig, NodeRole};
use crate::limits::snapshot::RETENTION_BLOCKS_MIN;

/// Checks every rule; the error names the first that is broken and how many are.
pub(super) fn check(config: &NodeConfig) -> Result<(), ConfigError> {
    let mut mistakes = Vec::new();
    check_names(config, &mut mistakes);
    check_peers(config, &mut mistakes);
    check_servers(config, &mut mistakes);
    check_consensus(config, &mut mistakes);
    check_queues(config, &mut mistakes);
    check_retention(config, &mut mistakes);
    let count = mistakes.len();
    match mistakes.into_iter().next() {
        None => Ok(()),
        Some((key, reason)) => Err(ConfigError::Rule { key, reason, count }),
    }
}

type Mistakes = Vec<(&'static str, String)>;

fn check_names(config: &NodeConfig, mistakes: &mut Mistakes) {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let name = &config.name;
    if !(1..=limits::NAME_BYTES_MAX).contains(&name.len()) || !name.bytes().all(allowed) {
        let reason = format!(
            "{name:?} must be 1 to {} lower-case letters, digits and hyphens",
            limits::NAME_BYTES_MAX
        );
        mistakes.push(("name", reason));
    }
    if config.log.level.parse::<EnvFilter>().is_err() {
        let reason = format!(
            "{:?} is no level; write error, warn, info, debug, trace, or directives such as \
             \"info,talea_node::api=debug\"",
            config.log.level
        );
        mistakes.push(("log.level", reason));
    }
    if config.keys.voting == config.keys.network && config.role == NodeRole::Validator {
        mistakes.push((
            "keys",
            "the voting key and the network key must be two files".to_owned(),
        ));
    }
    if config.keys.passphrase_file.is_some() && config.keys.passphrase_env.is_some() {
        let reason = "set passphrase_file or passphrase_env, not both".to_owned();
        mistakes.push(("keys.passphrase_file", reason));
    }
}

fn check_peers(config: &NodeConfig, mistakes: &mut Mistakes) {
    let peers = &config.p2p.peers;
    let mut keys = BTreeSet::new();
    for peer in peers {
        if !keys.insert(peer.key) {
            let reason = format!("peer {:?} has the key of another; remove one", peer.name);
            mistakes.push(("p2p.peers", reason));
        }
    }
    if config.p2p.listen.is_empty() && peers.iter().all(|peer| peer.addresses.is_empty()) {
        let reason = "the node neither listens nor has an address to dial; set p2p.listen, for \
                      example [\"/ip4/0.0.0.0/tcp/7700\"], or give a peer an address"
            .to_owned();
        mistakes.push(("p2p.listen", reason));
    }
}

fn check_servers(config: &NodeConfig, mistakes: &mut Mistakes) {
    let (grpc, metrics) = (config.grpc.listen, config.metrics.listen);
    if grpc == metrics && grpc.port() != 0 {
        let reason = format!("{metrics} is also grpc.listen; give it another port");
        mistakes.push(("metrics.listen", reason));
    }
    let sizes = [
        (
            "grpc.connections_max",
            config.grpc.connections_max,
            1..=65_536,
        ),
        (
            "grpc.streams_per_connection_max",
            config.grpc.streams_per_connection_max as usize,
            1..=65_536,
        ),
        (
            "grpc.stream_in_flight_max",
            config.grpc.stream_in_flight_max,
            2_000..=65_536,
        ),
        ("grpc.watchers_max", config.grpc.watchers_max, 0..=65_536),
    ];
    for (key, size, range) in sizes {
        in_range(
            key,
            size as u64,
            *range.start() as u64,
            *range.end() as u64,
            mistakes,
        );
    }
    in_range(
        "grpc.stream_idle_ms_max",
        config.grpc.stream_idle_ms_max,
        1_000,
        3_600_000,
        mistakes,
    );
    in_range(
        "grpc.deadline_ms_max",
        config.grpc.deadline_ms_max,
        100,
        600_000,
        mistakes,
    );
}

fn check_consensus(config: &NodeConfig, mistakes: &mut Mistakes) {
    let timing = &config.consensus;
    in_range(
        "consensus.block_interval_ms",
        timing.block_interval_ms,
        0,
        1_000,
        mistakes,
    );
    in_range(
        "consensus.heartbeat_ms",
        timing.heartbeat_ms,
        50,
        60_000,
        mistakes,
    );
    in_range(
        "consensus.timeout_ms_max",
        timing.timeout_ms_max,
        100,
        60_000,
        mistakes,
    );
    let most = timing.timeout_ms_max.max(100);
    let propose = timing.propose_timeout_ms_min;
    in_range(
        "consensus.propose_timeout_ms_min",
        propose,
        10,
        most,
        mistakes,
    );
    let vote = timing.vote_timeout_ms_min;
    in_range("consensus.vote_timeout_ms_min", vote, 10, most, mistakes);
    let propose_initial = timing.propose_timeout_ms_initial;
    in_range(
        "consensus.propose_timeout_ms_initial",
        propose_initial,
        10,
        most,
        mistakes,
    );
    let vote_initial = timing.vote_timeout_ms_initial;
    in_range(
        "consensus.vote_timeout_ms_initial",
        vote_initial,
        10,
        most,
        mistakes,
    );
}

fn check_queues(config: &NodeConfig, mistakes: &mut Mistakes) {
    let gibibyte = 1 << 30;
    let batch_least = limits::TRANSACTION_BYTES_MAX as u64 + 1024;
    let batch_most = limits::BATCH_BYTES_MAX as u64;
    let batch = config.mempool.batch_bytes as u64;
    in_range(
        "mempool.batch_bytes",
        batch,
        batch_least,
        batch_most,
        mistakes,
    );
    in_range(
        "mempool.bytes_max",
        config.mempool.bytes_max as u64,
        batch_most,
        8 * gibibyte,
        mistakes,
    );
    let author = config.mempool.author_transactions_max as u64;
    in_range(
        "mempool.author_transactions_max",
        author,
        1,
        limits::NONCE_WINDOW,
        mistakes,
    );
    in_range(
        "mempool.batch_delay_ms",
        config.mempool.batch_delay_ms,
        0,
        1_000,
        mistakes,
    );
    let admission = &config.admission;
    in_range(
        "admission.verifier_threads",
        admission.verifier_threads as u64,
        0,
        256,
        mistakes,
    );
    let queue = admission.queue_bytes_max as u64;
    in_range(
        "admission.queue_bytes_max",
        queue,
        1 << 20,
        gibibyte,
        mistakes,
    );
    let signatures = admission.batch_signatures as u64;
    in_range(
        "admission.batch_signatures",
        signatures,
        limits::SIGNERS_MAX as u64,
        8_192,
        mistakes,
    );
    in_range(
        "admission.batch_delay_us",
        admission.batch_delay_us,
        0,
        100_000,
        mistakes,
    );
    let delta = config.storage.checkpoint_delta_bytes as u64;
    in_range(
        "storage.checkpoint_delta_bytes",
        delta,
        1 << 20,
        4 * gibibyte,
        mistakes,
    );
    in_range(
        "storage.checkpoint_blocks",
        config.storage.checkpoint_blocks,
        1,
        1 << 32,
        mistakes,
    );
    in_range(
        "storage.index_cache_bytes",
        config.storage.index_cache_bytes,
        1 << 20,
        64 * gibibyte,
        mistakes,
    );
}

fn check_retention(config: &NodeConfig, mistakes: &mut Mistakes) {
    let storage = &config.storage;
    let blocks = storage.retention_blocks;
    if blocks > 0 && blocks < RETENTION_BLOCKS_MIN {
        let reason = format!(
            "{blocks} must be 0, to keep all, or at least {RETENTION_BLOCKS_MIN}: peers that were away for a while \
             fetch blocks here"
        );
        mistakes.push(("storage.retention_blocks", reason));
    }
    let keeps_all = blocks == 0 && storage.retention_days == 0;
    if !keeps_all && storage.snapshot_blocks == 0 {
        let reason =
            "blocks are dropped up to a snapshot, and none is made; set it, for example to 100000"
                .to_owned();
        mistakes.push(("storage.snapshot_blocks", reason));
    }
}

fn in_range(key: &'static str, value: u64, least: u64, most: u64, mistakes: &mut Mistakes) {
    if !(least..=most).contains(&value) {
        mistakes.push((key, format!("{value} must be {least} to {most}")));
    }
}
