//! Secrets stay where they belong: no key and no passphrase in the arguments of a running node, in its log or
//! in anything that it writes; key files are for their owner alone.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use talea_types::SecretKey;

use crate::network::Cluster;

/// A secret as it might be written: bytes, hexadecimal.
fn forms(name: String, key: &SecretKey) -> Vec<(String, Vec<u8>)> {
    let seed = key.as_signing_key().to_bytes();
    let hex: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![
        (format!("{name}, hexadecimal"), hex.clone().into_bytes()),
        (format!("{name}, capitals"), hex.to_uppercase().into_bytes()),
        (name, seed.to_vec()),
    ]
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            files(&entry.path(), found);
        } else {
            found.push(entry.path());
        }
    }
}

fn has(content: &[u8], secret: &[u8]) -> bool {
    content.windows(secret.len()).any(|part| part == secret)
}

#[test]
fn a_secret_is_found_where_it_is() {
    let key = SecretKey::from_seed([0xab; 32]);
    for (_, form) in forms("key".to_owned(), &key) {
        assert!(has(&[b"before ", &form[..], b" after"].concat(), &form));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_arguments_logs_or_files() {
    let mut cluster = Cluster::start().await;
    let mut balances = cluster.funded();
    cluster.pay(20, &mut balances).await;

    let passphrase = std::fs::read_to_string(cluster.network.passphrase_file()).unwrap();
    let passphrase = passphrase.trim().as_bytes();
    let mut secrets = Vec::new();
    for validator in &cluster.keys.validators {
        secrets.extend(forms(
            format!("voting key of {}", validator.name),
            &validator.voting_key,
        ));
        secrets.extend(forms(
            format!("network key of {}", validator.name),
            &validator.network_key,
        ));
    }
    for organisation in &cluster.keys.organisations {
        secrets.extend(forms(
            format!("key of {}", organisation.name),
            &organisation.key,
        ));
    }
    let check = |place: &str, content: &[u8]| {
        for (name, secret) in &secrets {
            assert!(!has(content, secret), "{name} is in {place}");
        }
    };
    for node in cluster.network.nodes() {
        let process = node.process_id().unwrap();
        for what in ["cmdline", "environ"] {
            let place = format!("/proc/{process}/{what}");
            let content = std::fs::read(&place).unwrap();
            check(&place, &content);
            assert!(!has(&content, passphrase), "the passphrase is in {place}");
        }
        let log = std::fs::read(node.log()).unwrap();
        assert!(!has(&log, passphrase), "the passphrase is in a log");
    }
    let mut all = Vec::new();
    files(cluster.network.directory(), &mut all);
    let mut keys = 0;
    for path in all {
        let Ok(metadata) = std::fs::metadata(&path) else {
            // A segment that was let go meanwhile.
            continue;
        };
        let is_key = path.extension().is_some_and(|extension| extension == "key");
        if is_key {
            keys += 1;
            let mode = metadata.permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{} has mode {mode:o}", path.display());
        }
        let content = std::fs::read(&path).unwrap_or_default();
        check(&path.display().to_string(), &content);
    }
    assert!(keys > 2 * 4, "{keys} files of keys");
    cluster.network.stop();
}
