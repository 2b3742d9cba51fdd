//! Who may read what, with the command that people use: a stranger with the genesis document is refused in
//! words, the regulator and the holder are served.

use std::path::PathBuf;
use std::process::{Command, Output};

use talea_client::key_file::{self, Passphrase};
use talea_types::{AccountId, SecretKey};

use crate::network::{Cluster, node_program};

const PASSPHRASE: &str = "a passphrase of the tests";

struct Terminal {
    nodes: String,
    genesis: PathBuf,
    bundle: PathBuf,
}

impl Terminal {
    fn talea(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let program = node_program().with_file_name("talea");
        assert!(program.is_file(), "{} is not there", program.display());
        let Output { status, stderr, .. } = Command::new(program)
            .args(arguments)
            .env("TALEA_NODES", &self.nodes)
            .env("TALEA_GENESIS", &self.genesis)
            .env("READER_PASSPHRASE", PASSPHRASE)
            .output()
            .unwrap();
        (status.code(), String::from_utf8_lossy(&stderr).into_owned())
    }

    fn audit(&self, account: &AccountId, more: &[&str]) -> (Option<i32>, String) {
        let account = account.to_string();
        let bundle = self.bundle.display().to_string();
        let mut arguments = vec!["audit", &account, "--out", &bundle];
        arguments.extend(more);
        self.talea(&arguments)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_refused_and_a_regulator_is_served() {
    let mut cluster = Cluster::start().await;
    let (account, holder) = cluster.wallet();
    let other = *cluster
        .funded()
        .keys()
        .find(|one| **one != account)
        .unwrap();
    let directory = cluster.directory().to_path_buf();
    let store = |name: &str, key: &SecretKey| {
        let path = directory.join(name);
        let passphrase = Passphrase::new(PASSPHRASE.to_owned());
        key_file::store(&path, key, &passphrase).unwrap();
        path.display().to_string()
    };
    let wallet_key = store("wallet.key", &holder);
    let regulator_key = store("regulator.key", &cluster.keys.regulator().key);
    let regulator = cluster.keys.regulator().id.to_string();
    let terminal = Terminal {
        nodes: cluster.endpoints().join(","),
        genesis: cluster.network.genesis(),
        bundle: directory.join("audit.bundle"),
    };
    let asked = tokio::task::spawn_blocking(move || {
        let passphrase = ["--reader-passphrase-env", "READER_PASSPHRASE"];
        let as_holder = [&["--reader-key", &wallet_key], &passphrase[..]].concat();
        let as_regulator = [
            &["--reader", &regulator, "--reader-key", &regulator_key],
            &passphrase[..],
        ]
        .concat();
        let stranger = terminal.audit(&account, &[]);
        assert!(!terminal.bundle.exists(), "nothing was written");
        let holder = terminal.audit(&account, &as_holder);
        // The key of one account is none of another.
        let wrong_key = terminal.audit(&other, &as_holder);
        let regulator = terminal.audit(&other, &as_regulator);
        let bundle = terminal.bundle.display().to_string();
        let verified = terminal.talea(&["verify", &bundle]);
        [stranger, holder, wrong_key, regulator, verified]
    });
    let [stranger, holder, wrong_key, regulator, verified] = asked.await.unwrap();
    assert_eq!(stranger.0, Some(3), "{}", stranger.1);
    for words in ["READER_REQUIRED", "'account'", "--reader-key"] {
        assert!(stranger.1.contains(words), "{}", stranger.1);
    }
    assert_eq!(holder.0, Some(0), "{}", holder.1);
    assert_eq!(wrong_key.0, Some(3), "{}", wrong_key.1);
    assert!(wrong_key.1.contains("READER_UNKNOWN"), "{}", wrong_key.1);
    assert_eq!(regulator.0, Some(0), "{}", regulator.1);
    assert_eq!(verified.0, Some(0), "{}", verified.1);
    cluster.network.stop();
}
