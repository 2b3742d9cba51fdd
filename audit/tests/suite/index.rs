//! The index: every block exactly once, however often the follower is interrupted, and the same rows when
//! it is made again.

use std::{path::Path, process::Command};

use crate::support::{Made, Network, Node};
use talea_audit::{Digest, Index, IndexError, ReindexError, follow, reindex};
use talea_types::Outcome;

async fn followed(network: &Network, made: &[Made], path: &Path) -> Index {
    let mut index = Index::open_or_create(path, &network.chain()).unwrap();
    let chain = index.resume(network.record()).unwrap();
    let followed = follow(&Node::of(made), chain, index, None, |_| {}).await;
    followed.end.unwrap();
    followed.index
}

/// Makes an index of a history at `path`, and changes it behind the program's back.
async fn changed(network: &Network, made: &[Made], path: &Path, change: &str) {
    drop(followed(network, made, path).await);
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(change).unwrap();
}

async fn digest_of(network: &Network, made: &[Made]) -> Digest {
    let directory = tempfile::tempdir().unwrap();
    let index = followed(network, made, &directory.path().join("index.db")).await;
    index.digest().unwrap()
}

#[tokio::test]
async fn what_is_in_it_is_what_happened() {
    let mut network = Network::new();
    let made = network.history(40);
    let directory = tempfile::tempdir().unwrap();
    let index = followed(&network, &made, &directory.path().join("index.db")).await;
    let totals = index.totals().unwrap();
    let results = made.iter().flat_map(|one| &one.results);
    let count = |outcome| results.clone().filter(|one| one.outcome == outcome).count() as u64;
    assert_eq!(totals.blocks, 42);
    assert_eq!(totals.state_root, Some(network.state_root()));
    assert_eq!(totals.transactions, results.clone().count() as u64);
    for one in &totals.outcomes {
        assert_eq!(one.count, count(one.outcome), "{}", one.outcome);
    }
    let names: Vec<Outcome> = totals.outcomes.iter().map(|one| one.outcome).collect();
    assert_eq!(names, [Outcome::Applied, Outcome::InsufficientFunds]);
    // Two for each payment, of the payer and the payee, and of the bank for what it did.
    assert!(totals.events > totals.transactions);
    for (height, made) in (1..).zip(&made) {
        let row = index.block(height).unwrap().unwrap();
        assert_eq!(row.committed, made.block.encode());
    }
    assert_eq!(index.block(43).unwrap(), None);
}

#[tokio::test]
async fn a_follower_that_is_interrupted_at_every_block_writes_the_same() {
    let mut network = Network::new();
    let made = network.history(20);
    let whole = digest_of(&network, &made).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    for height in 1..=made.len() {
        // Another process each time: everything comes from the file.
        let index = followed(&network, &made[..height], &path).await;
        assert_eq!(index.height().unwrap(), height as u64);
    }
    assert_eq!(Index::open(&path).unwrap().digest().unwrap(), whole);
}

#[tokio::test]
async fn made_again_it_has_the_same_rows() {
    let mut network = Network::new();
    let made = network.history(70);
    let directory = tempfile::tempdir().unwrap();
    let old = followed(&network, &made, &directory.path().join("old.db")).await;
    let path = directory.path().join("new.db");
    let new = reindex(&old, network.record(), &path, |_| {}).unwrap();
    assert_eq!(new.digest().unwrap(), old.digest().unwrap());
}

