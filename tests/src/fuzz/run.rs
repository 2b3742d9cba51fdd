//! Many inputs for one target: changed seeds, and changed inputs that were taken.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use bytes::Bytes;
use serde::Serialize;

use super::{Target, memory, mutation::mutate};
use crate::sim::Random;

/// Inputs that were taken and are changed further; an older one makes room.
const KEPT: usize = 256;

/// What a run found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The target.
    pub target: &'static str,
    /// Inputs, seeds among them.
    pub executions: u64,
    /// Inputs that were taken.
    pub taken: u64,
    /// Inputs that made it panic.
    pub panics: u64,
    /// Inputs that took more memory than the bound.
    pub above_bound: u64,
    /// Most memory, of the bound for its input, percent.
    pub memory_percent: u64,
    /// Most bytes held for one input.
    pub bytes_held_max: usize,
    /// Its length.
    pub bytes_held_length: usize,
    /// How long it took, milliseconds.
    pub elapsed_ms: u64,
    /// The first inputs that broke a rule.
    pub failures: Vec<Failure>,
}

/// An input that broke a rule.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    /// What it did.
    pub what: String,
    /// The input, hexadecimal.
    pub input: String,
}

impl Report {
    /// Whether every rule held.
    #[must_use]
    pub const fn is_good(&self) -> bool {
        self.panics == 0 && self.above_bound == 0
    }
}

/// Runs so many inputs that follow from the seed, or until `goes_on` says no.
pub fn run(target: &Target, executions: u64, seed: u64, goes_on: impl Fn() -> bool) -> Report {
    let begun = Instant::now();
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty(), "{} starts from something", target.name);
    let mut report = Report {
        target: target.name,
        executions: 0,
        taken: 0,
        panics: 0,
        above_bound: 0,
        memory_percent: 0,
        bytes_held_max: 0,
        bytes_held_length: 0,
        elapsed_ms: 0,
        failures: Vec::new(),
    };
    // What is made once for the whole process is not the first input's.
    for input in &seeds {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            (target.decode)(&Bytes::from(input.clone()))
        }));
    }
    let mut random = Random::new(seed, target.name);
    let mut corpus = seeds.clone();
    for input in seeds {
        report.execute(target, &input.into());
    }
    while report.executions < executions && (!report.executions.is_multiple_of(256) || goes_on()) {
        let input = &corpus[random.position(corpus.len())];
        let other = &corpus[random.position(corpus.len())];
        let changed = Bytes::from(mutate(&mut random, input, other, target.bytes_max));
        // Short inputs are faster and reach as much.
        let is_kept = report.execute(target, &changed) && changed.len() <= 4_096;
        if is_kept && random.chance(50) {
            if corpus.len() < KEPT {
                corpus.push(changed.to_vec());
            } else {
                let place = random.position(KEPT);
                corpus[place] = changed.to_vec();
            }
        }
    }
    report.elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    report
}

impl Report {
    /// Whether the input was taken.
    fn execute(&mut self, target: &Target, input: &Bytes) -> bool {
        self.executions += 1;
        let decode = || catch_unwind(AssertUnwindSafe(|| (target.decode)(input)));
        let (result, peak) = memory::peak_of(decode);
        let bound = target.memory.bytes(input.len());
        let percent = (peak * 100 / bound) as u64;
        self.memory_percent = self.memory_percent.max(percent);
        if peak > self.bytes_held_max {
            (self.bytes_held_max, self.bytes_held_length) = (peak, input.len());
        }
        match result {
            Err(panic) => {
                self.panics += 1;
                let text = panic.downcast_ref::<String>().cloned();
                let text =
                    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                self.fail(format!("panic: {}", text.unwrap_or_default()), input);
                false
            }
            Ok(taken) => {
                if peak > bound {
                    self.above_bound += 1;
                    self.fail(
                        format!("{peak} bytes for {}, at most {bound}", input.len()),
                        input,
                    );
                }
                self.taken += u64::from(taken);
                taken
            }
        }
    }

    fn fail(&mut self, what: String, input: &[u8]) {
        const SHOWN: usize = 3;
        if self.failures.len() < SHOWN {
            let input = input.iter().map(|byte| format!("{byte:02x}")).collect();
            self.failures.push(Failure { what, input });
        }
    }
}
