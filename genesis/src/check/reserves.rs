//! Rules for reserves: what banks and operators hold from the start.

use std::collections::{BTreeMap, BTreeSet};

use talea_types::{
    Amount, Asset, ParticipantId,
    state::{AssetDefinition, Registration, Role},
};

use super::{text::Shown, tiers::positive_amount};
use crate::{
    document::{GenesisDocument, ReserveTerms},
    problem::Problems,
    standards::{currency, decimal},
};

pub(super) fn reserves(
    document: &GenesisDocument,
    assets: &BTreeMap<Asset, AssetDefinition>,
    participants: &BTreeMap<String, Registration>,
    known_organisations: &BTreeSet<&str>,
    problems: &mut Problems,
) -> BTreeMap<(ParticipantId, Asset), Amount> {
    let mut reserves = BTreeMap::new();
    for (position, terms) in document.reserves.iter().enumerate() {
        let field = format!("reserves[{position}]");
        if !known_organisations.contains(terms.participant.as_str()) {
            problems.add(
                format!("{field}.participant"),
                format!("{} is not a participant", Shown(&terms.participant)),
                "write the LEI of a participant of this document",
            );
        }
        // One that is listed but not valid has its own problem.
        let participant = participants.get(&terms.participant);
        if participant.is_some_and(|record| !may_hold_reserves(record)) {
            problems.add(
                format!("{field}.participant"),
                "it is neither a bank nor an operator",
                "remove the reserve, or correct the roles of the organisation",
            );
        }
        let Some((asset, amount)) = reserve(&field, terms, document, assets, problems) else {
            continue;
        };
        let id = ParticipantId::from_lei(&terms.participant);
        if reserves.insert((id, asset), amount).is_some() {
            problems.add(
                field,
                format!(
                    "there are two reserves of {asset} of {}",
                    Shown(&terms.participant)
                ),
                "keep one",
            );
        }
    }
    sums(&reserves, problems);
    reserves
}

fn may_hold_reserves(record: &Registration) -> bool {
    [Role::Bank, Role::Operator]
        .iter()
        .any(|role| record.roles.contains(role))
}

fn reserve(
    field: &str,
    terms: &ReserveTerms,
    document: &GenesisDocument,
    assets: &BTreeMap<Asset, AssetDefinition>,
    problems: &mut Problems,
) -> Option<(Asset, Amount)> {
    if !document
        .assets
        .iter()
        .any(|asset| asset.code == terms.asset)
    {
        problems.add(
            format!("{field}.asset"),
            format!("{} is not an asset of this network", Shown(&terms.asset)),
            "correct the code, or add it to [[assets]]",
        );
    }
    // One that is listed but not valid has its own problem.
    let definition = assets.get(&Asset::new(&terms.asset).ok()?)?;
    let decimals = definition.decimals.into();
    let amount = positive_amount(
        &format!("{field}.amount"),
        &terms.amount,
        decimals,
        problems,
    )?;
    Some((definition.asset, amount))
}

/// Checks a reserve of a contribution, which does not know the network's assets: gives the amount in
/// its normal decimal form.
pub(crate) fn contributed_reserve(
    field: &str,
    code: &str,
    amount: &str,
    problems: &mut Problems,
) -> Option<(Asset, String)> {
    let asset = Asset::new(code);
    if asset.is_err() {
        problems.add(
            format!("{field}.asset"),
            format!("{} is not a code", Shown(code)),
            "use the code of an asset of the network, such as CZK",
        );
    }
    let field = format!("{field}.amount");
    if let Some(decimals) = currency::decimals(code) {
        positive_amount(&field, amount, decimals, problems)?;
    }
    let normal = decimal::normal(amount).filter(|amount| amount != "0");
    if normal.is_none() {
        problems.add(
            field,
            format!("{} is not an amount", Shown(amount)),
            "write a number above zero, without grouping",
        );
    }
    Some((asset.ok()?, normal?))
}

/// What all hold of one asset is an amount too.
fn sums(reserves: &BTreeMap<(ParticipantId, Asset), Amount>, problems: &mut Problems) {
    let mut sums: BTreeMap<Asset, Option<Amount>> = BTreeMap::new();
    for ((_, asset), amount) in reserves {
        let sum = sums.entry(*asset).or_insert(Some(Amount::ZERO));
        *sum = sum.and_then(|sum| sum.try_add(*amount));
    }
    for (asset, _) in sums.iter().filter(|(_, sum)| sum.is_none()) {
        problems.add(
            "reserves",
            format!("the reserves of {asset} together exceed the largest amount"),
            format!("lower them: at most {} minor units", Amount::MAX),
        );
    }
}
