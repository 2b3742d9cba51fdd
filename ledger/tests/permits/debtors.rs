//! Debtors by their numbers: where they live, how they are reached, how many collect from them.

use talea_types::{Hash, hash::tagged};

/// Agencies; the last was never evaluated.
pub const AGENCIES: u64 = 5;

/// Where a debtor lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// New York.
    NewYork,
    /// New York or Los Angeles.
    Both,
    /// Shanghai.
    Shanghai,
}

pub fn home(debtor: u64) -> Home {
    match debtor % 3 {
        0 => Home::NewYork,
        1 => Home::Both,
        _ => Home::Shanghai,
    }
}

/// One of four contact points of a debtor.
pub fn contact_point(debtor: u64, number: u64) -> Hash {
    tagged("point", &[&debtor.to_be_bytes(), &number.to_be_bytes()])
}
