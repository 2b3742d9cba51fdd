//! What a run comes to.

use std::collections::BTreeMap;

use serde::Serialize;
use talea_types::{BlockHeader, Outcome};

use super::{debtors::AGENCIES, lanes::validator_of};

/// How often each outcome came, by its name.
pub type Outcomes = BTreeMap<String, u64>;

/// See the module.
#[derive(Debug, Serialize)]
pub struct Report {
    /// From which everything random but the order in blocks follows.
    pub seed: u64,
    /// Debtors, with two loans and five cases each.
    pub debtors: usize,
    /// Requests for a permit, each with the checker's verdict.
    pub requests: u64,
    /// What came of them.
    pub outcomes: Outcomes,
    /// How often each rule refused.
    pub rules: BTreeMap<String, u64>,
    /// Outcomes, preferences and notices between them, by kind.
    pub between: BTreeMap<String, Outcomes>,
    /// By agency.
    pub agencies: Vec<AgencyReport>,
    /// Blocks, those without transactions among them.
    pub blocks: u64,
    /// Where all four validators had the same state.
    pub height: u64,
    /// The root of that state.
    pub state_root: String,
    /// How far the network's clock went, days.
    pub days: u64,
    /// Changes of clocks in the United States meanwhile.
    pub clock_changes: usize,
    /// From the first request to the last verdict.
    pub seconds: f64,
    /// Requests a second.
    pub rate: f64,
}

/// An agency, a client at a validator.
#[derive(Clone, Debug, Serialize)]
pub struct AgencyReport {
    /// From 1.
    pub agency: u64,
    /// From 1.
    pub validator: usize,
    /// Whether it was ever evaluated.
    pub evaluated: bool,
    /// Its requests.
    pub requests: u64,
    /// Those that were granted.
    pub granted: u64,
}

impl Report {
    pub(super) fn new(seed: u64, debtors: usize) -> Self {
        let agencies = (0..AGENCIES).map(|agency| AgencyReport {
            agency: agency + 1,
            validator: validator_of(agency) + 1,
            evaluated: agency + 1 < AGENCIES,
            requests: 0,
            granted: 0,
        });
        Self {
            seed,
            debtors,
            requests: 0,
            outcomes: Outcomes::new(),
            rules: BTreeMap::new(),
            between: BTreeMap::new(),
            agencies: agencies.collect(),
            blocks: 0,
            height: 0,
            state_root: String::new(),
            days: 0,
            clock_changes: 0,
            seconds: 0.0,
            rate: 0.0,
        }
    }

    pub(super) fn count_request(&mut self, agency: usize, outcome: Outcome, rules: &[String]) {
        self.requests += 1;
        *self.outcomes.entry(outcome.to_string()).or_default() += 1;
        for rule in rules {
            *self.rules.entry(rule.clone()).or_default() += 1;
        }
        let agency = &mut self.agencies[agency];
        agency.requests += 1;
        agency.granted += u64::from(outcome.is_applied());
    }

    pub(super) fn count_between(&mut self, kind: &str, outcome: Outcome) {
        let outcomes = self.between.entry(kind.to_owned()).or_default();
        *outcomes.entry(outcome.to_string()).or_default() += 1;
    }

    pub(super) fn close(&mut self, header: &BlockHeader, seconds: f64) {
        (self.height, self.state_root) = (header.height, header.state_root.to_string());
        self.seconds = seconds;
        self.rate = self.requests as f64 / seconds.max(0.001);
    }

    /// Prints for people.
    pub fn print(&self) {
        let Self {
            requests, debtors, ..
        } = self;
        println!(
            "{requests} requests for permits about {debtors} debtors: every verdict and every rule as the \
             checker's, no cap exceeded"
        );
        for (outcome, count) in &self.outcomes {
            println!("{count:>10} {outcome}");
        }
        println!("refused by");
        for (rule, count) in &self.rules {
            println!("{count:>10} {rule}");
        }
        for (kind, outcomes) in &self.between {
            println!("{kind}");
            for (outcome, count) in outcomes {
                println!("{count:>10} {outcome}");
            }
        }
        for one in &self.agencies {
            let unevaluated = if one.evaluated {
                ""
            } else {
                ", never evaluated"
            };
            println!(
                "agency {} at validator {}: {} requests, {} granted{unevaluated}",
                one.agency, one.validator, one.requests, one.granted
            );
        }
        println!(
            "{} blocks over {} days of ledger time, {} changes of clocks; four validators with the state {} at \
             height {}",
            self.blocks, self.days, self.clock_changes, self.state_root, self.height
        );
        println!(
            "seed {}: {:.1} s, {:.0} requests/s",
            self.seed, self.seconds, self.rate
        );
    }
}
