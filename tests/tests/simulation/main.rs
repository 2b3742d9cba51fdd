//! A short run of the simulator with every test run. `talea-sim run` does the long ones.

use talea_tests::sim::{Outcome, Plan, run_plan, run_seed};

/// Seeds of the short run.
const SEEDS: u64 = 24;
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

/// Seed 514: a restarted validator asked for a batch that nobody had any more; each answer, and each copy
/// of it that the network made, asked the next one at once, until memory ended.
#[test]
fn seeds_that_once_broke_a_promise_keep_them() {
    keeps_its_promises(514);
}

#[test]
fn twins_and_the_forgetful_break_no_promise() {
    let mut contradictions = 0;
    for seed in 0..24 {
        let outcome = run_plan(Plan::twins(seed), false);
        assert_eq!(
            outcome.violation, None,
            "`talea-sim replay {seed} --twins` shows it"
        );
        contradictions += outcome.figures.evidence;
    }
    assert!(contradictions > 0, "nobody contradicted itself");
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
