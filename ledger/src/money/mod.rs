//! How money moves, and why it balances.
//!
//! For each bank or operator `B` and asset there is a reserve `R_B` at the settlement agent and the sum
//! `L_B` of the balances, available and held, of the accounts that it sponsors. Double entry: each
//! account's balance stands against its sponsor's liability, each reserve against what was put in.
//!
//! | movement | payer | payee | `L_A` | `L_B` | `R_A` | `R_B` |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | issue by `B` | | + | | + | | |
//! | redeem by `A` | - | | - | | | |
//! | between accounts of one sponsor | - | + | | | | |
//! | between accounts of `A` and `B` | - | + | - | + | - | + |
//!
//! Kept true at every height: `L_B <= R_B` for every bank; for every asset the accounts' sum equals the
//! liabilities' sum and the reserves' sum equals what was put in. As all reserves of an asset together
//! fit an amount, no balance can ever exceed the largest amount.

mod claims;
mod conservation;
mod limits;
mod posting;

pub use conservation::ConservationError;
pub(crate) use conservation::{assert_balanced, verify_state};
pub(crate) use limits::{apply_spending, check_limits};
pub(crate) use posting::{Posting, Side, apply_posting};
