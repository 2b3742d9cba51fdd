//! The rules of the ledger: a pure, deterministic state machine. Same blocks, same bytes, on every
//! validator: no clock, no randomness, no I/O, no floats, no unordered iteration.
//!
//! | to find | look in |
//! | --- | --- |
//! | what a block does to the state | [`execution`] |
//! | who may read which record | [`access`] |
//! | who has to sign what | [`authorisation`] |
//! | what the rules of conduct are asked about | [`conduct`] |
//! | each operation: its checks, then its changes | [`operations`] |
//! | the arithmetic of loans | [`credit`] |
//! | how money moves and why it balances | [`money`] |
//! | histories of accounts and organisations | [`events`] |
//! | the objects in memory, and what a block has touched | [`state`] |
//! | the tree under the state root | [`tree`] |
//!
//! A [`Ledger`] is the committed state. [`Ledger::execute`] computes what a block would do and changes
//! nothing; [`Ledger::commit`] takes one such [`Execution`] over and cannot fail.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::float_arithmetic,
        clippy::disallowed_types,
        clippy::disallowed_methods
    )
)]

pub mod access;
mod authorisation;
mod conduct;
pub mod credit;
mod events;
mod execution;
mod genesis;
mod ledger;
mod money;
mod operations;
mod restore;
mod state;
mod tree;

pub use events::EventRecord;
pub use execution::{BlockContext, ContextError, Delta, DeltaEntry, Execution, Stage};
pub use genesis::{Genesis, GenesisError};
pub use ledger::Ledger;
pub use money::ConservationError;
pub use restore::RestoreError;
