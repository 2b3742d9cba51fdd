//! Which crate may depend on which, and on what else.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

use super::{
    code,
    files::{Repository, Source},
};

/// What each crate of the workspace may depend on, of the workspace; those are all.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("talea-types", &[]),
    ("talea-rules", &["talea-types"]),
    ("talea-ledger", &["talea-types", "talea-rules"]),
    ("talea-consensus", &["talea-types"]),
    ("talea-proto", &["talea-types"]),
    (
        "talea-genesis",
        &["talea-types", "talea-rules", "talea-ledger"],
    ),
    (
        "talea-client",
        &["talea-types", "talea-rules", "talea-proto", "talea-genesis"],
    ),
    (
        "talea-audit",
        &[
            "talea-types",
            "talea-rules",
            "talea-ledger",
            "talea-genesis",
            "talea-client",
        ],
    ),
    (
        "talea-node",
        &[
            "talea-types",
            "talea-rules",
            "talea-ledger",
            "talea-consensus",
            "talea-proto",
            "talea-genesis",
            "talea-client",
        ],
    ),
    (
        "talea-tests",
        &[
            "talea-types",
            "talea-rules",
            "talea-ledger",
            "talea-consensus",
            "talea-proto",
            "talea-genesis",
            "talea-client",
            "talea-node",
        ],
    ),
];

const PURE: [&str; 4] = [
    "talea-types",
    "talea-rules",
    "talea-ledger",
    "talea-consensus",
];

/// What acts on the world, or draws from its randomness.
const ACTING: [&str; 12] = [
    "tokio",
    "tokio-stream",
    "tokio-util",
    "libp2p",
    "libp2p-stream",
    "sled",
    "tonic",
    "tonic-prost",
    "rand",
    "rand_core",
    "getrandom",
    "futures",
];

/// Packages that the system is built on, as they are named in code.
const FOUNDATIONS: [&str; 7] = [
    "libp2p",
    "tokio",
    "serde",
    "ed25519_dalek",
    "sled",
    "blake3",
    "tonic",
];

/// Direct dependencies that are compiled into each crate.
pub type Dependencies = BTreeMap<String, Vec<String>>;

/// Asks cargo. Dependencies of tests alone are not counted.
pub fn of_workspace() -> Dependencies {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata is JSON");
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let compiled_in = |package: &Value| {
        let dependencies = list(&package["dependencies"]);
        let counted = dependencies
            .iter()
            .filter(|dependency| dependency["kind"] != "dev");
        counted.map(name).collect()
    };
    list(&metadata["packages"])
        .iter()
        .map(|package| (name(package), compiled_in(package)))
        .collect()
}

/// Dependencies inside the workspace that do not point downwards.
pub fn upward_edges(dependencies: &Dependencies) -> Vec<String> {
    let mut violations = Vec::new();
    for (package, own) in dependencies {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| name == package) else {
            violations.push(format!("{package} has no place in the architecture"));
            continue;
        };
        for dependency in own.iter().filter(|name| name.starts_with("talea-")) {
            if !allowed.contains(&dependency.as_str()) {
                violations.push(format!("{package} must not depend on {dependency}"));
            }
        }
    }
    violations
}

/// Dependencies of pure crates on what acts.
pub fn impure(dependencies: &Dependencies) -> Vec<String> {
    let mut violations = Vec::new();
    for package in PURE {
        for dependency in dependencies.get(package).into_iter().flatten() {
            if ACTING.contains(&dependency.as_str()) {
                violations.push(format!(
                    "{package} is pure and must not depend on {dependency}"
                ));
            }
        }
    }
    violations
}

/// Foundations that no source uses.
pub fn unused_foundations(sources: &[Source<'_>]) -> Vec<String> {
    let codes: Vec<String> = sources
        .iter()
        .map(|source| code::effective(source.text))
        .collect();
    let is_used = |foundation: &&str| {
        let path = format!("{foundation}::");
        codes
            .iter()
            .any(|code| code.contains(&path) && code::has_word(code, foundation))
    };
    FOUNDATIONS
        .iter()
        .filter(|foundation| !is_used(foundation))
        .map(|foundation| format!("{foundation} is not used in any source"))
        .collect()
}

fn planted(package: &str, dependency: &str) -> Dependencies {
    BTreeMap::from([(package.to_owned(), vec![dependency.to_owned()])])
}

#[test]
fn planted_edges_are_found() {
    for (package, dependency) in [
        ("talea-types", "talea-ledger"),
        ("talea-rules", "talea-ledger"),
        ("talea-client", "talea-ledger"),
        ("talea-consensus", "talea-ledger"),
        ("talea-ledger", "talea-consensus"),
        ("talea-client", "talea-node"),
        ("talea-client", "talea-consensus"),
        ("talea-genesis", "talea-proto"),
        ("talea-new", "talea-types"),
    ] {
        assert_eq!(
            upward_edges(&planted(package, dependency)).len(),
            1,
            "{package}"
        );
    }
    assert!(upward_edges(&planted("talea-node", "talea-client")).is_empty());
    for dependency in ACTING {
        assert_eq!(
            impure(&planted("talea-ledger", dependency)).len(),
            1,
            "{dependency}"
        );
        assert!(impure(&planted("talea-node", dependency)).is_empty());
    }
}

#[test]
fn a_foundation_that_only_comments_name_is_not_in_use() {
    let repository = Repository::of(&[(
        "node/src/lib.rs",
        "// libp2p::swarm\nuse tokio::net; use serde::Serialize; use ed25519_dalek::Signer;\n\
         use sled::Db; use blake3::Hasher; use tonic::Status;",
    )]);
    let unused = unused_foundations(&repository.sources());
    assert_eq!(unused, ["libp2p is not used in any source"]);
}