#[tokio::test]
async fn a_digest_tells_any_row_from_another() {
    let mut network = Network::new();
    let made = network.history(4);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    let whole = followed(&network, &made, &path).await.digest().unwrap();
    for change in [
        "UPDATE tx SET outcome = 0 WHERE outcome <> 0",
        "UPDATE event SET kind = 'Received' WHERE height = 3 AND position = 0",
        "DELETE FROM event WHERE height = 5 AND position = 2",
        "UPDATE state SET value = key WHERE key = (SELECT max(key) FROM state)",
        "UPDATE block SET time_ms = time_ms + 1 WHERE height = 2",
    ] {
        let altered = directory.path().join("altered.db");
        std::fs::copy(&path, &altered).unwrap();
        let connection = rusqlite::Connection::open(&altered).unwrap();
        assert!(connection.execute(change, []).unwrap() > 0, "{change}");
        drop(connection);
        assert_ne!(
            Index::open(&altered).unwrap().digest().unwrap(),
            whole,
            "{change}"
        );
    }
}

#[tokio::test]
async fn a_kept_block_that_was_altered_is_found_when_it_is_made_again() {
    let mut network = Network::new();
    let made = network.history(4);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    let swap = "UPDATE block SET committed = (SELECT committed FROM block WHERE height = 4) \
                WHERE height = 3";
    changed(&network, &made, &path, swap).await;
    let old = Index::open(&path).unwrap();
    let again = reindex(
        &old,
        network.record(),
        directory.path().join("new.db"),
        |_| {},
    );
    assert!(matches!(again, Err(ReindexError::Difference(_))));
}

#[tokio::test]
async fn an_index_of_another_network_or_of_another_kind_is_refused() {
    let mut network = Network::new();
    let made = network.history(1);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    drop(followed(&network, &made, &path).await);
    let other = Network::of_seed(9).chain();
    assert!(matches!(
        Index::open_or_create(&path, &other),
        Err(IndexError::OtherNetwork { .. })
    ));
    let missing = directory.path().join("none.db");
    assert!(matches!(
        Index::open(&missing),
        Err(IndexError::Missing { .. })
    ));
    std::fs::write(&missing, b"this is no database, only some words").unwrap();
    assert!(matches!(
        Index::open(&missing),
        Err(IndexError::Store { .. })
    ));
}

/// What `talea-audit reindex` says of an index after a change, and its exit code.
async fn made_again_after(change: &str) -> (Option<i32>, String) {
    let mut network = Network::new();
    let made = network.history(4);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    changed(&network, &made, &path, change).await;
    let genesis = network.localnet.document.to_toml();
    std::fs::write(directory.path().join("genesis.toml"), genesis).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_talea-audit"))
        .args(["reindex", "--json", "--genesis", "genesis.toml"])
        .args(["--index", "index.db", "again.db"])
        .current_dir(directory.path())
        .output()
        .unwrap();
    assert!(Index::open(directory.path().join("again.db")).is_ok());
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[tokio::test]
async fn making_it_again_says_whether_it_had_other_rows() {
    let (code, said) = made_again_after("").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("\"equal\":true"), "{said}");
    let altered = "UPDATE tx SET outcome = 0 WHERE outcome <> 0";
    let (code, said) = made_again_after(altered).await;
    assert_eq!(code, Some(6), "{said}");
    assert!(said.contains("\"equal\":false"), "{said}");
    assert!(said.contains("\"difference\":\"OTHER_ROWS\""), "{said}");
    // Of another version, the rows are other ones by right.
    let older = "UPDATE meta SET value = x'02' WHERE name = 'schema'; DROP TABLE remedy";
    let (code, said) = made_again_after(older).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("\"equal\":null"), "{said}");
}

#[tokio::test]
async fn an_index_of_another_version_says_what_to_do() {
    let mut network = Network::new();
    let made = network.history(1);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("index.db");
    let older = "UPDATE meta SET value = x'02' WHERE name = 'schema'";
    changed(&network, &made, &path, older).await;
    for refused in [
        Index::open(&path).err().unwrap(),
        Index::open_or_create(&path, &network.chain())
            .err()
            .unwrap(),
    ] {
        assert!(matches!(refused, IndexError::OtherVersion { found: 2, .. }));
        assert!(
            refused.to_string().contains("talea-audit reindex"),
            "{refused}"
        );
    }
}
