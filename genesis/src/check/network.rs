//! Rules for the network itself.

use talea_types::Timestamp;

use super::text::{Shown, short_name};
use crate::{document::NetworkTerms, problem::Problems, standards::date};

/// Largest distance between the business date and the day of the genesis time, days, of a network that
/// is not a sandbox: beyond it, one of them is a slip of the hand.
const BUSINESS_DATE_DISTANCE_DAYS_MAX: u32 = 10;

pub(super) struct NetworkFacts {
    pub(super) time: Timestamp,
    pub(super) business_date: u32,
}

pub(super) fn network(terms: &NetworkTerms, problems: &mut Problems) -> Option<NetworkFacts> {
    short_name("network.name", &terms.name, problems);
    let time = date::time(&terms.time);
    if time.is_none() {
        problems.add(
            "network.time",
            format!("{} is not a time", Shown(&terms.time)),
            "write it in UTC, such as 2026-11-22T00:00:00Z",
        );
    }
    let business_date = date::days(&terms.business_date);
    if business_date.is_none() {
        problems.add(
            "network.business_date",
            format!("{} is not a date", Shown(&terms.business_date)),
            "write it such as 2026-11-22",
        );
    }
    let facts = NetworkFacts {
        time: time?,
        business_date: business_date?,
    };
    let distance = facts.time.day().abs_diff(facts.business_date);
    if !terms.sandbox && distance > BUSINESS_DATE_DISTANCE_DAYS_MAX {
        problems.add(
            "network.business_date",
            format!("it is {distance} days away from network.time"),
            format!(
                "correct the one that is wrong; they may differ by {BUSINESS_DATE_DISTANCE_DAYS_MAX} days"
            ),
        );
    }
    Some(facts)
}
