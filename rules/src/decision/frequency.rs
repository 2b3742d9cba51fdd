//! Caps on how often, and waits after a conversation.
//!
//! A cap refuses when there are moments, one in the proposed slot and one in each of `max` counted slots,
//! that all lie in one window. A window is counted in milliseconds, or in days of the debtor's calendar,
//! then in every time zone of the debtor; two moments are in one window when they are less than its length
//! apart. Slots before and after the proposed one count alike: permits may name the same day in any order.

use talea_types::{
    Timestamp,
    conduct::{Channel, Slot, TallyMeasure},
    planted::{self, Bug},
};

use crate::{
    contact::Contact,
    decision::{
        answer::{Answer, Asked},
        counters::{Selection, measure, tallies},
    },
    facts::Facts,
    pack::{ConversationWait, Counted, FrequencyCap, Window},
    time_zone::{DAY, Zone, signed, unsigned},
};

/// Local days reach over at most so much more than their number of 24 hours.
const CALENDAR_SLACK_MS: i64 = 2 * DAY;

/// What a cap says.
pub(super) fn of_cap(
    cap: &FrequencyCap,
    contact: &Contact,
    facts: &Facts<'_>,
    asked: Asked,
) -> Answer {
    if !is_of_kind(cap, contact.channel) || is_excepted(cap.consent_days, contact, facts) {
        return Answer::Allows;
    }
    let selection = Selection {
        measure: measure(cap.counted),
        automated: cap.automated_included,
        initiator: cap.initiator,
        consented: cap.consent_days == 0,
    };
    let proposed = contact.slot();
    let reach = reach(cap.window);
    let slots = selection.slots(tallies(cap.scope, facts));
    // What cannot share a window with the proposed slot is left out before calendars are asked.
    let near = |slot: &&Slot| are_within(Span::millis(slot), Span::millis(&proposed), reach);
    let mut max = usize::try_from(cap.max).unwrap_or(usize::MAX);
    if planted::is(Bug::CapOffByOne) {
        max = max.saturating_add(1);
    }
    if slots.clone().filter(near).take(max).count() < max {
        return Answer::Allows;
    }
    if facts.zones.is_empty() && matches!(cap.window, Window::LocalDays(_)) {
        return Answer::Refuses { until: None };
    }
    let calendars_near = calendars(cap.window, slots.clone().filter(near), facts.zones);
    if !is_full(&calendars_near, &proposed, max) {
        return Answer::Allows;
    }
    if asked == Asked::Whether {
        return Answer::Refuses { until: None };
    }
    let ends_later = |slot: &&Slot| signed(slot.last).saturating_add(reach) > signed(contact.from);
    let calendars = calendars(cap.window, slots.filter(ends_later), facts.zones);
    Answer::Refuses {
        until: first_free(cap, max, &calendars, contact, facts),
    }
}

/// Whether a contact by this channel would be counted by the cap, now or when it is closed.
const fn is_of_kind(cap: &FrequencyCap, channel: Channel) -> bool {
    match cap.counted {
        Counted::Attempts | Counted::Connected | Counted::Conversations => match channel {
            Channel::VoiceCall => true,
            Channel::AutomatedCall => cap.automated_included,
            _ => false,
        },
        Counted::Messages => channel.is_message(),
        Counted::Visits => matches!(channel, Channel::Visit),
    }
}

/// Whether consent takes the contact out of the rule.
fn is_excepted(consent_days: u32, contact: &Contact, facts: &Facts<'_>) -> bool {
    consent_days > 0 && facts.is_consented(contact, consent_days)
}

/// A slot in the units of a window: milliseconds, or local days.
#[derive(Clone, Copy)]
struct Span {
    from: i64,
    last: i64,
}

impl Span {
    fn millis(slot: &Slot) -> Self {
        Self {
            from: signed(slot.from),
            last: signed(slot.last),
        }
    }

    fn days(slot: &Slot, zone: &Zone) -> Self {
        Self {
            from: zone.day(slot.from),
            last: zone.day(slot.last),
        }
    }
}

/// Whether a moment of one and a moment of the other are less than `length` apart.
const fn are_within(one: Span, other: Span, length: i64) -> bool {
    one.from.saturating_sub(other.last) < length && other.from.saturating_sub(one.last) < length
}

fn reach(window: Window) -> i64 {
    let length = i64::from(window.days()).saturating_mul(DAY);
    match window {
        Window::RollingDays(_) => length,
        Window::LocalDays(_) => length.saturating_add(CALENDAR_SLACK_MS),
    }
}

/// The counted slots as one calendar sees them.
struct Calendar<'a> {
    /// Whose days are counted; milliseconds when there is none.
    zone: Option<&'a Zone>,
    /// Of the window, in days or milliseconds.
    length: i64,
    /// The first moments of the slots, ascending.
    firsts: Vec<i64>,
    /// The last moments of the slots, ascending.
    lasts: Vec<i64>,
}

