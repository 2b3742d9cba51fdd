//! What stands in files: no unfinished work, no path of somebody's machine, no long files.

use super::{
    code,
    files::{Repository, Source},
};

const LINES_MAX: usize = 600;

/// Texts that do not belong in a repository, in parts so that this file is not one of them.
const UNWANTED: [&str; 9] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("to", "do!("),
    concat!("unim", "plemented!("),
    concat!("/wo", "rk/"),
    concat!("/tmp", "/wt"),
    concat!("/tmp", "/tgt"),
    concat!("/ro", "ot/"),
    concat!("/home", "/"),
];

/// Files in which these texts stand.
pub fn unwanted(repository: &Repository) -> Vec<String> {
    let mut violations = Vec::new();
    for (path, text) in &repository.texts {
        for (number, line) in text.lines().enumerate() {
            let found = UNWANTED.iter().filter(|unwanted| {
                let is_word = unwanted.chars().all(|c| c.is_ascii_uppercase());
                if is_word {
                    code::has_word(line, unwanted)
                } else {
                    line.contains(**unwanted)
                }
            });
            violations.extend(found.map(|found| format!("{path}:{}: {found}", number + 1)));
        }
    }
    violations
}

/// Sources that are too long to be one thing.
pub fn long_files(sources: &[Source<'_>]) -> Vec<String> {
    sources
        .iter()
        .map(|source| (source.path, source.text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| format!("{path} has {lines} lines; at most {LINES_MAX} are allowed"))
        .collect()
}

#[test]
fn planted_texts_are_found() {
    for unwanted in UNWANTED {
        let planted = Repository::of(&[("a/src/b.rs", &format!("fine\n// {unwanted} x\n"))]);
        assert_eq!(super::wording::unwanted(&planted).len(), 1, "{unwanted}");
    }
    let fine = Repository::of(&[("a.md", "MASTODON and the mastodon\n")]);
    assert!(unwanted(&fine).is_empty());
}

#[test]
fn a_planted_long_file_is_found() {
    let (long, fine) = ("\n".repeat(LINES_MAX + 1), "\n".repeat(LINES_MAX));
    let planted = Repository::of(&[("node/src/a.rs", &long), ("node/src/b.rs", &fine)]);
    assert_eq!(long_files(&planted.sources()).len(), 1);
}
