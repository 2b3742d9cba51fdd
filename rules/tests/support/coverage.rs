//! Which rules about contacts the tables show from both sides.

use std::collections::{BTreeMap, BTreeSet};

use talea_rules::{
    Pack,
    explain::Explanation,
    pack::{Provision, Rule},
};
use talea_types::Timestamp;

const MINUTE_MS: u64 = 60_000;

/// What the verdicts of a case, or of several, showed of each rule.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Starts of the contacts that a rule refused, or did not.
    refused: BTreeMap<String, BTreeSet<Timestamp>>,
    allowed: BTreeMap<String, BTreeSet<Timestamp>>,
    /// Rules that refused and allowed within one case.
    both: BTreeSet<String>,
    /// Rules that refused a minute before they allowed, and those that allowed a minute before they refused.
    ends: BTreeSet<String>,
    begins: BTreeSet<String>,
}

impl Coverage {
    /// Adds the verdict of one row. A rule that forbids whatever it is about allows nothing that it is asked:
    /// its other side is a contact beside it that is allowed.
    pub fn add(&mut self, packs: &[Pack], explained: &Explanation, from: Timestamp) {
        for answer in &explained.answers {
            let side = match answer.refuses {
                Some(_) => &mut self.refused,
                None => &mut self.allowed,
            };
            side.entry(answer.rule.clone()).or_default().insert(from);
        }
        let binds = |pack: &&Pack| !explained.not_binding.contains(&pack.id);
        let is_asked = |rule: &Rule| explained.answers.iter().any(|one| one.rule == rule.id);
        for rule in packs.iter().filter(binds).flat_map(|pack| &pack.rules) {
            let is_allowed = explained.verdict.spoke.is_empty();
            if rule.provision == Provision::Forbidden && !is_asked(rule) && is_allowed {
                let allowed = self.allowed.entry(rule.id.clone()).or_default();
                allowed.insert(from);
            }
        }
    }

    /// Takes over what a case showed.
    pub fn end_case(&mut self, case: &Self) {
        for (rule, refused) in &case.refused {
            let Some(allowed) = case.allowed.get(rule) else {
                continue;
            };
            self.both.insert(rule.clone());
            let follows = |first: &BTreeSet<Timestamp>, second: &BTreeSet<Timestamp>| {
                let mut next = first.iter().map(|at| at.plus_millis(MINUTE_MS));
                next.any(|at| second.contains(&at))
            };
            if follows(refused, allowed) {
                self.ends.insert(rule.clone());
            }
            if follows(allowed, refused) {
                self.begins.insert(rule.clone());
            }
        }
    }

    /// What the tables do not show of the rules about contacts.
    pub fn uncovered(&self, packs: &[Pack]) -> Vec<String> {
        let mut missing = Vec::new();
        let rules = packs.iter().flat_map(|pack| &pack.rules);
        for rule in rules.filter(|rule| is_about_contacts(&rule.provision)) {
            let id = &rule.id;
            if !self.both.contains(id) {
                missing.push(format!("a case in which {id} refuses and allows"));
            }
            if !matches!(rule.provision, Provision::QuietHours(_)) {
                continue;
            }
            if !self.begins.contains(id) {
                missing.push(format!("the minute before {id} begins and its first"));
            }
            if !self.ends.contains(id) {
                missing.push(format!("the last minute of {id} and the one after"));
            }
        }
        missing
    }
}

/// Whether a rule can refuse a contact. A new kind of provision has to be put here.
fn is_about_contacts(provision: &Provision) -> bool {
    match provision {
        Provision::QuietHours(_)
        | Provision::FrequencyCap(_)
        | Provision::ConversationWait(_)
        | Provision::OptOutStatement
        | Provision::OptOutRespected
        | Provision::CeaseRespected
        | Provision::RepresentationRespected
        | Provision::DebtorHoursRespected
        | Provision::Forbidden
        | Provision::RecordingRequired
        | Provision::NoticeBefore(_)
        | Provision::NoticeWithin(_)
        | Provision::ThirdParty(_)
        | Provision::LicenceValid
        | Provision::ListedPublicly
        | Provision::EvaluatedWithin(_)
        | Provision::ForbearanceFirst => true,
        Provision::DisputeSuspends(stops) | Provision::ComplaintSuspends(stops) => stops.contact,
        Provision::ProtectionSuspends(rule) => rule.stops.contact,
        Provision::CollectionFeeForbidden
        | Provision::ResidualStated
        | Provision::Retention(_)
        | Provision::FurnishingAfter(_)
        | Provision::PaymentRetries(_)
        | Provision::ComplaintClock(_) => false,
    }
}
