//! Ledger time: milliseconds since 1970-01-01T00:00:00Z, always handed in, never read from a clock.

use std::fmt;

/// Milliseconds in a day.
pub const DAY_MS: u64 = 86_400_000;

/// A point in ledger time.
#[derive(
    Clone,
    Copy,
    Default,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// A point in time, milliseconds since 1970.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// The point in time that a wire field holds, where zero stands for none.
    pub(crate) fn optional(millis: u64) -> Option<Self> {
        Some(Self(millis)).filter(|time| time.0 > 0)
    }

    /// Later by `millis`, at most the end of time.
    #[must_use]
    pub const fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// The day since 1970-01-01 (UTC).
    #[must_use]
    pub fn day(self) -> u32 {
        u32::try_from(self.0 / DAY_MS).unwrap_or(u32::MAX)
    }

    /// The calendar month (UTC) counted from January 1970.
    ///
    /// Civil-from-days in integers: eras of 146,097 days start on 0000-03-01.
    #[must_use]
    pub fn month(self) -> u32 {
        let days = u64::from(self.day()).saturating_add(719_468);
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era = day_of_era
            .saturating_sub(day_of_era / 1_460)
            .saturating_add(day_of_era / 36_524)
            .saturating_sub(day_of_era / 146_096)
            / 365;
        let leap_days = (year_of_era / 4).saturating_sub(year_of_era / 100);
        let day_of_year =
            day_of_era.saturating_sub(year_of_era.saturating_mul(365).saturating_add(leap_days));
        let month_from_march = day_of_year.saturating_mul(5).saturating_add(2) / 153;
        let months = era
            .saturating_mul(400)
            .saturating_add(year_of_era)
            .saturating_mul(12)
            .saturating_add(month_from_march)
            .saturating_add(2);
        u32::try_from(months.saturating_sub(1970 * 12)).unwrap_or(u32::MAX)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(day: u64) -> u32 {
        Timestamp::from_millis(day * DAY_MS).month()
    }

    #[test]
    fn months_at_their_boundaries() {
        assert_eq!(month(0), 0, "1970-01-01");
        assert_eq!(month(30), 0, "1970-01-31");
        assert_eq!(month(31), 1, "1970-02-01");
        assert_eq!(month(58), 1, "1970-02-28");
        assert_eq!(month(59), 2, "1970-03-01");
        assert_eq!(month(364), 11, "1970-12-31");
        assert_eq!(month(365), 12, "1971-01-01");
        assert_eq!(month(11_016), 30 * 12 + 1, "2000-02-29");
        assert_eq!(month(11_017), 30 * 12 + 2, "2000-03-01");
        assert_eq!(month(20_757), 56 * 12 + 9, "2026-10-31");
        assert_eq!(month(20_758), 56 * 12 + 10, "2026-11-01");
    }
}
