//! Rules for limit tiers.

use std::collections::{BTreeMap, BTreeSet};

use talea_types::{
    Amount, Asset, limits,
    state::{AssetDefinition, Tier, TierLimit},
};

use super::text::{Shown, short_name};
use crate::{
    document::{AssetTerms, LimitTerms, TierTerms},
    problem::Problems,
};

pub(super) fn tiers(
    terms: &[TierTerms],
    listed_assets: &[AssetTerms],
    assets: &BTreeMap<Asset, AssetDefinition>,
    problems: &mut Problems,
) -> Vec<Tier> {
    if terms.is_empty() || terms.len() > limits::TIERS_MAX {
        problems.add(
            "tiers",
            format!("there are {}", terms.len()),
            format!("list 1 to {}; an account needs one", limits::TIERS_MAX),
        );
    }
    let mut names = BTreeSet::new();
    let mut tiers = Vec::with_capacity(terms.len());
    for (position, terms) in terms.iter().enumerate() {
        let field = format!("tiers[{position}]");
        short_name(&format!("{field}.name"), &terms.name, problems);
        if !names.insert(&terms.name) {
            problems.add(
                format!("{field}.name"),
                format!("{} is listed twice", Shown(&terms.name)),
                "give each tier its own name",
            );
        }
        let listed: BTreeSet<&str> = listed_assets
            .iter()
            .map(|asset| asset.code.as_str())
            .collect();
        tiers.push(Tier {
            name: terms.name.clone(),
            limits: tier_limits(&field, terms, &listed, assets, problems),
        });
    }
    tiers
}

fn tier_limits(
    field: &str,
    terms: &TierTerms,
    listed: &BTreeSet<&str>,
    assets: &BTreeMap<Asset, AssetDefinition>,
    problems: &mut Problems,
) -> Vec<TierLimit> {
    let mut limits = Vec::new();
    let mut named = BTreeSet::new();
    for (position, terms) in terms.limits.iter().enumerate() {
        let field = format!("{field}.limits[{position}]");
        if !named.insert(terms.asset.as_str()) {
            problems.add(
                format!("{field}.asset"),
                format!("{} is listed twice", Shown(&terms.asset)),
                "remove one",
            );
        } else if !listed.contains(terms.asset.as_str()) {
            problems.add(
                format!("{field}.asset"),
                format!("{} is not an asset of this network", Shown(&terms.asset)),
                "correct the code, or add it to [[assets]]",
            );
        }
        // An asset that is listed but not valid has its own problem already.
        let known = Asset::new(&terms.asset)
            .ok()
            .and_then(|code| assets.get(&code));
        if let Some(asset) = known {
            limits.extend(limit(&field, terms, asset, problems));
        }
    }
    for missing in assets
        .keys()
        .filter(|asset| !named.contains(asset.as_str()))
    {
        problems.add(
            format!("{field}.limits"),
            format!("there is no limit for {missing}"),
            "add one: a tier states a limit for every asset",
        );
    }
    limits.sort_by_key(|limit| limit.asset);
    limits
}

fn limit(
    field: &str,
    terms: &LimitTerms,
    asset: &AssetDefinition,
    problems: &mut Problems,
) -> Option<TierLimit> {
    let decimals = asset.decimals.into();
    let mut amount = |name: &str, text: &str| {
        positive_amount(&format!("{field}.{name}"), text, decimals, problems)
    };
    let per_transaction = amount("per_transaction", &terms.per_transaction);
    let per_day = amount("per_day", &terms.per_day);
    let per_month = amount("per_month", &terms.per_month);
    let limit = TierLimit {
        asset: asset.asset,
        per_transaction: per_transaction?,
        per_day: per_day?,
        per_month: per_month?,
    };
    if limit.per_transaction > limit.per_day || limit.per_day > limit.per_month {
        problems.add(
            field,
            "the limits do not ascend",
            "make per_transaction at most per_day, and per_day at most per_month",
        );
    }
    Some(limit)
}

/// Reads an amount above zero.
pub(super) fn positive_amount(
    field: &str,
    text: &str,
    decimals: u32,
    problems: &mut Problems,
) -> Option<Amount> {
    let amount = Amount::from_decimal(text, decimals).filter(|amount| !amount.is_zero());
    if amount.is_none() {
        problems.add(
            field,
            format!("{} is not an amount", Shown(text)),
            format!(
                "write a number above zero with at most {decimals} decimals, such as {}, without grouping",
                Amount::MAX
                    .minor_units()
                    .checked_rem(100_000)
                    .and_then(Amount::new)
                    .unwrap_or_default()
                    .to_decimal(decimals)
            ),
        );
    }
    amount
}
