//! `ValidatorSetChange`: the validators from a height on. Organisations that run more than two thirds
//! of the voting power approve, the author not counted; one change replaces at most one third.

use std::collections::BTreeMap;

use talea_types::{
    EventDetail, Outcome, Subject, Validator, ValidatorId, ValidatorSet,
    event::ValidatorsScheduled,
    limits::{VALIDATOR_CHANGE_AHEAD_MAX, VALIDATOR_CHANGE_DELAY, VALIDATOR_CHANGE_DIVISOR},
    operation::ValidatorSetChange,
    state::{PendingValidators, Role},
};

use crate::{events, state::WorkingState};

pub(crate) fn validator_set_change(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &ValidatorSetChange,
) -> Result<(), Outcome> {
    let height = operation.effective_height;
    if !may_propose(state, author) {
        return Err(Outcome::NotPermitted);
    }
    let mut keys = operation
        .upserts
        .iter()
        .flat_map(|validator| [&validator.voting_key, &validator.network_key]);
    if keys.any(|key| key.check_registrable().is_err()) {
        return Err(Outcome::KeyRefused);
    }
    let earliest = state.height.saturating_add(VALIDATOR_CHANGE_DELAY);
    let latest = state.height.saturating_add(VALIDATOR_CHANGE_AHEAD_MAX);
    if !(earliest..=latest).contains(&height) {
        return Err(Outcome::TimeOutOfRange);
    }
    let old = &state.schedule().current;
    if operation.removals.iter().any(|id| old.get(id).is_none()) {
        return Err(Outcome::ValidatorUnknown);
    }
    if is_too_large(old, operation) {
        return Err(Outcome::ChangeTooLarge);
    }
    if state.schedule().is_changing() {
        return Err(Outcome::ChangePending);
    }
    let set = changed_set(old, operation)?;
    let registered =
        |validator: &Validator| state.participants.get(&validator.participant).is_some();
    if !operation.upserts.iter().all(registered) {
        return Err(Outcome::ValidatorsInvalid);
    }

    let validators_hash = set.hash();
    let mut schedule = state.schedule().clone();
    schedule.pending = Some(PendingValidators { height, set });
    state.validators = Some(schedule);
    let detail = EventDetail::ValidatorsScheduled(ValidatorsScheduled {
        effective_height: height,
        validators_hash,
    });
    events::append(state, author, detail);
    Ok(())
}

/// An operator, or an organisation that runs a validator.
fn may_propose(state: &WorkingState<'_>, author: Subject) -> bool {
    let Subject::Participant(id) = author else {
        return false;
    };
    let operator = state
        .participants
        .get(&id)
        .is_some_and(|one| one.has_role(Role::Operator) && one.is_active(state.now));
    let mut validators = state.schedule().current.iter();
    operator || validators.any(|(_, validator)| validator.participant == id)
}

/// Whether the power that leaves, or the power that joins, is more than one third of the old set's. A
/// validator that passes to another organisation leaves and joins.
fn is_too_large(old: &ValidatorSet, operation: &ValidatorSetChange) -> bool {
    let mut leaving: u64 = 0;
    let mut joining: u64 = 0;
    let removed = operation.removals.iter().filter_map(|id| old.get(id));
    for validator in removed {
        leaving = leaving.saturating_add(validator.power);
    }
    for validator in &operation.upserts {
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

fn changed_set(
    old: &ValidatorSet,
    operation: &ValidatorSetChange,
) -> Result<ValidatorSet, Outcome> {
    let mut validators: BTreeMap<ValidatorId, Validator> = old
        .iter()
        .map(|(id, validator)| (*id, validator.clone()))
        .collect();
    for id in &operation.removals {
        validators.remove(id);
    }
    for validator in &operation.upserts {
        validators.insert(validator.id(), validator.clone());
    }
    ValidatorSet::new(validators.into_values()).map_err(|_| Outcome::ValidatorsInvalid)
}
