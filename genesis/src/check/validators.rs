//! Rules for validators.

use std::collections::{BTreeMap, BTreeSet};

use talea_types::{ParticipantId, Validator, ValidatorSet, limits};

use super::{
    keys::KeyRegister,
    text::{Shown, short_name},
};
use crate::{
    document::{GenesisDocument, ValidatorTerms},
    problem::Problems,
};

/// Fewest validators that tolerate a faulty one.
const VALIDATORS_MIN: usize = 4;

pub(super) fn validators(
    document: &GenesisDocument,
    known_organisations: &BTreeSet<&str>,
    keys: &mut KeyRegister,
    problems: &mut Problems,
) -> Option<ValidatorSet> {
    let list = &document.validators;
    let fewest = if document.network.sandbox {
        1
    } else {
        VALIDATORS_MIN
    };
    if !(fewest..=limits::VALIDATORS_MAX).contains(&list.len()) {
        problems.add(
            "validators",
            format!("there are {}", list.len()),
            format!(
                "list {fewest} to {}; below {VALIDATORS_MIN}, for a sandbox only, none may fail",
                limits::VALIDATORS_MAX
            ),
        );
    }
    let mut names = BTreeSet::new();
    let mut validators = Vec::with_capacity(list.len());
    for (position, terms) in list.iter().enumerate() {
        let field = format!("validators[{position}]");
        if !known_organisations.contains(terms.participant.as_str()) {
            problems.add(
                format!("{field}.participant"),
                format!("{} is not a participant", Shown(&terms.participant)),
                "write the LEI of a participant of this document",
            );
        }
        if !names.insert(&terms.name) {
            problems.add(
                format!("{field}.name"),
                format!("{} is the name of two validators", Shown(&terms.name)),
                "give each its own",
            );
        }
        validators.extend(validator(&field, terms, keys, problems));
    }
    if !document.network.sandbox {
        no_organisation_decides_alone(list, problems);
    }
    ValidatorSet::new(validators).ok()
}

/// Checks one validator by itself.
pub(crate) fn validator(
    field: &str,
    terms: &ValidatorTerms,
    keys: &mut KeyRegister,
    problems: &mut Problems,
) -> Option<Validator> {
    short_name(&format!("{field}.name"), &terms.name, problems);
    if !(1..=limits::VOTING_POWER_MAX).contains(&terms.power) {
        problems.add(
            format!("{field}.power"),
            format!("{} is not a voting power", terms.power),
            format!("use 1 to {}", limits::VOTING_POWER_MAX),
        );
    }
    let voting_key = keys.register(&format!("{field}.voting_key"), &terms.voting_key, problems);
    let network_key = keys.register(
        &format!("{field}.network_key"),
        &terms.network_key,
        problems,
    );
    Some(Validator {
        participant: ParticipantId::from_lei(&terms.participant),
        voting_key: voting_key?,
        network_key: network_key?,
        power: terms.power,
        name: terms.name.clone(),
    })
}

/// Agreement survives while less than a third of the power is faulty: no organisation may hold that.
fn no_organisation_decides_alone(list: &[ValidatorTerms], problems: &mut Problems) {
    let mut powers: BTreeMap<&str, u128> = BTreeMap::new();
    for terms in list {
        *powers.entry(&terms.participant).or_default() += u128::from(terms.power);
    }
    let total: u128 = powers.values().sum();
    for (participant, power) in powers.into_iter().filter(|(_, power)| power * 3 >= total) {
        problems.add(
            "validators",
            format!(
                "{} holds {power} of {total} of the voting power",
                Shown(participant)
            ),
            "leave every organisation less than a third: with more it could stop the network alone",
        );
    }
}
