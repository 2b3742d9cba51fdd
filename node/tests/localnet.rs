//! Real processes: what one node accepts is final at all, survives a kill, and can be proved.

use std::{path::Path, process::Command, time::Duration};

use talea_client::{Author, Client, Finality, Options, Trust};
use talea_genesis::key_file::{self, Passphrase};
use talea_node::localnet::{Localnet, LocalnetError, LocalnetOptions};
use talea_types::{Operation, Subject, operation::ClockAdvance};

/// Longer than a busy machine takes; nothing here measures time.
const PATIENCE: Duration = Duration::from_secs(60);

fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_talea-node"))
}

async fn operator(network: &Localnet, nodes: &[usize]) -> (Client, Author) {
    let nodes: Vec<String> = nodes
        .iter()
        .map(|index| network.nodes()[*index].endpoint())
        .collect();
    let client = Client::new(&Options::new(nodes)).unwrap();
    let operator = &network.file().organisations[0];
    let passphrase = Passphrase::from_file(&network.passphrase_file()).unwrap();
    let key = key_file::load(&network.directory().join(&operator.key), &passphrase).unwrap();
    let subject = Subject::Participant(operator.id);
    let author = Author::open(&client, &network.file().chain_id, subject, vec![key])
        .await
        .unwrap();
    (client, author)
}

fn advance() -> Operation {
    Operation::ClockAdvance(ClockAdvance { by_ms: 1 })
}

#[tokio::test]
async fn a_killed_validator_is_missed_by_nobody_and_comes_back() {
    let directory = tempfile::tempdir().unwrap();
    let mut network =
        Localnet::create(directory.path(), binary(), &LocalnetOptions::default()).unwrap();
    network.start().unwrap();
    network.until_height(1, PATIENCE).await.unwrap();

    let mut twice = Localnet::open(directory.path(), binary()).unwrap();
    assert!(matches!(twice.start(), Err(LocalnetError::Running { .. })));

    let (_, author) = operator(&network, &[0]).await;
    let first = author.submit(advance(), &[], PATIENCE).await.unwrap();
    assert!(
        matches!(first.finality, Finality::Committed { .. }),
        "{first:?}"
    );

    network.node(2).kill();
    let second = author.submit(advance(), &[], PATIENCE).await.unwrap();
    let Finality::Committed { height, .. } = second.finality else {
        panic!("{second:?}")
    };

    network.node(2).start().unwrap();
    network.until_height(height, PATIENCE).await.unwrap();
    let (client, _) = operator(&network, &[2]).await;
    let trust = Trust::load(&network.genesis()).unwrap();
    for id in [first.id, second.id] {
        let receipt = client.receipt(&id, &trust).await.unwrap();
        assert!(receipt.transaction.is_some(), "what is proved can be read");
    }

    for index in 0..4 {
        let node = network.node(index);
        node.stop();
        assert!(!node.is_running());
    }
    drop(network);
    // The same network goes on from its disks.
    twice.start().unwrap();
    twice.until_height(height + 1, PATIENCE).await.unwrap();
    twice.stop();
}

#[tokio::test]
async fn a_node_that_cannot_start_says_why_in_its_log() {
    let directory = tempfile::tempdir().unwrap();
    let options = LocalnetOptions {
        validators: 1,
        ..LocalnetOptions::default()
    };
    let mut network = Localnet::create(directory.path(), binary(), &options).unwrap();
    std::fs::remove_file(network.nodes()[0].directory().join("keys/voting.key")).unwrap();
    network.start().unwrap();
    let error = network.until_height(1, PATIENCE).await.unwrap_err();
    let LocalnetError::Ended { status, tail, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(status, "exit status: 3");
    assert!(tail.contains("voting.key"), "{tail}");
}

/// Runs a command of the program and reads what it prints for machines.
fn run(arguments: &[&str]) -> Result<serde_json::Value, String> {
    let output = Command::new(binary())
        .arg("--json")
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(serde_json::from_slice(&output.stdout).unwrap()),
        false => Err(text(&output.stderr)),
    }
}

#[tokio::test]
async fn an_observer_begins_after_a_snapshot_and_a_validator_drops_old_blocks() {
    let directory = tempfile::tempdir().unwrap();
    let options = LocalnetOptions {
        validators: 1,
        observers: 1,
        ..LocalnetOptions::default()
    };
    let mut network = Localnet::create(directory.path(), binary(), &options).unwrap();
    network.node(0).start().unwrap();
    network.until_height(2, PATIENCE).await.unwrap();
    let (_, author) = operator(&network, &[0]).await;
    let early = author.submit(advance(), &[], PATIENCE).await.unwrap();
    network.node(0).stop();

    let home = |network: &Localnet, index: usize| {
        let path = network.nodes()[index].directory();
        path.to_str().unwrap().to_owned()
    };
    let (validator, observer) = (home(&network, 0), home(&network, 1));
    let genesis = network.genesis().to_str().unwrap().to_owned();
    let created = run(&["snapshot", "create", &validator]).unwrap();
    let file = created["file"].as_str().unwrap().to_owned();
    let height = created["height"].as_u64().unwrap();
    let listed = run(&["snapshot", "list", &validator]).unwrap();
    assert_eq!(listed[0]["height"], height);
    let shown = run(&["snapshot", "show", &file, "--genesis", &genesis]).unwrap();
    assert_eq!(shown["height"], height);
    assert_eq!(shown["state_root"], listed[0]["state_root"]);
    let restored = run(&["snapshot", "restore", &file, &observer]).unwrap();
    assert_eq!(restored["height"], height);
    let again = run(&["snapshot", "restore", &file, &observer]).unwrap_err();
    assert!(again.contains("move the directory away"), "{again}");
    let findings = run(&["doctor", &observer]).unwrap();
    let beginning = format!("begins after height {height}");
    assert!(findings.to_string().contains(&beginning), "{findings}");

    network.node(0).start().unwrap();
    network.node(1).start().unwrap();
    network.until_height(height + 3, PATIENCE).await.unwrap();
    let (_, author) = operator(&network, &[0]).await;
    let late = author.submit(advance(), &[], PATIENCE).await.unwrap();
    let Finality::Committed { height: newest, .. } = late.finality else {
        panic!("{late:?}")
    };
    network.until_height(newest, PATIENCE).await.unwrap();
    let trust = Trust::load(&network.genesis()).unwrap();
    let (client, _) = operator(&network, &[1]).await;
    client.receipt(&late.id, &trust).await.unwrap();
    let gone = client.receipt(&early.id, &trust).await.unwrap_err();
    assert!(gone.to_string().contains("keeps all blocks"), "{gone}");

    // The validator drops what is below the snapshot, and votes on.
    network.stop();
    let pruned = run(&["prune", &validator, "--keep-blocks", "1"]).unwrap();
    assert_eq!(pruned["dropped_blocks"], height);
    assert_eq!(pruned["first_height"], height + 1);
    network.start().unwrap();
    network.until_height(newest + 3, PATIENCE).await.unwrap();
    network.stop();
}
