//! The objects in memory: what is committed ([`State`]) and what a block has touched
//! ([`WorkingState`]).

mod assurance;
mod collections;
mod committed;
mod expiry;
mod rule_book;
mod table;
mod touched;
mod working;

pub(crate) use assurance::{Assurance, AssuranceChanges, AssuranceTouched};
pub(crate) use collections::{Collections, CollectionsChanges, CollectionsTouched};
pub(crate) use committed::{RightId, State};
pub(crate) use expiry::{Expiring, ExpiryQueue};
pub(crate) use rule_book::{RuleBook, read_pack};
pub(crate) use table::Table;
pub(crate) use touched::{ObjectChanges, Touched};
pub(crate) use working::{Changes, WorkingState};
