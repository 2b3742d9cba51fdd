//! What stops for a while on a loan, and why.

use super::{DayCount, date, days_between};
use crate::{
    decode::{DecodeError, array},
    hash::Hash,
    state::Loan,
    wire,
};

/// Something that stops, from a day on, the day itself included, until the day before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The protection, dispute or modification that asks for it. One source has one pause on a loan.
    pub source: Hash,
    /// First business date.
    pub from: u32,
    /// Business date from which it no longer holds; `None` until it is resumed.
    pub until: Option<u32>,
    /// No interest accrues.
    pub interest: bool,
    /// No fee can be charged.
    pub fees: bool,
    /// Days do not count as past due.
    pub ageing: bool,
    /// Nothing is reported to credit bureaus but corrections and dispute flags.
    pub furnishing: bool,
}

impl Pause {
    /// Whether it holds on a business date.
    #[must_use]
    pub fn covers(&self, day: u32) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    pub(crate) fn to_wire(self) -> wire::Pause {
        wire::Pause {
            source: bytes::Bytes::copy_from_slice(self.source.as_bytes()),
            from: self.from,
            until: self.until.unwrap_or_default(),
            interest: self.interest,
            fees: self.fees,
            ageing: self.ageing,
            furnishing: self.furnishing,
        }
    }

    pub(crate) fn from_wire(pause: &wire::Pause) -> Result<Self, DecodeError> {
        Ok(Self {
            source: array("pause.source", &pause.source).map(Hash)?,
            from: date("pause.from", pause.from)?,
            until: match date("pause.until", pause.until)? {
                0 => None,
                until => Some(until),
            },
            interest: pause.interest,
            fees: pause.fees,
            ageing: pause.ageing,
            furnishing: pause.furnishing,
        })
    }
}

/// Days, by a convention, from a date to another that a pause of the wanted kind covers. A day that two
/// pauses cover counts once.
#[must_use]
pub fn paused_days(
    pauses: &[Pause],
    stops: impl Fn(&Pause) -> bool,
    convention: DayCount,
    from: u32,
    to: u32,
) -> u32 {
    let (mut days, mut counted_to) = (0_u32, from);
    // Ascending by first day: what begins earlier has been counted.
    for pause in pauses.iter().filter(|pause| stops(pause)) {
        let begin = pause.from.max(counted_to);
        let end = pause.until.unwrap_or(to).min(to);
        if begin < end {
            days = days.saturating_add(days_between(convention, begin, end));
            counted_to = end;
        }
    }
    days
}

/// Whether a pause of the wanted kind covers a date.
#[must_use]
pub fn is_paused(loan: &Loan, stops: impl Fn(&Pause) -> bool, date: u32) -> bool {
    let mut pauses = loan.pauses.iter();
    pauses.any(|pause| stops(pause) && pause.covers(date))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(from: u32, until: Option<u32>, interest: bool) -> Pause {
        Pause {
            source: Hash([from as u8; 32]),
            from,
            until,
            interest,
            fees: false,
            ageing: !interest,
            furnishing: false,
        }
    }

    #[test]
    fn a_day_counts_once() {
        let pauses = [
            pause(10, Some(20), true),
            pause(12, Some(15), true),
            pause(14, Some(25), false),
            pause(18, Some(30), true),
            pause(40, None, true),
        ];
        let days = |from, to| paused_days(&pauses, |one| one.interest, DayCount::Act365, from, to);
        assert_eq!(days(0, 10), 0);
        assert_eq!(days(0, 11), 1);
        assert_eq!(days(0, 35), 20);
        assert_eq!(days(15, 35), 15);
        assert_eq!(days(0, 50), 30);
        // Steps do not matter.
        for middle in 0..50 {
            assert_eq!(days(0, middle) + days(middle, 50), 30);
        }
    }
}
