//! Links in documents: a relative one must lead to a file, and its fragment to a heading.

use std::collections::BTreeSet;

use super::files::Repository;

/// Relative links that lead nowhere.
pub fn broken(repository: &Repository) -> Vec<String> {
    let folders = folders(repository);
    let mut violations = Vec::new();
    for (document, text) in repository
        .texts
        .iter()
        .filter(|(path, _)| path.ends_with(".md"))
    {
        for target in targets(text)
            .into_iter()
            .filter(|target| !is_elsewhere(target))
        {
            let (path, fragment) = target.split_once('#').unwrap_or((&target, ""));
            let resolved = if path.is_empty() {
                Some(document.clone())
            } else {
                resolve(document, path)
            };
            let found = resolved.filter(|path| {
                repository.texts.contains_key(path) || folders.contains(path.as_str())
            });
            let Some(found) = found else {
                violations.push(format!("{document}: {target} does not exist"));
                continue;
            };
            let headings = repository.texts.get(&found).map(|text| headings(text));
            if !fragment.is_empty()
                && found.ends_with(".md")
                && !headings.is_some_and(|headings| headings.contains(fragment))
            {
                violations.push(format!("{document}: {target} names no heading"));
            }
        }
    }
    violations
}

fn folders(repository: &Repository) -> BTreeSet<&str> {
    let mut folders = BTreeSet::from([""]);
    for path in repository.texts.keys() {
        folders.extend(path.match_indices('/').map(|(end, _)| &path[..end]));
    }
    folders
}

fn is_elsewhere(target: &str) -> bool {
    ["http://", "https://", "mailto:"]
        .iter()
        .any(|scheme| target.starts_with(scheme))
}

/// What `[text](target)` names, outside code.
fn targets(text: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for line in prose(text) {
        // Every second part is between backticks.
        let words: String = line.split('`').step_by(2).collect();
        let ends = words.split("](").skip(1);
        targets.extend(ends.filter_map(|rest| Some(rest.split([')', ' ']).next()?.to_owned())));
    }
    targets
}

/// Lines outside fenced code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

/// The path from the root that a link means; `None` when it leaves the repository.
fn resolve(document: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in link.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Fragments of the headings, by the rule of the usual forges.
fn headings(text: &str) -> BTreeSet<String> {
    prose(text)
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

#[test]
fn planted_broken_links_are_found() {
    let planted = Repository::of(&[
        (
            "docs/guide.md",
            "# The guide\n[a](../README.md) [b](missing.md) [c](../../outside.md) [d](#the-guide)\n\
             [e](#nowhere) [f](https://example.org/x) [g](../README.md#two-words) [h](../docs)\n\
             [i](../README.md#three) [j](../docs/)\n```\n[k](in-code.md)\n```\n\
             `[l](in-code.md)` [`m`](missing-too.md)\n",
        ),
        ("README.md", "## Two `words`!\n"),
    ]);
    assert_eq!(
        broken(&planted),
        [
            "docs/guide.md: missing.md does not exist",
            "docs/guide.md: ../../outside.md does not exist",
            "docs/guide.md: #nowhere names no heading",
            "docs/guide.md: ../README.md#three names no heading",
            "docs/guide.md: missing-too.md does not exist",
        ]
    );
}
