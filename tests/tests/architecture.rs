//! The structure that ARCHITECTURE.md states, checked: what depends on what, what pure crates leave
//! alone, where limits live, that links lead somewhere. Each rule is a function from facts to
//! violations, and is itself tested with a violation planted.

#[path = "architecture/code.rs"]
mod code;
#[path = "architecture/dependencies.rs"]
mod dependencies;
#[path = "architecture/files.rs"]
mod files;
#[path = "architecture/links.rs"]
mod links;
#[path = "architecture/purity.rs"]
mod purity;
#[path = "architecture/wording.rs"]
mod wording;

use files::Repository;

/// Fails with every violation, one a line.
#[track_caller]
fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn dependencies_point_downwards() {
    assert_none(&dependencies::upward_edges(&dependencies::of_workspace()));
}

#[test]
fn pure_crates_depend_on_nothing_that_acts() {
    assert_none(&dependencies::impure(&dependencies::of_workspace()));
}

#[test]
fn pure_crates_name_nothing_that_acts() {
    assert_none(&purity::impure_names(&Repository::read().sources()));
}

#[test]
fn pure_crates_deny_what_must_not_be() {
    assert_none(&purity::missing_denials(&Repository::read().sources()));
}

#[test]
fn protocol_limits_live_in_one_file() {
    assert_none(&purity::stray_limits(&Repository::read().sources()));
}

#[test]
fn foundations_are_in_use() {
    assert_none(&dependencies::unused_foundations(
        &Repository::read().sources(),
    ));
}

#[test]
fn files_are_short() {
    assert_none(&wording::long_files(&Repository::read().sources()));
}

#[test]
fn links_in_documents_lead_somewhere() {
    assert_none(&links::broken(&Repository::read()));
}

#[test]
fn no_machine_paths_and_no_unfinished_work() {
    assert_none(&wording::unwanted(&Repository::read()));
}
