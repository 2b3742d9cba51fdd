//! What one rule says about one contact.

use talea_types::{
    Timestamp,
    conduct::{Notice, Party, Protection},
    time::DAY_MS,
};

use crate::{
    contact::Contact,
    decision::{frequency, quiet_hours, third_party},
    facts::{Collector, Facts},
    pack::{NoticeBefore, NoticeWithin, Provision, Rule, Stops},
};

/// What a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The contact may happen, as far as this rule goes.
    Allows,
    /// It may not.
    Refuses {
        /// The earliest later start that the rule allows, if only time passes.
        until: Option<Timestamp>,
    },
}

/// How much is asked of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Whether it refuses: then until when is not said. All that a permit needs, in consensus.
    Whether,
    /// Also until when, which takes a search.
    UntilWhen,
}

/// What a rule says about a contact that it is about.
pub fn answer(rule: &Rule, contact: &Contact, facts: &Facts<'_>, asked: Asked) -> Answer {
    match &rule.provision {
        Provision::QuietHours(quiet) => quiet_hours::of_rule(quiet, contact, facts, asked),
        Provision::DebtorHoursRespected => quiet_hours::of_debtor(contact, facts, asked),
        Provision::FrequencyCap(cap) => frequency::of_cap(cap, contact, facts, asked),
        Provision::ConversationWait(wait) => frequency::of_wait(wait, contact, facts, asked),
        Provision::OptOutStatement => {
            refused_if(contact.channel.is_message() && !contact.opt_out_statement)
        }
        Provision::OptOutRespected => refused_if(opted_out(contact, facts)),
        Provision::CeaseRespected => refused_if(facts.cease),
        Provision::RepresentationRespected => {
            refused_if(facts.represented && contact.party != Party::Representative)
        }
        Provision::Forbidden => refused_if(true),
        Provision::RecordingRequired => refused_if(!contact.recorded),
        Provision::NoticeBefore(notice) => notice_before(notice, contact, facts),
        Provision::NoticeWithin(notice) => notice_within(notice, contact, facts),
        Provision::ThirdParty(conditions) => third_party::of_rule(conditions, contact, facts),
        Provision::LicenceValid => refused_if(!has_licence(contact, facts)),
        Provision::ListedPublicly => refused_if(
            collects_for_others(facts)
                && !facts
                    .licence
                    .as_ref()
                    .is_some_and(|licence| licence.listed_publicly),
        ),
        Provision::EvaluatedWithin(within) => {
            let evaluated = facts
                .licence
                .as_ref()
                .and_then(|licence| licence.evaluated_at);
            let fresh = evaluated.is_some_and(|at| contact.until <= plus_days(at, within.days));
            refused_if(collects_for_others(facts) && !fresh)
        }
        Provision::ForbearanceFirst => refused_if(!facts.forbearance_considered),
        Provision::DisputeSuspends(stops) => refused_if(stops.contact && facts.disputed),
        Provision::ComplaintSuspends(stops) => refused_if(stops.contact && facts.complained),
        Provision::ProtectionSuspends(suspends) => {
            protected(suspends.protection, suspends.stops, contact, facts)
        }
        Provision::CollectionFeeForbidden
        | Provision::ResidualStated
        | Provision::Retention(_)
        | Provision::FurnishingAfter(_)
        | Provision::PaymentRetries(_)
        | Provision::ComplaintClock(_) => Answer::Allows,
    }
}

/// A refusal that time does not heal.
const fn refused_if(refused: bool) -> Answer {
    if refused {
        Answer::Refuses { until: None }
    } else {
        Answer::Allows
    }
}

fn plus_days(time: Timestamp, days: u32) -> Timestamp {
    time.plus_millis(u64::from(days).saturating_mul(DAY_MS))
}

fn collects_for_others(facts: &Facts<'_>) -> bool {
    facts.collector == Collector::ThirdParty
}

fn opted_out(contact: &Contact, facts: &Facts<'_>) -> bool {
    facts.opt_outs.iter().any(|opt_out| {
        opt_out
            .channel
            .is_none_or(|channel| channel == contact.channel)
            && opt_out
                .contact_point
                .is_none_or(|point| point == contact.contact_point)
    })
}

fn has_licence(contact: &Contact, facts: &Facts<'_>) -> bool {
    let valid = facts
        .licence
        .as_ref()
        .is_some_and(|licence| licence.valid_until.is_none_or(|end| contact.until <= end));
    valid || !collects_for_others(facts)
}

fn notice_before(rule: &NoticeBefore, contact: &Contact, facts: &Facts<'_>) -> Answer {
    // Nothing is placed with anybody while the lender collects.
    if rule.notice == Notice::Placement && !collects_for_others(facts) {
        return Answer::Allows;
    }
    let served = facts
        .notices
        .iter()
        .filter(|served| served.notice == rule.notice);
    let Some(first) = served.map(|served| served.at).min() else {
        return Answer::Refuses { until: None };
    };
    let possible = plus_days(first, rule.days);
    if possible <= contact.from {
        Answer::Allows
    } else {
        Answer::Refuses {
            until: Some(possible),
        }
    }
}

fn notice_within(rule: &NoticeWithin, contact: &Contact, facts: &Facts<'_>) -> Answer {
    let served = facts
        .notices
        .iter()
        .any(|served| served.notice == rule.notice);
    let late = facts
        .first_communication
        .is_some_and(|first| contact.until > plus_days(first, rule.days));
    refused_if(late && !served)
}

/// Refused while any such protection overlaps the window of the contact.
fn protected(protection: Protection, stops: Stops, contact: &Contact, facts: &Facts<'_>) -> Answer {
    if !stops.contact {
        return Answer::Allows;
    }
    let mut until = None;
    for in_force in facts.protections {
        let overlaps =
            in_force.from < contact.until && in_force.until.is_none_or(|end| contact.from < end);
        if in_force.protection != protection || !overlaps {
            continue;
        }
        match in_force.until {
            None => return Answer::Refuses { until: None },
            Some(end) => until = until.max(Some(end)),
        }
    }
    until.map_or(Answer::Allows, |end| Answer::Refuses { until: Some(end) })
}
