//! An auditor with the regulator's key and the genesis document follows a network, and is killed at any
//! moment.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;

use crate::network::{Cluster, PATIENCE, node_program};

/// Kills at random moments; `TALEA_AUDITOR_KILLS=100` makes it long.
const KILLS: u64 = 12;
const PAYMENTS: usize = 1_500;
const ROUNDS: usize = 10;

/// What the program is given.
struct Auditor {
    program: PathBuf,
    environment: BTreeMap<&'static str, String>,
    reading: Vec<String>,
    until: String,
}

impl Auditor {
    fn of(cluster: &Cluster, until: u64) -> Self {
        let program = node_program().with_file_name("talea-audit");
        assert!(program.is_file(), "{} is not there", program.display());
        let network = &cluster.network;
        let regulator = cluster.keys.regulator();
        let all = &network.file().organisations;
        let entry = all.iter().find(|one| one.id == regulator.id).unwrap();
        let text = |path: PathBuf| path.display().to_string();
        let environment = BTreeMap::from([
            ("TALEA_GENESIS", text(network.genesis())),
            ("TALEA_NODES", cluster.endpoints().join(",")),
            ("TALEA_READER", entry.id.to_string()),
            (
                "TALEA_READER_KEY",
                text(network.directory().join(&entry.key)),
            ),
        ]);
        Self {
            program,
            environment,
            reading: vec![
                "--reader-passphrase-file".to_owned(),
                text(network.passphrase_file()),
            ],
            until: until.to_string(),
        }
    }

    fn command(&self, index: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(words)
            .arg("--json")
            .envs(&self.environment)
            .env("TALEA_INDEX", index)
            .stdout(Stdio::piped());
        command
    }

    fn follow(&self, index: &Path) -> Child {
        let mut command = self.command(index, &["follow", "--until", &self.until]);
        command.args(&self.reading).spawn().unwrap()
    }

    /// Follows to the end; gives the state root.
    fn followed(&self, index: &Path) -> String {
        let output = self.follow(index).wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        value["state_root"].as_str().unwrap().to_owned()
    }

    fn asked(&self, index: &Path, words: &[&str]) -> Value {
        let output = self.command(index, words).output().unwrap();
        assert!(output.status.success(), "{words:?} {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// A moment within the time that following takes here, another each time.
fn moment(number: u64) -> Duration {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    Duration::from_millis(20 + mixed % 400)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_auditor_that_is_killed_has_the_index_of_one_that_was_not() {
    let mut cluster = Cluster::start().await;
    let mut balances = cluster.funded();
    // In small parts, so that there are many blocks.
    for _ in 0..ROUNDS {
        cluster.pay(PAYMENTS / ROUNDS, &mut balances).await;
    }
    let height = cluster.network.node(0).height().await.unwrap();
    cluster
        .network
        .until_height(height, PATIENCE)
        .await
        .unwrap();
    let header = cluster.client(0).block(height).await.unwrap().header;

    let auditor = Auditor::of(&cluster, height);
    let directory = cluster.directory().to_path_buf();
    let kills = std::env::var("TALEA_AUDITOR_KILLS");
    let kills = kills.map_or(KILLS, |text| text.parse().expect("a number of kills"));
    let audited = tokio::task::spawn_blocking(move || {
        let (killed, whole) = (directory.join("killed.db"), directory.join("whole.db"));
        let mut cut_short = 0;
        for number in 0..kills {
            // Once it is at the end it begins anew, so that every kill meets work.
            let mut child = auditor.follow(&killed);
            std::thread::sleep(moment(number));
            if child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                cut_short += 1;
                child.wait().unwrap();
                continue;
            }
            let digest = auditor.asked(&killed, &["digest"]);
            assert_eq!(digest["height"], height);
            for file in ["killed.db", "killed.db-wal", "killed.db-shm"] {
                let _ = std::fs::remove_file(directory.join(file));
            }
        }
        let roots = [auditor.followed(&killed), auditor.followed(&whole)];
        let digests = [&killed, &whole].map(|index| auditor.asked(index, &["digest"]));
        let status = auditor.asked(&killed, &["status"]);
        let again = directory.join("again.db").display().to_string();
        let again = auditor.asked(&whole, &["reindex", &again]);
        (cut_short, roots, digests, status, again)
    });
    let (cut_short, roots, digests, status, again) = audited.await.unwrap();
    println!("{cut_short} of {kills} kills met an auditor at work, {height} blocks");
    assert!(cut_short > 0, "every kill came too late");
    assert_eq!(
        roots,
        [header.state_root.to_string(), header.state_root.to_string()]
    );
    assert_eq!(digests[0], digests[1]);
    assert_eq!(again["equal"], true);
    assert_eq!(again["digest"], digests[0]["digest"]);
    // Each account was opened and funded.
    let expected = PAYMENTS + 2 * balances.len();
    assert_eq!(status["outcomes"]["APPLIED"], expected, "{status}");
    cluster.network.stop();
}
