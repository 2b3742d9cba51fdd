//! Every rule's answer about a contact, for people: who speaks, what it says and when it would allow.

use std::fmt;

use talea_types::Timestamp;

use crate::{
    contact::Contact,
    decision::{
        Verdict,
        answer::{Answer, Asked, answer},
        decide, possible_from, speaking,
    },
    facts::Facts,
    pack::{Effect, Pack},
    time_zone::Zone,
};

/// What one rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleAnswer {
    /// Its id.
    pub rule: String,
    /// What it does.
    pub title: String,
    /// Its legal source.
    pub source: String,
    /// Whether a figure or its source was not verified.
    pub unverified: bool,
    /// `None` when it allows; else what its refusal means.
    pub refuses: Option<Effect>,
    /// When it alone would allow the contact, if time alone helps.
    pub possible_from: Option<Timestamp>,
}

/// What all rules that are about a contact say.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The verdict.
    pub verdict: Verdict,
    /// One entry for each rule that is about the contact, in the order of packs and rules.
    pub answers: Vec<RuleAnswer>,
    /// Ids of the packs that do not bind.
    pub not_binding: Vec<String>,
    zones: Vec<Zone>,
}

/// Explains a decision.
#[must_use]
pub fn explain(packs: &[Pack], contact: &Contact, facts: &Facts<'_>) -> Explanation {
    let mut answers = Vec::new();
    let mut not_binding = Vec::new();
    for pack in packs {
        if !pack.binds(facts) {
            not_binding.push(pack.id.clone());
            continue;
        }
        for rule in speaking(pack, contact, facts) {
            let refuses = answer(rule, contact, facts, Asked::Whether) != Answer::Allows;
            answers.push(RuleAnswer {
                rule: rule.id.clone(),
                title: rule.title.clone(),
                source: rule.source.clone(),
                unverified: rule.unverified,
                refuses: refuses.then_some(rule.effect),
                possible_from: possible_from(&[rule], contact, facts),
            });
        }
    }
    Explanation {
        verdict: decide(packs, contact, facts),
        answers,
        not_binding,
        zones: facts.zones.to_vec(),
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.verdict.decision)?;
        if !self.verdict.spoke.is_empty() {
            match self.verdict.possible_from {
                Some(time) => writeln!(f, "possible from {}", self.time(time))?,
                None => writeln!(f, "time alone does not make it possible")?,
            }
        }
        for answer in &self.answers {
            let says = match answer.refuses {
                None => "allows".to_owned(),
                Some(effect) => format!("refuses ({effect})"),
            };
            writeln!(f, "  {says}: {}", answer.rule)?;
            if answer.refuses.is_some() {
                writeln!(f, "    {}", answer.title)?;
                let mark = if answer.unverified {
                    " (unverified)"
                } else {
                    ""
                };
                writeln!(f, "    {}{mark}", answer.source)?;
                match answer.possible_from {
                    Some(time) => writeln!(f, "    would allow it from {}", self.time(time))?,
                    None => writeln!(f, "    does not allow it by the passage of time")?,
                }
            }
        }
        for pack in &self.not_binding {
            writeln!(f, "  does not bind: {pack}")?;
        }
        Ok(())
    }
}

impl Explanation {
    /// A time in UTC and in every time zone of the debtor.
    fn time(&self, time: Timestamp) -> String {
        let local = self.zones.iter().map(|zone| zone.describe(time));
        let all = [describe_utc(time)].into_iter().chain(local);
        all.collect::<Vec<_>>().join(" = ")
    }
}

fn describe_utc(time: Timestamp) -> String {
    let millis = i64::try_from(time.millis()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(millis)
        .map_or_else(|_| format!("{millis} ms"), |time| time.to_string())
}
