//! Contact permits of a real network against a checker that was written apart from its rules: five agencies,
//! each a client at a validator of its own, ask at random about the same debtors, and the clock of the sandbox
//! moves on by more than a year. Every verdict in every block, and every rule that refuses, has to be the
//! checker's.
//!
//! | to find | look in |
//! | --- | --- |
//! | the network, its debtors, loans and cases | [`stage`] |
//! | the clients that submit | [`lanes`] |
//! | the blocks that are read and verified | [`follower`] |
//! | how far the clock moves, and when | [`calendar`] |
//! | how all of it is played | [`run()`] |
//!
//! What is asked and what has to come of it are those of the ledger's own test, which plays them on one ledger
//! without a network.

mod calendar;
mod follower;
mod lanes;
mod report;
mod run;
mod stage;

#[path = "../../../ledger/tests/permits/checker.rs"]
mod checker;
#[path = "../../../ledger/tests/permits/debtors.rs"]
mod debtors;
#[path = "../../../ledger/tests/permits/generator.rs"]
mod generator;
#[path = "../../../ledger/tests/permits/naive.rs"]
mod naive;

use std::time::Duration;

pub use report::{AgencyReport, Report};
pub use run::{Plan, run};

/// Validators.
const VALIDATORS: usize = 4;
/// Longer than this, and something hangs.
const PATIENCE: Duration = Duration::from_secs(120);
