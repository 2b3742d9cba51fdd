//! What is built in has a licence that is allowed, comes from the one registry, and is in the bill of
//! materials. What is allowed is written in `.ci/deny.toml`, which `cargo deny` reads as well.

use talea_tests::programs::repository;
use talea_tests::supply::{bill, expression, is_met, packages};

/// The strings of a list in a TOML text, from the line that opens it.
fn listed(text: &str, opening: &str) -> Vec<String> {
    let (_, rest) = text.split_once(opening).unwrap();
    let (list, _) = rest.split_once(']').unwrap();
    let quoted = list.split('"').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

#[test]
fn licences_and_sources_are_those_that_are_allowed() {
    let rules = std::fs::read_to_string(repository().join(".ci/deny.toml")).unwrap();
    let licences = listed(&rules, "[licenses]\n");
    let licences: Vec<&str> = licences.iter().map(String::as_str).collect();
    let registries = listed(&rules, "allow-registry = [");
    let packages = packages().unwrap();
    assert!(packages.len() > 100, "{} packages", packages.len());
    for package in &packages {
        let licence = expression(&package.licence);
        assert!(
            is_met(&licence, &licences),
            "{} has {licence}",
            package.name
        );
        assert!(
            !rules.contains(&format!("name = \"{}\", reason", package.name)),
            "{} is banned",
            package.name
        );
        match &package.source {
            None => assert!(package.name.starts_with("talea-"), "{}", package.name),
            Some(source) => {
                let source = source.trim_start_matches("registry+");
                assert!(registries.iter().any(|one| one == source), "{source}");
                assert!(
                    package.checksum.is_some(),
                    "{} has no checksum",
                    package.name
                );
            }
        }
    }
}

#[test]
fn the_bill_names_every_package_once() {
    let packages = packages().unwrap();
    let bill = bill(&packages);
    let components = bill["components"].as_array().unwrap();
    assert_eq!(components.len(), packages.len());
    let mut names: Vec<&str> = components
        .iter()
        .map(|one| one["purl"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), packages.len());
    for name in [
        "pkg:cargo/sled@",
        "pkg:cargo/talea-node@",
        "pkg:cargo/rustls@",
    ] {
        assert!(names.iter().any(|one| one.starts_with(name)), "{name}");
    }
    assert_eq!(bill["bomFormat"], "CycloneDX");
}
