//! What a run found.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Kind;
use super::memory::Series;

/// Of a soak that was too short, or whose processes were.
pub(super) const NOT_JUDGED: &str =
    "memory: NOT JUDGED, no process ran for 30 minutes after its warm-up";

/// Figures of a run, and every promise that was broken.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// What went wrong.
    pub kind: String,
    /// From which everything random follows, except the moments at which the machine did it.
    pub seed: u64,
    /// Faults injected, by what they were.
    pub faults: BTreeMap<String, u64>,
    /// All of them.
    pub events: u64,
    /// Wall time, seconds.
    pub seconds: u64,
    /// Heights that were decided.
    pub height: u64,
    /// Payments whose senders were told that they are final; each was found exactly once.
    pub acknowledged: u64,
    /// Receipts of them that were verified against the genesis document.
    pub receipts_verified: u64,
    /// Validators whose headers were compared at every height.
    pub validators_compared: usize,
    /// The longest time from the end of a fault until a block came, milliseconds.
    pub recovery_ms_max: u64,
    /// The most rounds from the end of a fault until a block came.
    pub recovery_rounds_max: Option<u64>,
    /// Memory of each validator's processes after their warm-up, of those that ran long enough for a line.
    pub memory: Vec<Vec<Series>>,
    /// Whether somebody ended it early.
    pub interrupted: bool,
    /// Evidence against validators that were made to lie.
    pub evidence_of_liars: u64,
    /// Promises that were broken.
    pub violations: Vec<String>,
}

impl Report {
    /// Counts a fault.
    pub fn count(&mut self, fault: &str) {
        *self.faults.entry(fault.to_owned()).or_default() += 1;
        self.events += 1;
    }

    /// How the memory of each process went, with the number of its validator.
    pub(super) fn series(&self) -> impl Iterator<Item = (usize, &Series)> {
        let of_each = (1..).zip(&self.memory);
        of_each.flat_map(|(index, all)| all.iter().map(move |one| (index, one)))
    }

    /// Whether any process ran for long enough to say whether it grows.
    pub(super) fn is_memory_judged(&self) -> bool {
        self.series().any(|(_, one)| one.is_too_steep().is_some())
    }

    /// The same for people; a soak in which nothing can be said says that.
    pub(super) fn memory_lines(&self) -> Vec<String> {
        let lines = self.series();
        let mut lines: Vec<String> = lines
            .map(|(index, series)| format!("  memory of validator {index}: {series}\n"))
            .collect();
        if self.kind == Kind::Soak.name() && !self.is_memory_judged() {
            lines.push(format!("  {NOT_JUDGED}\n"));
        }
        lines
    }

    /// For people.
    pub fn print(&self) {
        println!("{} (seed {}), {} s", self.kind, self.seed, self.seconds);
        for (fault, count) in &self.faults {
            println!("  {count:>6}  {fault}");
        }
        println!("  {:>6}  faults in all", self.events);
        println!(
            "  {} heights with equal headers and roots at {} validators",
            self.height, self.validators_compared
        );
        println!(
            "  {} acknowledged payments, each there exactly once; {} receipts verified",
            self.acknowledged, self.receipts_verified
        );
        let rounds = self.recovery_rounds_max;
        let rounds = rounds.map_or(String::new(), |rounds| format!(", at most {rounds} rounds"));
        println!(
            "  a block at most {} ms after a fault ended{rounds}",
            self.recovery_ms_max
        );
        print!("{}", self.memory_lines().concat());
        if self.evidence_of_liars > 0 {
            println!(
                "  {} times evidence against the liar",
                self.evidence_of_liars
            );
        }
        for violation in &self.violations {
            println!("  BROKEN: {violation}");
        }
        if self.interrupted {
            println!("  ended early");
        }
        println!(
            "{}: {} faults, {} violations",
            self.kind,
            self.events,
            self.violations.len()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::memory::Course;
    use super::*;

    #[test]
    fn a_soak_that_judged_nobody_says_so() {
        let of = |kind: Kind, seconds| {
            let course = Course {
                mebibytes_per_hour: 0.5,
                least_mebibytes_per_hour: 0.25,
                bytes_per_payment: 1.0,
                first_quarter_mebibytes: 200.0,
                last_quarter_mebibytes: 200.0,
                lowest_mebibytes: 199.0,
                highest_mebibytes: 201.0,
            };
            let series = Series {
                seconds,
                in_use: course,
                resident: course,
            };
            let report = Report {
                kind: kind.name().to_owned(),
                memory: vec![Vec::new(), vec![series]],
                ..Report::default()
            };
            report.memory_lines()
        };
        let short = of(Kind::Soak, 600.0);
        assert!(short[0].contains("validator 2") && short[1].contains("NOT JUDGED"));
        assert_eq!(of(Kind::Soak, 1_800.0).len(), 1);
        assert_eq!(of(Kind::Kill, 600.0).len(), 1, "nobody asks it");
    }
}
