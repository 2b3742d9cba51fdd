//! A short run of the simulator with every test run. `talea-sim run` does the long ones.

use std::path::PathBuf;

use talea_tests::sim::{Outcome, Plan, run_plan, run_seed};

/// Seeds of the short run.
const SEEDS: u64 = 24;
/// Seeds whose traces are pinned.
const PINNED: u64 = 3;
/// Seeds that once broke a promise of the real code, with what it was.
const ONCE_BROKEN: [(u64, &str); 0] = [];

fn keeps_its_promises(seed: u64) -> Outcome {
    let outcome = run_seed(seed);
    if let Some(one) = &outcome.violation {
        panic!(
            "seed {seed} at {} ms: {}: {}; `talea-sim replay {seed}` shows it",
            one.at, one.promise, one.detail
        );
    }
    outcome
}

#[test]
fn no_promise_breaks_on_even_seeds() {
    let heights = (0..SEEDS)
        .step_by(2)
        .map(|seed| keeps_its_promises(seed).height);
    assert!(heights.sum::<u64>() > SEEDS, "hardly a block was decided");
}

#[test]
fn no_promise_breaks_on_odd_seeds() {
    let heights = (1..SEEDS)
        .step_by(2)
        .map(|seed| keeps_its_promises(seed).height);
    assert!(heights.sum::<u64>() > SEEDS, "hardly a block was decided");
}

#[test]
fn what_was_found_once_stays_mended() {
    for (seed, _) in ONCE_BROKEN {
        keeps_its_promises(seed);
    }
}

/// The same in every build: `cargo test` without optimisation has to give the same.
#[test]
fn traces_are_those_pinned() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/simulation/traces.txt");
    let line = |seed| format!("{seed} {}\n", run_seed(seed).trace);
    let found: String = (0..PINNED).map(line).collect();
    if std::env::var_os("TALEA_REGENERATE").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(
        found,
        std::fs::read_to_string(&path).unwrap(),
        "traces changed: wanted? then TALEA_REGENERATE=1"
    );
}

#[test]
fn a_seed_replays_bit_for_bit() {
    for seed in [1, 8] {
        let runs = [run_seed(seed), run_seed(seed)];
        assert_eq!(runs[0].trace, runs[1].trace, "seed {seed}");
        assert_eq!(runs[0].counts.steps, runs[1].counts.steps, "seed {seed}");
    }
    assert_ne!(run_seed(1).trace, run_seed(2).trace);
}

#[test]
fn leaving_faults_out_is_a_run_like_any_other() {
    let mut plan = (0..)
        .map(Plan::of)
        .find(|plan| plan.faults.len() > 4)
        .unwrap();
    plan.faults.truncate(2);
    let outcome = run_plan(plan.clone(), false);
    assert_eq!(outcome.violation, None);
    let injected: u64 = outcome.counts.faults.values().sum();
    assert_eq!(injected, plan.faults.len() as u64);
}
