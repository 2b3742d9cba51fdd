//! A permit checker that was written apart from the rules: it keeps every contact for ever and looks at
//! all of them for every request. It knows two laws by heart, Regulation F and GB/T 45251, and tells the
//! time of three cities from the law on when their clocks change.

use std::collections::{BTreeMap, BTreeSet};

use talea_types::{
    Hash, Outcome, ParticipantId, PermitId,
    conduct::{Channel, ContactResult, Party, Purpose},
    operation::{ContactOutcome, ContactPermit, Preferences},
};

use super::debtors::Home;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// A permit can be closed so long after the end of its window.
const GRACE: i64 = 2 * DAY;
/// A closed permit is kept so long, elsewhere; here it is kept for ever.
const KEPT: i64 = 30 * DAY;

/// The days since 1970-01-01 on which clocks in the United States go forward and back at two: the second
/// Sunday of March and the first of November (15 U.S.C. 260a). Of the year of a day, up to 2099.
pub fn clock_changes(day: i64) -> (i64, i64) {
    // One year in four is longer, the third of them first.
    let years = (4 * day + 2) / 1_461;
    let new_year = 365 * years + (years + 1) / 4;
    let leap = i64::from(years % 4 == 2);
    // 1970-01-01 was a Thursday: day 3 was the first Sunday.
    let first_sunday = |day: i64| day + (10 - day % 7) % 7;
    let (march, november) = (new_year + 59 + leap, new_year + 304 + leap);
    (first_sunday(march) + 7, first_sunday(november))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum City {
    NewYork,
    LosAngeles,
    Shanghai,
}

impl City {
    fn of(home: Home) -> &'static [Self] {
        match home {
            Home::NewYork => &[Self::NewYork],
            Home::Both => &[Self::NewYork, Self::LosAngeles],
            Home::Shanghai => &[Self::Shanghai],
        }
    }

    fn local(self, time: i64) -> i64 {
        let winter = match self {
            Self::Shanghai => return time + 8 * HOUR,
            Self::NewYork => -5 * HOUR,
            Self::LosAngeles => -8 * HOUR,
        };
        let (spring, autumn) = clock_changes((time + winter).div_euclid(DAY));
        // Two o'clock of winter time, and two o'clock of summer time.
        let is_summer =
            spring * DAY + 2 * HOUR <= time + winter && time + winter < autumn * DAY + HOUR;
        time + winter + if is_summer { HOUR } else { 0 }
    }

    fn day(self, time: i64) -> i64 {
        self.local(time).div_euclid(DAY)
    }

    fn clock(self, time: i64) -> i64 {
        self.local(time).rem_euclid(DAY)
    }
}

/// A permit, for ever.
pub struct Contact {
    pub agency: u64,
    loan: u64,
    channel: Channel,
    party: Party,
    purpose: Purpose,
    point: Hash,
    pub from: i64,
    /// Last moment at which it may have happened.
    last: i64,
    pub valid_until: i64,
    /// Until when it can be closed; of a closed one, until when the ledger keeps it.
    pub ends_at: i64,
    /// The collector must have been evaluated again by then.
    evaluated_to: i64,
    consented: bool,
    pub open: bool,
    /// Never happened: it was taken back.
    released: bool,
    pub result: Option<(ContactResult, i64)>,
}

impl Contact {
    fn is_call(&self) -> bool {
        is_call(self.channel)
    }

    /// The moments between which it happened or may happen.
    fn moments(&self) -> (i64, i64) {
        self.result
            .map_or((self.from, self.last), |(_, at)| (at, at))
    }
}

fn is_call(channel: Channel) -> bool {
    matches!(channel, Channel::VoiceCall | Channel::AutomatedCall)
}

fn is_message(channel: Channel) -> bool {
    matches!(
        channel,
        Channel::TextMessage | Channel::Email | Channel::AppMessage
    )
}

fn reached(result: ContactResult) -> bool {
    matches!(
        result,
        ContactResult::Connected | ContactResult::Conversation
    )
}

/// All that is known of a debtor.
#[derive(Default)]
pub struct Known {
    pub contacts: Vec<(PermitId, Contact)>,
    wishes: Option<(Preferences, i64)>,
    /// By agency: when the validation notice was first served and how often, when the debtor was first told.
    notices: BTreeMap<u64, (i64, u32)>,
    told: BTreeMap<u64, i64>,
    refused: BTreeSet<Hash>,
    points: BTreeSet<Hash>,
    /// Unanswered calls since the last answer, and whether the newest found no such number.
    failures: Vec<i64>,
    invalid: bool,
}

