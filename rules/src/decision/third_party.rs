//! When somebody else than the debtor may be contacted.

use talea_types::{Timestamp, time::DAY_MS};

use crate::{contact::Contact, decision::answer::Answer, facts::Facts, pack::ThirdPartyConditions};

/// What the conditions say; any that is met is enough, unless the third party has refused.
pub(super) fn of_rule(
    conditions: &ThirdPartyConditions,
    contact: &Contact,
    facts: &Facts<'_>,
) -> Answer {
    if facts.third_party_refused {
        return Answer::Refuses { until: None };
    }
    let unable = conditions.debtor_unable && facts.debtor_unable;
    let invalid = conditions.invalid_contact_point && facts.tallies.person.contact_point_invalid();
    if unable || invalid {
        return Answer::Allows;
    }
    let failed = after_failures(conditions, facts);
    let unreachable = after_days(conditions, facts);
    let Some(possible) = failed.into_iter().chain(unreachable).min() else {
        return Answer::Refuses { until: None };
    };
    if possible <= contact.from {
        Answer::Allows
    } else {
        Answer::Refuses {
            until: Some(possible),
        }
    }
}

/// When enough calls in a row had failed, or the day after in every time zone.
fn after_failures(conditions: &ThirdPartyConditions, facts: &Facts<'_>) -> Option<Timestamp> {
    let nth = usize::try_from(conditions.failures).ok()?.checked_sub(1)?;
    let last = *facts.tallies.person.failures().get(nth)?;
    if !conditions.next_day {
        return Some(last);
    }
    let next_days = facts
        .zones
        .iter()
        .map(|zone| zone.start_of_day(zone.day(last).saturating_add(1)));
    next_days.max()
}

/// When the debtor had been unreachable for long enough.
fn after_days(conditions: &ThirdPartyConditions, facts: &Facts<'_>) -> Option<Timestamp> {
    let first = facts.tallies.person.failures().first()?;
    let length = u64::from(conditions.unreachable_days).saturating_mul(DAY_MS);
    (length > 0).then(|| first.plus_millis(length))
}
