//! The decision against a checker written apart, on random debtors, histories and contacts; and what must
//! hold of any verdict.

mod naive;
mod support;

use jiff::tz::TimeZone;
use naive::{Debtor, Past};
use proptest::{prelude::*, sample::select};
use support::{World, contact, times};
use talea_rules::{
    Contact, Licence, OptOut, Pack, ProtectionInForce, ServedNotice, Zone, decide, pack::Hours,
    packs,
};
use talea_types::{
    Timestamp,
    conduct::{Channel, ContactResult, Notice, Party, Protection, Purpose},
};

const MINUTE: u64 = 60_000;
const QUARTER: u64 = 15 * MINUTE;
const DAY: u64 = 96 * QUARTER;
/// 2026-03-06: New York changes its clocks two days later, London three weeks later.
const START: u64 = 20_518 * DAY;
/// 2026-10-22: London changes its clocks three days later, New York ten days later.
const AUTUMN: u64 = 20_748 * DAY;
const DAYS: u64 = 12;

/// So many cases, unless `PROPTEST_CASES` asks for a long run.
fn config(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig {
        cases: asked.map_or(cases, |asked| asked.parse().expect("a number of cases")),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A contact of the history, before it is known whose consent it had.
#[derive(Clone, Debug)]
struct Event {
    channel: Channel,
    by_debtor: bool,
    quarter: u64,
    /// Length of the permit in quarters, for one that was never closed.
    open: Option<u64>,
    result: ContactResult,
    same_point: bool,
}

fn event() -> impl Strategy<Value = Event> {
    let channel = prop_oneof![
        4 => Just(Channel::VoiceCall),
        2 => Just(Channel::AutomatedCall),
        1 => Just(Channel::TextMessage),
        1 => Just(Channel::Email),
        1 => Just(Channel::Visit),
        1 => Just(Channel::Letter),
    ];
    (
        channel,
        prop::bool::weighted(0.1),
        0..DAYS * 96,
        prop::option::weighted(0.1, 1u64..48),
        select(ContactResult::ALL),
        prop::bool::weighted(0.7),
    )
        .prop_map(
            |(channel, by_debtor, quarter, open, result, same_point)| Event {
                channel,
                by_debtor: by_debtor && channel != Channel::AutomatedCall,
                quarter,
                open: open.filter(|_| !by_debtor),
                result,
                same_point,
            },
        )
}

fn hours() -> impl Strategy<Value = Hours> {
    (0u16..96, 1u16..96).prop_map(|(from, length)| {
        let minute = |quarter: u16| {
            let minutes = quarter % 96 * 15;
            format!("{:02}:{:02}", minutes / 60, minutes % 60)
                .parse()
                .unwrap()
        };
        Hours {
            from: minute(from),
            until: minute(from + length),
        }
    })
}

fn debtor() -> impl Strategy<Value = (Debtor, Vec<String>, u64)> {
    let zones = select(vec![
        vec!["America/New_York"],
        vec!["Europe/London"],
        vec!["Asia/Shanghai"],
        vec!["Asia/Kolkata"],
        vec!["America/Los_Angeles", "America/New_York"],
        vec!["Asia/Hong_Kong", "Europe/London"],
    ]);
    let place = select(vec![
        "US", "US-NY", "CN", "GB", "GB-ENG", "GB-SCT", "IN", "HK", "CZ", "ZZ",
    ]);
    let moment = 0..DAYS * 96;
    let some = |weight: f64| prop::option::weighted(weight, 0..DAYS * 96);
    let protection = (select(Protection::ALL), moment, some(0.7));
    let flags = prop::collection::vec(prop::bool::weighted(0.1), 9);
    let wants = (
        prop::option::weighted(0.2, hours()),
        prop::collection::vec(hours(), 0..2),
        prop::collection::vec(select(Channel::ALL), 0..2),
    );
    let times = (
        some(0.7),
        some(0.5),
        some(0.3),
        some(0.3),
        some(0.5),
        some(0.3),
    );
    (
        (zones, place.clone(), place.clone(), prop::option::of(place)),
        (any::<bool>(), any::<bool>(), select(vec![START, AUTUMN])),
        times,
        flags,
        wants,
        prop::option::weighted(0.2, protection),
        prop::collection::vec(event(), 0..25),
    )
        .prop_map(
            |(places, (agency, listed, start), times, flags, wants, protection, mut events)| {
                let at = |quarter: u64| start + quarter * QUARTER;
                let names: Vec<String> = places.0.iter().map(|name| (*name).to_owned()).collect();
                let zones: Vec<TimeZone> = places.0.iter().map(|name| times::zone(name)).collect();
                events.sort_by_key(|event| event.quarter);
                let mut debtor = Debtor {
                    zones,
                    residence: places.1.to_owned(),
                    governing_law: places.2.to_owned(),
                    licensed_in: places.3.map(str::to_owned),
                    agency,
                    listed,
                    evaluated_at: times.0.map(|quarter| at(quarter) - 360 * DAY),
                    licence_end: times.5.map(|quarter| at(quarter) + 3 * DAY),
                    placement_notice: times.1.map(|quarter| at(quarter) - 14 * DAY),
                    validation_notice: times.2.map(at),
                    first_communication: times.3.map(at),
                    consented_at: times.4.map(|quarter| at(quarter) - 2 * DAY),
                    agreed: wants.0,
                    refused: wants.1,
                    opted_out: wants.2,
                    cease: flags[0],
                    represented: flags[1],
                    disputed: flags[2],
                    complained: flags[3],
                    protections: protection
                        .map(|(kind, from, length)| {
                            (kind, at(from), length.map(|length| at(from + length + 1)))
                        })
                        .into_iter()
                        .collect(),
                    third_party_refused: flags[4],
                    unable: flags[5],
                    forbearance: flags[6],
                    past: Vec::new(),
                };
                for event in events {
                    let from = at(event.quarter);
                    let until = from + event.open.unwrap_or(1) * QUARTER;
                    let window = moment_contact(event.channel, from, until);
                    let consented = !event.by_debtor && has_consent(&debtor, &window);
                    debtor.past.push(Past {
                        channel: event.channel,
                        by_debtor: event.by_debtor,
                        from,
                        last: if event.open.is_some() {
                            until - 1
                        } else {
                            from
                        },
                        result: event.open.is_none().then_some(event.result),
                        consented,
                        same_debt: true,
                        same_point: event.same_point,
                        same_case: true,
                    });
                }
                (debtor, names, start)
            },
        )
}

fn moment_contact(channel: Channel, from: u64, until: u64) -> Contact {
    contact(
        channel,
        Timestamp::from_millis(from),
        Timestamp::from_millis(until),
    )
}

/// Seven days with that of the consent as the first, as the packs say it.
fn has_consent(debtor: &Debtor, window: &Contact) -> bool {
    let date = |at: u64, zone: &TimeZone| times::civil(Timestamp::from_millis(at), zone).date();
    debtor.consented_at.is_some_and(|consent| {
        consent <= window.from.millis()
            && debtor.zones.iter().all(|zone| {
                let days = date(consent, zone).until(date(window.until.millis() - 1, zone));
                days.unwrap().get_days() < 7
            })
    })
}

fn proposed() -> impl Strategy<Value = (Channel, Party, Purpose, u64, u64, bool, bool)> {
    (
        prop_oneof![3 => Just(Channel::VoiceCall), 2 => select(Channel::ALL)],
        prop_oneof![4 => Just(Party::Debtor), 1 => select(Party::ALL)],
        prop_oneof![4 => Just(Purpose::Payment), 1 => select(Purpose::ALL)],
        0..(DAYS + 4) * 96,
        prop_oneof![4 => 1u64..3, 1 => 3u64..60],
        prop::bool::weighted(0.8),
        prop::bool::weighted(0.8),
    )
}

/// What a ledger would keep of the debtor.
fn world(debtor: &Debtor, names: &[String]) -> World {
    let time = Timestamp::from_millis;
    let mut world = World::new();
    world.zones = names.iter().map(|name| Zone::find(name).unwrap()).collect();
    world.residence = debtor.residence.parse().unwrap();
    world.governing_law = debtor.governing_law.parse().unwrap();
    world.collector = naive::collector(debtor);
    world.licence = debtor.licensed_in.as_ref().map(|place| Licence {
        jurisdiction: place.parse().unwrap(),
        valid_until: debtor.licence_end.map(time),
        listed_publicly: debtor.listed,
        evaluated_at: debtor.evaluated_at.map(time),
    });
    let notices = [
        (Notice::Placement, debtor.placement_notice),
        (Notice::Validation, debtor.validation_notice),
    ];
    for (notice, at) in notices {
        world.notices.extend(at.map(|at| ServedNotice {
            notice,
            at: time(at),
        }));
    }
    world.first_communication = debtor.first_communication.map(time);
    world.consented_at = debtor.consented_at.map(time);
    world.agreed_hours = debtor.agreed;
    world.refused_hours.clone_from(&debtor.refused);
    let opt_out = |channel: &Channel| OptOut {
        channel: Some(*channel),
        contact_point: None,
    };
    world.opt_outs = debtor.opted_out.iter().map(opt_out).collect();
    world.cease = debtor.cease;
    world.represented = debtor.represented;
    world.disputed = debtor.disputed;
    world.complained = debtor.complained;
    world.protections = debtor
        .protections
        .iter()
        .map(|(protection, from, until)| ProtectionInForce {
            protection: *protection,
            from: time(*from),
            until: until.map(time),
        })
        .collect();
    world.third_party_refused = debtor.third_party_refused;
    world.debtor_unable = debtor.unable;
    world.forbearance_considered = debtor.forbearance;
    for past in &debtor.past {
        let from = time(past.from);
        if past.by_debtor {
            for tallies in world.tallies(past.same_point) {
                tallies.count_inbound(past.channel, past.result.unwrap(), from);
            }
        } else {
            let until = if past.result.is_some() {
                past.from + QUARTER
            } else {
                past.last + 1
            };
            let permit = moment_contact(past.channel, past.from, until);
            world.count(
                &permit,
                past.same_point,
                past.result.map(|result| (result, from)),
            );
        }
    }
    world
}

/// An agency without a licence has no evaluation either, as in the facts.
fn as_in_facts(mut debtor: Debtor) -> Debtor {
    if debtor.licensed_in.is_none() {
        debtor.listed = false;
        debtor.evaluated_at = None;
        debtor.licence_end = None;
    }
    debtor
}

fn subset(all: &[Pack], chosen: u8) -> Vec<Pack> {
    let numbered = all.iter().enumerate();
    let taken = numbered.filter(|(index, _)| chosen >> index & 1 == 1);
    taken.map(|(_, pack)| pack.clone()).collect()
}

proptest! {
    #![proptest_config(config(2_500))]

    #[test]
    fn verdicts_are_those_of_the_naive_checker(
        (debtor, names, start) in debtor(), asked in proposed(), chosen in any::<u8>()
    ) {
        let debtor = as_in_facts(debtor);
        let packs = subset(&packs::all().unwrap(), chosen);
        let (channel, party, purpose, quarter, length, stated, recorded) = asked;
        let from = start + quarter * QUARTER;
        let mut contact = moment_contact(channel, from, from + length * QUARTER);
        (contact.party, contact.purpose) = (party, purpose);
        (contact.opt_out_statement, contact.recorded) = (stated, recorded);
        let world = world(&debtor, &names);
        let verdict = decide(&packs, &contact, &world.facts());
        let (decision, refusing) = naive::decide(&packs, &contact, &debtor);
        let spoke: Vec<String> = verdict.spoke.iter().map(|rule| rule.rule.clone()).collect();
        prop_assert_eq!(&spoke, &refusing);
        prop_assert_eq!(verdict.decision, decision);

        // A pack more never makes a verdict milder, nor a contact possible earlier.
        let fewer = decide(&packs[..packs.len() / 2], &contact, &world.facts());
        prop_assert!(fewer.decision <= verdict.decision);
        prop_assert!(fewer.spoke.iter().all(|rule| verdict.spoke.contains(rule)));
        match (fewer.possible_from, verdict.possible_from) {
            (Some(fewer), Some(all)) => prop_assert!(fewer <= all),
            (None, all) => prop_assert_eq!(all, None),
            (Some(_), None) => {}
        }
    }
}

proptest! {
    #![proptest_config(config(150))]

    /// The time from which a contact is possible is the first one that the naive checker allows, trying
    /// every quarter of an hour: all moments of these histories are quarters, but for the last
    /// millisecond of permits that were never closed.
    #[test]
    fn possible_times_are_those_found_by_trying(
        (debtor, names, start) in debtor(), asked in proposed(), chosen in any::<u8>()
    ) {
        let mut debtor = as_in_facts(debtor);
        let packs = subset(&packs::all().unwrap(), chosen);
        let (channel, party, purpose, quarter, length, _, _) = asked;
        let from = start + quarter * QUARTER;
        // Nobody knows of a consent to come, and no contact had it.
        if debtor.consented_at.is_some_and(|consent| consent > from) {
            debtor.consented_at = None;
            debtor.past.iter_mut().for_each(|past| past.consented = false);
        }
        let mut contact = moment_contact(channel, from, from + length * QUARTER);
        (contact.party, contact.purpose) = (party, purpose);
        (contact.opt_out_statement, contact.recorded) = (true, true);
        let world = world(&debtor, &names);
        let verdict = decide(&packs, &contact, &world.facts());
        let allowed = |at: u64| {
            let tried = contact.starting(Timestamp::from_millis(at));
            naive::decide(&packs, &tried, &debtor).1.is_empty()
        };
        let tried = (0..30 * 96).map(|quarter| from + quarter * QUARTER);
        let end = from + 30 * DAY;
        match verdict.possible_from.map(Timestamp::millis) {
            Some(possible) if possible < end => {
                let quarter = possible.div_ceil(QUARTER) * QUARTER;
                prop_assert!(allowed(possible));
                let found = tried.take_while(|at| *at <= quarter).find(|at| allowed(*at));
                prop_assert_eq!(found, Some(quarter));
            }
            Some(_) => {
                let found = tried.step_by(8).find(|at| allowed(*at));
                prop_assert_eq!(found, None);
            }
            None => {
                let found = tried.step_by(8).find(|at| allowed(*at));
                prop_assert_eq!(found, None);
            }
        }
    }
}
