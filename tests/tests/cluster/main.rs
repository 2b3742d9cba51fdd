//! Four real validator processes under load: killed, stopped, cut from power. What clients were told is
//! compared with what every validator says afterwards.

mod access;
mod auditor;
mod bootstrap;
mod desk;
mod erasure;
mod faults;
mod figures;
mod hostile_clients;
mod hostile_validator;
mod joiner;
mod lender;
mod network;
mod observer;
mod permits;
mod race;
mod raw_peer;
mod retries;
mod secrets;
mod strangers;
mod tls;
mod validators;

use std::{process::Command, time::Duration};

use network::{Cluster, PATIENCE, node_program, send};
use talea_client::{Client, ClientError, Options};
use talea_tests::{faults::Volume, programs::skipped};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killing_any_one_validator_under_load_loses_and_doubles_nothing() {
    let mut cluster = Cluster::start().await;
    let mut balances = cluster.funded();
    for victim in 0..4 {
        let payments = cluster.payments(3_000, &mut balances);
        let endpoints = cluster.endpoints();
        // The victim first: its clients must move to another node with the same bytes.
        let order = (0..4)
            .map(|turn| endpoints[(victim + turn) % 4].clone())
            .collect::<Vec<_>>();
        let load = tokio::spawn(async move { send(&order, payments).await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!load.is_finished(), "the fault came after the load");
        cluster.network.node(victim).kill();
        load.await.unwrap();
        cluster.network.node(victim).start().unwrap();
        cluster.check(&balances).await;
    }
    cluster.network.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_of_four_stopped_answer_in_time_and_go_on_when_back() {
    let mut cluster = Cluster::start().await;
    let mut balances = cluster.funded();
    cluster.network.node(2).kill();
    cluster.network.node(3).kill();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = cluster.network.node(0).height().await.unwrap();
    let payment = cluster.payments(1, &mut balances).remove(0);
    let client = Client::new(&Options::new(cluster.endpoints())).unwrap();
    let deadline = Duration::from_secs(5);
    let begun = tokio::time::Instant::now();
    let answer = client.submit(&payment, deadline).await;
    assert!(
        matches!(answer, Err(ClientError::Uncertain { .. })),
        "a typed answer, not {answer:?}"
    );
    assert!(
        begun.elapsed() < deadline + Duration::from_secs(1),
        "the answer came after the deadline"
    );
    let after = cluster.network.node(0).height().await.unwrap();
    assert!(
        after <= before + 1,
        "blocks without a quorum: {before} to {after}"
    );
    let status = status_of(&cluster.endpoints()[0]);
    assert!(
        status["last_block_age_ms"].as_u64() >= Some(4_000),
        "the newest block is said to be younger than it is: {status}"
    );
    let findings = status["stall"]["findings"].as_array().unwrap();
    for (kind, about) in [
        ("no-quorum", ""),
        ("not-connected", "validator-3"),
        ("not-connected", "validator-4"),
    ] {
        let is_it = |one: &serde_json::Value| one["kind"] == kind && one["about"] == about;
        assert!(
            findings.iter().any(is_it),
            "{kind} {about} is not in {findings:?}"
        );
    }
    cluster.network.node(2).start().unwrap();
    cluster.network.node(3).start().unwrap();
    // The same bytes again: applied once, whether or not the first submission was.
    let settled = client.submit(&payment, PATIENCE).await.unwrap();
    assert!(settled.is_committed());
    cluster.check(&balances).await;
    cluster.network.stop();
}

/// What an operator is told.
fn status_of(endpoint: &str) -> serde_json::Value {
    let told = Command::new(node_program())
        .args(["status", endpoint, "--json"])
        .output()
        .unwrap();
    serde_json::from_slice(&told.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cutting_the_power_of_a_disk_under_load_loses_and_doubles_nothing() {
    const VICTIM: usize = 3;
    let place = tempfile::tempdir().unwrap();
    let volume = match Volume::create(place.path()) {
        Ok(volume) => volume,
        Err(reason) => {
            skipped(reason);
            return;
        }
    };
    let mut volume = Some(volume);
    let mut cluster = Cluster::start_prepared(|network| {
        let volume = volume.as_mut().unwrap();
        volume.move_to(&network.nodes()[VICTIM].data()).unwrap();
    })
    .await;
    let volume = volume.unwrap();
    let mut balances = cluster.funded();
    for _ in 0..3 {
        let payments = cluster.payments(3_000, &mut balances);
        let mut endpoints = cluster.endpoints();
        // The victim first: what it acknowledged is what must not be lost.
        endpoints.rotate_left(VICTIM);
        let load = tokio::spawn(async move { send(&endpoints, payments).await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!load.is_finished(), "the fault came after the load");
        volume.shut_down().unwrap();
        load.await.unwrap();
        let ended = cluster
            .network
            .node(VICTIM)
            .wait_for_exit(Duration::from_secs(20));
        assert!(
            ended.is_some_and(|status| !status.success()),
            "a node goes on without its disk: {ended:?}"
        );
        volume.mount_again().unwrap();
        cluster.network.node(VICTIM).start().unwrap();
        cluster.check(&balances).await;
    }
    cluster.network.stop();
}
