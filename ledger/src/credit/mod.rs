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
//! Loans age lazily: nothing is touched when the business date moves. What is owed on a date follows
//! from the loan's object and the date alone ([`age`], [`days_past_due`]), in any number of steps to the
//! same result. Whoever has the object with its proof computes the same.

mod ageing;
mod calendar;
mod day_count;
mod high_cost;
mod interest;
mod pauses;
mod schedule;
mod shares;
mod waterfall;

pub use ageing::{age, days_past_due, has_lapsed, oldest_unpaid};
pub(crate) use ageing::{days_late, unpaid};
pub use calendar::{add_months, civil, date_of};
pub use day_count::{days_between, days_of_year};
pub use high_cost::is_high_cost_short_term;
pub use interest::Accrual;
pub(crate) use pauses::{check_pausable, pause_loan, resume_loan};
pub use pauses::{is_paused, paused_days};
pub use schedule::{Terms, annuity, costs_at_most, generate};
pub use shares::split;
pub use waterfall::{Owed, waterfall};
