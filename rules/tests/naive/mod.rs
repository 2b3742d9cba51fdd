//! A checker of contacts written apart from the engine: it keeps whole histories, scans all of them for
//! every question, reads clocks by civil time, and finds possible times by trying one after the other.

use jiff::{civil::Date, tz::TimeZone};
use talea_rules::{
    Collector, Contact, Decision, Effect, Pack, Place, Rule,
    pack::{Counted, Hours, Initiators, Provision, Scope, Window},
};
use talea_types::{
    Timestamp,
    conduct::{Channel, ContactResult, Notice, Party, Protection},
};

use crate::support::times::civil;

/// Something that happened, or was permitted and never closed.
#[derive(Clone, Debug)]
pub struct Past {
    pub channel: Channel,
    pub by_debtor: bool,
    /// First and last millisecond at which it may have happened; equal when it is known.
    pub from: u64,
    pub last: u64,
    pub result: Option<ContactResult>,
    pub consented: bool,
    pub same_debt: bool,
    pub same_point: bool,
    pub same_case: bool,
}

impl Past {
    fn has_talked_by_call(&self) -> bool {
        self.channel.is_call() && self.result == Some(ContactResult::Conversation)
    }
}

/// Everything about a debtor.
#[derive(Clone, Debug)]
pub struct Debtor {
    pub zones: Vec<TimeZone>,
    pub residence: String,
    pub governing_law: String,
    pub licensed_in: Option<String>,
    pub agency: bool,
    pub listed: bool,
    pub evaluated_at: Option<u64>,
    pub licence_end: Option<u64>,
    pub placement_notice: Option<u64>,
    pub validation_notice: Option<u64>,
    pub first_communication: Option<u64>,
    pub consented_at: Option<u64>,
    pub agreed: Option<Hours>,
    pub refused: Vec<Hours>,
    pub opted_out: Vec<Channel>,
    pub cease: bool,
    pub represented: bool,
    pub disputed: bool,
    pub complained: bool,
    pub protections: Vec<(Protection, u64, Option<u64>)>,
    pub third_party_refused: bool,
    pub unable: bool,
    pub forbearance: bool,
    pub past: Vec<Past>,
}

const DAY: u64 = 86_400_000;

/// Decision and ids of the rules that refuse.
pub fn decide(packs: &[Pack], contact: &Contact, debtor: &Debtor) -> (Decision, Vec<String>) {
    let mut refusing = Vec::new();
    let mut decision = Decision::Allow;
    for pack in packs {
        if !binds(pack, debtor) {
            continue;
        }
        for rule in &pack.rules {
            if concerns(rule, contact, debtor) && refuses(rule, contact, debtor) {
                refusing.push(rule.id.clone());
                let effect = match rule.effect {
                    Effect::Deny => Decision::Deny,
                    Effect::NeedsOverride => Decision::NeedsOverride,
                };
                if effect > decision {
                    decision = effect;
                }
            }
        }
    }
    (decision, refusing)
}

fn place_matches(listed: &Place, place: &str) -> bool {
    let listed = listed.to_string();
    listed == place
        || place.starts_with(&format!("{listed}-"))
        || listed.starts_with(&format!("{place}-"))
}

fn binds(pack: &Pack, debtor: &Debtor) -> bool {
    let applies = &pack.applies_to;
    let mut places = 0;
    let mut hits = 0;
    for listed in &applies.residence {
        places += 1;
        hits += usize::from(place_matches(listed, &debtor.residence));
    }
    for listed in &applies.governing_law {
        places += 1;
        hits += usize::from(place_matches(listed, &debtor.governing_law));
    }
    for listed in &applies.licence {
        places += 1;
        let licensed = debtor.licensed_in.as_ref();
        hits += usize::from(licensed.is_some_and(|place| place_matches(listed, place)));
    }
    (places == 0 || hits > 0) && (debtor.agency || !applies.third_party_collectors_only)
}

fn concerns(rule: &Rule, contact: &Contact, debtor: &Debtor) -> bool {
    (rule.channels.is_empty() || rule.channels.contains(&contact.channel))
        && (rule.parties.is_empty() || rule.parties.contains(&contact.party))
        && (rule.purposes.is_empty() || rule.purposes.contains(&contact.purpose))
        && (rule.residence.is_empty()
            || rule
                .residence
                .iter()
                .any(|place| place_matches(place, &debtor.residence)))
}

