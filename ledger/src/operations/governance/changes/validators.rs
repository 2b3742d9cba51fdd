//! A change of the validator set: it replaces at most one third of the voting power. The set is known two
//! heights ahead of the first that it decides, since headers name the set after their own.

use std::collections::BTreeMap;

use talea_types::{
    EventDetail, Outcome, Subject, Validator, ValidatorId, ValidatorSet,
    event::ValidatorsScheduled,
    limits::VALIDATOR_CHANGE_DIVISOR,
    operation::{ChangeKind, ValidatorSetChange},
};

use super::Effect;
use crate::{events, state::WorkingState};

pub(super) fn check_keys(change: &ValidatorSetChange) -> Result<(), Outcome> {
    let mut keys = change
        .upserts
        .iter()
        .flat_map(|validator| [&validator.voting_key, &validator.network_key]);
    if keys.any(|key| key.check_registrable().is_err()) {
        return Err(Outcome::KeyRefused);
    }
    Ok(())
}

pub(super) fn check(
    state: &WorkingState<'_>,
    change: &ValidatorSetChange,
    effective_height: u64,
) -> Result<(), Outcome> {
    let old = &state.base.validators.next;
    if change.removals.iter().any(|id| old.get(id).is_none()) {
        return Err(Outcome::ValidatorUnknown);
    }
    if is_too_large(old, change) {
        return Err(Outcome::ChangeTooLarge);
    }
    let mut proposals = state.proposals.iter().map(|(_, proposal)| proposal);
    let at_height = |kind, height| kind == ChangeKind::Validators && height == effective_height;
    if proposals.any(|one| at_height(one.change.kind(), one.effective_height)) {
        return Err(Outcome::ChangePending);
    }
    changed_set(old, change)?;
    let registered =
        |validator: &Validator| state.participants.get(&validator.participant).is_some();
    if !change.upserts.iter().all(registered) {
        return Err(Outcome::ValidatorsInvalid);
    }
    Ok(())
}

pub(super) fn apply(state: &mut WorkingState<'_>, change: &ValidatorSetChange, effect: &Effect) {
    let Ok(set) = changed_set(&state.base.validators.next, change) else {
        unreachable!("the change was checked")
    };
    assert!(
        state.next_validators.is_none(),
        "two changes of the validators for one height"
    );
    let detail = EventDetail::ValidatorsScheduled(ValidatorsScheduled {
        effective_height: effect.height,
        validators_hash: set.hash(),
    });
    state.next_validators = Some(set);
    events::append(state, Subject::Participant(effect.initiator), detail);
}

/// Whether the power that leaves, or the power that joins, is more than one third of the old set's. A
/// validator that passes to another organisation leaves and joins.
fn is_too_large(old: &ValidatorSet, change: &ValidatorSetChange) -> bool {
    let mut leaving: u64 = 0;
    let mut joining: u64 = 0;
    let removed = change.removals.iter().filter_map(|id| old.get(id));
    for validator in removed {
        leaving = leaving.saturating_add(validator.power);
    }
    for validator in &change.upserts {
        let kept = old
            .get(&validator.id())
            .filter(|before| before.participant == validator.participant)
            .map_or(0, |before| before.power.min(validator.power));
        let before = old.get(&validator.id()).map_or(0, |before| before.power);
        leaving = leaving.saturating_add(before.saturating_sub(kept));
        joining = joining.saturating_add(validator.power.saturating_sub(kept));
    }
    let replaced = u128::from(leaving.max(joining));
    replaced.saturating_mul(u128::from(VALIDATOR_CHANGE_DIVISOR)) > u128::from(old.total_power())
}

fn changed_set(old: &ValidatorSet, change: &ValidatorSetChange) -> Result<ValidatorSet, Outcome> {
    let mut validators: BTreeMap<ValidatorId, Validator> = old
        .iter()
        .map(|(id, validator)| (*id, validator.clone()))
        .collect();
    for id in &change.removals {
        validators.remove(id);
    }
    for validator in &change.upserts {
        validators.insert(validator.id(), validator.clone());
    }
    ValidatorSet::new(validators.into_values()).map_err(|_| Outcome::ValidatorsInvalid)
}
