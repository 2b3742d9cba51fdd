//! The verifier that runs in the browser (`audit/web/verify`) is a second one, written apart from the Rust
//! one. Here Rust makes the files that it is held against, and says which alterations of them it accepts
//! itself; then its tests run, where there is a Node.
//!
//! After a change that is meant: `TALEA_REGENERATE=1 cargo test --release -p talea-tests --test browser_verifier`.

#[path = "browser_verifier/network.rs"]
mod network;
#[path = "browser_verifier/story.rs"]
mod story;

use std::{fmt::Write as _, fs, path::PathBuf, process::Command};

use bytes::Bytes;
use talea_client::{ProofFile, Trust};
use talea_tests::programs::skipped;

/// Oldest Node that knows Ed25519 and a test runner.
const NODE_MAJOR_MIN: u32 = 20;

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Compares with a golden file, or replaces it when that is asked for.
fn assert_golden(name: &str, found: &[u8]) {
    let path = root().join("audit/web/tests/golden").join(name);
    if std::env::var_os("TALEA_REGENERATE").is_some() {
        fs::write(&path, found).unwrap();
    }
    let pinned = fs::read(&path).unwrap_or_default();
    assert!(
        found == pinned,
        "{name} changed, and files that were handed out must still be read; if that is meant, run \
         TALEA_REGENERATE=1 cargo test --release -p talea-tests --test browser_verifier"
    );
}

#[test]
fn golden_bundles_have_these_bytes_and_verify() {
    let told = story::tell();
    let trust = Trust::from_record(&told.localnet.record);
    assert_golden("genesis.toml", told.localnet.document.to_toml().as_bytes());
    assert_golden("chain-id.txt", format!("{}\n", trust.chain()).as_bytes());
    let mut accepted = String::new();
    for (name, file) in &told.files {
        file.verify(&trust)
            .unwrap_or_else(|failure| panic!("{name}: {failure}"));
        let bytes = file.encode();
        assert_golden(&format!("{name}.proof"), &bytes);
        writeln!(accepted, "{name}{}", alterations(&bytes, &trust)).unwrap();
    }
    assert_golden("accepted-alterations.txt", accepted.as_bytes());
}

/// Which bytes can be altered (the bit whose number is the byte's place modulo eight) such that what comes of
/// it is true as well: the bounds of a period in which nothing happens.
fn alterations(bytes: &[u8], trust: &Trust) -> String {
    let mut accepted = String::new();
    for place in 0..bytes.len() {
        let mut altered = bytes.to_vec();
        altered[place] ^= 1 << (place % 8);
        let file = ProofFile::decode(&Bytes::from(altered));
        if file.is_ok_and(|file| file.verify(trust).is_ok()) {
            write!(accepted, " {place}").unwrap();
        }
    }
    accepted
}

/// The major version of the Node on this machine.
fn node_major() -> Option<u32> {
    let output = Command::new("node").arg("--version").output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    let (major, _) = version.trim().strip_prefix('v')?.split_once('.')?;
    major.parse().ok()
}

#[test]
fn the_verifier_of_the_browser_passes_its_tests() {
    if node_major().is_none_or(|major| major < NODE_MAJOR_MIN) {
        skipped(format_args!(
            "there is no Node of version {NODE_MAJOR_MIN} or later"
        ));
        return;
    }
    let tests = fs::read_dir(root().join("audit/web/tests")).unwrap();
    let mut tests: Vec<PathBuf> = tests.map(|entry| entry.unwrap().path()).collect();
    tests.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    tests.sort();
    assert!(!tests.is_empty());
    let output = Command::new("node")
        .arg("--test")
        .args(&tests)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