fn refuses(rule: &Rule, contact: &Contact, debtor: &Debtor) -> bool {
    let (from, until) = (contact.from.millis(), contact.until.millis());
    match &rule.provision {
        Provision::QuietHours(quiet) => any_minute(contact, debtor, |minute| {
            let excepted =
                quiet.unless_agreed && debtor.agreed.is_some_and(|hours| holds(hours, minute));
            holds(quiet.hours(), minute) && !excepted
        }),
        Provision::DebtorHoursRespected => any_minute(contact, debtor, |minute| {
            debtor.refused.iter().any(|hours| holds(*hours, minute))
        }),
        Provision::FrequencyCap(cap) => {
            let relevant = match cap.counted {
                Counted::Attempts | Counted::Connected | Counted::Conversations => {
                    contact.channel == Channel::VoiceCall
                        || contact.channel == Channel::AutomatedCall && cap.automated_included
                }
                Counted::Messages => contact.channel.is_message(),
                Counted::Visits => contact.channel == Channel::Visit,
            };
            if !relevant || consents(contact, debtor, cap.consent_days) {
                return false;
            }
            let counted: Vec<&Past> = debtor
                .past
                .iter()
                .filter(|past| counts(past, cap.counted) && in_scope(past, cap.scope))
                .filter(|past| cap.automated_included || past.channel != Channel::AutomatedCall)
                .filter(|past| cap.initiator == Initiators::Anyone || !past.by_debtor)
                .filter(|past| cap.consent_days == 0 || !past.consented)
                .collect();
            too_many(&counted, contact, debtor, cap.window, cap.max as usize)
        }
        Provision::ConversationWait(wait) => {
            !consents(contact, debtor, wait.consent_days)
                && debtor.past.iter().any(|past| {
                    past.has_talked_by_call()
                        && in_scope(past, wait.scope)
                        && (wait.initiator == Initiators::Anyone || !past.by_debtor)
                        && past.from < until
                        && debtor.zones.iter().any(|zone| {
                            days_between(date(past.last, zone), date(from, zone))
                                < i64::from(wait.days)
                        })
                })
        }
        Provision::OptOutStatement => contact.channel.is_message() && !contact.opt_out_statement,
        Provision::OptOutRespected => debtor.opted_out.contains(&contact.channel),
        Provision::CeaseRespected => debtor.cease,
        Provision::RepresentationRespected => {
            debtor.represented && contact.party != Party::Representative
        }
        Provision::Forbidden => true,
        Provision::RecordingRequired => !contact.recorded,
        Provision::NoticeBefore(rule) => {
            let served = match rule.notice {
                Notice::Placement if !debtor.agency => return false,
                Notice::Placement => debtor.placement_notice,
                Notice::Validation => debtor.validation_notice,
                Notice::Assignment => None,
            };
            served.is_none_or(|served| from < served + u64::from(rule.days) * DAY)
        }
        Provision::NoticeWithin(rule) => {
            debtor.validation_notice.is_none()
                && debtor
                    .first_communication
                    .is_some_and(|first| until > first + u64::from(rule.days) * DAY)
        }
        Provision::ThirdParty(rule) => {
            if debtor.third_party_refused {
                return true;
            }
            let (failures, invalid) = run_of_failures(debtor);
            let after_failures = rule.failures > 0
                && failures
                    .get(rule.failures as usize - 1)
                    .is_some_and(|last| {
                        if rule.next_day {
                            debtor
                                .zones
                                .iter()
                                .all(|zone| date(from, zone) > date(*last, zone))
                        } else {
                            from >= *last
                        }
                    });
            let unreachable = rule.unreachable_days > 0
                && failures
                    .first()
                    .is_some_and(|first| from >= first + u64::from(rule.unreachable_days) * DAY);
            !(after_failures
                || unreachable
                || rule.invalid_contact_point && invalid
                || rule.debtor_unable && debtor.unable)
        }
        Provision::LicenceValid => {
            debtor.agency
                && (debtor.licensed_in.is_none()
                    || debtor.licence_end.is_some_and(|end| until > end))
        }
        Provision::ListedPublicly => debtor.agency && !debtor.listed,
        Provision::EvaluatedWithin(rule) => {
            debtor.agency
                && debtor
                    .evaluated_at
                    .is_none_or(|at| until > at + u64::from(rule.days) * DAY)
        }
        Provision::ForbearanceFirst => !debtor.forbearance,
        Provision::DisputeSuspends(stops) => stops.contact && debtor.disputed,
        Provision::ComplaintSuspends(stops) => stops.contact && debtor.complained,
        Provision::ProtectionSuspends(rule) => {
            rule.stops.contact
                && debtor.protections.iter().any(|(kind, start, end)| {
                    *kind == rule.protection && *start < until && end.is_none_or(|end| from < end)
                })
        }
        _ => false,
    }
}

