//! `talea-sim planted`: the simulator against faults that are known.

use std::process::ExitCode;
use std::time::Instant;

use talea_tests::sim::{Plan, run_seed, swarm};
use talea_types::planted::{Bug, plant};

/// Looks for a seed that finds each of the faults.
pub fn run(names: &[String], seeds: u64, threads: usize) -> ExitCode {
    let named = |bug: &Bug| names.is_empty() || names.contains(&format!("{bug:?}"));
    let mut all_found = true;
    println!(
        "{:<24} {:>6} {:>8} {:>8}  promise that broke",
        "fault", "seed", "steps", "seconds"
    );
    for bug in Bug::ALL.into_iter().filter(named) {
        let begun = Instant::now();
        let begin = move || plant(Some(bug));
        let summary = swarm(Plan::of, 0, seeds, threads, begin, |summary| {
            summary.violations.is_empty()
        });
        let Some((seed, violation)) = summary.violations.first() else {
            println!(
                "{:<24} not found in {} seeds",
                format!("{bug:?}"),
                summary.seeds
            );
            all_found = false;
            continue;
        };
        plant(Some(bug));
        let steps = run_seed(*seed).counts.steps;
        plant(None);
        let sound = run_seed(*seed);
        println!(
            "{:<24} {seed:>6} {steps:>8} {:>8.1}  {}",
            format!("{bug:?}"),
            begun.elapsed().as_secs_f64(),
            violation.promise
        );
        if let Some(one) = sound.violation {
            println!(
                "    without the fault the seed fails too: {}: {}",
                one.promise, one.detail
            );
            all_found = false;
        }
    }
    if all_found {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
