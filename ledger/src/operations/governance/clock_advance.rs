//! `ClockAdvance`: an operator moves the clock of a sandbox network. Proposers add the sum of all
//! advances to their wall clock, so the next block's time shows it.

use talea_types::{
    EventDetail, Outcome, Subject, event::ClockAdvanced, limits::CLOCK_OFFSET_MS_MAX,
    operation::ClockAdvance, state::Role,
};

use crate::{events, state::WorkingState};

pub(crate) fn clock_advance(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &ClockAdvance,
) -> Result<(), Outcome> {
    let ClockAdvance { by_ms } = *operation;
    let Subject::Participant(id) = author else {
        return Err(Outcome::NotPermitted);
    };
    let operator = state.participants.get(&id);
    if !operator.is_some_and(|one| one.has_role(Role::Operator) && one.is_active(state.now)) {
        return Err(Outcome::NotPermitted);
    }
    if !state.base.network.sandbox {
        return Err(Outcome::NotSandbox);
    }
    let offset_ms = state.clock.offset_ms.saturating_add(by_ms);
    if offset_ms > CLOCK_OFFSET_MS_MAX {
        return Err(Outcome::TimeOutOfRange);
    }

    state.clock.offset_ms = offset_ms;
    let detail = EventDetail::ClockAdvanced(ClockAdvanced { by_ms });
    events::append(state, author, detail);
    Ok(())
}
