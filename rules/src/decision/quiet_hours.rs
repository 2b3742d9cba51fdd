//! Hours without contact: every millisecond of the window must be outside them, in every time zone of
//! the debtor. The clock on the wall counts: an hour that comes twice in autumn is quiet twice, and one
//! that is left out in spring is not missed.

use crate::{
    contact::Contact,
    decision::answer::{Answer, Asked},
    facts::Facts,
    pack::{Hours, QuietHours},
    time_zone::{DAY, Zone, signed, unsigned},
};

/// Turns of the hours and of the clock that one window, or one quiet time, is followed over. A permit's
/// window is at most a day, so it has fewer.
const TURNS_LOOKED_AT: usize = 256;

/// What a rule with quiet hours says.
pub(super) fn of_rule(
    quiet: &QuietHours,
    contact: &Contact,
    facts: &Facts<'_>,
    asked: Asked,
) -> Answer {
    let agreed = facts.agreed_hours.filter(|_| quiet.unless_agreed);
    let is_quiet = |time: i64| {
        quiet.hours().contains(time) && !agreed.is_some_and(|agreed| agreed.contains(time))
    };
    let ends = ends([Some(quiet.hours()), agreed].into_iter().flatten());
    outside(&is_quiet, &ends, contact, facts, asked)
}

/// What a rule that respects the debtor's own hours says.
pub(super) fn of_debtor(contact: &Contact, facts: &Facts<'_>, asked: Asked) -> Answer {
    if facts.refused_hours.is_empty() {
        return Answer::Allows;
    }
    let is_quiet = |time: i64| facts.refused_hours.iter().any(|hours| hours.contains(time));
    let ends = ends(facts.refused_hours.iter().copied());
    outside(&is_quiet, &ends, contact, facts, asked)
}

/// The times of day at which quiet may begin or end, milliseconds from midnight.
fn ends(hours: impl Iterator<Item = Hours>) -> Vec<i64> {
    hours
        .flat_map(|hours| [hours.from.millis(), hours.until.millis()])
        .collect()
}

/// Refuses when any moment of the window is quiet in any zone.
fn outside(
    is_quiet: &impl Fn(i64) -> bool,
    ends: &[i64],
    contact: &Contact,
    facts: &Facts<'_>,
    asked: Asked,
) -> Answer {
    let mut latest = None;
    for zone in facts.zones {
        match end_of_quiet(is_quiet, ends, contact, zone, asked) {
            None => {}
            Some(None) => return Answer::Refuses { until: None },
            Some(Some(end)) => latest = latest.max(Some(end)),
        }
    }
    match latest {
        _ if facts.zones.is_empty() => Answer::Refuses { until: None },
        None => Answer::Allows,
        Some(end) => Answer::Refuses {
            until: Some(unsigned(end)),
        },
    }
}

/// `None` when no moment of the window is quiet; else when the first quiet time in it ends, if it does and
/// that is asked.
fn end_of_quiet(
    is_quiet: &impl Fn(i64) -> bool,
    ends: &[i64],
    contact: &Contact,
    zone: &Zone,
    asked: Asked,
) -> Option<Option<i64>> {
    let until = signed(contact.until);
    let mut time = signed(contact.from);
    let mut was_quiet = false;
    // The hours of a day repeat: a quiet time that does not end within so many turns never does.
    for _ in 0..TURNS_LOOKED_AT {
        let quiet = is_quiet(zone.local(time).rem_euclid(DAY));
        if was_quiet && !quiet {
            return Some(Some(time));
        }
        if quiet && asked == Asked::Whether {
            return Some(None);
        }
        was_quiet = quiet;
        time = next_turn(ends, zone, time)?;
        if !was_quiet && time >= until {
            return None;
        }
    }
    Some(None)
}

/// The next moment at which quiet may begin or end: an end of the hours, or a change of the clock.
fn next_turn(ends: &[i64], zone: &Zone, time: i64) -> Option<i64> {
    let now = zone.local(time).rem_euclid(DAY);
    let to = |end: &i64| {
        let distance = end.saturating_sub(now).rem_euclid(DAY);
        if distance == 0 { DAY } else { distance }
    };
    let distance = ends.iter().map(to).min()?;
    let by_clock = time.checked_add(distance)?;
    match zone.next_change(time) {
        Some(change) if change < by_clock => Some(change),
        _ => Some(by_clock),
    }
}
