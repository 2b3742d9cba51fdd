//! The rules of the README by their ids, and a word whenever one of them acts.
//!
//! A rule acts when it holds something back, puts something in order or makes something good: what would
//! have gone another way without it. The word is a `tracing` event of the lowest level under [`TARGET`];
//! where nobody listens it costs one comparison. The simulator listens, and says which rules its seeds
//! never needed.

/// Target of the events; their field `rule` is the id.
pub const TARGET: &str = "talea_consensus::rule";

/// All rules, in the order of the README.
pub const RULES: [&str; 24] = [
    "C-1", "C-2", "C-3", "C-4", "C-5", "C-6", "C-7", "C-8", "C-10", "C-11", "C-12", "C-13", "C-15",
    "C-18", "C-20", "C-21", "C-22", "C-30", "C-31", "C-32", "C-40", "C-41", "C-42", "C-43",
];

/// A rule acts.
pub(crate) fn acts(rule: &'static str) {
    debug_assert!(RULES.contains(&rule), "{rule} is not in the README");
    tracing::trace!(target: TARGET, rule);
}

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn the_readme_has_the_same_rules() {
        let readme = include_str!("../README.md");
        let rows = readme.lines().filter_map(|line| line.strip_prefix("| C-"));
        let ids: Vec<String> = rows
            .filter_map(|row| row.split_once(' '))
            .map(|(number, _)| format!("C-{number}"))
            .collect();
        assert_eq!(ids, RULES);
    }
}
