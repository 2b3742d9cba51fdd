//! What the sources of pure crates may not name, must deny, and keep in one file.

use super::{
    code,
    files::{Repository, Source},
};

const PURE_ROOMS: [&str; 4] = ["types", "rules", "ledger", "consensus"];
/// Rooms whose every limit is part of the protocol. Those of `consensus` bound one node's memory and
/// stand beside the machine that they bound.
const PROTOCOL_ROOMS: [&str; 3] = ["types", "rules", "ledger"];
const LIMITS: &str = "types/src/limits.rs";

/// Types that depend on the machine or on the order of a hash.
const WORDS: [&str; 6] = ["Instant", "SystemTime", "HashMap", "HashSet", "f32", "f64"];
/// Modules of the standard library that act.
const MODULES: [&str; 5] = ["fs", "net", "thread", "process", "env"];

const DENIED: [&str; 8] = [
    "clippy::unwrap_used",
    "clippy::expect_used",
    "clippy::panic",
    "clippy::indexing_slicing",
    "clippy::arithmetic_side_effects",
    "clippy::float_arithmetic",
    "clippy::disallowed_types",
    "clippy::disallowed_methods",
];

/// Names in pure crates of what acts, measures time or has no order.
pub fn impure_names(sources: &[Source<'_>]) -> Vec<String> {
    let mut violations = Vec::new();
    for source in of_rooms(sources, &PURE_ROOMS) {
        let code = code::effective(source.text);
        let words = WORDS.iter().filter(|word| code::has_word(&code, word));
        violations.extend(words.map(|word| format!("{}: {word}", source.path)));
        let modules = MODULES.iter().filter(|module| names_module(&code, module));
        violations.extend(modules.map(|module| format!("{}: std::{module}", source.path)));
    }
    violations
}

/// Whether `std::module` is named, alone or in a group such as `use std::{fmt, fs}`.
fn names_module(code: &str, module: &str) -> bool {
    let direct = format!("std::{module}");
    let is_direct = code::has_word(code, &direct);
    is_direct
        || code.split("std::{").skip(1).any(|group| {
            let group = &group[..group.find(';').unwrap_or(group.len())];
            group.split(['{', ',', '}']).any(|part| {
                part.trim() == module || part.trim().starts_with(&format!("{module}::"))
            })
        })
}

/// Pure crates that do not deny every lint that keeps them so.
pub fn missing_denials(sources: &[Source<'_>]) -> Vec<String> {
    let mut violations = Vec::new();
    for room in PURE_ROOMS {
        let path = format!("{room}/src/lib.rs");
        let code = sources
            .iter()
            .find(|source| source.path == path)
            .map(|source| code::effective(source.text))
            .unwrap_or_default();
        let denied = code
            .split_once("deny(")
            .map_or("", |(_, rest)| rest.split(')').next().unwrap_or_default());
        let missing = DENIED.iter().filter(|lint| !code::has_word(denied, lint));
        violations.extend(missing.map(|lint| format!("{path} does not deny {lint}")));
    }
    violations
}

/// Limits of the protocol that are defined elsewhere than where all are.
pub fn stray_limits(sources: &[Source<'_>]) -> Vec<String> {
    let mut violations = Vec::new();
    for source in of_rooms(sources, &PROTOCOL_ROOMS).filter(|source| source.path != LIMITS) {
        let code = code::effective(source.text);
        for definition in code.split("const ").skip(1) {
            let name: String = definition
                .chars()
                .take_while(|character| {
                    character.is_ascii_uppercase() || "_0123456789".contains(*character)
                })
                .collect();
            if name.ends_with("_MAX") {
                violations.push(format!("{}: {name} belongs in {LIMITS}", source.path));
            }
        }
    }
    violations
}

fn of_rooms<'a>(
    sources: &'a [Source<'a>],
    rooms: &'a [&str],
) -> impl Iterator<Item = &'a Source<'a>> {
    sources
        .iter()
        .filter(|source| rooms.contains(&source.room()))
}

#[test]
fn planted_names_are_found() {
    for text in [
        "fn f(x: f64) {}",
        "use std::collections::{BTreeMap, HashMap};",
        "let now = std::time::Instant::now();",
        "use std::time::SystemTime;",
        "fn f() { std::fs::read(\"x\"); }",
        "use std::{fmt, fs};",
        "use std::{\n    collections::{BTreeMap, BTreeSet},\n    net::TcpStream,\n};",
        "use std::thread;",
    ] {
        let planted = Repository::of(&[("ledger/src/rules.rs", text), ("node/src/lib.rs", text)]);
        assert_eq!(impure_names(&planted.sources()).len(), 1, "{text}");
    }
    let clean = Repository::of(&[(
        "ledger/src/rules.rs",
        "use std::{collections::BTreeMap, fmt}; // std::fs\n#[cfg(test)]\nmod tests { use std::fs; }",
    )]);
    assert!(impure_names(&clean.sources()).is_empty());
}

#[test]
fn a_missing_denial_is_found() {
    let all = format!("#![deny({})]", DENIED.join(", "));
    let less = all.replace("clippy::panic, ", "");
    let planted = Repository::of(&[
        ("types/src/lib.rs", &all),
        ("rules/src/lib.rs", &all),
        ("ledger/src/lib.rs", &less),
        ("consensus/src/lib.rs", &all),
    ]);
    assert_eq!(
        missing_denials(&planted.sources()),
        ["ledger/src/lib.rs does not deny clippy::panic"]
    );
}

#[test]
fn planted_limits_are_found() {
    let text = "pub const QUEUE_MAX: usize = 3; const MAXIMUM: u8 = 1; const fn f() {}";
    let planted = Repository::of(&[
        ("ledger/src/rules.rs", text),
        (LIMITS, text),
        ("node/src/limits.rs", text),
    ]);
    assert_eq!(
        stray_limits(&planted.sources()),
        ["ledger/src/rules.rs: QUEUE_MAX belongs in types/src/limits.rs"]
    );
}
