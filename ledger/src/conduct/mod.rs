//! What the rules of conduct are asked about, read from the state: the packs in force, what is known of
//! a debtor, the counters of contacts. The rules themselves are in `talea-rules`.

mod circumstances;
mod tallies;

pub(crate) use circumstances::{Circumstances, cases_of, is_refused};
pub(crate) use tallies::CountedBy;

use talea_rules::SpokenRule;
use talea_types::limits::RULES_NAMED_MAX;

/// The names under which results and events cite rules: the rule's id, which begins with its pack's, and
/// the version of the pack. The strictest first; bounded.
pub(crate) fn cited(spoke: &[SpokenRule]) -> Vec<String> {
    let mut rules: Vec<&SpokenRule> = spoke.iter().collect();
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.effect));
    let rules = rules.into_iter().take(RULES_NAMED_MAX);
    rules
        .map(|rule| format!("{}@{}", rule.rule, rule.version))
        .collect()
}
