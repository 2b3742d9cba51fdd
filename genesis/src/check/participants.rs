//! Rules for organisations.

use std::collections::{BTreeMap, BTreeSet};

use talea_types::{
    KeyPolicy, Timestamp, limits,
    state::{Registration, Role},
    time::DAY_MS,
};

use super::{keys::KeyRegister, text::Shown};
use crate::{
    document::{GenesisDocument, ParticipantTerms, PolicyTerms},
    problem::Problems,
    standards::{bic, country, date, lei},
};

pub(super) fn participants(
    document: &GenesisDocument,
    keys: &mut KeyRegister,
    problems: &mut Problems,
) -> BTreeMap<String, Registration> {
    let list = &document.participants;
    if list.len() > limits::GENESIS_PARTICIPANTS_MAX {
        problems.add(
            "participants",
            format!("there are {}", list.len()),
            format!("list at most {}", limits::GENESIS_PARTICIPANTS_MAX),
        );
    }
    for role in [Role::Operator, Role::Bank] {
        let word = role.word();
        if !list
            .iter()
            .any(|terms| terms.roles.iter().any(|role| role == word))
        {
            problems.add(
                "participants",
                format!("none has the role {word}"),
                "add the contribution of one: a network needs an operator and a bank",
            );
        }
    }
    let mut identifiers = BTreeSet::new();
    let mut participants = BTreeMap::new();
    for (position, terms) in list.iter().enumerate() {
        let field = format!("participants[{position}]");
        let codes = [("lei", Some(&terms.lei)), ("bic", terms.bic.as_ref())];
        for (name, code) in codes
            .into_iter()
            .filter_map(|(name, code)| Some((name, code?)))
        {
            if !identifiers.insert(code.as_str()) {
                problems.add(
                    format!("{field}.{name}"),
                    format!("{} belongs to two participants", Shown(code)),
                    "keep one contribution of each organisation",
                );
            }
        }
        let Some(record) = participant(&field, terms, keys, problems) else {
            continue;
        };
        facts_of_network(&field, document, &record, problems);
        participants.insert(record.lei.clone(), record);
    }
    participants
}

/// Rules that hold between an organisation and the network.
fn facts_of_network(
    field: &str,
    document: &GenesisDocument,
    record: &Registration,
    problems: &mut Problems,
) {
    let moves_money = [Role::Operator, Role::Bank]
        .iter()
        .any(|role| record.roles.contains(role));
    if !document.network.sandbox && moves_money && record.policy.threshold() < 2 {
        problems.add(
            format!("{field}.policy.threshold"),
            "one key alone could act for a bank or an operator",
            "let at least 2 keys sign, held by different persons; 1 is for a sandbox",
        );
    }
    if let (Some(end), Some(start)) = (
        record.licence_expires_at,
        date::time(&document.network.time),
    ) && end <= start
    {
        problems.add(
            format!("{field}.licence_expires"),
            "the licence ends before the network starts",
            "renew it first, or correct the date",
        );
    }
}

/// Checks one organisation by itself.
pub(crate) fn participant(
    field: &str,
    terms: &ParticipantTerms,
    keys: &mut KeyRegister,
    problems: &mut Problems,
) -> Option<Registration> {
    identity(field, terms, problems);
    let roles = roles(field, &terms.roles, problems);
    if roles.contains(&Role::Bank) && terms.bic.is_none() {
        problems.add(
            format!("{field}.bic"),
            "a bank has none",
            "add its business identifier code (ISO 9362)",
        );
    }
    let licence_expires_at = licence(field, terms, &roles, problems);
    let evaluated_on = evaluation(field, terms, &roles, problems);
    let policy = policy(&format!("{field}.policy"), &terms.policy, keys, problems)?;
    Some(Registration {
        lei: terms.lei.clone(),
        bic: terms.bic.clone().unwrap_or_default(),
        name: terms.name.clone(),
        jurisdiction: terms.jurisdiction.clone(),
        roles: roles.into_iter().collect(),
        policy,
        licence_expires_at,
        evaluated_on,
    })
}

