//! Pins the canonical bytes and the chain id: a change of either splits networks that exist.
//!
//! After a change that is meant: `TALEA_REGENERATE=1 cargo test --release -p talea-genesis --test golden`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use talea_genesis::{
    GenesisDocument,
    localnet::{Localnet, LocalnetOptions},
};
use talea_types::Timestamp;

/// 2026-11-22T00:00:00Z.
const TIME_MS: u64 = 1_795_305_600_000;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// Compares with the file, or replaces it when that is asked for.
fn assert_golden(name: &str, found: &str) {
    if std::env::var_os("TALEA_REGENERATE").is_some() {
        fs::write(golden(name), found).unwrap();
    }
    let pinned = fs::read_to_string(golden(name)).unwrap_or_default();
    assert!(
        found == pinned,
        "tests/golden/{name} differs; if that is meant, it is a new protocol version:\n{found}"
    );
}

#[test]
fn document_canonical_bytes_and_chain_id_of_an_example() {
    let localnet = Localnet::new(&LocalnetOptions {
        network: "example".to_owned(),
        validators: 4,
        seed: [7; 32],
        time: Timestamp::from_millis(TIME_MS),
    })
    .unwrap();
    assert_golden("example.toml", &localnet.document.to_toml());

    let text = fs::read_to_string(golden("example.toml")).unwrap();
    let record = GenesisDocument::parse(&text)
        .unwrap()
        .complete_record()
        .unwrap();
    assert_eq!(record, localnet.record);
    let bytes = record.canonical_bytes();
    let hex: Vec<String> = bytes
        .chunks(48)
        .map(|chunk| chunk.iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    let chain = record.chain_id();
    assert_golden("example.txt", &format!("{chain}\n\n{}\n", hex.join("\n")));
}
