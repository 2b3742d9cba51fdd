//! The simulator: whole networks of real nodes in virtual time, under faults that a seed decides.
//!
//! | to find | look in |
//! | --- | --- |
//! | what a seed draws | `plan`, `twins` |
//! | the order of events | `world`, `effects` |
//! | a machine with its disk and its power supply | `machine`, `nodes` |
//! | loss, delay, partitions, connections | `network`, `links` |
//! | what goes wrong | `faults` |
//! | who lies, and how; who steals | `liar`, `theft` |
//! | payments, double spends, collections, changes of the set | `clients`, `collections`, `governance` |
//! | what must hold after every step | `checks` |
//! | who begins after a snapshot, and what liars send it | `newcomer`, `fetch` |
//! | which rules of consensus acted | `rules` |
//! | one seed, many seeds, a shorter list of faults | `run`, `swarm`, `shrink` |
//!
//! Kept true: nothing here depends on a clock, on threads or on the order of a hash map, so a seed replays
//! bit for bit; the trace hash says whether it did.

mod checks;
mod clients;
mod collections;
mod effects;
mod faults;
mod fetch;
mod governance;
mod liar;
mod links;
mod machine;
mod network;
mod newcomer;
mod nodes;
mod plan;
mod random;
mod rules;
mod run;
mod shrink;
mod swarm;
mod theft;
mod twins;
mod world;

pub use checks::{Figures, Violation};
pub use liar::Liar;
pub use plan::{Behaviour, Fault, FaultKind, Plan};
pub use random::Random;
pub use rules::RuleCounts;
pub use run::{Outcome, run_plan, run_seed};
pub use shrink::shrink;
pub use swarm::{Summary, swarm};
pub use world::{Counts, LIVENESS_MS, World};