/// The calendars that a window is counted by.
fn calendars<'a, 's>(
    window: Window,
    slots: impl Iterator<Item = &'s Slot> + Clone,
    zones: &'a [Zone],
) -> Vec<Calendar<'a>> {
    match window {
        Window::RollingDays(_) => {
            vec![Calendar::of(None, reach(window), slots.map(Span::millis))]
        }
        Window::LocalDays(days) => zones
            .iter()
            .map(|zone| {
                let spans = slots.clone().map(|slot| Span::days(slot, zone));
                Calendar::of(Some(zone), i64::from(days), spans)
            })
            .collect(),
    }
}

impl<'a> Calendar<'a> {
    fn of(zone: Option<&'a Zone>, length: i64, spans: impl Iterator<Item = Span>) -> Self {
        let (mut firsts, mut lasts): (Vec<i64>, Vec<i64>) =
            spans.map(|span| (span.from, span.last)).unzip();
        firsts.sort_unstable();
        lasts.sort_unstable();
        Self {
            zone,
            length,
            firsts,
            lasts,
        }
    }

    /// How many slots begin before one moment and do not end before another, not later one.
    fn count(&self, first_before: i64, last_from: i64) -> usize {
        let begun = self.firsts.partition_point(|first| *first < first_before);
        // A slot that has ended has begun.
        let ended = self.lasts.partition_point(|last| *last < last_from);
        begun.saturating_sub(ended)
    }

    /// Whether a window that holds the proposed slot may hold `max` of the counted ones. Slots fit into
    /// one window when the latest start and the earliest last moment among them are less than its length
    /// apart. So each last moment is tried as the earliest.
    fn is_full(&self, proposed: &Slot, max: usize) -> bool {
        let proposed = self
            .zone
            .map_or_else(|| Span::millis(proposed), |zone| Span::days(proposed, zone));
        let earliest = proposed.from.saturating_sub(self.length).saturating_add(1);
        let latest = proposed.last;
        if self.count(latest.saturating_add(self.length), earliest) < max {
            return false;
        }
        let from = self.lasts.partition_point(|last| *last < earliest);
        let lasts = self.lasts.get(from..).unwrap_or_default().iter().copied();
        lasts
            .take_while(|last| *last <= latest)
            .chain([latest])
            .any(|last| self.count(last.saturating_add(self.length), last) >= max)
    }

    /// When the last window has ended that a counted slot is in, for each slot.
    fn ends(&self) -> Vec<Timestamp> {
        let ends = self.lasts.iter();
        let mut ends: Vec<i64> = ends.map(|last| last.saturating_add(self.length)).collect();
        ends.dedup();
        let moment = |end: i64| {
            self.zone
                .map_or_else(|| unsigned(end), |zone| zone.start_of_day(end))
        };
        ends.into_iter().map(moment).collect()
    }
}

/// A contact must be legal by every calendar.
fn is_full(calendars: &[Calendar<'_>], proposed: &Slot, max: usize) -> bool {
    calendars
        .iter()
        .any(|calendar| calendar.is_full(proposed, max))
}

/// The earliest later start at which the cap allows the contact: some counted slot has then just left
/// the window.
fn first_free(
    cap: &FrequencyCap,
    max: usize,
    calendars: &[Calendar<'_>],
    contact: &Contact,
    facts: &Facts<'_>,
) -> Option<Timestamp> {
    if max == 0 {
        return None;
    }
    let mut starts: Vec<Timestamp> = calendars
        .iter()
        .flat_map(Calendar::ends)
        .filter(|start| *start > contact.from)
        .collect();
    starts.sort_unstable();
    starts.into_iter().find(|start| {
        let tried = contact.starting(*start);
        is_excepted(cap.consent_days, &tried, facts) || !is_full(calendars, &tried.slot(), max)
    })
}

/// What a wait after a conversation says.
pub(super) fn of_wait(
    wait: &ConversationWait,
    contact: &Contact,
    facts: &Facts<'_>,
    asked: Asked,
) -> Answer {
    if is_excepted(wait.consent_days, contact, facts) {
        return Answer::Allows;
    }
    let selection = Selection {
        measure: TallyMeasure::Conversation,
        automated: true,
        initiator: wait.initiator,
        consented: true,
    };
    let proposed = contact.slot();
    let days = i64::from(wait.days);
    let mut until: Option<Timestamp> = None;
    for slot in selection.slots(tallies(wait.scope, facts)) {
        // No local day is so long that the wait could reach further.
        let over = signed(slot.last).saturating_add(reach(Window::LocalDays(wait.days)));
        if slot.from > proposed.last || over <= signed(proposed.from) {
            continue;
        }
        for zone in facts.zones {
            let first = zone.day(slot.last);
            if zone.day(proposed.from).saturating_sub(first) < days {
                if asked == Asked::Whether {
                    return Answer::Refuses { until: None };
                }
                until = until.max(Some(zone.start_of_day(first.saturating_add(days))));
            }
        }
    }
    until.map_or(Answer::Allows, |until| Answer::Refuses {
        until: Some(until),
    })
}
