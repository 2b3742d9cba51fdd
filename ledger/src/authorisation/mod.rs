//! Who has to sign, and whether they did.
//!
//! [`parties_of`] says whose consent an operation needs; [`check_signatures`] decides. For a batch the
//! parties of all legs are put together and all are checked before any leg is looked at: there is no
//! way to leave the loop early.

mod check;
mod lending;
mod parties;

pub(crate) use check::{check_attribution, check_signatures};
pub(crate) use parties::{Caller, parties_of};
