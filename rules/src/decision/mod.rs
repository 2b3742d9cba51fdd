//! Whether a contact may happen: every pack that binds the debtor speaks, and the strictest wins.
//!
//! ```text
//!   packs --binds?--> rules --is about the contact?--> answer: allows | refuses, until when
//!                                                         |
//!                       the strictest effect, every rule that refused, when it becomes possible
//! ```
//!
//! The cost depends on the number of rules and on bounded counters, never on the length of a history.

pub(crate) mod answer;
mod counters;
mod frequency;
mod quiet_hours;
mod third_party;

use std::fmt;

use talea_types::{Timestamp, limits::POSSIBLE_STEPS_MAX};

use crate::{
    contact::Contact,
    facts::Facts,
    pack::{Effect, Pack, Rule},
};
use answer::{Answer, Asked, answer};

/// What is decided; the strictest is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// The contact may happen.
    Allow,
    /// A compliance key of the creditor must sign for it.
    NeedsOverride,
    /// It may not happen.
    Deny,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Allow => "allow",
            Self::NeedsOverride => "needs override",
            Self::Deny => "deny",
        })
    }
}

/// A rule that refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpokenRule {
    /// Id of its pack.
    pub pack: String,
    /// Version of its pack.
    pub version: u32,
    /// Its number in the pack.
    pub number: u32,
    /// Its id; the pack says its legal source.
    pub rule: String,
    /// What it means.
    pub effect: Effect,
}

/// What is decided, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The strictest effect of the rules that refused.
    pub decision: Decision,
    /// Every rule that refused, in the order of packs and of rules in them.
    pub spoke: Vec<SpokenRule>,
    /// The earliest start from which the contact would be allowed if only time passes; `None` if time
    /// alone does not help.
    pub possible_from: Option<Timestamp>,
}

impl Decision {
    /// The strictest effect of the rules that refused.
    #[must_use]
    pub fn of(spoke: &[SpokenRule]) -> Self {
        match spoke.iter().map(|rule| rule.effect).max() {
            None => Self::Allow,
            Some(Effect::NeedsOverride) => Self::NeedsOverride,
            Some(Effect::Deny) => Self::Deny,
        }
    }
}

/// Every rule that refuses a contact, in the order of packs and of rules in them: the decision without the
/// search for when it would be allowed. `packs` are those in force, in ascending order of their ids.
#[must_use]
pub fn refusals<'p>(
    packs: impl IntoIterator<Item = &'p Pack>,
    contact: &Contact,
    facts: &Facts<'_>,
) -> Vec<SpokenRule> {
    let mut spoke = Vec::new();
    for pack in packs.into_iter().filter(|pack| pack.binds(facts)) {
        for rule in speaking(pack, contact, facts) {
            if answer(rule, contact, facts, Asked::Whether) != Answer::Allows {
                spoke.push(SpokenRule {
                    pack: pack.id.clone(),
                    version: pack.version,
                    number: rule.number,
                    rule: rule.id.clone(),
                    effect: rule.effect,
                });
            }
        }
    }
    spoke
}

/// Decides about a contact. `packs` are those in force, in ascending order of their ids.
#[must_use]
pub fn decide<'p>(
    packs: impl IntoIterator<Item = &'p Pack> + Clone,
    contact: &Contact,
    facts: &Facts<'_>,
) -> Verdict {
    let spoke = refusals(packs.clone(), contact, facts);
    let possible_from = if spoke.is_empty() {
        Some(contact.from)
    } else {
        let binding = packs.into_iter().filter(|pack| pack.binds(facts));
        let rules: Vec<&Rule> = binding
            .flat_map(|pack| speaking(pack, contact, facts))
            .collect();
        possible_from(&rules, contact, facts)
    };
    Verdict {
        decision: Decision::of(&spoke),
        spoke,
        possible_from,
    }
}

/// The rules of a pack that are about a contact.
pub(crate) fn speaking<'p>(
    pack: &'p Pack,
    contact: &Contact,
    facts: &Facts<'_>,
) -> impl Iterator<Item = &'p Rule> {
    pack.rules
        .iter()
        .filter(|rule| rule.is_about(contact) && rule.is_for(facts))
}

/// The earliest start that all rules allow. Each rule names the earliest start that it allows itself, so
/// going to the latest of these, again and again, passes over no start that all would allow.
pub(crate) fn possible_from(
    rules: &[&Rule],
    contact: &Contact,
    facts: &Facts<'_>,
) -> Option<Timestamp> {
    let mut tried = contact.clone();
    for _ in 0..POSSIBLE_STEPS_MAX {
        let mut next = tried.from;
        for rule in rules {
            match answer(rule, &tried, facts, Asked::UntilWhen) {
                Answer::Allows => {}
                Answer::Refuses { until: None } => return None,
                Answer::Refuses { until: Some(until) } => {
                    assert!(until > tried.from, "a rule that refuses names a later time");
                    next = next.max(until);
                }
            }
        }
        if next == tried.from {
            return Some(next);
        }
        tried = tried.starting(next);
    }
    None
}