/// What is asked for.
pub struct Request<'r> {
    pub agency: u64,
    pub agency_id: ParticipantId,
    /// Days since 1970-01-01.
    pub evaluated_on: Option<u32>,
    pub loan: u64,
    pub operation: &'r ContactPermit,
}

impl Known {
    fn open(&self) -> impl Iterator<Item = &Contact> {
        let contacts = self.contacts.iter().map(|(_, contact)| contact);
        contacts.filter(|contact| contact.open)
    }

    /// Permits that nobody closed count as told.
    pub fn pass_time(&mut self, now: i64) {
        for (_, contact) in &mut self.contacts {
            if contact.open && contact.ends_at <= now {
                contact.open = false;
                contact.ends_at = now + KEPT;
                let told = self.told.entry(contact.agency).or_insert(contact.from);
                *told = (*told).min(contact.from);
            }
        }
    }

    pub fn serve_notice(&mut self, agency: u64, now: i64) -> Outcome {
        let (_, served) = self.notices.entry(agency).or_insert((now, 0));
        if *served >= 16 {
            return Outcome::TooManyOpen;
        }
        *served += 1;
        Outcome::Applied
    }

    /// The outcome of a request and the rules that it names; a permit that is granted is remembered.
    pub fn request(
        &mut self,
        home: Home,
        now: i64,
        id: PermitId,
        request: &Request<'_>,
    ) -> (Outcome, Vec<String>) {
        let asked = request.operation;
        let from = (asked.from.millis() as i64).max(now);
        let until = asked.until.millis() as i64;
        if until <= from || until - from > DAY || from > now + 2 * DAY {
            return (Outcome::TimeOutOfRange, Vec::new());
        }
        let of_case = self
            .open()
            .filter(|one| one.agency == request.agency)
            .count();
        let is_new = !self.points.contains(&asked.contact_point);
        if self.open().count() >= 16 || of_case >= 8 || (is_new && self.points.len() >= 64) {
            return (Outcome::TooManyOpen, Vec::new());
        }
        let consent = self.wishes.as_ref();
        let consent = consent.filter(|(one, _)| one.consents.contains(&request.agency_id));
        let fresh = |days: i64| {
            consent.is_some_and(|(_, at)| {
                let cities = City::of(home).iter();
                *at <= from
                    && cities
                        .clone()
                        .all(|city| city.day(until - 1) - city.day(*at) < days)
            })
        };
        let contact = Contact {
            agency: request.agency,
            loan: request.loan,
            channel: asked.channel,
            party: asked.party,
            purpose: asked.purpose,
            point: asked.contact_point,
            from,
            last: until - 1,
            valid_until: until,
            ends_at: until + GRACE,
            evaluated_to: request
                .evaluated_on
                .map_or(i64::MIN, |day| (i64::from(day) + 366) * DAY),
            consented: fresh(7),
            open: true,
            released: false,
            result: None,
        };
        let mut rules = self.forbidding(home, &contact, asked.opt_out_statement);
        let caps = self.caps(home, &contact);
        let denied = !rules.is_empty() || caps.iter().any(|rule| rule.starts_with("cn-"));
        rules.extend(caps);
        if !rules.is_empty() {
            let outcome = if denied {
                Outcome::ContactRefused
            } else {
                Outcome::OverrideNeeded
            };
            rules.sort();
            return (outcome, rules);
        }
        self.points.insert(asked.contact_point);
        self.contacts.push((id, contact));
        (Outcome::Applied, Vec::new())
    }

