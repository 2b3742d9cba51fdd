//! The wire structs in `types/src/wire` are generated from the .proto files of this folder and
//! checked in, so that `types` has no build script. This test keeps them equal to the contract.
//!
//! After a change of a .proto: `TALEA_REGENERATE=1 cargo test --release -p talea-proto`.

use std::path::{Path, PathBuf};

use protox::prost_reflect::prost_types as descriptors;

#[path = "../shapes.rs"]
mod shapes;

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

/// The structs, and their shapes.
fn generate() -> (String, String) {
    let files = protox::compile(CONTRACT, [root()]).expect("the contract compiles");
    let shapes = format!(
        "use super::shape::{{Field, Shape, Shaped}};\n\n{}",
        shapes::generate(&files, "talea.ledger.v1")
    );
    let out = tempfile::tempdir().expect("temporary folder");
    prost_build::Config::new()
        .bytes(["."])
        .out_dir(out.path())
        .compile_fds(files)
        .expect("code is generated");
    let structs = std::fs::read_to_string(out.path().join("talea.ledger.v1.rs"));
    (structs.expect("generated file"), shapes)
}

#[test]
fn checked_in_wire_structs_are_those_of_the_contract() {
    let (structs, shapes) = generate();
    for (name, generated) in [("talea.ledger.v1.rs", structs), ("shapes.rs", shapes)] {
        let checked_in = root().join("../types/src/wire").join(name);
        if std::env::var_os("TALEA_REGENERATE").is_some() {
            std::fs::write(&checked_in, &generated).expect("write generated code");
        }
        let present = std::fs::read_to_string(&checked_in).unwrap_or_default();
        assert!(
            present == generated,
            "types/src/wire/{name} differs from the .proto files; \
             run TALEA_REGENERATE=1 cargo test --release -p talea-proto"
        );
    }
}
