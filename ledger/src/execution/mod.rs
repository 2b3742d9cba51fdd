//! What a block does to the state.
//!
//! ```text
//! proposals that are due  ->  what has ended by its time  ->  each transaction in order  ->  sums checked, objects encoded, tree
//! ```
//!
//! A transaction is checked as a whole before it changes anything. If it cannot be attributed to its
//! author (a *void* outcome) it leaves no trace; otherwise its nonce is used, whatever comes of it.

mod block;
mod delta;
mod ended;
mod transaction;

pub use block::{BlockContext, ContextError, Execution, Stage};
pub(crate) use block::{execute, rule_packs_hash};
pub use delta::{Delta, DeltaEntry};
