//! Rules for assets.

use std::collections::BTreeMap;

use talea_types::{
    Asset, limits,
    state::{AssetDefinition, AssetKind},
};

use super::text::Shown;
use crate::{document::AssetTerms, problem::Problems, standards::currency};

pub(super) fn assets(
    terms: &[AssetTerms],
    problems: &mut Problems,
) -> BTreeMap<Asset, AssetDefinition> {
    if terms.is_empty() || terms.len() > limits::GENESIS_ASSETS_MAX {
        problems.add(
            "assets",
            format!("there are {}", terms.len()),
            format!("list 1 to {}", limits::GENESIS_ASSETS_MAX),
        );
    }
    let mut assets = BTreeMap::new();
    for (position, terms) in terms.iter().enumerate() {
        let field = format!("assets[{position}]");
        let Some(definition) = asset(&field, terms, problems) else {
            continue;
        };
        if assets.insert(definition.asset, definition).is_some() {
            problems.add(
                format!("{field}.code"),
                format!("{} is listed twice", definition.asset),
                "remove one",
            );
        }
    }
    assets
}

fn asset(field: &str, terms: &AssetTerms, problems: &mut Problems) -> Option<AssetDefinition> {
    let code = Asset::new(&terms.code);
    if code.is_err() {
        problems.add(
            format!("{field}.code"),
            format!("{} is not a code", Shown(&terms.code)),
            "use 3 to 12 capital letters and digits, a letter first",
        );
    }
    let kind = AssetKind::from_word(&terms.kind);
    if kind.is_none() {
        problems.add(
            format!("{field}.kind"),
            format!("{} is not a kind of asset", Shown(&terms.kind)),
            format!(
                "use one of: {}",
                AssetKind::ALL.map(AssetKind::word).join(", ")
            ),
        );
    }
    let (asset, kind) = (code.ok()?, kind?);
    let is_valid = match kind {
        AssetKind::Currency => is_valid_currency(field, terms, problems),
        AssetKind::Points | AssetKind::Coupon => is_valid_campaign(field, terms, problems),
    };
    is_valid.then_some(AssetDefinition {
        asset,
        decimals: terms.decimals,
        kind,
    })
}

fn is_valid_currency(field: &str, terms: &AssetTerms, problems: &mut Problems) -> bool {
    match currency::decimals(&terms.code) {
        None => problems.add(
            format!("{field}.code"),
            format!("{} is not a currency of ISO 4217 in use", terms.code),
            "correct the code, or set kind to points or coupon",
        ),
        Some(decimals) if decimals != u32::from(terms.decimals) => problems.add(
            format!("{field}.decimals"),
            format!("{} has {decimals} decimals by ISO 4217", terms.code),
            format!("write {decimals}"),
        ),
        Some(_) => return true,
    }
    false
}

fn is_valid_campaign(field: &str, terms: &AssetTerms, problems: &mut Problems) -> bool {
    let is_reserved = currency::is_reserved(&terms.code);
    if is_reserved {
        problems.add(
            format!("{field}.code"),
            format!("{} is a code of ISO 4217", terms.code),
            "choose another code for points and coupons",
        );
    }
    let has_too_many_decimals = terms.decimals > limits::ASSET_DECIMALS_MAX;
    if has_too_many_decimals {
        problems.add(
            format!("{field}.decimals"),
            format!("{} is too many", terms.decimals),
            format!("use 0 to {}", limits::ASSET_DECIMALS_MAX),
        );
    }
    !is_reserved && !has_too_many_decimals
}
