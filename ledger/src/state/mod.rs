//! The objects in memory: what is committed ([`State`]) and what a block has touched
//! ([`WorkingState`]).

mod committed;
mod expiry;
mod touched;
mod working;

pub(crate) use committed::{RightId, State};
pub(crate) use expiry::{Expiring, ExpiryQueue};
pub(crate) use touched::Touched;
pub(crate) use working::{Changes, WorkingState};
