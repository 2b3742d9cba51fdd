//! Makes the list of faults behind a failure as short as it gets.

use super::checks::Violation;
use super::plan::Plan;
use super::run::run_plan;

/// Leaves faults out, many at a time and then one by one (Zeller and Hildebrandt's delta debugging), as
/// long as the same promise breaks; then the liars. `tried` is told after every run.
pub fn shrink(
    plan: &Plan,
    violation: &Violation,
    runs_max: u32,
    mut tried: impl FnMut(usize),
) -> Plan {
    let mut best = plan.clone();
    let mut runs = 0;
    let mut fails = |candidate: &Plan| {
        runs += 1;
        let outcome = run_plan(candidate.clone(), false);
        let same = outcome
            .violation
            .is_some_and(|one| one.promise == violation.promise);
        tried(candidate.faults.len());
        (same, runs >= runs_max)
    };
    let mut size = best.faults.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        while from < best.faults.len() {
            let mut candidate = best.clone();
            let end = (from + size).min(candidate.faults.len());
            candidate.faults.drain(from..end);
            let (same, spent) = fails(&candidate);
            if same {
                best = candidate;
            } else {
                from += size;
            }
            if spent {
                return best;
            }
        }
        size /= 2;
    }
    for simplify in [Plan::calm, Plan::honest] {
        let simpler = simplify(&best);
        let (same, spent) = fails(&simpler);
        if same {
            best = simpler;
        }
        if spent {
            break;
        }
    }
    best
}
