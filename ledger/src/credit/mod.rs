//! The arithmetic of loans: pure, in whole minor units.
//!
//! Rounding, once for all:
//!
//! - interest accrues exactly, by days; whole minor units of it are owed, the fraction is carried on and
//!   never rounded up;
//! - an instalment that follows from a formula is rounded up to a whole minor unit, and the last one is
//!   what is then owed: the residual goes to the last instalment;
//! - what a division among several leaves over goes to the first of them, one minor unit each.
//!
//! What time does to a loan is in [`talea_types::credit`], where whoever reads one finds it too.

mod high_cost;
mod pauses;
mod schedule;
mod shares;
mod waterfall;

pub use high_cost::is_high_cost_short_term;
pub(crate) use pauses::{check_pausable, pause_loan, resume_loan};
pub use schedule::{Terms, annuity, costs_at_most, generate};
pub use shares::split;
pub use talea_types::credit::{
    Accrual, add_months, age, civil, date_of, days_between, days_of_year, days_past_due,
    has_lapsed, is_paused, oldest_unpaid, paused_days,
};
pub(crate) use talea_types::credit::{days_late, unpaid};
pub use waterfall::{Owed, waterfall};
