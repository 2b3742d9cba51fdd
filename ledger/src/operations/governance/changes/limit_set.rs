//! The figures of a limit tier.

use talea_types::{Outcome, limits::TIERS_MAX, operation::LimitSet};

use crate::state::WorkingState;

pub(super) fn check(state: &WorkingState<'_>, change: &LimitSet) -> Result<(), Outcome> {
    let tiers = state.network().tiers.len();
    let tier = usize::try_from(change.tier).ok();
    let Some(tier) = tier.filter(|tier| *tier <= tiers) else {
        return Err(Outcome::TierUnknown);
    };
    let mut limits = change.figures.limits.iter();
    if !limits.all(|limit| state.assets.get(&limit.asset).is_some()) {
        return Err(Outcome::AssetUnknown);
    }
    if tier >= TIERS_MAX {
        return Err(Outcome::TiersFull);
    }
    Ok(())
}

pub(super) fn apply(state: &mut WorkingState<'_>, change: &LimitSet) {
    let mut network = state.network().clone();
    let tier = usize::try_from(change.tier).unwrap_or(usize::MAX);
    match network.tiers.get_mut(tier) {
        Some(figures) => *figures = change.figures.clone(),
        None => network.tiers.push(change.figures.clone()),
    }
    state.network = Some(network);
}
