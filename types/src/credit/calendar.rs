//! Dates of the Gregorian calendar from days since 1970-01-01, in integers (eras of 146,097 days that
//! start on 1 March).

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: u64 = 719_468;
const ERA_DAYS: u64 = 146_097;

/// Year, month (1 to 12) and day of a business date.
#[must_use]
pub fn civil(date: u32) -> (u32, u32, u32) {
    let days = u64::from(date).saturating_add(EPOCH);
    let era = days / ERA_DAYS;
    let day_of_era = days % ERA_DAYS;
    let leap_days = (day_of_era / 1_460)
        .saturating_add(day_of_era / 146_096)
        .saturating_sub(day_of_era / 36_524);
    let year_of_era = day_of_era.saturating_sub(leap_days) / 365;
    let day_of_year = day_of_era.saturating_sub(days_of_years(year_of_era));
    let from_march = day_of_year.saturating_mul(5).saturating_add(2) / 153;
    let day = day_of_year
        .saturating_sub(days_of_months(from_march))
        .saturating_add(1);
    let is_next_year = from_march >= 10;
    let month = if is_next_year {
        from_march.saturating_sub(9)
    } else {
        from_march.saturating_add(3)
    };
    let year = era
        .saturating_mul(400)
        .saturating_add(year_of_era)
        .saturating_add(u64::from(is_next_year));
    (narrow(year), narrow(month), narrow(day))
}

/// The business date of a day; the year is 1970 or later, the month 1 to 12.
#[must_use]
pub fn date_of(year: u32, month: u32, day: u32) -> u32 {
    let is_early = month <= 2;
    let year = u64::from(year).saturating_sub(u64::from(is_early));
    let from_march = if is_early {
        u64::from(month).saturating_add(9)
    } else {
        u64::from(month).saturating_sub(3)
    };
    let days = (year / 400)
        .saturating_mul(ERA_DAYS)
        .saturating_add(days_of_years(year % 400))
        .saturating_add(days_of_months(from_march))
        .saturating_add(u64::from(day))
        .saturating_sub(1);
    narrow(days.saturating_sub(EPOCH))
}

/// The same day so many months later, or the last day of that month if it is shorter.
#[must_use]
pub fn add_months(date: u32, months: u32) -> u32 {
    let (year, month, day) = civil(date);
    let total = year
        .saturating_mul(12)
        .saturating_add(month.saturating_sub(1))
        .saturating_add(months);
    let (year, month) = (total / 12, (total % 12).saturating_add(1));
    date_of(year, month, day.min(days_in_month(year, month)))
}

fn days_in_month(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_of_years(years: u64) -> u64 {
    let leap_days = (years / 4).saturating_sub(years / 100);
    years.saturating_mul(365).saturating_add(leap_days)
}

fn days_of_months(from_march: u64) -> u64 {
    from_march.saturating_mul(153).saturating_add(2) / 5
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_reads_back_and_follows_the_day_before() {
        let mut before = (1969, 12, 31);
        for date in 0..80_000 {
            let (year, month, day) = civil(date);
            assert_eq!(date_of(year, month, day), date);
            let (y, m, d) = before;
            let follows = if d < days_in_month(y, m) {
                (y, m, d + 1)
            } else if m < 12 {
                (y, m + 1, 1)
            } else {
                (y + 1, 1, 1)
            };
            assert_eq!((year, month, day), follows);
            before = (year, month, day);
        }
        assert_eq!(civil(20_779), (2026, 11, 22));
        assert_eq!(civil(11_016), (2000, 2, 29));
    }

    #[test]
    fn months_end_where_they_are_shorter() {
        let from = date_of(2024, 1, 31);
        assert_eq!(civil(add_months(from, 1)), (2024, 2, 29));
        assert_eq!(civil(add_months(from, 13)), (2025, 2, 28));
        assert_eq!(civil(add_months(from, 2)), (2024, 3, 31));
        assert_eq!(civil(add_months(from, 12)), (2025, 1, 31));
    }
}
