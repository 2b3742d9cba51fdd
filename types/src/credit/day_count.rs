//! How many days of interest lie between two dates.

use super::{DayCount, calendar::civil};

/// Days in the year of a convention: interest of a year is that of so many days.
#[must_use]
pub const fn days_of_year(convention: DayCount) -> u32 {
    match convention {
        DayCount::Act365 => 365,
        DayCount::Act360 | DayCount::Thirty360 => 360,
    }
}

/// Days from a date (counted) to another (not counted); 0 if it does not come later. Additive: the days
/// of two periods that meet are those of the whole.
#[must_use]
pub fn days_between(convention: DayCount, from: u32, to: u32) -> u32 {
    match convention {
        DayCount::Act365 | DayCount::Act360 => to.saturating_sub(from),
        DayCount::Thirty360 => thirty(to).saturating_sub(thirty(from)),
    }
}

/// 30E/360: a date as a number of days in months of 30.
fn thirty(date: u32) -> u32 {
    let (year, month, day) = civil(date);
    let months = year.saturating_mul(12).saturating_add(month);
    months.saturating_mul(30).saturating_add(day.min(30))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credit::date_of;

    #[test]
    fn conventions() {
        let (january, february, march) = (
            date_of(2023, 1, 31),
            date_of(2023, 2, 28),
            date_of(2023, 3, 31),
        );
        let days = |convention| {
            [
                (january, february),
                (february, march),
                (january, march),
                (march, january),
            ]
            .map(|(from, to)| days_between(convention, from, to))
        };
        assert_eq!(days(DayCount::Act365), [28, 31, 59, 0]);
        assert_eq!(days(DayCount::Act360), [28, 31, 59, 0]);
        assert_eq!(days(DayCount::Thirty360), [28, 32, 60, 0]);
    }

    #[test]
    fn thirty_360_is_additive() {
        let start = date_of(2023, 12, 15);
        for middle in start..start + 400 {
            let end = start + 400;
            let parts = days_between(DayCount::Thirty360, start, middle)
                + days_between(DayCount::Thirty360, middle, end);
            assert_eq!(parts, days_between(DayCount::Thirty360, start, end));
        }
    }
}
