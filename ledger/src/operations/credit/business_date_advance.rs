//! `BusinessDateAdvance`: an operator moves the business date on. No loan is touched: what is owed, and how
//! late, follows from each loan's object and the date (see [`crate::credit`]).

use talea_types::{
    EventDetail, Outcome, Subject,
    event::{BusinessDateAdvanced, CreditEvent},
    limits::{BUSINESS_DATE_AHEAD_MAX, BUSINESS_DATE_MAX},
    operation::BusinessDateAdvance,
    state::Role,
};

use crate::{events, state::WorkingState};

pub(super) fn business_date_advance(
    state: &mut WorkingState<'_>,
    author: Subject,
    operation: &BusinessDateAdvance,
) -> Result<(), Outcome> {
    let to = operation.to;
    let Subject::Participant(id) = author else {
        return Err(Outcome::NotPermitted);
    };
    let operator = state.participants.get(&id);
    if !operator.is_some_and(|one| one.has_role(Role::Operator) && one.is_active(state.now)) {
        return Err(Outcome::NotPermitted);
    }
    let latest = state.now.day().saturating_add(BUSINESS_DATE_AHEAD_MAX);
    if to > latest.min(BUSINESS_DATE_MAX) {
        return Err(Outcome::TimeOutOfRange);
    }
    let from = state.clock.business_date;
    if to <= from {
        return Err(Outcome::DateGoesBack);
    }

    state.clock.business_date = to;
    let advanced = CreditEvent::BusinessDateAdvanced(BusinessDateAdvanced { from, to });
    events::append(state, author, EventDetail::Credit(advanced));
    Ok(())
}
