//! Nodes without a disk begin after a snapshot of peers that have dropped their old blocks.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use talea_node::localnet::{LocalnetNode, LocalnetOptions};

use crate::network::{Cluster, VALIDATORS, node_program, until};
use crate::status_of;

const LIAR: usize = 0;
const LOST_VALIDATOR: usize = 3;
const LOST_OBSERVER: usize = VALIDATORS;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_without_a_disk_begin_after_a_snapshot_of_their_peers() {
    let options = LocalnetOptions {
        observers: 1,
        ..LocalnetOptions::default()
    };
    let mut cluster = Cluster::start_with(options, |_| {}).await;
    let mut balances = cluster.funded();
    cluster.pay(100, &mut balances).await;
    for index in 0..=LOST_OBSERVER {
        stopped(&mut cluster, index, |node| {
            talea(node, &["snapshot", "create"], &[]);
        });
        cluster.pay(40, &mut balances).await;
    }
    cluster.pay(40, &mut balances).await;
    // Nobody has the first blocks any more.
    for index in 0..=LOST_OBSERVER {
        stopped(&mut cluster, index, |node| {
            let pruned = talea(node, &["prune"], &["--keep-blocks", "1"]);
            assert!(pruned["first_height"].as_u64() > Some(1), "{pruned}");
        });
        cluster.pay(40, &mut balances).await;
    }
    // One has the newest snapshot, and it is not what it was.
    stopped(&mut cluster, LIAR, |node| {
        let made = talea(node, &["snapshot", "create"], &[]);
        damage(made["file"].as_str().unwrap().into());
    });

    for index in [LOST_OBSERVER, LOST_VALIDATOR] {
        let liar = cluster.network.nodes()[LIAR].entry().name.clone();
        let node = cluster.network.node(index);
        node.kill();
        fs::remove_dir_all(node.data()).unwrap();
        fs::create_dir(node.data()).unwrap();
        let fetched = talea(node, &["snapshot", "fetch"], &[]);
        assert!(fetched["height"].as_u64() > Some(1), "{fetched}");
        assert_eq!(
            fetched["passed_over"][0]["peer"],
            liar.as_str(),
            "{fetched}"
        );
        assert_ne!(fetched["from"], liar.as_str());
        let first = fetched["height"].as_u64().unwrap() + 1;
        cluster.network.node(index).start().unwrap();
        cluster.pay(40, &mut balances).await;
        cluster.check(&balances).await;
        let status = status_of(&cluster.network.nodes()[index].endpoint());
        assert_eq!(status["storage"]["first_height"], first, "{status}");
    }

    // A lost validator votes again: without another one there is no quorum but with it.
    let endpoint = cluster.network.nodes()[LOST_VALIDATOR].endpoint();
    until("the validator votes again", async || {
        status_of(&endpoint)["not_voting"].is_null()
    })
    .await;
    cluster.network.node(1).kill();
    cluster.pay(40, &mut balances).await;
    cluster.network.node(1).start().unwrap();
    cluster.check(&balances).await;
    cluster.network.stop();
}

/// Does something with a node that is stopped meanwhile.
fn stopped(cluster: &mut Cluster, index: usize, work: impl FnOnce(&LocalnetNode)) {
    let node = cluster.network.node(index);
    node.stop();
    work(node);
    node.start().unwrap();
}

/// Runs a command on a node's directory and gives what it says.
fn talea(node: &LocalnetNode, command: &[&str], options: &[&str]) -> Value {
    let told = Command::new(node_program())
        .args(command)
        .arg(node.directory())
        .args(options)
        .arg("--json")
        .output()
        .unwrap();
    assert!(
        told.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&told.stderr)
    );
    serde_json::from_slice(&told.stdout).unwrap()
}

/// Changes a byte of the last object.
fn damage(path: PathBuf) {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let at = file.metadata().unwrap().len() - 100;
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
}