    /// The rules that forbid a contact, caps left out.
    fn forbidding(&self, home: Home, contact: &Contact, tells: bool) -> Vec<String> {
        let mut rules = Vec::new();
        let within = |first: i64, last: i64| {
            City::of(home).iter().all(|city| {
                city.day(contact.from) == city.day(contact.last)
                    && first <= city.clock(contact.from)
                    && city.clock(contact.last) < last
            })
        };
        let is_letter = contact.channel == Channel::Letter;
        if home == Home::Shanghai {
            if !is_letter && !within(8 * HOUR, 22 * HOUR) {
                rules.push("cn-gbt-45251/quiet-hours@1".to_owned());
            }
            if contact.party == Party::ThirdParty {
                if !self.may_ask_others(contact) {
                    rules.push("cn-gbt-45251/third-party-conditions@1".to_owned());
                }
                if contact.purpose != Purpose::Location {
                    rules.push("cn-gbt-45251/third-party-disclosure@1".to_owned());
                }
            }
            if contact.last >= contact.evaluated_to {
                rules.push("cn-gbt-45251/yearly-evaluation@1".to_owned());
            }
            return rules;
        }
        let mut forbid = |rule: &str| rules.push(format!("us-reg-f/{rule}@1"));
        if !is_letter && !within(8 * HOUR, 21 * HOUR) {
            forbid("1006.6(b)(1)(i)");
        }
        if contact.party == Party::ThirdParty && contact.purpose != Purpose::Location {
            forbid("1006.6(d)(1)");
        }
        if is_message(contact.channel) && !tells {
            forbid("1006.6(e)");
        }
        if let Some((wishes, _)) = &self.wishes {
            if wishes.cease
                && matches!(
                    contact.purpose,
                    Purpose::Payment | Purpose::Arrangement | Purpose::Location
                )
            {
                forbid("1006.6(c)(1)");
            }
            let opted_out = wishes.opt_outs.iter().any(|one| {
                one.channel.is_none_or(|channel| channel == contact.channel)
                    && one.contact_point.is_none_or(|point| point == contact.point)
            });
            if opted_out {
                forbid("1006.14(h)(1)");
            }
        }
        let told = self.told.get(&contact.agency);
        let tells_more = !matches!(
            contact.purpose,
            Purpose::RequiredNotice | Purpose::DisputeAnswer
        );
        if tells_more
            && told.is_some_and(|told| contact.last + 1 > told + 5 * DAY)
            && !self.notices.contains_key(&contact.agency)
        {
            forbid("1006.34(a)(1)");
        }
        rules
    }

    fn may_ask_others(&self, contact: &Contact) -> bool {
        if self.refused.contains(&contact.point) {
            return false;
        }
        let mut failures = self.failures.clone();
        failures.truncate(8);
        failures.sort_unstable();
        let tomorrow = failures
            .get(2)
            .map(|third| (City::Shanghai.day(*third) + 1) * DAY);
        let three_failed = tomorrow.is_some_and(|day| day <= City::Shanghai.local(contact.from));
        let three_days = failures
            .first()
            .is_some_and(|first| first + 3 * DAY <= contact.from);
        self.invalid || three_failed || three_days
    }

    /// The caps and waits that are used up.
    fn caps(&self, home: Home, contact: &Contact) -> Vec<String> {
        let mut rules = Vec::new();
        if !contact.is_call() {
            return rules;
        }
        let happened = self.contacts.iter().map(|(_, one)| one);
        let happened = happened.filter(|one| !one.released);
        let conversations = happened.clone().filter_map(|one| match one.result {
            Some((ContactResult::Conversation, at)) if one.is_call() => Some((one, at)),
            _ => None,
        });
        if home == Home::Shanghai {
            let city = City::Shanghai;
            let days = city.day(contact.from)..=city.day(contact.last);
            let talked = |day: i64| {
                let spoke = conversations.clone();
                spoke.filter(|(_, at)| city.day(*at) == day).count()
            };
            let dialled = |day: i64| {
                let calls = happened.clone();
                let calls = calls.filter(|one| one.is_call() && one.point == contact.point);
                let on_day = calls.filter(|one| {
                    let (first, last) = one.moments();
                    city.day(first) <= day && day <= city.day(last)
                });
                on_day.count()
            };
            if days.clone().any(|day| talked(day) >= 3) {
                rules.push("cn-gbt-45251/effective-calls@1".to_owned());
            }
            if days.clone().any(|day| dialled(day) >= 6) {
                rules.push("cn-gbt-45251/dial-attempts@1".to_owned());
            }
            return rules;
        }
        if contact.consented {
            return rules;
        }
        for city in City::of(home) {
            let called_in = |week: i64| {
                let calls = happened.clone();
                let calls = calls.filter(|one| {
                    let (first, last) = one.moments();
                    one.is_call()
                        && !one.consented
                        && one.loan == contact.loan
                        && city.day(first) < week + 7
                        && week <= city.day(last)
                });
                calls.count()
            };
            let mut weeks = city.day(contact.from) - 6..=city.day(contact.last);
            if weeks.any(|week| called_in(week) >= 7) {
                rules.push("us-reg-f/1006.14(b)(2)(i)(A)@1".to_owned());
            }
            let mut spoke = conversations
                .clone()
                .filter(|(one, _)| one.loan == contact.loan);
            let waits = |at: i64| at <= contact.last && city.day(contact.from) - city.day(at) < 7;
            if spoke.any(|(_, at)| waits(at)) {
                rules.push("us-reg-f/1006.14(b)(2)(i)(B)@1".to_owned());
            }
        }
        rules.sort();
        rules.dedup();
        rules
    }

