//! A short run of every decoder under changed inputs; `talea-fuzz` is the long one.

use talea_tests::fuzz::{self, CountingAllocator};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Inputs of each target. The lists that a run of a hundred thousand found too costly show up in these.
const EXECUTIONS: u64 = 6_000;

#[test]
fn every_decoder_takes_or_refuses_within_its_memory() {
    for target in fuzz::targets() {
        let report = fuzz::run(&target, EXECUTIONS, 1, || true);
        assert!(report.is_good(), "{report:#?}");
        assert!(report.taken > 0, "the seeds of {} are taken", target.name);
        // Within the bound, and measured at all.
        assert!(
            report.bytes_held_max > 0 || target.bytes_max < 16 << 10,
            "{}",
            target.name
        );
    }
}

#[test]
fn a_run_repeats() {
    let target = fuzz::target("consensus-message").unwrap();
    let run = |seed| {
        let report = fuzz::run(&target, 2_000, seed, || true);
        (report.taken, report.bytes_held_max)
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

/// Each target has a program of the same name for libFuzzer.
#[test]
fn every_target_is_a_libfuzzer_program() {
    let manifest = talea_tests::programs::repository().join("tests/fuzz/Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let named: Vec<&str> = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
        .filter(|name| *name != "talea-fuzz-targets")
        .collect();
    let targets = fuzz::targets();
    let names: Vec<&str> = targets.iter().map(|target| target.name).collect();
    assert_eq!(named, names);
}
