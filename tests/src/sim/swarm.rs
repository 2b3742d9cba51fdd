//! Many seeds on several threads, and what they add up to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use super::checks::Violation;
use super::plan::{Behaviour, Plan};
use super::rules::RuleCounts;
use super::run::{Outcome, run_plan};

/// The sum of many runs.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Seeds that were run.
    pub seeds: u64,
    /// Blocks decided.
    pub heights: u64,
    /// Events handled.
    pub steps: u64,
    /// Most events of one network in 200 ms.
    pub busiest: u64,
    /// Virtual time, milliseconds.
    pub virtual_ms: u64,
    /// Faults of each kind that took place.
    pub faults: BTreeMap<String, u64>,
    /// Seeds in which somebody lied so.
    pub behaviours: BTreeMap<String, u64>,
    /// Results by outcome.
    pub outcomes: BTreeMap<String, u64>,
    /// Blocks by the round in which they were decided.
    pub rounds: [u64; 8],
    /// Statements of honest validators that were compared.
    pub statements: u64,
    /// Starts of nodes.
    pub starts: u64,
    /// Power cuts, which may tear what was not synced.
    pub power_cuts: u64,
    /// Syncs of logs.
    pub syncs: u64,
    /// Starts without a consensus log to rely on.
    pub rejoins: u64,
    /// Damaged disks that an operator had to help.
    pub repairs: u64,
    /// Changes of the validator set.
    pub set_changes: u64,
    /// Contradictions that nodes saw.
    pub evidence: u64,
    /// Permits granted.
    pub permits: u64,
    /// Nodes that began after a snapshot of their peers.
    pub snapshots: u64,
    /// Peers that lied to them and were found out.
    pub snapshot_liars: u64,
    /// How often each rule of consensus acted.
    pub rules: RuleCounts,
    /// Seeds that broke a promise.
    pub violations: Vec<(u64, Violation)>,
}

impl Summary {
    fn add(&mut self, plan: &Plan, outcome: &Outcome) {
        self.seeds += 1;
        self.heights += outcome.height;
        self.steps += outcome.counts.steps;
        self.busiest = self.busiest.max(outcome.counts.busiest);
        self.virtual_ms += outcome.virtual_ms;
        for (name, count) in &outcome.counts.faults {
            *self.faults.entry((*name).to_owned()).or_default() += count;
        }
        let of_seed = plan.byzantine.iter().flat_map(|(_, behaviours)| behaviours);
        let mut of_seed: Vec<Behaviour> = of_seed.copied().collect();
        of_seed.sort_unstable();
        of_seed.dedup();
        for behaviour in of_seed {
            *self.behaviours.entry(format!("{behaviour:?}")).or_default() += 1;
        }
        for (name, count) in &outcome.figures.outcomes {
            *self.outcomes.entry((*name).to_owned()).or_default() += count;
        }
        for (sum, count) in self.rounds.iter_mut().zip(outcome.figures.rounds) {
            *sum += count;
        }
        for (sum, count) in self.rules.iter_mut().zip(outcome.rules) {
            *sum += count;
        }
        self.statements += outcome.figures.statements;
        self.starts += outcome.counts.starts;
        self.power_cuts += outcome.counts.power_cuts;
        self.syncs += outcome.counts.syncs;
        self.rejoins += outcome.counts.rejoins;
        self.repairs += outcome.counts.repairs;
        self.set_changes += outcome.figures.set_changes;
        self.evidence += outcome.figures.evidence;
        self.snapshots += outcome.counts.snapshots;
        self.snapshot_liars += outcome.counts.snapshot_liars;
        self.permits += outcome.figures.permits as u64;
        if let Some(violation) = &outcome.violation {
            self.violations.push((plan.seed, violation.clone()));
        }
    }
}

/// Runs what seeds from `first` on draw: `count` of them, or until `goes_on` says no; it hears of every run as
/// it ends. `begin` prepares each thread.
pub fn swarm(
    draw: fn(u64) -> Plan,
    first: u64,
    count: u64,
    threads: usize,
    begin: impl Fn() + Send + Sync + Clone + 'static,
    mut goes_on: impl FnMut(&Summary) -> bool,
) -> Summary {
    let next = Arc::new(AtomicU64::new(first));
    let stopped = Arc::new(AtomicBool::new(false));
    let end = first.saturating_add(count);
    let (sender, results) = mpsc::sync_channel(threads);
    for _ in 0..threads.max(1) {
        let (next, stopped) = (Arc::clone(&next), Arc::clone(&stopped));
        let (sender, begin) = (sender.clone(), begin.clone());
        thread::spawn(move || {
            begin();
            loop {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= end || stopped.load(Ordering::Relaxed) {
                    return;
                }
                let plan = draw(seed);
                let outcome = run_plan(plan.clone(), false);
                if sender.send((plan, outcome)).is_err() {
                    return;
                }
            }
        });
    }
    drop(sender);
    let mut summary = Summary::default();
    for (plan, outcome) in results {
        summary.add(&plan, &outcome);
        if !stopped.load(Ordering::Relaxed) && !goes_on(&summary) {
            stopped.store(true, Ordering::Relaxed);
        }
    }
    summary.violations.sort_by_key(|(seed, _)| *seed);
    summary
}
