//! The wire structs in `types/src/wire` are generated from the .proto files of this folder and
//! checked in, so that `types` has no build script. This test keeps them equal to the contract.
//!
//! After a change of a .proto: `TALEA_REGENERATE=1 cargo test --release -p talea-proto`.

use std::path::{Path, PathBuf};

const CONTRACT: &[&str] = &[
    "talea/ledger/v1/access.proto",
    "talea/ledger/v1/assurance.proto",
    "talea/ledger/v1/common.proto",
    "talea/ledger/v1/governance.proto",
    "talea/ledger/v1/transaction.proto",
    "talea/ledger/v1/rules.proto",
    "talea/ledger/v1/history.proto",
    "talea/ledger/v1/collections.proto",
    "talea/ledger/v1/credit.proto",
    "talea/ledger/v1/block.proto",
    "talea/ledger/v1/state.proto",
    "talea/ledger/v1/genesis.proto",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn generate() -> String {
    let files = protox::compile(CONTRACT, [root()]).expect("the contract compiles");
    let out = tempfile::tempdir().expect("temporary folder");
    prost_build::Config::new()
        .bytes(["."])
        .out_dir(out.path())
        .compile_fds(files)
        .expect("code is generated");
    std::fs::read_to_string(out.path().join("talea.ledger.v1.rs")).expect("generated file")
}

#[test]
fn checked_in_wire_structs_are_those_of_the_contract() {
    let checked_in = root().join("../types/src/wire/talea.ledger.v1.rs");
    let generated = generate();
    if std::env::var_os("TALEA_REGENERATE").is_some() {
        std::fs::write(&checked_in, &generated).expect("write generated code");
    }
    let present = std::fs::read_to_string(&checked_in).unwrap_or_default();
    assert!(
        present == generated,
        "types/src/wire/talea.ledger.v1.rs differs from the .proto files; \
         run TALEA_REGENERATE=1 cargo test --release -p talea-proto"
    );
}
