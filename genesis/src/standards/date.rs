//! Dates and times as text (ISO 8601, RFC 3339), one text for each value.

use jiff::civil::Date;
use talea_types::{Timestamp, time::DAY_MS};

/// Days since 1970-01-01 of a date such as `2026-11-22`.
///
/// # Errors
/// `None` for another form, or a day before 1970.
#[must_use]
pub fn days(text: &str) -> Option<u32> {
    let date: Date = text.parse().ok()?;
    if date.to_string() != text {
        return None;
    }
    let midnight = jiff::tz::TimeZone::UTC
        .to_timestamp(date.to_datetime(jiff::civil::Time::midnight()))
        .ok()?;
    let millis = u64::try_from(midnight.as_millisecond()).ok()?;
    u32::try_from(millis / DAY_MS).ok()
}

/// A time such as `2026-11-22T08:30:00Z`, to the millisecond.
///
/// # Errors
/// `None` for another form, another zone than UTC, or a time before 1970.
#[must_use]
pub fn time(text: &str) -> Option<Timestamp> {
    let time: jiff::Timestamp = text.parse().ok()?;
    if time.to_string() != text || time.as_nanosecond() % 1_000_000 != 0 {
        return None;
    }
    let millis = u64::try_from(time.as_millisecond()).ok()?;
    Some(Timestamp::from_millis(millis))
}

/// The date with this number.
#[must_use]
pub fn days_to_text(days: u32) -> String {
    let midnight = i64::from(days) * i64::try_from(DAY_MS).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(midnight).map_or_else(
        |_| format!("day {days}"),
        |time| jiff::tz::TimeZone::UTC.to_datetime(time).date().to_string(),
    )
}

/// The text of a time.
#[must_use]
pub fn time_to_text(time: Timestamp) -> String {
    let millis = i64::try_from(time.millis()).ok();
    millis
        .and_then(|millis| jiff::Timestamp::from_millisecond(millis).ok())
        .map_or_else(|| format!("{} ms", time.millis()), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_one_text() {
        assert_eq!(days("1970-01-01"), Some(0));
        assert_eq!(days("2026-11-01"), Some(20_758));
        assert_eq!(days_to_text(20_758), "2026-11-01");
        for refused in [
            "",
            "20261101",
            "2026-11-1",
            "2026-02-30",
            "1969-12-31",
            "2026-11-01T00:00",
        ] {
            assert_eq!(days(refused), None, "{refused}");
        }
        assert!(days_to_text(u32::MAX).starts_with("day "));
    }

    #[test]
    fn times_have_one_text() {
        let text = "2026-11-01T08:30:00.25Z";
        let read = time(text).unwrap();
        assert_eq!(
            read.millis(),
            20_758 * DAY_MS + (8 * 60 + 30) * 60_000 + 250
        );
        assert_eq!(time_to_text(read), text);
        for refused in [
            "2026-11-01",
            "2026-11-01T08:30:00+01:00",
            "2026-11-01 08:30:00Z",
            "2026-11-01T08:30:00.0001Z",
            "1969-12-31T23:59:59Z",
        ] {
            assert_eq!(time(refused), None, "{refused}");
        }
        assert!(time_to_text(Timestamp::from_millis(u64::MAX)).ends_with(" ms"));
    }
}
