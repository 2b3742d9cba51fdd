//! The governance policy: nobody can make it one that could never be met.

use std::collections::BTreeSet;

use talea_types::{Outcome, operation::GovernancePolicy};

use crate::state::WorkingState;

pub(super) fn check(state: &WorkingState<'_>, change: &GovernancePolicy) -> Result<(), Outcome> {
    let validators = state.base.validators.next.iter();
    let organisations: BTreeSet<_> = validators.map(|(_, one)| one.participant).collect();
    let most = u32::try_from(organisations.len()).unwrap_or(u32::MAX);
    if change.all().iter().any(|terms| terms.organisations > most) {
        return Err(Outcome::PolicyInvalid);
    }
    Ok(())
}
