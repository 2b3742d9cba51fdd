//! What a run found.

use std::collections::BTreeMap;

use serde::Serialize;

use super::memory::Slope;

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
    /// Growth of each validator's memory after its warm-up, where one ran long enough.
    pub memory: Vec<Option<Slope>>,
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

    /// How the memory of each validator grew that ran long enough.
    pub(super) fn memory_lines(&self) -> Vec<String> {
        let slopes = (1..).zip(&self.memory);
        let line = |index: usize, slope: &Slope| {
            let short = match slope.is_too_steep() {
                Some(_) => "",
                None => ", too short to say anything",
            };
            format!(
                "  memory of validator {index}: {:+.2} MiB an hour, {:+.1} bytes a payment, over {:.0} min{short}\n",
                slope.mebibytes_per_hour,
                slope.bytes_per_payment,
                slope.seconds / 60.0,
            )
        };
        let known = slopes.filter_map(|(index, slope)| Some((index, slope.as_ref()?)));
        known.map(|(index, slope)| line(index, slope)).collect()
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