    /// What an outcome comes to.
    pub fn close(&mut self, now: i64, outcome: &ContactOutcome) -> Outcome {
        let at = outcome.at.millis() as i64;
        let found = self
            .contacts
            .iter_mut()
            .find(|(id, _)| *id == outcome.permit);
        let Some((_, contact)) = found else {
            return Outcome::PermitUnknown;
        };
        if !contact.open || contact.ends_at <= now {
            return Outcome::PermitClosed;
        }
        if at < contact.from || contact.valid_until <= at || now < at {
            return Outcome::OutsidePermit;
        }
        let says = outcome.result;
        let fits = if is_message(contact.channel) || contact.channel == Channel::Letter {
            matches!(
                says,
                ContactResult::Sent | ContactResult::InvalidContactPoint
            )
        } else {
            says != ContactResult::Sent
        };
        if !fits || (outcome.third_party_refused && contact.party != Party::ThirdParty) {
            return Outcome::ResultUnfit;
        }
        contact.open = false;
        contact.ends_at = now + KEPT;
        contact.result = Some((says, at));
        if matches!(says, ContactResult::Conversation | ContactResult::Sent)
            && contact.party != Party::ThirdParty
        {
            let told = self.told.entry(contact.agency).or_insert(at);
            *told = (*told).min(at);
        }
        if reached(says) {
            self.failures.clear();
            self.invalid = false;
        } else if contact.is_call() {
            self.failures.push(at);
            self.invalid = says == ContactResult::InvalidContactPoint;
        }
        if outcome.third_party_refused {
            self.refused.insert(contact.point);
        }
        Outcome::Applied
    }

    /// New wishes hold at once: what has not begun and would be refused never happens.
    pub fn prefer(&mut self, home: Home, now: i64, wishes: &Preferences) {
        self.wishes = Some((wishes.clone(), now));
        for index in 0..self.contacts.len() {
            let (_, contact) = &self.contacts[index];
            if !contact.open || contact.valid_until <= now {
                continue;
            }
            let rest = Contact {
                from: contact.from.max(now),
                last: contact.valid_until - 1,
                consented: false,
                result: None,
                ..*contact
            };
            if self.forbidding(home, &rest, true).is_empty() {
                continue;
            }
            let (_, contact) = &mut self.contacts[index];
            contact.valid_until = now;
            if now <= contact.from {
                contact.open = false;
                contact.ends_at = now + KEPT;
                contact.released = true;
            }
        }
    }

    /// Whether any cap was exceeded by what happened or may have happened, each contact at one moment.
    pub fn exceeded(&self, home: Home) -> Option<String> {
        let calls = || {
            let contacts = self.contacts.iter().map(|(_, contact)| contact);
            contacts.filter(|one| one.is_call() && !one.released)
        };
        for one in calls() {
            for city in City::of(home) {
                let day = city.day(one.moments().0);
                let near = |other: &&Contact, days: i64| {
                    let other_day = city.day(other.moments().0);
                    day <= other_day && other_day < day + days
                };
                if home == Home::Shanghai {
                    let same = calls().filter(|other| other.point == one.point && near(other, 1));
                    if same.count() > 6 {
                        return Some(format!("more than 6 calls at a point on day {day}"));
                    }
                } else {
                    let week = calls().filter(|other| {
                        other.loan == one.loan && !other.consented && near(other, 7)
                    });
                    if !one.consented && week.count() > 7 {
                        return Some(format!("more than 7 calls in the week of day {day}"));
                    }
                }
            }
        }
        None
    }
}
