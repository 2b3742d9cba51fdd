//! One seed from its beginning to its end.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use talea_types::Hash;

use super::checks::{Figures, Violation};
use super::plan::Plan;
use super::rules::{self, RuleCounts};
use super::world::{Counts, World};

/// What became of a run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The promise that was broken, if one was.
    pub violation: Option<Violation>,
    /// The hash of everything that happened.
    pub trace: Hash,
    /// Blocks decided.
    pub height: u64,
    /// Virtual time, milliseconds.
    pub virtual_ms: u64,
    /// What happened.
    pub counts: Counts,
    /// What was decided.
    pub figures: Figures,
    /// How often each rule of consensus acted.
    pub rules: RuleCounts,
}

/// Runs a seed.
#[must_use]
pub fn run_seed(seed: u64) -> Outcome {
    run_plan(Plan::of(seed), false)
}

/// Runs a plan, telling every step on standard error if asked. A panic of a node is a broken promise like
/// any other.
#[must_use]
pub fn run_plan(plan: Plan, verbose: bool) -> Outcome {
    quiet_panics();
    rules::begin();
    let mut world = World::new(plan);
    world.verbose = verbose;
    LAST_PANIC.with_borrow_mut(|last| *last = Some(String::new()));
    let result = catch_unwind(AssertUnwindSafe(|| {
        world.run();
        if world.checks.violation.is_none() {
            world.begin_after_snapshot();
        }
    }));
    let panicked = LAST_PANIC.with_borrow_mut(Option::take).unwrap_or_default();
    if result.is_err() {
        world.checks.fail(world.now, "no node panics", panicked);
    }
    Outcome {
        violation: world.checks.violation.clone(),
        trace: world.trace(),
        height: world.checks.height(),
        virtual_ms: world.now,
        counts: world.counts.clone(),
        figures: world.checks.figures.clone(),
        rules: rules::counted(),
    }
}

thread_local! {
    /// While a simulation runs on this thread: what its last panic said.
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps panics of simulated nodes from being printed; they are reported with their seed.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let simulated = LAST_PANIC.with_borrow_mut(|last| {
                last.as_mut().map(|text| *text = info.to_string()).is_some()
            });
            if !simulated {
                usual(info);
            }
        }));
    });
}
