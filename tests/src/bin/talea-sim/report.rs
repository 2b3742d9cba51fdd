//! What is printed at the end.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use talea_consensus::rules::RULES;
use talea_tests::sim::{Outcome, Plan, Summary};

/// Prints what many seeds came to, of so many that were wanted.
pub fn print(summary: &Summary, wanted: u64, took: Duration, twins: bool, json: bool) {
    let virtual_hours = summary.virtual_ms as f64 / 3_600_000.0;
    if json {
        let violations: Vec<_> = summary
            .violations
            .iter()
            .map(|(seed, one)| {
                json!({
                    "seed": seed,
                    "promise": one.promise,
                    "detail": one.detail,
                    "at_ms": one.at,
                    "replay": replay_of(*seed, twins),
                })
            })
            .collect();
        let report = json!({
            "seeds": summary.seeds,
            "seeds_wanted": wanted,
            "seconds": took.as_secs_f64(),
            "heights": summary.heights,
            "steps": summary.steps,
            "busiest_200_ms": summary.busiest,
            "virtual_hours": virtual_hours,
            "faults": summary.faults,
            "byzantine": summary.behaviours,
            "outcomes": summary.outcomes,
            "rounds": summary.rounds,
            "statements": summary.statements,
            "starts": summary.starts,
            "power_cuts": summary.power_cuts,
            "syncs": summary.syncs,
            "rejoins": summary.rejoins,
            "repairs": summary.repairs,
            "set_changes": summary.set_changes,
            "evidence": summary.evidence,
            "permits": summary.permits,
            "snapshots": summary.snapshots,
            "snapshot_liars": summary.snapshot_liars,
            "rules": rules(summary).collect::<BTreeMap<_, _>>(),
            "violations": violations,
        });
        println!("{report:#}");
        return;
    }
    if summary.seeds < wanted {
        println!("RAN {} OF {wanted} SEEDS", summary.seeds);
    }
    println!(
        "{} seeds in {:.0} s: {} blocks, {} steps, {virtual_hours:.2} virtual hours; at most {} steps in 200 ms",
        summary.seeds,
        took.as_secs_f64(),
        summary.heights,
        summary.steps,
        summary.busiest,
    );
    println!("faults      {}", list(&summary.faults));
    println!("byzantine   {}", list(&summary.behaviours));
    println!("outcomes    {}", list(&summary.outcomes));
    println!(
        "rounds      {:?} (blocks decided in round 0, 1, ... 7 and later)",
        summary.rounds
    );
    println!(
        "nodes       {} starts, {} power cuts, {} syncs, {} rejoins, {} repairs, {} changes of the set",
        summary.starts,
        summary.power_cuts,
        summary.syncs,
        summary.rejoins,
        summary.repairs,
        summary.set_changes
    );
    println!(
        "checked     {} statements, {} contradictions of liars seen, {} permits",
        summary.statements, summary.evidence, summary.permits
    );
    println!(
        "snapshots   {} nodes began after one of their peers; {} liars found out",
        summary.snapshots, summary.snapshot_liars
    );
    println!("rules       {}", rules_of(summary));
    println!("violations  {}", summary.violations.len());
    for (seed, one) in &summary.violations {
        println!(
            "  seed {seed} at {} ms: {}: {}",
            one.at, one.promise, one.detail
        );
    }
}

/// What shows a seed again.
pub fn replay_of(seed: u64, twins: bool) -> String {
    let twins = if twins { " --twins" } else { "" };
    format!("talea-sim replay {seed}{twins}")
}

fn rules(summary: &Summary) -> impl Iterator<Item = (&'static str, u64)> {
    RULES.into_iter().zip(summary.rules)
}

/// How many rules of consensus acted, the rarest, and those that never did.
fn rules_of(summary: &Summary) -> String {
    let never: Vec<&str> = rules(summary)
        .filter(|(_, count)| *count == 0)
        .map(|(rule, _)| rule)
        .collect();
    let mut acted: Vec<(&str, u64)> = rules(summary).filter(|(_, count)| *count > 0).collect();
    acted.sort_by_key(|(_, count)| *count);
    let rarest = acted
        .iter()
        .take(5)
        .map(|(rule, count)| format!("{rule} {count}"));
    let rarest = rarest.collect::<Vec<_>>().join(", ");
    let never = match never.is_empty() {
        true => String::new(),
        false => format!("; never: {}", never.join(", ")),
    };
    format!(
        "{} of {} acted; rarest: {rarest}{never}",
        acted.len(),
        RULES.len()
    )
}

/// Prints what a seed drew.
pub fn print_plan(plan: &Plan) {
    println!(
        "seed {}: {} validators, {} observers, calm at {} ms, {:?}",
        plan.seed, plan.validators, plan.observers, plan.calm_at, plan.weather
    );
    for (place, behaviours) in &plan.byzantine {
        println!("  node {place} lies: {behaviours:?}");
    }
    for (number, fault) in plan.faults.iter().enumerate() {
        println!("  {number:>2}  {fault}");
    }
}

/// Prints what became of a seed.
pub fn print_outcome(outcome: &Outcome) {
    println!(
        "{} blocks in {} ms, {} steps, trace {}",
        outcome.height, outcome.virtual_ms, outcome.counts.steps, outcome.trace
    );
    match &outcome.violation {
        Some(one) => println!(
            "VIOLATION at {} ms: {}: {}",
            one.at, one.promise, one.detail
        ),
        None => println!("every promise kept"),
    }
}

fn list(counts: &BTreeMap<String, u64>) -> String {
    let words: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    words.join(", ")
}
