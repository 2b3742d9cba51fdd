//! The files of the repository.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Paths relative to the root, with `/`, and the text of each file that is text.
pub struct Repository {
    pub texts: BTreeMap<String, String>,
}

impl Repository {
    /// Reads every file but what building leaves.
    pub fn read() -> Self {
        let mut texts = BTreeMap::new();
        read_folder(&root(), "", &mut texts);
        assert!(
            texts.contains_key("Cargo.toml"),
            "the root is not the repository"
        );
        Self { texts }
    }

    /// A repository of these files.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let own = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        Self {
            texts: files.iter().map(own).collect(),
        }
    }

    /// Rust sources of the crates: neither tests nor generated.
    pub fn sources(&self) -> Vec<Source<'_>> {
        self.texts
            .iter()
            .filter(|(path, _)| is_source(path))
            .map(|(path, text)| Source { path, text })
            .collect()
    }
}

/// A Rust source file.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub path: &'a str,
    pub text: &'a str,
}

impl Source<'_> {
    /// The folder of its crate.
    pub fn room(&self) -> &str {
        self.path.split('/').next().unwrap_or_default()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn is_source(path: &str) -> bool {
    let mut parts = path.split('/');
    let in_sources = parts.nth(1) == Some("src");
    let is_test = parts.any(|part| part == "tests" || part == "tests.rs");
    let is_generated = path.starts_with("types/src/wire/");
    path.ends_with(".rs") && in_sources && !is_test && !is_generated
}

fn read_folder(folder: &Path, prefix: &str, texts: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository") {
        let entry = entry.expect("an entry of a folder");
        let name = entry.file_name().to_string_lossy().into_owned();
        // In a linked worktree, `.git` is a file that names a folder of the machine.
        if name == ".git" || name == "target" {
            continue;
        }
        let path = format!("{prefix}{name}");
        let kind = entry.file_type().expect("the kind of a file");
        if kind.is_dir() {
            read_folder(&entry.path(), &format!("{path}/"), texts);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            texts.insert(path, text);
        }
    }
}

#[test]
fn tests_and_generated_code_are_no_sources() {
    let repository = Repository::of(&[
        ("types/src/lib.rs", ""),
        ("types/src/wire.rs", ""),
        ("types/src/wire/generated.rs", ""),
        ("types/src/crypto/tests.rs", ""),
        ("types/src/crypto/tests/edge.rs", ""),
        ("tests/src/lib.rs", ""),
        ("tests/tests/architecture.rs", ""),
        ("types/examples/cost.rs", ""),
        ("types/src/notes.md", ""),
    ]);
    let paths: Vec<&str> = repository
        .sources()
        .iter()
        .map(|source| source.path)
        .collect();
    assert_eq!(
        paths,
        ["tests/src/lib.rs", "types/src/lib.rs", "types/src/wire.rs"]
    );
}
