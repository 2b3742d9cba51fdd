//! A made-up book in the shape of a real one: the same terms, the same part of late loans, in three
//! countries. The same seed gives the same book.

use talea_ledger::credit::annuity;
use talea_types::Amount;

use super::{ConsumerLoan, Paid, Status};
use crate::demo::random::Sequence;

const SEED: u64 = 0x10a2;
/// Months in which loans are made.
const MONTHS: usize = 3;
/// Instalments that have fallen due in the end of a loan that was made in the first month.
const DUE_MAX: usize = 5;
/// Late fee, minor units.
const LATE_FEE: u64 = 1_500;
/// Where borrowers live; a region is drawn as often as it is named.
const REGIONS: [&str; 12] = [
    "US-CA", "US-NY", "US-TX", "US-FL", "US-IL", "US-MA", "US-WA", "CN-SH", "CN-GD", "CN-ZJ",
    "GB-ENG", "GB-ENG",
];
/// Of a thousand loans: a real book has fewer late ones; these are for a small book to have some.
const STATUSES: [(u64, Status); 6] = [
    (780, Status::Current),
    (60, Status::FullyPaid),
    (40, Status::InGrace),
    (40, Status::Late30),
    (60, Status::Late120),
    (20, Status::ChargedOff),
];

/// So many loans.
#[must_use]
pub fn synthetic(count: usize) -> Vec<ConsumerLoan> {
    let mut sequence = Sequence::new(SEED);
    (1..=count)
        .map(|number| loan(number, &mut sequence))
        .collect()
}

fn loan(number: usize, sequence: &mut Sequence) -> ConsumerLoan {
    let principal = (80 + sequence.below(1_320)) * 2_500;
    let months = if sequence.happens(70) { 36 } else { 60 };
    let rate_ppm = 53_000 + u32::try_from(sequence.below(200_000)).unwrap_or_default();
    let terms = Amount::new(principal).and_then(|amount| annuity(amount, rate_ppm, months));
    let instalment = terms.map_or(0, Amount::minor_units);
    let issued = sequence.position(MONTHS);
    let status = status(sequence.below(1_000));
    let due = (DUE_MAX - issued) as u64;
    let missed = match status {
        Status::Current | Status::FullyPaid => 0,
        Status::InGrace | Status::Late30 => 1,
        Status::Late120 | Status::ChargedOff => 2 + sequence.below(due - 1),
    };
    let has_fee = status == Status::Current && sequence.happens(5);
    let late_fees = if has_fee { LATE_FEE } else { 0 };
    let paid = instalment * (due - missed);
    // What a loan costs in the months until it is paid off early.
    let month = u64::from(rate_ppm) * principal / 12_000_000;
    let (repaid, interest) = match status {
        Status::FullyPaid => (principal, month * sequence.below(due)),
        _ => (paid, 0),
    };
    ConsumerLoan {
        number,
        region: REGIONS[sequence.position(REGIONS.len())].to_owned(),
        principal,
        months,
        rate_ppm,
        instalment,
        issued,
        status,
        paid: Paid {
            total: repaid + interest + late_fees,
            principal: repaid,
            interest,
            late_fees,
        },
    }
}

fn status(mut drawn: u64) -> Status {
    for (weight, status) in STATUSES {
        if drawn < weight {
            return status;
        }
        drawn -= weight;
    }
    Status::Current
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_has_every_status_and_three_countries() {
        let book = synthetic(300);
        assert_eq!(book, synthetic(300));
        for status in Status::ALL {
            assert!(book.iter().any(|loan| loan.status == status), "{status:?}");
        }
        for country in ["US", "CN", "GB"] {
            assert!(book.iter().any(|loan| loan.region.starts_with(country)));
        }
        assert!(book.iter().all(|loan| loan.instalment > 0));
    }
}
