//! Secrets stay where they belong: no key and no passphrase in the arguments of a running node, in its log or
//! in anything that it writes; key files are for their owner alone.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use talea_types::SecretKey;

use crate::network::Cluster;

/// A secret as it might be written: bytes, hexadecimal, base64.
fn forms(name: &str, key: &SecretKey) -> Vec<(String, Vec<u8>)> {
    let seed = key.as_signing_key().to_bytes();
    let hex: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        (format!("{name}, hexadecimal"), hex.clone().into_bytes()),
        (format!("{name}, capitals"), hex.to_uppercase().into_bytes()),
        (name.to_owned(), seed.to_vec()),
    ];
    for (what, digits) in [("base64", b"+/"), ("base64 for URLs", b"-_")] {
        for skipped in 0..3 {
            let form = base64_within(&seed[skipped..], *digits);
            forms.push((format!("{name}, {what} after {skipped} bytes"), form));
        }
    }
    forms.sort_by(|(_, a), (_, b)| a.cmp(b));
    forms.dedup_by(|(_, a), (_, b)| a == b);
    forms
}

/// The digits that bytes have in base64 wherever they begin a group of three: those that depend on nothing after them.
fn base64_within(bytes: &[u8], last_digits: [u8; 2]) -> Vec<u8> {
    let digits: Vec<u8> = (b'A'..=b'Z')
        .chain(b'a'..=b'z')
        .chain(b'0'..=b'9')
        .chain(last_digits)
        .collect();
    let bit = |at: usize| usize::from(bytes[at / 8] >> (7 - at % 8) & 1);
    (0..bytes.len() * 8 / 6)
        .map(|digit| {
            let value = (digit * 6..digit * 6 + 6).fold(0, |value, at| value << 1 | bit(at));
            digits[value]
        })
        .collect()
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
    for (_, form) in forms("key", &key) {
        assert!(has(&[b"before ", &form[..], b" after"].concat(), &form));
    }
}

/// In whatever it is wrapped, one of the three alignments is there.
#[test]
fn a_secret_in_base64_is_found_wherever_it_begins() {
    let seed: [u8; 32] = std::array::from_fn(|at| (at * 37 + 11) as u8);
    let forms = forms("key", &SecretKey::from_seed(seed));
    for before in 0..7 {
        for after in 0..4 {
            let wrapped = [vec![0x5a; before], seed.to_vec(), vec![0xa5; after]].concat();
            let text = base64_within(&wrapped, *b"+/");
            let found = forms.iter().any(|(_, form)| has(&text, form));
            assert!(found, "{before} bytes before it, {after} after");
        }
    }
    assert_eq!(base64_within(b"Talea!", *b"+/"), b"VGFsZWEh");
    assert_eq!(base64_within(&[0xfb, 0xff], *b"-_"), b"-_");
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
            &format!("voting key of {}", validator.name),
            &validator.voting_key,
        ));
        secrets.extend(forms(
            &format!("network key of {}", validator.name),
            &validator.network_key,
        ));
    }
    for organisation in &cluster.keys.organisations {
        secrets.extend(forms(
            &format!("key of {}", organisation.name),
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