/// Whether something is so at any minute of the window, by the clock on the wall. Tests use whole minutes.
fn any_minute(contact: &Contact, debtor: &Debtor, is: impl Fn(u16) -> bool) -> bool {
    let mut at = contact.from.millis();
    while at < contact.until.millis() {
        for zone in &debtor.zones {
            let time = civil(Timestamp::from_millis(at), zone);
            let minute =
                u16::try_from(time.hour()).unwrap() * 60 + u16::try_from(time.minute()).unwrap();
            if is(minute) {
                return true;
            }
        }
        at += 60_000;
    }
    false
}

fn holds(hours: Hours, minute: u16) -> bool {
    let (from, until) = (hours.from.minute(), hours.until.minute());
    let mut at = from;
    loop {
        if at == minute {
            return true;
        }
        at = (at + 1) % 1_440;
        if at == until % 1_440 {
            return false;
        }
    }
}

fn counts(past: &Past, counted: Counted) -> bool {
    let answered = matches!(
        past.result,
        Some(ContactResult::Connected | ContactResult::Conversation)
    );
    match counted {
        Counted::Attempts => past.channel.is_call(),
        Counted::Connected => past.channel.is_call() && answered,
        Counted::Conversations => past.has_talked_by_call(),
        Counted::Messages => past.channel.is_message(),
        Counted::Visits => past.channel == Channel::Visit,
    }
}

fn in_scope(past: &Past, scope: Scope) -> bool {
    match scope {
        Scope::Person => true,
        Scope::Debt => past.same_debt,
        Scope::ContactPoint => past.same_point,
        Scope::Case => past.same_case,
    }
}

fn consents(contact: &Contact, debtor: &Debtor, days: u32) -> bool {
    days > 0
        && debtor.consented_at.is_some_and(|consent| {
            consent <= contact.from.millis()
                && debtor.zones.iter().all(|zone| {
                    let last = date(contact.until.millis() - 1, zone);
                    days_between(date(consent, zone), last) < i64::from(days)
                })
        })
}

/// Tries every window that begins with a moment at which some slot begins or ends.
fn too_many(
    counted: &[&Past],
    contact: &Contact,
    debtor: &Debtor,
    window: Window,
    max: usize,
) -> bool {
    let own = (contact.from.millis(), contact.until.millis() - 1);
    let slots: Vec<(u64, u64)> = counted.iter().map(|past| (past.from, past.last)).collect();
    let exceeds = |slots: &[(i64, i64)], own: (i64, i64), length: i64| {
        let mut starts: Vec<i64> = slots.iter().map(|slot| slot.1).collect();
        starts.extend(slots.iter().map(|slot| slot.0 - length + 1));
        starts.extend([own.1, own.0 - length + 1]);
        starts.into_iter().any(|start| {
            let touches = |slot: &(i64, i64)| slot.0 < start + length && slot.1 >= start;
            touches(&own) && slots.iter().filter(|slot| touches(slot)).count() >= max
        })
    };
    match window {
        Window::RollingDays(days) => {
            let whole = |slot: (u64, u64)| {
                (
                    i64::try_from(slot.0).unwrap(),
                    i64::try_from(slot.1).unwrap(),
                )
            };
            let slots: Vec<_> = slots.into_iter().map(whole).collect();
            exceeds(&slots, whole(own), i64::from(days) * DAY as i64)
        }
        Window::LocalDays(days) => debtor.zones.iter().any(|zone| {
            let epoch = Date::constant(1970, 1, 1);
            let day = |at: u64| days_between(epoch, date(at, zone));
            let whole = |slot: (u64, u64)| (day(slot.0), day(slot.1));
            let slots: Vec<_> = slots.iter().copied().map(whole).collect();
            exceeds(&slots, whole(own), i64::from(days))
        }),
    }
}

/// Unanswered calls since the last answer, and whether the last call met an invalid number.
fn run_of_failures(debtor: &Debtor) -> (Vec<u64>, bool) {
    let mut failures = Vec::new();
    let mut invalid = false;
    for past in &debtor.past {
        match past.result {
            Some(ContactResult::Connected | ContactResult::Conversation) => {
                failures.clear();
                invalid = false;
            }
            Some(result) if past.channel.is_call() && !past.by_debtor => {
                failures.push(past.from);
                invalid = result == ContactResult::InvalidContactPoint;
            }
            _ => {}
        }
    }
    (failures, invalid)
}

fn date(at: u64, zone: &TimeZone) -> Date {
    civil(Timestamp::from_millis(at), zone).date()
}

fn days_between(one: Date, other: Date) -> i64 {
    i64::from(one.until(other).unwrap().get_days())
}

/// Whether the naive debtor is an agency's.
pub fn collector(debtor: &Debtor) -> Collector {
    if debtor.agency {
        Collector::ThirdParty
    } else {
        Collector::Lender
    }
}