fn identity(field: &str, terms: &ParticipantTerms, problems: &mut Problems) {
    if !lei::is_valid(&terms.lei) {
        problems.add(
            format!("{field}.lei"),
            format!(
                "{} is not a Legal Entity Identifier, or its check digits do not match",
                Shown(&terms.lei)
            ),
            "copy it from the public register (ISO 17442): 20 capital letters and digits",
        );
    }
    if let Some(code) = terms.bic.as_ref().filter(|code| !bic::is_valid(code)) {
        problems.add(
            format!("{field}.bic"),
            format!("{} is not a business identifier code", Shown(code)),
            "write 8 or 11 capital letters and digits (ISO 9362), or leave it out if it is no bank",
        );
    }
    let printable = !terms.name.chars().any(char::is_control) && terms.name.trim() == terms.name;
    if !(1..=limits::ORGANISATION_NAME_BYTES_MAX).contains(&terms.name.len()) || !printable {
        problems.add(
            format!("{field}.name"),
            format!("{} is not a name", Shown(&terms.name)),
            format!(
                "use 1 to {} bytes of text, without control characters or blanks around it",
                limits::ORGANISATION_NAME_BYTES_MAX
            ),
        );
    }
    if !country::is_valid(&terms.jurisdiction) {
        problems.add(
            format!("{field}.jurisdiction"),
            format!("{} is not a country", Shown(&terms.jurisdiction)),
            "write two capital letters (ISO 3166-1), such as CZ",
        );
    }
}

fn roles(field: &str, words: &[String], problems: &mut Problems) -> BTreeSet<Role> {
    let mut roles = BTreeSet::new();
    for (position, word) in words.iter().enumerate() {
        let field = format!("{field}.roles[{position}]");
        match Role::from_word(word) {
            None => problems.add(
                field,
                format!("{} is not a role", Shown(word)),
                format!("use one of: {}", Role::ALL.map(Role::word).join(", ")),
            ),
            Some(role) => {
                if !roles.insert(role) {
                    problems.add(field, format!("{word} is listed twice"), "remove one");
                }
            }
        }
    }
    if words.is_empty() {
        problems.add(
            format!("{field}.roles"),
            "there are none",
            "say what the organisation does in the network",
        );
    }
    roles
}

fn licence(
    field: &str,
    terms: &ParticipantTerms,
    roles: &BTreeSet<Role>,
    problems: &mut Problems,
) -> Option<Timestamp> {
    let field = format!("{field}.licence_expires");
    let is_agency = roles.contains(&Role::CollectionAgency);
    match &terms.licence_expires {
        None if is_agency => {
            problems.add(
                field,
                "a collection agency has none",
                "add the last day of its licence, such as 2030-12-31",
            );
            None
        }
        Some(_) if !is_agency => {
            problems.add(field, "only a collection agency has a licence", "remove it");
            None
        }
        Some(text) => {
            let days = date::days(text);
            if days.is_none() {
                problems.add(
                    field,
                    format!("{} is not a date", Shown(text)),
                    "write it such as 2030-12-31",
                );
            }
            // The licence holds to the end of its last day.
            days.map(|days| Timestamp::from_millis(u64::from(days).saturating_add(1) * DAY_MS))
        }
        None => None,
    }
}

fn evaluation(
    field: &str,
    terms: &ParticipantTerms,
    roles: &BTreeSet<Role>,
    problems: &mut Problems,
) -> Option<u32> {
    let field = format!("{field}.evaluated");
    let text = terms.evaluated.as_ref()?;
    if !roles.contains(&Role::CollectionAgency) {
        problems.add(field, "only a collection agency is evaluated", "remove it");
        return None;
    }
    let days = date::days(text).filter(|days| *days > 0);
    if days.is_none() {
        problems.add(
            field,
            format!("{} is not a date", Shown(text)),
            "write it such as 2026-05-31",
        );
    }
    days
}

fn policy(
    field: &str,
    terms: &PolicyTerms,
    register: &mut KeyRegister,
    problems: &mut Problems,
) -> Option<KeyPolicy> {
    let keys: Vec<_> = terms
        .keys
        .iter()
        .enumerate()
        .filter_map(|(position, text)| {
            register.register(&format!("{field}.keys[{position}]"), text, problems)
        })
        .collect();
    if terms.keys.is_empty() || terms.keys.len() > limits::POLICY_KEYS_MAX {
        problems.add(
            format!("{field}.keys"),
            format!("there are {}", terms.keys.len()),
            format!("list 1 to {}", limits::POLICY_KEYS_MAX),
        );
    }
    let threshold_fits = usize::try_from(terms.threshold)
        .is_ok_and(|threshold| (1..=terms.keys.len().max(1)).contains(&threshold));
    if !threshold_fits {
        problems.add(
            format!("{field}.threshold"),
            format!(
                "{} of {} keys cannot sign",
                terms.threshold,
                terms.keys.len()
            ),
            "use 1 to the number of keys",
        );
    }
    // A key that was refused above has its own problem.
    if keys.len() != terms.keys.len() {
        return None;
    }
    KeyPolicy::new(terms.threshold, keys).ok()
}
