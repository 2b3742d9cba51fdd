//! Programs of this build that tests run.

use std::{
    env,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

/// The repository.
///
/// # Panics
/// Never: the crate is in it.
#[must_use]
pub fn repository() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let parent = tests.parent();
    parent.expect("the crate is in the repository").to_owned()
}

/// Says that a test is left out, and why, where whoever runs the tests sees it: what a test that passes prints with
/// `println!` is shown to nobody.
pub fn skipped(reason: impl std::fmt::Display) {
    // A test is no worse for words that nobody can read.
    let _ = writeln!(std::io::stderr(), "skipped: {reason}");
}

/// The `talea-node` of this build; it is built first where only this crate was.
///
/// # Panics
/// When it cannot be built.
#[must_use]
pub fn node_program() -> PathBuf {
    let own = env::current_exe().expect("the path of this program");
    // A program lies in the profile's directory, a test one below it.
    let directory = own
        .ancestors()
        .skip(1)
        .find(|place| !place.ends_with("deps"));
    let directory = directory.expect("a profile's directory");
    let program = directory.join("talea-node");
    if !program.is_file() {
        let mut build = Command::new(env!("CARGO"));
        build
            .current_dir(repository())
            .args(["build", "--package", "talea-node"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        assert!(
            build.status().expect("cargo runs").success(),
            "talea-node builds"
        );
    }
    program
}

/// What a program that succeeds prints, as JSON.
///
/// # Panics
/// When it fails or prints something else.
#[must_use]
pub fn json_of(command: &mut Command) -> Value {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .expect("the program starts");
    assert!(
        output.status.success(),
        "{command:?} ended with {}",
        output.status
    );
    serde_json::from_slice(&output.stdout).expect("JSON")
}
